"""What `scripts/record_format.py` is made of."""
