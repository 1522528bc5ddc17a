"""What residents may ask without a login."""
