"""Pages of printed papers of a case."""
