"""Reading the audit: who did what when, with the names that this node knows for the ids.

What is searched: a person (by any part of the name or the username), a node code, a network address, a kind of act, days.
Pages go by the row's number, so a page stays what it was while new acts are added.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from node.domain.calendar import DAY_MS
from node.domain.model import CST
from node.domain.people import AuditDocument, AuditFound
from node.domain.words.errors import TongbanError
from node.services.times import iso
from node.store import audit
from node.store import staff as people
from node.store.store import Store

PAGE = 50


class AuditLog:
    """The audit of one node, for its administrator."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(self, *, q: str = "", kind: str = "", day_from: str = "", day_to: str = "", before: str = "") -> AuditFound:
        """{rows: [{id, at, actor, actor_name, kind, subject, subject_name, detail, client}], next, kinds}; newest first.

        Days are ISO dates in China Standard Time, both inclusive. Raises invalid_input.
        """
        since, until = _day(day_from, "from"), _day(day_to, "to")
        if before and not (before.isascii() and before.isdigit() and len(before) < 19):
            raise TongbanError("invalid_input", {"before": "invalid"})
        with self._store.reading() as view:
            persons = {row.staff_id: row for row in people.everyone(view.connection)}
            wanted = [key for key, row in persons.items() if q and (q in row.name or q.lower() in row.username.lower())][:200]
            rows = audit.page(
                view.connection, int(before or 0), PAGE + 1, (kind,) if kind else (), wanted, q, since, until + DAY_MS if until else 0
            )  # fmt: skip
            kinds = audit.kinds(view.connection)
        names = {key: row.name for key, row in persons.items()}
        shown = [_document(row, names) for row in rows[:PAGE]]
        return {"rows": shown, "next": str(rows[PAGE - 1].id) if len(rows) > PAGE else "", "kinds": kinds}


def _document(row: audit.AuditRow, names: Mapping[str, str]) -> AuditDocument:
    return {
        "id": row.id, "at": iso(row.at_ms), "actor": row.actor, "actor_name": names.get(row.actor, ""), "kind": row.kind,
        "subject": row.subject, "subject_name": names.get(row.subject, ""), "detail": dict(row.detail), "client": row.client,
    }  # fmt: skip


def _day(text: str, field: str) -> int:
    """The first millisecond of an ISO date, China Standard Time; 0 for no date."""
    if not text:
        return 0
    try:
        return int(dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), CST).timestamp() * 1000)
    except (ValueError, OverflowError):
        raise TongbanError("invalid_input", {field: "invalid"}) from None
