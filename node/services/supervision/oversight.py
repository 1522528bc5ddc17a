"""Statistics and oversight over a node's subtree: counts of work and the cases behind them, never an applicant.

Every figure is made of a `Measure` (`node.store.measures`) and carries `list`, the address of exactly its rows. Overdue and on-time
are charged to who had the case: undecided to the holder (on its way to the giver until it is taken), decided in time to the deciding node,
decided late to the unit that answers for it (`node.domain.supervision.answering`).
The place of filing is another dimension (`by=filed_at`).

Every answer says how fresh it is (`freshness`): `as_of` is the moment up to which each node is known, `unknown_since` names those that
are silent: silence is not zero, and a case of a silent holder is never shown as in time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from node.domain.calendar import WorkCalendar
from node.domain.cases.access import Function, require
from node.domain.model import Actor
from node.domain.supervision.documents import (
    CaseFigures,
    CaseTold,
    Fresh,
    OversightCases,
    OversightList,
    StatRow,
    Stats,
    ViewFigure,
)
from node.domain.supervision.filters import DESK
from node.domain.supervision.unit_documents import (
    OversightDesk,
    OversightFront,
    OversightNode,
    OversightNodes,
    OversightUnits,
    UnitTold,
)
from node.services.supervision import query as asked
from node.services.supervision.attention import Attention
from node.services.supervision.looked import drawn, on_the_day, start_of
from node.services.supervision.rows import Rows
from node.services.supervision.told import told
from node.services.supervision.unit import UnitPage
from node.services.supervision.units import Units, rate, replaced, unfolded
from node.services.tree.freshness import Freshness, freshness, subtree
from node.store import findings, measures, rollups, statistics
from node.store.cursors import cursor_of
from node.store.measures import MEASURES, VIEWS, Day
from node.store.store import Store, View

if TYPE_CHECKING:
    from node.services.cases.context import Rules as CaseRules

FIGURES = (
    "open", "due_today", "overdue", "unknown", "in_transit", "transit_long", "stopped", "unanswered_reminders", "unheard", "unassigned",
    "past_overdue", "abnormal", "drawn",
)  # fmt: skip
OVER = ("past_overdue", "abnormal", "drawn")  # what is over is given to nobody: not asked for by who is unassigned
_NOT_NARROWING = ("view", "cursor", "limit")
COLUMNS = (
    "filed",
    "open",
    "due_today",
    "overdue",
    "unknown",
    "concluded",
    "on_time",
    "late",
    "overdue_open",
    "findings",
)  # of a node


class Oversight:
    """Reads over the subtree of one node."""

    def __init__(self, store: Store, rules: CaseRules) -> None:
        self._store = store
        self._rules = rules

    @property
    def _calendar(self) -> WorkCalendar:
        return self._rules.calendar

    def stats(self, actor: Actor, measure: str, by: str, from_: str | None = None, to: str | None = None) -> Stats:
        """Counts `measure` grouped `by`, days `from_` to `to` inclusive (YYYY-MM-DD, CST). Errors: `forbidden`, `invalid_input`."""
        require(Function.STATS, self._store.place.tier, actor.role)
        period = asked.period(measure, by, from_, to)
        with self._store.reading() as view:
            fresh = freshness(view, self._calendar)
            found = measures.counted(view.connection, MEASURES[measure], by, period, on_the_day(view, self._calendar, fresh))
            values = asked.keyed(view, found, by)
            rows: list[StatRow] = [
                {"key": key, "value": value, "list": asked.list_of(measure, by, key, from_, to)} for key, value in values
            ]
            return {**fresh.document(), "measure": measure, "by": by, "rows": rows}

    def cases(self, given: Mapping[str, str], actor: Actor) -> OversightCases:
        """A page of the cases of a view or behind a figure. Errors: `forbidden` before anything else; `invalid_input`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        question = asked.question(given)
        with self._store.reading() as view:
            fresh = freshness(view, self._calendar)
            return self._page(view, question, self._day(view, question, fresh), fresh)

    def listed(self, given: Mapping[str, str], actor: Actor) -> OversightList:
        """The same page, and how many cases each view holds under the same filters. Errors: as `cases`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        question = asked.question(given)
        with self._store.reading() as view:
            fresh = freshness(view, self._calendar)
            day = self._day(view, question, fresh)
            page = self._page(view, question, day, fresh)
            same = question.view != "abnormal" and all(name in (*DESK, *_NOT_NARROWING) for name in given)
            return {**page, **self._figures(view, given, question, day, {question.view: page["total"]} if same else {})}

    def desk(self, given: Mapping[str, str], actor: Actor) -> OversightDesk:
        """What is to be seen first, under the same filters: the few cases that matter and the figures. Errors: as `cases`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        question = asked.question({name: text for name, text in given.items() if name in DESK})
        with self._store.reading() as view:
            return self._desk(view, question, freshness(view, self._calendar))

    def front(self, given: Mapping[str, str], actor: Actor) -> OversightFront:
        """The same with the table of units; `open` unfolds some of them. Errors: as `cases`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        question = asked.question({name: text for name, text in given.items() if name in DESK})
        with self._store.reading() as view:
            fresh = freshness(view, self._calendar)
            table = Units(view, self._rules, fresh).of("", unfolded(given))
            return {**self._desk(view, question, fresh), "table": table}

    def _desk(self, view: View, question: asked.Question, fresh: Freshness) -> OversightDesk:
        day, narrow = self._day(view, question, fresh), asked.narrow(view, self._rules.catalog, question)
        looked = Attention(view, self._rules, Rows(view, self._rules, fresh, False), question.given, narrow, day)
        heads, first = looked.told()
        return {
            **fresh.document(), "heads": heads, "first": first, **self._figures(view, question.given, question, day, looked.totals),
        }  # fmt: skip

    def _day(self, view: View, question: asked.Question, fresh: Freshness) -> Day:
        """Today, with what is drawn by lot of the month asked for."""
        return replace(on_the_day(view, self._calendar, fresh), drawn=drawn(view, question.month).cases)

    def _page(self, view: View, question: asked.Question, day: Day, fresh: Freshness) -> OversightCases:
        narrow = asked.narrow(view, self._rules.catalog, question)
        if question.after == ("", 0):
            found, total = measures.begun(view.connection, question.measure, narrow, day, question.limit + 1)
        else:
            total = measures.total(view.connection, question.measure, narrow, day)
            found = (
                measures.page(view.connection, question.measure, narrow, day, question.after, question.limit + 1) if total else []
            )
        rows = Rows(view, self._rules, fresh, question.charges_decider)
        last = found[question.limit - 1] if len(found) > question.limit else None
        return {
            **fresh.document(), "view": question.view, "measure": question.name,
            "cases": [row for no, _, _, place in found[: question.limit] if (row := rows.row(no, place)) is not None],
            "total": total,
            "next": cursor_of(last[1], last[2]) if last is not None else None,
            "draw": drawn(view, question.month).document if question.view == "drawn" else None,
        }  # fmt: skip

    def _figures(
        self, view: View, given: Mapping[str, str], question: asked.Question, day: Day, counted: Mapping[str, int]
    ) -> CaseFigures:  # fmt: skip
        """How many cases each view holds under the same filters (those in `counted` are known), and which units and items there are to choose
        from. Of ends those of this month are counted."""
        kept = {name: text for name, text in given.items() if name in DESK and text}
        narrow, month = asked.narrow(view, self._rules.catalog, asked.question(kept)), day.today.replace(day=1)
        figures: list[ViewFigure] = []
        for name in FIGURES:
            if name in OVER and kept.get("unassigned"):
                continue
            own = {**kept, "from": month.isoformat()} if name == "abnormal" else kept
            period = replace(narrow, first_ms=start_of(month)) if name == "abnormal" else narrow
            value = counted[name] if name in counted else measures.total(view.connection, VIEWS[name], period, day)
            figures.append({"view": name, "value": value, "list": asked.address(**{"view": name, **own})})
        units = asked.codes_of(view, rollups.places(view.connection, question.measure, day.here))
        items = rollups.things(view.connection, question.measure, day.here)
        return {
            "figures": figures, "units": units, "items": items, "departments": asked.departments(self._rules.catalog, items),
        }  # fmt: skip

    def case(self, case_no: str, actor: Actor) -> CaseTold:
        """The way of one case by facts alone. Errors: `forbidden` before anything else; `not_found`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            fresh = freshness(view, self._calendar)
            return {**fresh.document(), **told(view, self._rules, fresh, case_no)}

    def units(self, given: Mapping[str, str], actor: Actor) -> OversightUnits:
        """A unit (`at`, a division code; this node when it is left out) by itself and the units below it, and what is `open` unfolded.
        Errors: `forbidden` first, then `invalid_input` for a unit that is not in the subtree."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            return Units(view, self._rules, freshness(view, self._calendar)).of(given.get("at", ""), unfolded(given))

    def unit(self, given: Mapping[str, str], actor: Actor) -> UnitTold:
        """The same with the page of the unit: line, people, cases, cards, months. Errors: as `units`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            return UnitPage(view, self._rules, freshness(view, self._calendar)).told(given.get("at", ""), unfolded(given))

    def nodes(self, actor: Actor) -> OversightNodes:
        """Every node of the subtree with its figures. Errors: `forbidden`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            fresh = freshness(view, self._calendar)
            document = fresh.document()
            told = _Told(
                view, Rows(view, self._rules, fresh, False), document, per_node(view, on_the_day(view, self._calendar, fresh), COLUMNS),
                statistics.last_heard(view.connection, subtree(view)),
                {peer.code: peer.state for peer in view.links.all() if peer.direction == "down"},
            )  # fmt: skip
            nodes = [row for node_id in subtree(view) if (row := told.row(node_id)) is not None]
            return {**document, "nodes": nodes, "next": None, "total": len(nodes)}


class _Told(NamedTuple):
    """What is known of the nodes of the subtree, to make their rows of."""

    view: View
    rows: Rows
    fresh: Fresh
    counts: Mapping[str, Mapping[str, int]]
    heard: Mapping[bytes, tuple[int, int, int]]
    links: Mapping[str, str]

    def row(self, node_id: bytes) -> OversightNode | None:
        place, at = self.view.place(node_id), self.heard.get(node_id)
        if place is None:
            return None
        gone, code = replaced(self.view, node_id), place.code
        values = {column: 0 if gone else self.counts[column].get(code, 0) for column in COLUMNS}
        return {
            "code": code, "tier": place.tier, "parent": self.rows.code(place.parent), "name": self.rows.name(node_id),
            "revoked": self.view.trust.is_revoked(node_id), "link": self.links.get(code),
            "as_of": self.fresh["as_of"].get(code), "unknown_since": self.fresh["unknown_since"].get(code),
            "head": {"epoch": at[1], "seq": at[2]} if at else None,
            "filed": values["filed"], "open": values["open"], "due_today": values["due_today"], "overdue": values["overdue"],
            "unknown": values["unknown"],
            "concluded": values["concluded"], "on_time": values["on_time"], "late": values["late"],
            "overdue_open": values["overdue_open"], "findings": values["findings"], "in_time_rate": rate(values),
            "lists": {column: asked.node_list(column, code) for column in COLUMNS},
        }  # fmt: skip


def per_node(view: View, day: Day, columns: Sequence[str]) -> dict[str, dict[str, int]]:
    """Column -> division code -> how many, each by who has to answer for it."""
    kept = {column: MEASURES.get(column) or VIEWS[column] for column in columns if column != "findings"}
    counts = rollups.figured(view.connection, kept, None, day)
    rows: dict[str, list[tuple[str | bytes | None, int]]] = {
        column: [(place, n) for (_, place), figures in counts.items() if (n := figures.get(column, 0))] for column in kept
    }
    if "findings" in columns:
        rows["findings"] = list(findings.by_author(view.connection).items())
    return {column: dict(asked.keyed(view, rows[column], "node")) for column in columns}
