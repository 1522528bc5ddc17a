"""Papers of a case: which there are, what stands on them, the facts of their issue."""
