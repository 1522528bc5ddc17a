"""The units of the subtree, level by level: a unit by itself, the units directly below it with all below them, and its posts.

A figure of a branch is the sum over its nodes, counted by node and not by code, so it has exactly the rows of the list `under` it. A
branch with a silent unit says so beside every figure: its share in time is of what is known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from node.domain.cases.awaits import ROLES
from node.domain.figures import RATE, STEPS
from node.domain.supervision.unit_documents import OversightUnits, PostFigures, UnitFigures
from node.domain.words.errors import TongbanError
from node.services.cases.names import namer
from node.services.supervision import query as asked
from node.services.supervision.looked import on_the_day
from node.services.times import iso
from node.services.tree.freshness import Freshness, subtree
from node.store import findings, measures, rollups, signals
from node.store.measures import MEASURES, VIEWS, Narrow
from node.store.questions import Scope
from node.store.store import View

if TYPE_CHECKING:
    from node.services.cases.context import Rules as CaseRules

COLUMNS = ("open", "due_today", "overdue", "yellow", "red", "unknown", "on_time", "late", "overdue_open", "findings")
KEPT = {column: MEASURES.get(column) or VIEWS[column] for column in COLUMNS if column in (*MEASURES, *VIEWS)}
MOST_OPEN = 50  # units that are unfolded
AT_POSTS = ("open", "due_today", "overdue", "unassigned")


class Units:
    """Reads of one view."""

    def __init__(self, view: View, rules: CaseRules, fresh: Freshness) -> None:
        self._view, self._fresh = view, fresh
        self._day = on_the_day(view, rules.calendar, self._fresh)
        self._name = namer(view, rules.catalog.divisions())

    def of(self, code: str, opened: Collection[str] = ()) -> OversightUnits:
        """`opened`: units whose own rows stand below theirs. Errors: `invalid_input` for a unit that is not in the subtree."""
        inside = subtree(self._view)
        at = next((node for node in reversed(inside) if self._code(node) == code), None) if code else inside[0]
        if at is None:
            raise TongbanError("invalid_input", {"at": "unknown_division"})
        units = list(self._branch(at, opened, 0))
        path = [node for node in reversed(self._view.trust.path(at)) if node in inside]
        return {
            **self._fresh.document(), "at": self._code(at), "path": [{"code": self._code(node), "name": self._name(node)} for node in path],
            "units": units, "posts": self._posts(at),
        }  # fmt: skip

    def whole(self, node: bytes) -> UnitFigures:
        """A unit with all below it."""
        return self._unit(node, 0, own=False)

    def _branch(self, at: bytes, opened: Collection[str], depth: int) -> Iterator[UnitFigures]:
        """A unit by itself and what is directly below it, each followed by its own where it is unfolded."""
        yield self._unit(at, depth, own=True)
        for node in self._children(at):
            unfolds = bool(self._children(node))
            shown = unfolds and self._code(node) in opened
            yield {**self._unit(node, depth, own=False), "unfolds": unfolds, "open": shown}
            if shown:
                yield from self._branch(node, opened, depth + 1)

    def _children(self, node: bytes) -> list[bytes]:
        found = [one for one in self._view.trust.children(node) if not replaced(self._view, one)]
        return sorted(found, key=self._code)

    def _code(self, node: bytes) -> str:
        place = self._view.place(node)
        return place.code if place is not None else node.hex()

    @cached_property
    def _findings(self) -> Mapping[bytes | None, int]:
        return findings.by_author(self._view.connection)

    @cached_property
    def _cards(self) -> Mapping[tuple[str, bytes], int]:
        return signals.in_force(self._view.connection, asked.ON_CARDS, signals.Wanted())

    def _unit(self, node: bytes, depth: int, *, own: bool) -> UnitFigures:
        place, code = self._view.place(node), self._code(node)
        same = asked.nodes_of(self._view, code, "at")  # the code may have been that of another node before
        nodes = same if own else list({one for top in same for one in asked.below(self._view, top)})
        figures = self._figures(nodes, None if own else rollups.branches(self._view.trust, self._day.here, same))
        silent = [self._fresh.since[one] for one in nodes if one in self._fresh.since and one not in self._fresh.revoked]
        return {
            "code": code, "tier": place.tier if place is not None else "", "name": self._name(node), "own": own,
            "depth": depth, "unfolds": False, "open": False,
            "revoked": self._view.trust.is_revoked(node), "below": 0 if own else len(nodes) - 1, "silent": len(silent),
            "unknown_since": iso(min(silent)) if silent else None, "as_of": iso(self._fresh.oldest(nodes)), "in_time_rate": rate(figures),
            "of": sum(figures[one] for one in RATE), "figures": figures,
            "lists": {column: asked.node_list(column, code) if own else asked.branch_list(column, code) for column in COLUMNS},
        }  # fmt: skip

    def _figures(self, nodes: Sequence[bytes], scopes: Sequence[Scope] | None) -> dict[str, int]:
        """Of nodes together; `scopes`: the same nodes as the roll-ups have them."""
        each = scopes if scopes is not None else [(rollups.OWN, one) for one in nodes]
        counts = rollups.figured(self._view.connection, KEPT, each, self._day).values()
        found = sum(self._findings.get(one, 0) for one in nodes) if self._findings else 0
        beside = {"findings": found, **{rung: sum(self._cards.get((rung, one), 0) for one in nodes) for rung in asked.ON_CARDS}}
        return {column: beside[column] if column in beside else sum(one.get(column, 0) for one in counts) for column in COLUMNS}

    def _posts(self, node: bytes) -> list[PostFigures]:
        """What waits for whom at a unit; without an organisation a post is the role whose turn it is."""
        code = self._code(node)
        narrow = Narrow(places=asked.nodes_of(self._view, code, "at"))
        counts = {
            name: dict(measures.counted(self._view.connection, VIEWS[name], "step", narrow, self._day)) for name in AT_POSTS
        }
        steps = [step for step in STEPS if any(step in one for one in counts.values())]
        return [
            {
                "step": step, "post": ROLES[step][0] if step in ROLES else "",
                "figures": {name: counts[name].get(step, 0) for name in AT_POSTS},
                "lists": {name: asked.address(view=name, holder=code, step=step) for name in AT_POSTS},
            }
            for step in steps
        ]  # fmt: skip


def unfolded(given: Mapping[str, str]) -> list[str]:
    """The units that are to be unfolded, by code."""
    return given.get("open", "").split(",")[:MOST_OPEN]


def rate(values: Mapping[str, int]) -> float | None:
    """按期办结率 in per cent with one decimal; None of nothing."""
    whole = sum(values[one] for one in RATE)
    return round(100 * values[RATE[0]] / whole, 1) if whole else None


def replaced(view: View, node_id: bytes) -> bool:
    """Whether a revoked node's code is another's now: what is counted under a code stands at the node that has it."""
    if not view.trust.is_revoked(node_id) or (place := view.place(node_id)) is None:
        return False
    return view.find_code(place.code) is not None
