"""A node that runs: listeners, links, the control endpoint, the first run."""
