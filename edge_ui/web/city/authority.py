"""The authority record: in whose name each office acts for each item, a new file as a difference first, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass, field

from edge_ui.ports.authority import AuthorityPort
from edge_ui.web.city.looked_at import LookedAtHandler
from node.domain.catalog.authority_documents import AuthorityDocument, Preview


@dataclass(frozen=True, slots=True)
class AuthorityPage:
    """The record in force, what this office lacks, and for who may publish the form; `preview` of a kept file."""

    found: AuthorityDocument
    may_publish: bool
    key: str = ""
    name: str = ""
    preview: Preview | None = None
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""


class AuthorityHandler(LookedAtHandler):
    """The record of this city."""

    address, words, media, ending = "/authority", "authority", "text/csv; charset=utf-8", "csv"

    @property
    def port(self) -> AuthorityPort:
        return self.center.authority

    async def show_document(
        self, key: str = "", *, errors: dict[str, str] | None = None, notice: str = "", status: int = 200
    ) -> None:
        found = await self.call(self.port.document, self.person)
        name, preview = "", None
        if key and self.may_publish:
            name, data = await self.call(self.port.kept, key)
            preview = await self.call(self.port.preview, data, self.person)
        self.show("city/authority.html", AuthorityPage(found, self.may_publish, key, name, preview, errors or {}, notice), status)

    def about(self, row: dict[str, str]) -> str:
        """What a row is about in words."""
        return row.get("item_id") or row.get("department") or self.say("authority.all")
