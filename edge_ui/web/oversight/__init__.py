"""Pages of whoever supervises: the cases of the subtree, and what was found."""
