"""The projections: what is made from the journal and can be made anew (`base.py` says what one is; `registry.py` lists them)."""
