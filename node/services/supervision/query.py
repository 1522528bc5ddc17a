"""What may be asked of the cases of a subtree, and the address of the rows behind a figure.

A question is a view or a measure with what narrows it. Places are given as division codes; a code may be that of several nodes (one
that was revoked and its heir). Nodes that are not in the tree (any more) are counted under `unknown`, and can be listed so.
"""

from __future__ import annotations

import datetime as dt
import urllib.parse
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from node.domain.calendar import DAY_MS
from node.domain.cases.lifecycle import STATUSES
from node.domain.figures import GROUPS
from node.domain.model import CST, TIERS
from node.domain.words.errors import TongbanError
from node.services.catalog.catalog import CatalogService
from node.store.cursors import position_of
from node.store.measures import CHECKING, MEASURES, MOST, VIEWS, Measure, Narrow
from node.store.view import View

ADDRESS, FINDINGS = "/api/v1/oversight/cases?", "/api/v1/oversight/findings?"
UNKNOWN = "unknown"
KEPT = ("holder", "unit", "item", "kind")  # what a person goes on looking at from view to view
PAGE = 50
NAMES = ("view", "measure", "holder", "unit", "filed_at", "tier", "item", "kind", "status", "from", "to", "cursor", "limit")
_BY_DECIDER = frozenset({"concluded", "decided", "on_time", "late", "unlimited", "past_overdue"})


@dataclass(frozen=True, slots=True)
class Question:
    """A view ("") or a measure, with the texts that narrow it and the place in its list."""

    view: str
    name: str
    measure: Measure
    given: Mapping[str, str]
    period: Narrow
    after: tuple[str, int]
    limit: int

    @property
    def charges_decider(self) -> bool:
        return (self.view or self.name) in _BY_DECIDER


def question(given: Mapping[str, str]) -> Question:
    """Read what was asked; nothing of the store yet. Errors: `invalid_input` naming each field."""
    flaws = {name[:64]: "unknown_field" for name in given if name not in NAMES}
    view, name = given.get("view", ""), given.get("measure", "")
    if view and name:
        flaws["measure"] = "not_a_choice"
    view = view or ("" if name else "open")
    _chosen(flaws, "view", view, VIEWS)
    _chosen(flaws, "measure", name, MEASURES)
    _chosen(flaws, "tier", given.get("tier", ""), TIERS)
    _chosen(flaws, "status", given.get("status", ""), (*STATUSES, CHECKING))
    period = _period(given.get("from"), given.get("to"), flaws)
    after = _position(given.get("cursor", ""), flaws)
    if flaws:
        raise TongbanError("invalid_input", flaws)
    return Question(view, name, MEASURES[name] if name else VIEWS[view], given, period, after, limit_of(given.get("limit", "")))


def _chosen(flaws: dict[str, str], field: str, text: str, choices: Iterable[str]) -> None:
    if text and text not in choices:
        flaws[field] = "not_a_choice"


def _position(text: str, flaws: dict[str, str]) -> tuple[str, int]:
    position = position_of(text)
    if text and position is None:
        flaws["cursor"] = "invalid"
    return position or ("", 0)


def limit_of(text: str) -> int:
    """Rows of a page, 1 to MOST. Errors: `invalid_input`."""
    if not text:
        return PAGE
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise TongbanError("invalid_input", {"limit": "wrong_type"})
    return min(max(int(text), 1), MOST)


# places ------------------------------------------------------------------------------------------------------------------


def narrow(view: View, catalog: CatalogService, asked: Question) -> Narrow:
    """The question in terms of the store. Errors: `invalid_input` for a unit that nobody here knows."""
    given, flaws = asked.given, {}
    found = replace(asked.period, status=given.get("status", ""), item=given.get("item", ""))
    by_code = _nodes_by_code(view)
    wanted: set[bytes] | None = None
    for field in ("holder", "unit"):
        if code := given.get(field, ""):
            if code == UNKNOWN:
                found = replace(found, places=_all(by_code), other_places=True)
                continue
            if code not in by_code:
                flaws[field] = "unknown_division"
            nodes = set(by_code.get(code, ()))
            wanted = nodes if wanted is None else wanted & nodes
    if tier := given.get("tier", ""):
        nodes = {node for ones in by_code.values() for node in ones if (place := view.place(node)) and place.tier == tier}
        wanted = nodes if wanted is None else wanted & nodes
    if wanted is not None:
        found = replace(found, places=sorted(wanted), other_places=False)
    if code := given.get("filed_at", ""):
        if code != UNKNOWN and code not in by_code:
            flaws["filed_at"] = "unknown_division"
        known = _all(by_code) if code == UNKNOWN else by_code.get(code, [])
        found = replace(found, origins=known, other_origins=code == UNKNOWN)
    if flaws:
        raise TongbanError("invalid_input", flaws)
    return replace(found, items=_of_kind(catalog, given["kind"])) if given.get("kind") else found


def nodes_of(view: View, code: str, field: str) -> list[bytes]:
    """The nodes that have or had a division code. Errors: `invalid_input` for one that nobody here knows."""
    found = _nodes_by_code(view).get(code)
    if found is None:
        raise TongbanError("invalid_input", {field: "unknown_division"})
    return found


def _of_kind(catalog: CatalogService, kind: str) -> list[str]:
    snapshot = catalog.snapshot()
    return [
        item_id for items in (snapshot.withdrawn, snapshot.items) for item_id, item in items.items() if item.case_type == kind
    ]


def _nodes_by_code(view: View) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for node in view.trust.nodes():
        found.setdefault(node.code, []).append(node.node_id)
    return found


def _all(by_code: Mapping[str, list[bytes]]) -> list[bytes]:
    return [node for nodes in by_code.values() for node in nodes]


def keyed(view: View, rows: Iterable[tuple[str | bytes | None, int]], by: str) -> list[tuple[str, int]]:
    """Node ids to division codes (`tier`: to tiers); what is counted under one word is one row."""
    count: Counter[str] = Counter()
    for key, value in rows:
        place = view.place(key) if isinstance(key, bytes) else None
        word = key if isinstance(key, str) else UNKNOWN if place is None else place.tier if by == "tier" else place.code
        count[word] += value
    return sorted(count.items())


# addresses ---------------------------------------------------------------------------------------------------------------


def address(**parts: str | None) -> str:
    """Of a list; parts named `from_` stand for `from`."""
    return ADDRESS + urllib.parse.urlencode([(name.rstrip("_"), text) for name, text in parts.items() if text])


def list_of(measure: str, by: str, key: str, from_: str | None = None, to: str | None = None) -> str:
    """The address of the rows that a figure was counted from."""
    subject = {"view": measure} if measure not in MEASURES else {"measure": measure}
    if by == "day":
        return address(**subject, from_=key, to=key)
    by_origin = by == "filed_at" or (by in ("node", "tier") and measure in ("cases", "filed"))
    name = by if by in ("status", "item", "tier") else "filed_at" if by_origin else "holder"
    if by == "tier" and key == UNKNOWN:
        name = "filed_at" if by_origin else "holder"
    return address(**subject, **{name: key}, from_=from_, to=to)


def node_list(column: str, code: str) -> str:
    """The address of the rows behind a figure of a node."""
    if column == "findings":
        return FINDINGS + urllib.parse.urlencode({"node": code})
    return address(view=column, holder=code) if column in VIEWS else list_of(column, "node", code)


# periods -----------------------------------------------------------------------------------------------------------------


def period(measure: str, by: str, from_: str | None, to: str | None) -> Narrow:
    """Errors: `invalid_input` for what cannot be counted, a day that is none, a period that ends before it begins."""
    flaws: dict[str, str] = {}
    if measure not in MEASURES:
        flaws["measure"] = "not_a_choice"
    if by not in GROUPS:
        flaws["by"] = "not_a_choice"
    found = _period(from_, to, flaws)
    if flaws:
        raise TongbanError("invalid_input", flaws)
    return found


def _period(from_: str | None, to: str | None, flaws: dict[str, str]) -> Narrow:
    first, last = _day(from_, "from", flaws), _day(to, "to", flaws)
    if first is not None and last is not None and first > last:
        flaws["to"] = "out_of_range"
    found = Narrow() if first is None else replace(Narrow(), first_ms=_start(first))
    return found if last is None else replace(found, end_ms=_start(last) + DAY_MS)


def _day(text: str | None, name: str, flaws: dict[str, str]) -> dt.date | None:
    if not text:
        return None
    try:
        if len(text) == 10:
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    flaws[name] = "invalid"
    return None


def _start(day: dt.date) -> int:
    """The first millisecond of a day in China Standard Time."""
    if day.year < 1970:
        return 0
    return int(dt.datetime.combine(day, dt.time(), CST).timestamp() * 1000)
