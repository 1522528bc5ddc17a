"""Pages of login, PIN, lock, own settings."""
