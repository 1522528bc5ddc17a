"""What each area of the web side asks of a node, one Protocol per file."""
