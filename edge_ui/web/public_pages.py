"""What residents read without a login: the service guide and the state of their case."""

from __future__ import annotations

from typing import Any

from edge_ui.pages import CatalogPage, ItemPage, PublicPage
from edge_ui.web.base import PageHandler, as_rows
from node.domain.errors import TongbanError

PER_PAGE = 50


class CatalogPageHandler(PageHandler):
    """The service guide, 50 items a page."""

    async def on_get(self) -> None:
        q = self.argument("q", 100)
        rows = as_rows(await self.call(self.center.public_items, q), "items")
        status = await self.call(self.center.status)
        catalog: dict[str, Any] = status.get("catalog") or {}
        pages = max(1, -(-len(rows) // PER_PAGE))
        wanted = self.argument("page", 6)
        number = min(pages, max(1, int(wanted))) if wanted.isascii() and wanted.isdigit() else 1
        shown = tuple(rows[(number - 1) * PER_PAGE : number * PER_PAGE])
        as_of = catalog.get("as_of") or status.get("as_of") or self.center.clock.now()
        self.show("catalog.html", CatalogPage(q, shown, len(rows), number, pages, catalog.get("revision"), as_of))


class ItemPageHandler(PageHandler):
    """The guide of one item."""

    async def on_get(self, id: str) -> None:
        item = await self.call(self.center.item, id)
        self.show("item.html", ItemPage(item.get("item", item) if isinstance(item.get("item"), dict) else item))


class PublicPageHandler(PageHandler):
    """The state of a case by its number and query code. The code is sent in the form's body, never in an address."""

    async def on_get(self) -> None:
        self.show("public.html", PublicPage(self.argument("no", 64)))

    async def on_post(self) -> None:
        no, code = (self.fields.get(name, "").strip()[:100] for name in ("no", "code"))
        try:
            self.check_path({"no": no, "code": code})
            self.application.public_tries.take(self.client)
            found = await self.call(self.center.public_case, no, code, self.client)
        except TongbanError as error:
            if error.status >= 500:
                raise
            key = "public.slow" if error.code == "rate_limited" else "public.wrong"
            self.show("public.html", PublicPage(no, self.say(key)), error.status)
            return
        self.application.public_tries.give_back(self.client, 0.9)
        self.show("public.html", PublicPage(no, found=found))
