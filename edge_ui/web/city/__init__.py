"""Pages of catalog editor, network, counts."""
