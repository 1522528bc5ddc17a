"""Monthly reports (月报, R44, DOMAIN A8): what happened to cases as counted acts, the tables made of them, cuts, and words."""
