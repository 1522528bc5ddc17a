"""Papers: shown, issued, checked."""
