"""The network of four tiers for looking at."""
