"""The page that shows the rows behind a figure."""

from __future__ import annotations


def page_url(address: str) -> str:
    """The page that shows what an address of the API lists."""
    path, _, query = address.partition("?")
    named = path.rpartition("/")[2]
    if "/reports/monthly/" in path:
        return f"/oversight/report/{named}?{query}"
    return (f"/oversight/{named}" if named in ("findings", "items") else "/oversight") + ("?" + query if query else "")
