"""The workbench of a hall: whose turn each open case is, the most urgent first, and the search over everything held here.

`node.domain.cases.awaits` says what a case awaits and which roles do it; `node.store.desk` keeps it. Here the parts of the list are
named, counted and turned into rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from node.domain.calendar import day_of
from node.domain.cases.access import Function, require
from node.domain.cases.awaits import AWAITED, ELSEWHERE, OUTSIDE, work_of
from node.domain.cases.desk_documents import CaseOnDesk, CasesFound, Desk, DeskPart
from node.domain.model import Actor, Case
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.cases.documents import iso, owner_of, summary
from node.store.cursors import cursor_of, position_of
from node.store.desk import COUNTED, DeskRow, Slice
from node.store.reckoning import turn_of
from node.store.store import Store, View

PAGE = 30
SHOWN = 50  # of a search
PARTS = ("mine", "open", "arrived", "today", "soon", "overdue", "back", "applicant", "others", "elsewhere")


class Workbench:
    """The lists of one node."""

    def __init__(self, store: Store, rules: Rules, meant: Callable[[str], Sequence[str]]) -> None:
        """`meant` gives the ids of the items that words name."""
        self.store = store
        self.rules = rules
        self.meant = meant

    def desk(self, actor: Actor, part: str = "", cursor: str | None = None, limit: int = PAGE) -> Desk:
        """The rows of a part; without one the person's own cases, or if
        there are none those of nobody. Errors: `invalid_input` for an unknown part or cursor, `forbidden`."""
        require(Function.WORKBENCH, self.store.place.tier, actor.role)
        after, today = _position(cursor), day_of(self.store.now())
        soon = self.rules.calendar.next_workday(today + dt.timedelta(days=1))
        with self.store.reading() as view:
            part = part or ("mine" if view.desk.count(_slice("mine", actor, today, soon)) else "open")
            if part not in PARTS:
                raise TongbanError("invalid_input", {"part": "not_a_choice"})
            parts = [
                self._counted(view, name, _slice(name, actor, today, soon))
                for name in PARTS
                if _slice(name, actor, today, soon).awaits
            ]
            found = view.desk.page(_slice(part, actor, today, soon), after, limit + 1)
            rows = [row for one in found[:limit] if (row := self._row(view, one)) is not None]
        last = found[limit - 1] if len(found) > limit else None
        return {
            "part": part,
            "parts": parts,
            "rows": rows,
            "next": cursor_of(last.due, last.arrival) if last is not None else None,
        }

    def _counted(self, view: View, part: str, of: Slice) -> DeskPart:
        count = view.desk.count(of)
        return {"part": part, "count": min(count, COUNTED), "more": count > COUNTED}

    def _row(self, view: View, one: DeskRow) -> CaseOnDesk | None:
        case = view.cases.get(one.case_no)
        return self._document(view, case, one.awaits, one.back) if case is not None else None

    def _document(self, view: View, case: Case, awaits: str, back: bool) -> CaseOnDesk:
        """A case as a row: the summary, who applied, since when it lies, with which tier."""
        holder = view.place(case.custodian or (case.offer.target if case.offer is not None else b""))
        return {
            **summary(view, self.rules, case),
            "applicant": view.cases.applicant_name(case.case_no) or "", "filed_at": iso(case.filed_at), "since": iso(case.moved_at),
            "at_tier": holder.tier if holder is not None else "", "owner": owner_of(view, case),
            "awaits": awaits, "back": back,
        }  # fmt: skip

    def search(self, actor: Actor, words: str) -> CasesFound:
        """Up to 50 cases that fit a number (of the case, the application, a person, a telephone) in any spelling, the last part of a
        case number, any part of a name, its initials, or an item. Errors: `forbidden`."""
        require(Function.READ_CASE, self.store.place.tier, actor.role)
        words = words.strip()[:100]
        if not words:
            return {"rows": [], "more": False}
        items = self.meant(words)
        with self.store.reading() as view:
            found = view.desk.search(words, items)
            rows = [self.on_desk(view, case) for no in found[:SHOWN] if (case := view.cases.get(no)) is not None]
        return {"rows": rows, "more": len(found) > SHOWN}

    def on_desk(self, view: View, case: Case) -> CaseOnDesk:
        """A case as a row, wherever it stands."""
        what, back = turn_of(view, case)
        return self._document(view, case, what or "", back)


def _slice(part: str, actor: Actor, today: dt.date, soon: dt.date) -> Slice:
    """What a part of the workbench holds for a person. `soon`: the next working day, until which what is due is coming due (R29)."""
    turns, me = work_of(str(actor.role)), actor.staff_id
    ours = ("", me)  # nobody's, or this person's
    if part == "mine":
        return Slice(tuple(one for one in AWAITED if one != ELSEWHERE), owners=(me,))
    if part == "open":
        return Slice(turns, owners=("",))
    if part == "arrived":
        return Slice(tuple(one for one in turns if one == "receive"), owners=ours)
    if part == "today":
        return Slice(turns, today.isoformat(), today.isoformat(), owners=ours)
    if part == "soon":
        return Slice(turns, (today + dt.timedelta(days=1)).isoformat(), soon.isoformat(), owners=ours)
    if part == "overdue":
        return Slice(turns, "", (today - dt.timedelta(days=1)).isoformat(), owners=ours)
    if part == "back":
        return Slice(turns, back=True, owners=ours)
    if part == "applicant":
        return Slice(OUTSIDE)
    if part == "elsewhere":
        return Slice((ELSEWHERE,))
    if part == "others":
        return Slice(tuple(one for one in AWAITED if one not in (*OUTSIDE, ELSEWHERE)), not_for=(turns, me))
    raise AssertionError(part)


def _position(cursor: str | None) -> tuple[str, int]:
    if not cursor:
        return ("", 0)
    position = position_of(cursor)
    if position is None:
        raise TongbanError("invalid_input", {"cursor": "invalid"})
    return position
