"""The page that shows the rows behind a figure."""

from __future__ import annotations


def page_url(address: str) -> str:
    """The page that shows what an address of the API lists."""
    path, _, query = address.partition("?")
    return ("/oversight/findings" if path.endswith("/findings") else "/oversight") + ("?" + query if query else "")
