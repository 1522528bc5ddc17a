"""The authority record: in whose name each office acts for each item, a new file as a difference first, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping

from edge_ui.ports.authority import AuthorityPort
from edge_ui.web.city.looked_at import LookedAtHandler


class AuthorityHandler(LookedAtHandler):
    """The record of this city."""

    address, words, media, ending = "/authority", "authority", "text/csv; charset=utf-8", "csv"

    @property
    def port(self) -> AuthorityPort:
        return self.center.authority

    def about(self, row: dict[str, str], names: Mapping[str, str]) -> str:
        """What a row is about in words."""
        item = row.get("item_id", "")
        return names.get(item, item) or row.get("department") or self.say("authority.all")
