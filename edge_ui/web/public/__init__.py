"""Pages of the resident: guide, status, verification."""
