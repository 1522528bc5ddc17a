"""Pages of whoever sets up a node: the first run."""
