"""今日关注: the figures of the first row, and the few cases, cards and findings that matter, the worst at the top.

Cards come first (red, then yellow, what fell earliest on top), then suspicions, of which at most two stand here and always have their place,
then cases by what is urgent about them. A case stands here once. A figure that cannot be narrowed by what was asked (cards and findings are
of no step and of no days over) is None and has no list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from node.domain.supervision.card_documents import CardDocument
from node.domain.supervision.documents import HeadFigure, OversightCase
from node.domain.supervision.finding_documents import FoundFlaw
from node.domain.supervision.judging import SUSPECTED
from node.domain.supervision.unit_documents import Urgent
from node.services.supervision import query as asked
from node.services.supervision.cards import Cards
from node.services.supervision.findings import document, wanted_of
from node.services.supervision.rows import Rows
from node.store import findings, measures, signals
from node.store.measures import VIEWS, Day, Narrow
from node.store.signals import Row, Wanted
from node.store.store import View

if TYPE_CHECKING:
    from node.services.cases.context import Rules as CaseRules

HEADS = (
    "red",
    "yellow",
    "overdue",
    "due_today",
    "transit_long",
    "unanswered_reminders",
    SUSPECTED,
)  # the first row, in this order
CARDS = ("red", "yellow")
WORST = ("overdue", "unanswered_reminders", "transit_long", "unheard", "unknown", "due_today")  # of cases, in this order
FIRST, SUSPICIONS = 7, 2  # rows that a supervisor sees first; at most so many suspicions
_MINUTE_MS = 60_000
_FITS = {"under", "item", "department", "kind"}  # by what cards and findings are narrowed as cases are


class Attention:
    """Reads of one view under one question."""

    def __init__(self, view: View, rules: CaseRules, rows: Rows, given: Mapping[str, str], narrow: Narrow, day: Day) -> None:
        self._view, self._rules, self._rows, self._narrow, self._day = view, rules, rows, narrow, day
        self._beside = beside(given)
        self._given = {name: text for name, text in given.items() if text}
        self.totals: dict[str, int] = {}  # by view, of those that were looked at

    def told(self) -> tuple[list[HeadFigure], list[Urgent]]:
        """(the figures, the rows)."""
        cases: list[tuple[str, str, bytes]] = []
        for name in WORST:
            page, self.totals[name] = measures.begun(self._view.connection, VIEWS[name], self._narrow, self._day, FIRST)
            cases += ((name, no, place) for no, _, _, place in page)
        served, suspected, values = self._cards_and_findings()
        heads = [self._head(name, values.get(name)) for name in HEADS]
        return heads, self._first(served, suspected, cases)

    def _cards_and_findings(self) -> tuple[list[tuple[str, Row]], list[findings.Found], dict[str, int]]:
        """What is on top of both, and how many there are; none where the question does not fit them."""
        if self._beside is None:
            return [], [], {}
        nodes, items = asked.answering(self._view, self._beside), asked.items_of(self._rules.catalog, self._beside)
        wanted = Wanted(charged=nodes, items=items[0], other_items=items[1])
        count = signals.in_force(self._view.connection, CARDS, wanted, by_unit=nodes is not None)
        inside = None if nodes is None else set(nodes)
        values = {
            rung: sum(n for (of, node), n in count.items() if of == rung and (inside is None or node in inside)) for rung in CARDS
        }
        served = [
            (rung, row)
            for rung in CARDS if values[rung]
            for row in signals.longest(self._view.connection, rung, wanted, FIRST)
        ]  # fmt: skip
        flags = wanted_of({"state": SUSPECTED}, *items)
        found, values[SUSPECTED] = findings.page(self._view.connection, nodes, findings.LAST, FIRST, flags)
        return served, found, values

    def _head(self, name: str, value: int | None) -> HeadFigure:
        if name in VIEWS:
            value = self.totals[name]
            return {"figure": name, "value": value, "list": asked.address(**{"view": name, **self._given})}
        if value is None or self._beside is None:
            return {"figure": name, "value": None, "list": ""}
        if name == SUSPECTED:
            return {"figure": name, "value": value, "list": asked.findings_list(state=SUSPECTED, **self._beside)}
        return {"figure": name, "value": value, "list": asked.cards_list(rung=name, state="in_force", **self._beside)}

    def _first(
        self, served: list[tuple[str, Row]], suspected: list[findings.Found], cases: list[tuple[str, str, bytes]]
    ) -> list[Urgent]:  # fmt: skip
        cards = Cards(self._view.store, self._rules)
        each: dict[str | bytes, tuple[str, Row]] = {}
        for rung, row in served:  # of a case its worst
            each.setdefault(row.case_no or row.id, (rung, row))
        top = [*each.values()]
        picked = _newest(suspected, {row.case_no for _, row in top[: FIRST - SUSPICIONS] if row.case_no})
        taken = {one.case_no for one in picked}
        shown = [(rung, row) for rung, row in top if not row.case_no or row.case_no not in taken][: FIRST - len(picked)]
        rows = [
            _urgent(rung, self._rows.row(row.case_no, row.answers, row.staff_id), card=cards.document(self._view, row))
            for rung, row in shown
        ]
        rows += [
            _urgent(
                SUSPECTED,
                self._rows.row(one.case_no, one.author or b""),
                finding=document(self._view, self._rules, one),
                minutes=self._minutes(one),
            )
            for one in picked
        ]
        seen = {row["case"]["case_no"] for row in rows if row["case"] is not None}
        for name, no, place in cases:
            if len(rows) < FIRST and no not in seen and (case := self._rows.row(no, place)) is not None:
                seen.add(no)
                rows.append(_urgent(name, case))
        return rows

    def _minutes(self, found: findings.Found) -> int | None:
        """How many minutes lay between acceptance and decision, of a case that was decided too soon for an examination."""
        case = self._view.cases.get(found.case_no) if found.kind == "decided_in_minutes" else None
        if case is None or not (case.decided_at and case.accepted_at):
            return None
        return max(0, case.decided_at - case.accepted_at) // _MINUTE_MS


def _newest(found: list[findings.Found], shown: set[str]) -> list[findings.Found]:
    """The newest suspicions, one of each case, without those cases that stand there already."""
    each: dict[str, findings.Found] = {}
    for one in found:
        if one.case_no not in shown:
            each.setdefault(one.case_no or one.id, one)
    return [*each.values()][:SUSPICIONS]


def beside(given: Mapping[str, str]) -> dict[str, str] | None:
    """What narrows cases in the words of cards and findings; None where these cannot be narrowed so."""
    narrowing = {name: text for name, text in given.items() if text and name != "month"}
    holder, unit = narrowing.pop("holder", ""), narrowing.pop("unit", "")
    if set(narrowing) - _FITS or asked.UNKNOWN in (holder, unit) or (holder and unit and holder != unit):
        return None
    return {**narrowing, **({"node": holder or unit} if holder or unit else {})}


def _urgent(
    why: str,
    case: OversightCase | None,
    card: CardDocument | None = None,
    finding: FoundFlaw | None = None,
    minutes: int | None = None,
) -> Urgent:
    return {"why": why, "case": case, "card": card, "finding": finding, "minutes": minutes}
