"""People of a center: logins, sessions, tokens, what they did."""
