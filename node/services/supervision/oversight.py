"""Statistics and oversight over a node's subtree: counts of work and the cases behind them, never an applicant.

Every figure is made of a `Measure` (`node.store.measures`) and carries `list`, the address of exactly its rows. Overdue and on-time
are charged to who had the case: undecided to the holder (on its way to the giver until it is taken), decided to the deciding node.
The place of filing is another dimension (`by=filed_at`).

Every answer says how fresh it is (`freshness`): `as_of` is the moment up to which each node is known, `unknown_since` names those that
are silent: silence is not zero, and a case of a silent holder is never shown as in time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from node.domain.calendar import WorkCalendar, day_of
from node.domain.cases.access import Function, require
from node.domain.figures import RATE
from node.domain.model import Actor
from node.domain.supervision.documents import (
    CaseFigures,
    Fresh,
    OversightCases,
    OversightList,
    OversightNode,
    OversightNodes,
    StatRow,
    Stats,
)
from node.services.supervision import query as asked
from node.services.supervision.rows import Rows
from node.services.tree.freshness import freshness, subtree
from node.store import findings, measures, statistics
from node.store.cursors import cursor_of
from node.store.measures import MEASURES, VIEWS, Narrow
from node.store.store import Store, View

if TYPE_CHECKING:
    from node.services.cases.context import Rules as CaseRules

FIGURES = ("open", "due_today", "overdue", "in_transit", "stopped", "unanswered_reminders", "past_overdue")
COLUMNS = ("filed", "open", "due_today", "overdue", "concluded", "on_time", "late", "overdue_open", "findings")  # of a node


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
            found = measures.counted(view.connection, MEASURES[measure], by, period, day_of(view.now()))
            values = asked.keyed(view, found, by)
            rows: list[StatRow] = [
                {"key": key, "value": value, "list": asked.list_of(measure, by, key, from_, to)} for key, value in values
            ]
            return {**freshness(view, self._calendar).document(), "measure": measure, "by": by, "rows": rows}

    def cases(self, given: Mapping[str, str], actor: Actor) -> OversightCases:
        """A page of the cases of a view or behind a figure. Errors: `forbidden` before anything else; `invalid_input`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        question = asked.question(given)
        with self._store.reading() as view:
            return self._page(view, question, day_of(view.now()))

    def listed(self, given: Mapping[str, str], actor: Actor) -> OversightList:
        """The same page, and how many cases each view holds under the same filters. Errors: as `cases`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        question = asked.question(given)
        with self._store.reading() as view:
            today = day_of(view.now())
            return {**self._page(view, question, today), **self._figures(view, given, question, today)}

    def _page(self, view: View, question: asked.Question, today: dt.date) -> OversightCases:
        narrow, fresh = asked.narrow(view, self._rules.catalog, question), freshness(view, self._calendar)
        found = measures.page(view.connection, question.measure, narrow, today, question.after, question.limit + 1)
        rows = Rows(view, self._rules, fresh, question.charges_decider)
        last = found[question.limit - 1] if len(found) > question.limit else None
        return {
            **fresh.document(), "view": question.view, "measure": question.name,
            "cases": [row for no, _, _, place in found[: question.limit] if (row := rows.row(no, place)) is not None],
            "total": measures.total(view.connection, question.measure, narrow, today),
            "next": cursor_of(last[1], last[2]) if last is not None else None,
        }  # fmt: skip

    def _figures(self, view: View, given: Mapping[str, str], question: asked.Question, today: dt.date) -> CaseFigures:
        """How many cases each view holds under the same filters, and which units and items there are to choose from."""
        kept = {name: text for name, text in given.items() if name in asked.KEPT and text}
        narrow, connection = asked.narrow(view, self._rules.catalog, asked.question(kept)), view.connection
        values = {name: measures.total(connection, VIEWS[name], narrow, today) for name in FIGURES}
        units = asked.keyed(view, measures.counted(connection, question.measure, "node", Narrow(), today), "node")
        items = measures.counted(connection, question.measure, "item", Narrow(), today)
        return {
            "figures": [{"view": name, "value": value, "list": asked.address(view=name, **kept)} for name, value in values.items()],
            "units": [code for code, _ in units], "items": [str(item) for item, _ in items],
        }  # fmt: skip

    def nodes(self, actor: Actor) -> OversightNodes:
        """Every node of the subtree with its figures. Errors: `forbidden`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            fresh = freshness(view, self._calendar)
            document = fresh.document()
            told = _Told(
                view, Rows(view, self._rules, fresh, False), document, per_node(view, day_of(view.now()), COLUMNS),
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
            "concluded": values["concluded"], "on_time": values["on_time"], "late": values["late"],
            "overdue_open": values["overdue_open"], "findings": values["findings"], "in_time_rate": rate(values),
            "lists": {column: asked.node_list(column, code) for column in COLUMNS},
        }  # fmt: skip


def rate(values: Mapping[str, int]) -> float | None:
    """按期办结率 in per cent with one decimal; None of nothing."""
    whole = sum(values[one] for one in RATE)
    return round(100 * values[RATE[0]] / whole, 1) if whole else None


def per_node(view: View, today: dt.date, columns: Sequence[str]) -> dict[str, dict[str, int]]:
    """Column -> division code -> how many, each by who has to answer for it."""
    found = {}
    for column in columns:
        if column == "findings":
            rows: Sequence[tuple[str | bytes | None, int]] = list(findings.by_author(view.connection).items())
        else:
            measure = MEASURES.get(column) or VIEWS[column]
            rows = list(measures.counted(view.connection, measure, "node", Narrow(), today))
        found[column] = dict(asked.keyed(view, rows, "node"))
    return found


def replaced(view: View, node_id: bytes) -> bool:
    """Whether a revoked node's code is another's now: what is counted under a code stands at the node that has it."""
    if not view.trust.is_revoked(node_id) or (place := view.place(node_id)) is None:
        return False
    return view.find_code(place.code) is not None
