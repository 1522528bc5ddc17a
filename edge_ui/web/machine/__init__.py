"""Pages of the line switch of the demo."""
