"""Who may see the rows behind a figure, and the page that shows them."""

from __future__ import annotations

from node.domain.model import Role

OVERSEERS = frozenset({Role.OVERSEER, Role.DIRECTOR})


def page_url(address: str) -> str:
    """The page that shows the cases which an address of the API lists."""
    return "/oversight" + ("?" + query if (query := address.partition("?")[2]) else "")
