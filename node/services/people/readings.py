"""Who read which case: one row for each person, case and day, with the first and last reading and how many there were.

Every way to a case passes here: its document (page and API), its papers, its files (`Store.was_read`). The first reading of a day is
written at once; later ones are counted in memory and written at most once a minute, so that a click costs no write. Rows are kept for six
months by the node's clock, and removed only while that clock is steady. They are local to the node and hold no applicant.

Read by the auditor alone (三员分立): the administrator keeps the machine, the auditor looks at what was looked at, and neither sees a case.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict

from node.domain.calendar import DAY_MS
from node.domain.cases.access import Function, require
from node.domain.model import CST, Actor, Role
from node.domain.people import ReadingDocument, ReadingsFound
from node.domain.words.errors import TongbanError
from node.services.times import iso
from node.store import readings as rows
from node.store import staff
from node.store.store import Store

KEPT_DAYS = 184
PAGE = 100
FILE_MOST = 100_000  # rows of a file
TOUCH_MS = 60_000
REMEMBERED = 5_000


class Readings:
    """The reading log of one node."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._counted: OrderedDict[tuple[str, str, str], tuple[int, int]] = OrderedDict()  # -> (not written yet, written at)
        self._lock = threading.Lock()

    def note(self, actor: Actor, case_no: str) -> None:
        """This person has just seen this case. Errors: none; the node itself reads without a trace."""
        if actor.role is Role.SYSTEM:
            return
        now = self._store.clock.now()
        key = (_day(now), actor.staff_id, case_no)
        with self._lock:
            waiting, written = self._counted.pop(key, (0, 0))
            due = not written or abs(now - written) >= TOUCH_MS
            self._counted[key] = (0, now) if due else (waiting + 1, written)
            spilled = self._counted.popitem(last=False) if len(self._counted) > REMEMBERED else None
        if due:
            self._store.submit(lambda tx: rows.note(tx.connection, key, actor.name, str(actor.role), waiting + 1, now))
        if spilled is not None and spilled[1][0]:
            older, (count, at) = spilled
            self._store.submit(lambda tx: rows.note(tx.connection, older, "", "", count, at))

    def page(self, by: Actor, *, q: str = "", day_from: str = "", day_to: str = "", before: str = "") -> ReadingsFound:
        """Rows, the newest first, by part of a case number or of a person's name. Errors: `forbidden`, `invalid_input`."""
        return self._found(by, q, day_from, day_to, before, PAGE)

    def file(self, by: Actor, *, q: str = "", day_from: str = "", day_to: str = "") -> list[ReadingDocument]:
        """The same as one list, for a file; taking it goes on record. Errors: `forbidden`, `invalid_input`."""
        found = self._found(by, q, day_from, day_to, "", FILE_MOST)["rows"]
        self._store.run(lambda tx: rows.taken(tx.connection, tx.now(), by.staff_id, len(found)))
        return found

    def _found(self, by: Actor, q: str, day_from: str, day_to: str, before: str, most: int) -> ReadingsFound:
        require(Function.READING_LOG, self._store.place.tier, by.role)
        flaws = {name: "invalid" for name, text in (("from", day_from), ("to", day_to)) if text and not _is_day(text)}
        if before and not (before.isascii() and before.isdigit() and len(before) < 19):
            flaws["before"] = "invalid"
        if flaws:
            raise TongbanError("invalid_input", flaws)
        self._store.run(lambda tx: None)  # what is under way is written first
        with self._store.reading() as view:
            found = rows.page(view.connection, q.strip()[:80], day_from, day_to, int(before or 0), most + 1)
            names = staff.names(view.connection)
        shown: list[ReadingDocument] = [
            {
                "id": row.id, "day": row.day, "staff_id": row.staff_id, "name": names.get(row.staff_id, row.name), "role": row.role,
                "case_no": row.case_no, "first": iso(row.first_at), "last": iso(row.last_at), "count": row.count,
            }
            for row in found[:most]
        ]  # fmt: skip
        return {"rows": shown, "next": str(found[most - 1].id) if len(found) > most else ""}

    def sweep(self) -> None:
        """Forget what is older than six months by this clock and by that of a neighbour: a clock that is wrong forgets nothing."""
        watch = self._store.watch
        with self._store.reading() as view:
            over = min(view.now(), watch.witnessed(view)) if watch.agrees(view) else 0
            first = _day(max(0, over - KEPT_DAYS * DAY_MS))
            old = rows.any_before(view.connection, first)
        if old:
            self._store.run(lambda tx: rows.forget(tx.connection, first))


def _day(ms: int) -> str:
    return dt.datetime.fromtimestamp(ms / 1000, CST).date().isoformat()


def _is_day(text: str) -> bool:
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
