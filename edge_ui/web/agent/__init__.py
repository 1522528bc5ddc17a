"""Pages of the village agent: home, drafts, hand-over."""
