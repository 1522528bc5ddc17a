"""What a node says of itself and of its upkeep: the documents only."""
