"""Pages of the node administrator and the first-run wizard."""
