"""What anybody may ask without a login: the service guide, and the state of a case by its query code (`center.public`)."""

from __future__ import annotations

from typing import Protocol

from node.domain.cases.public_documents import PublicCase
from node.domain.catalog.item_documents import GuideFound, GuideItem, GuideState, ItemsFound, ItemsSearched


class PublicPort(Protocol):
    """`node.services.public.guide.GuideService`."""

    def case(self, case_no: str, code: str, client: str = "") -> PublicCase:
        """Where a case is, for whoever has its number and query code. `client` is the address that asks.

        Errors: `not_found`, also for a wrong code; `rate_limited` after many of them."""
        ...

    def found(self, q: str) -> ItemsFound:
        """Whole items, the best first; everything by id when nothing was typed. Errors: none."""
        ...

    def about(self) -> GuideState:
        """How many items are offered here, and as of when. Errors: none."""
        ...

    def page(self, q: str, page: int = 1) -> GuideFound:
        """Twenty items of a search, from page 1. Errors: none."""
        ...

    def search(self, q: str, cursor: str | None = None, limit: int = 50) -> ItemsSearched:
        """A search by people's words as a list. Errors: `invalid_input` for an unknown cursor."""
        ...

    def item(self, item_id: str) -> GuideItem:
        """An item with its contact and its way. Errors: `not_found`."""
        ...
