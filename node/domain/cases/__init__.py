"""A case: its table of acts, who may do them, what they lead to, and its deadlines."""
