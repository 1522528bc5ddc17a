"""SQL of the workbench: the open cases that concern this node, by what they await and by when.

Three columns of each open case that lies here, began here or went through here say so. Every list is one walk of an index for
each thing awaited, merged; so it takes the same time with a thousand cases and with a million.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from node.store import lookup

if TYPE_CHECKING:
    from node.store.ground import Ground

NEVER = "9999-12-31"  # the due date of what has none
COUNTED = 1000  # a longer list is "1000+"
LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One open case: what it awaits, its due date (ISO, `NEVER` for none), whether it came back, arrival."""

    case_no: str
    awaits: str
    due: str
    back: bool
    arrival: int


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the workbench: what is awaited, due from and to (ISO dates, both included), only what came back.

    `owners`: only cases of these people ("" for nobody's); None for anybody's. `not_for` (turns, person): without what is this
    person's, and without what is nobody's and awaits one of the turns."""

    awaits: tuple[str, ...]
    due_from: str = ""
    due_to: str = LAST
    back: bool = False
    owners: tuple[str, ...] | None = None
    not_for: tuple[tuple[str, ...], str] | None = None


CAME_BACK = Slice(("hand_over", "accept"), back=True)  # at a village: what was handed back to it


class Desk:
    """The workbench in one view."""

    def __init__(self, view: Ground) -> None:
        self._db = view.connection

    def page(self, part: Slice, after: tuple[str, int], limit: int) -> list[DeskRow]:
        """The next rows after (due, arrival), the most urgent first."""
        walks = [self._walk(part, awaits, after, limit) for awaits in part.awaits]
        return list(islice(heapq.merge(*walks, key=lambda row: (row.due, row.arrival)), limit))

    def _walk(self, part: Slice, awaits: str, after: tuple[str, int], limit: int) -> list[DeskRow]:
        where, args = _where(part, awaits)
        rows = self._db.execute(
            f"SELECT case_no, awaits, turn_due, back, first_arrival FROM cases WHERE {where}"
            " AND (turn_due, first_arrival)>(?,?) ORDER BY turn_due, first_arrival LIMIT ?",
            (*args, *after, limit),
        ).fetchall()
        return [DeskRow(no, what, due, bool(back), arrival) for no, what, due, back, arrival in rows]

    def count(self, part: Slice) -> int:
        """How many, up to COUNTED + 1."""
        total = 0
        for awaits in part.awaits:
            where, args = _where(part, awaits)
            sql = f"SELECT count(*) FROM (SELECT 1 FROM cases WHERE {where} LIMIT ?)"
            row = self._db.execute(sql, (*args, COUNTED + 1 - total)).fetchone()
            total += int(row[0])
            if total > COUNTED:
                break
        return total

    def search(self, words: str, items: Sequence[str] = ()) -> list[str]:
        """Case numbers that fit (`lookup`), the last arrived first; `items` are those that the words mean."""
        found = lookup.numbers(self._db, lookup.whole(words)) or lookup.numbers(self._db, lookup.shared(words, items))
        return self._newest_first(found)

    def _newest_first(self, case_nos: Sequence[str]) -> list[str]:
        marks = ",".join("?" * len(case_nos))
        rows = self._db.execute(
            f"SELECT case_no FROM cases WHERE case_no IN ({marks}) ORDER BY first_arrival DESC", tuple(case_nos)
        ).fetchall()
        return [row[0] for row in rows]


def _where(part: Slice, awaits: str) -> tuple[str, tuple[str, ...]]:
    """The condition and its values. What is somebody's has an index of its own, which only the plain words `owner<>''` let be used."""
    sql, args = (
        "awaits=? AND turn_due>=? AND turn_due<=?" + (" AND back=1" if part.back else ""),
        [awaits, part.due_from, part.due_to],
    )
    if part.owners is not None:
        owned = " AND owner<>''" if "" not in part.owners else ""
        sql += f"{owned} AND owner IN ({','.join('?' * len(part.owners))})"
        args += part.owners
    if part.not_for is not None:
        turns, person = part.not_for
        sql += (" AND owner<>''" if awaits in turns else "") + " AND owner<>?"
        args.append(person)
    return sql, tuple(args)
