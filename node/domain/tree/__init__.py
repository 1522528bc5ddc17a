"""The tree of nodes: the documents only."""
