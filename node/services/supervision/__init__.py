"""What a supervisor sees: cases, counts, findings, the network."""
