"""Figures on pages: the page that shows the rows behind one, and the label beside its bar."""

from __future__ import annotations


def page_url(address: str) -> str:
    """The page that shows what an address of the API lists."""
    path, _, query = address.partition("?")
    named = path.rpartition("/")[2]
    if "/reports/monthly/" in path:
        return f"/oversight/report/{named}?{query}"
    pages = {"findings": "/oversight/findings", "items": "/oversight/items", "cards": "/oversight/signals"}
    return pages.get(named, "/oversight") + ("?" + query if query else "")


def fitted(label: str, most: float = 25) -> str:
    """A label that fits into a line: a Chinese character counts as one, others as a half."""
    size = 0.0
    for n, sign in enumerate(label):
        size += 1 if sign > "\u2e80" else 0.56
        if size > most:
            return label[:n] + "…"
    return label
