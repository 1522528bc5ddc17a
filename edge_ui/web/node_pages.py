"""The node's own pages: its state, retrying a link."""

from __future__ import annotations

from typing import Any

from edge_ui.api.operations import STATUSES
from edge_ui.center import Document
from edge_ui.pages import HomePage, LinkRow
from edge_ui.web.base import PageHandler, as_rows
from node.domain.errors import TongbanError
from node.domain.model import Role


class HomePageHandler(PageHandler):
    """The node at a glance; needs no login because it names no person."""

    async def on_get(self) -> None:
        if self.session is not None and self.home != "/" and not self.argument("retried", 64):
            self.see_other(self.home)
            return
        status = await self.call(self.center.status)
        page = home_page(status, self.center.clock.now(), may_retry=self.session is not None and self.person.role is Role.ADMIN)
        if peer := self.argument("retried", 64):
            page = home_page(
                status, self.center.clock.now(), may_retry=page.may_retry, notice=self.say("home.retried", peer=peer)
            )
        self.show("home.html", page)


def home_page(status: Document, now: int, *, may_retry: bool, notice: str = "") -> HomePage:
    """The status document as the page's context; what it leaves out is shown as unknown or zero."""
    node, catalog, journal = (status.get(key) or {} for key in ("node", "catalog", "journal"))
    as_of = status.get("as_of") or now
    links = tuple(link_row(row) for row in as_rows(status.get("links")))
    known = {str(k): v for k, v in (status.get("cases") or {}).items() if isinstance(v, int) and v}
    counts = tuple((k, known[k]) for k in sorted(known, key=lambda k: (STATUSES.index(k) if k in STATUSES else len(STATUSES), k)))
    return HomePage(
        parent=str(node.get("parent") or ""),
        as_of=as_of,
        links=links,
        counts=counts,
        held=held if isinstance(held := status.get("held"), int) else None,
        waiting=sum(link.waiting for link in links),
        items=int(catalog.get("items") or 0),
        revision=catalog.get("revision"),
        catalog_as_of=catalog.get("as_of") or as_of,
        entries=int(journal.get("entries") or 0),
        authors=count_of(journal.get("authors")),
        may_retry=may_retry,
        notice=notice,
    )


def count_of(value: Any) -> int:
    return len(value) if isinstance(value, (list, dict)) else int(value or 0)


def link_row(row: Document) -> LinkRow:
    return LinkRow(
        peer=str(row.get("peer") or ""),
        name=str(row.get("name") or ""),
        direction=str(row.get("direction") or ""),
        state=str(row.get("state") or "never"),
        last_contact=row.get("last_contact"),
        since=row.get("since") or row.get("last_contact"),
        waiting=count_of(row.get("waiting")),
        last_error=str(row.get("last_error") or ""),
    )


class RetryHandler(PageHandler):
    """“立即重试”: clears the back-off of a link (admin)."""

    login_needed = True

    async def on_post(self, peer: str) -> None:
        if self.person.role is not Role.ADMIN:
            raise TongbanError("forbidden", rule="admin")
        await self.call(self.center.retry_link, peer)
        self.see_other(f"/?retried={self.segment(peer)}")

    def segment(self, text: str) -> str:
        import urllib.parse

        return urllib.parse.quote(text, safe="")
