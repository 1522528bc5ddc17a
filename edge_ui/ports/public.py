"""What anybody may ask without a login: the service guide, and the state of a case by its query code (`center.public`)."""

from __future__ import annotations

from typing import Any, Protocol


class PublicPort(Protocol):
    """`node.services.public.guide.GuideService`."""

    def case(self, case_no: str, code: str, client: str = "") -> dict[str, Any]:
        """Where a case is, for whoever has its number and query code. `client` is the address that asks.

        Errors: `not_found`, also for a wrong code; `rate_limited` after many of them."""
        ...

    def found(self, q: str) -> dict[str, Any]:
        """Whole items, the best first; everything by id when nothing was typed. Errors: none."""
        ...

    def about(self) -> dict[str, Any]:
        """How many items are offered here, and as of when. Errors: none."""
        ...

    def page(self, q: str, page: int = 1) -> dict[str, Any]:
        """Twenty items of a search, from page 1. Errors: none."""
        ...

    def item(self, item_id: str) -> dict[str, Any]:
        """An item with its contact and its way. Errors: `not_found`."""
        ...
