"""即办件占比 per center (R62): by item and, beside it, by case; of the other items those with one window, handed on inside, and a limit.

The items are those that are in force here, the cases those that the center filed in the period. Every figure has the address of its rows.
"""

from __future__ import annotations

import urllib.parse
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from node.domain.cases.access import HALLS, Function, require
from node.domain.model import Actor
from node.domain.supervision import shares as rules
from node.domain.supervision.share_documents import CenterShares, OfferedItem, OfferedItems, Shares
from node.domain.words.errors import TongbanError
from node.services.cases.names import namer
from node.services.supervision import query as asked
from node.services.supervision.units import replaced
from node.services.tree.freshness import freshness, subtree
from node.store import facts
from node.store.fact_counts import FILED
from node.store.facts import Asked
from node.store.store import Store, View

if TYPE_CHECKING:
    from node.domain.catalog.item import Item
    from node.services.cases.context import Rules

ITEMS = "/api/v1/oversight/items?"
PAGE = 200  # items of a page


class Sharing:
    """Reads over the subtree of one node."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules

    def of(self, given: Mapping[str, str], actor: Actor) -> Shares:
        """Of a unit (`at`; this node when it is left out) and the halls directly below it, in a period. Errors: `forbidden` before anything
        else; `invalid_input`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        period = {name: text for name in ("from", "to") if (text := given.get(name, ""))}
        question = asked.question({"measure": "filed", **period})
        with self._store.reading() as view:
            at, inside = _at(view, given.get("at", "")), subtree(view)
            below = [
                node
                for node in inside
                if view.trust.parent(node) == at and not replaced(view, node) and _tier(view, node) in HALLS
            ]
            nodes = [at, *sorted(below, key=lambda node: _code(view, node))]
            items = self._rules.catalog.items()
            filed, immediate = self._filed(view, question), self._filed(view, question, items)
            name = namer(view, self._rules.catalog.divisions())
            path = [node for node in reversed(view.trust.path(at)) if node in inside]
            return {
                **freshness(view, self._rules.calendar).document(), "at": _code(view, at),
                "path": [{"code": _code(view, node), "name": name(node)} for node in path],
                "centers": [self._row(view, node, name(node), items, filed, immediate, period) for node in nodes],
            }  # fmt: skip

    def _filed(self, view: View, question: asked.Question, items: Mapping[str, Item] | None = None) -> Counter[str]:
        """Division code -> cases filed there; with `items` those of immediate items."""
        given = question.given if items is None else {**question.given, "kind": rules.IMMEDIATE}
        narrow = asked.narrow(view, self._rules.catalog, asked.question(given))
        found = Counter[str]()
        for cell in facts.cells(view.connection, Asked(FILED, frozenset({"node"}), False, narrow)):
            if (place := view.place(cell.node)) is not None:
                found[place.code] += cell.n
        return found

    def _row(
        self, view: View, node: bytes, name: str, items: Mapping[str, Item], filed: Counter[str], immediate: Counter[str], period: Mapping[str, str]
    ) -> CenterShares:  # fmt: skip
        code, tier = _code(view, node), _tier(view, node)
        offered = rules.offered(items.values(), tier)
        numbers = {part: sum(1 for item in offered if fits(item, tier)) for part, fits in rules.PARTS.items()}
        days = {("from_" if one == "from" else one): text for one, text in period.items()}
        lists = {part: _list(code, part) for part in rules.PARTS}
        by_item, routed = rules.share(numbers["immediate"], numbers["all"]), rules.share(numbers["routed"], numbers["other"])
        return {
            "code": code, "name": name, "tier": tier, "items": numbers, "by_item": by_item, "routed": routed,
            "enough_immediate": by_item is not None and by_item >= rules.LEAST_IMMEDIATE,
            "enough_routed": routed is None or routed >= rules.LEAST_ROUTED,
            "cases": {"filed": filed[code], "immediate": immediate[code]}, "by_case": rules.share(immediate[code], filed[code]),
            "lists": {
                **lists, "filed": asked.address(measure="filed", holder=code, **days),
                "immediate_cases": asked.address(measure="filed", holder=code, kind=rules.IMMEDIATE, **days),
            },
        }  # fmt: skip

    def items(self, given: Mapping[str, str], actor: Actor) -> OfferedItems:
        """A page of the items behind a figure: `at` a center, `part` of what it offers, after the item `cursor`. Errors: `forbidden` before
        anything else; `invalid_input`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        flaws: dict[str, str] = {}
        part = given.get("part") or "all"
        asked.chosen(flaws, "part", part, rules.PARTS)
        if flaws:
            raise TongbanError("invalid_input", flaws)
        with self._store.reading() as view:
            at = _at(view, given.get("at", ""))
            tier = _tier(view, at)
            found = [one for one in rules.offered(self._rules.catalog.items().values(), tier) if rules.PARTS[part](one, tier)]
            found.sort(key=lambda one: one.item_id)
            rows = [one for one in found if one.item_id > given.get("cursor", "")]
            name = namer(view, self._rules.catalog.divisions())(at)
            return {
                **freshness(view, self._rules.calendar).document(), "at": _code(view, at), "name": name, "part": part,
                "items": [_item(one, tier) for one in rows[:PAGE]], "total": len(found),
                "next": rows[PAGE - 1].item_id if len(rows) > PAGE else None,
            }  # fmt: skip


def _item(item: Item, tier: str) -> OfferedItem:
    return {
        "item_id": item.item_id, "item": item.name, "department": item.department, "kind": item.case_type,
        "promised_limit": item.promised_limit, "statutory_limit": item.statutory_limit, "statutory_unit": item.statutory_unit,
        "received_here": rules.is_received(item, tier), "limited": rules.has_limit(item),
    }  # fmt: skip


def _list(code: str, part: str) -> str:
    return ITEMS + urllib.parse.urlencode({"at": code, "part": part})


def _at(view: View, code: str) -> bytes:
    """A unit of the subtree. Errors: `invalid_input` for one that is not."""
    inside = subtree(view)
    at = next((node for node in reversed(inside) if _code(view, node) == code), None) if code else inside[0]
    if at is None:
        raise TongbanError("invalid_input", {"at": "unknown_division"})
    return at


def _code(view: View, node: bytes) -> str:
    place = view.place(node)
    return place.code if place is not None else ""


def _tier(view: View, node: bytes) -> str:
    place = view.place(node)
    return place.tier if place is not None else ""
