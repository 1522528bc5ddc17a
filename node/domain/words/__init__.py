"""Every word people see: terms, refusals, flags."""
