"""What supervision hands out."""
