"""Who may see the rows behind a figure, and the page that shows them."""

from __future__ import annotations

from node.domain.model import Role

OVERSEERS = frozenset({Role.OVERSEER, Role.DIRECTOR})


def page_url(address: str) -> str:
    """The page that shows what an address of the API lists."""
    path, _, query = address.partition("?")
    return ("/oversight/findings" if path.endswith("/findings") else "/oversight") + ("?" + query if query else "")
