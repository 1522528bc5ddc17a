"""The node among its neighbours: links, trust, membership, recovery."""
