"""What a locked screen keeps: the form that arrived too late, and what was typed but not sent.

When a form arrives at a locked session its bytes are kept here for that person at that browser, and go on to their address
after the PIN, once. When the script locks a screen, the fields that were filled in on the page are kept in the same way and
put back. In memory only (it is residents' data on its way), for twelve hours, bounded; the newest form of a person counts.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

KEEP_SECONDS = 12 * 3600.0
KEEP_BYTES = 1 << 20  # of one form
KEEP_ALL = 64 << 20  # of all together


@dataclass(frozen=True, slots=True)
class Held:
    """One form: where it was going and its body. `ticket` opens it once."""

    ticket: str
    path: str
    content_type: str
    body: bytes
    at: float


@dataclass(frozen=True, slots=True)
class Kept:
    """Fields of a page that were not sent: a JSON document made and read by lock.js."""

    page: str
    fields: str
    at: float


class HeldForms:
    """By owner (person and browser). `now` is a monotonic clock in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._forms: OrderedDict[str, Held] = OrderedDict()
        self._pages: OrderedDict[str, Kept] = OrderedDict()

    def hold(self, owner: str, path: str, content_type: str, body: bytes) -> bool:
        """Keep a form; False when it is too large."""
        if len(body) > KEEP_BYTES:
            return False
        self._forms.pop(owner, None)
        self._forms[owner] = Held(secrets.token_urlsafe(18), path, content_type, body, self._now())
        while sum(len(one.body) for one in self._forms.values()) > KEEP_ALL:
            self._forms.popitem(last=False)
        return True

    def waiting(self, owner: str) -> Held | None:
        """The form that waits for this person here."""
        found = self._forms.get(owner)
        if found is not None and self._now() - found.at > KEEP_SECONDS:
            del self._forms[owner]
            return None
        return found

    def open(self, owner: str, ticket: str) -> Held | None:
        """Take the form out; a ticket works once and for its owner alone."""
        found = self.waiting(owner)
        if found is None or not secrets.compare_digest(found.ticket, ticket):
            return None
        return self._forms.pop(owner)

    def keep_page(self, owner: str, page: str, fields: str) -> None:
        if len(fields) <= KEEP_BYTES and len(page) <= 1000:
            self._pages.pop(owner, None)
            self._pages[owner] = Kept(page, fields, self._now())
            while len(self._pages) > 200:
                self._pages.popitem(last=False)

    def page(self, owner: str) -> str:
        """The page whose fields are kept, "" when there is none."""
        found = self._pages.get(owner)
        return found.page if found is not None and self._now() - found.at < KEEP_SECONDS else ""

    def take_page(self, owner: str, page: str) -> str:
        """The kept fields of that page, once; "" when there are none."""
        if self.page(owner) != page:
            return ""
        return self._pages.pop(owner).fields
