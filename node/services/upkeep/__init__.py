"""Looking after a node: state, backup, verification, losses."""
