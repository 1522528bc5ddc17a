"""`tongban`: the commands."""
