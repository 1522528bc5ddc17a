"""What may be asked of the cases of a subtree, and the address of the rows behind a figure.

A question is a view or a measure with what narrows it. Places are given as division codes; a code may be that of several nodes (one
that was revoked and its heir). Nodes that are not in the tree (any more) are counted under `unknown`, and can be listed so.
"""

from __future__ import annotations

import datetime as dt
import re
import urllib.parse
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, TypedDict

from node.domain import folded
from node.domain.calendar import DAY_MS, ONE, day_of
from node.domain.cases.lifecycle import STATUSES
from node.domain.figures import GROUPS, STEPS
from node.domain.model import CST, TIERS
from node.domain.supervision.analysis import NONE
from node.domain.supervision.filters import CASES
from node.domain.supervision.monitors import CLOCKS, ENDS, OF_CASES
from node.domain.words.errors import TongbanError
from node.services.catalog.catalog import CatalogService
from node.store.cursors import position_of
from node.store.measures import MEASURES, MOST, VIEWS, Measure, Narrow
from node.store.questions import CHECKING, Scope
from node.store.rollups import branches
from node.store.store import View

if TYPE_CHECKING:
    from node.domain.catalog.item import Item

DECISIONS, YES = ("approved", "refused"), ("1",)
ADDRESS, FINDINGS, CARDS = "/api/v1/oversight/cases?", "/api/v1/oversight/findings?", "/api/v1/oversight/cards?"
ON_CARDS = ("yellow", "red")  # figures that count cards and no cases
UNKNOWN = "unknown"
PAGE = 50
NAMES = (*CASES, "limit")
_ARRIVAL = re.compile(r"[0-9]{1,18}")
MOST_OVER = 999  # working days
_BY_DECIDER = frozenset(
    {"concluded", "decided", "on_time", "late", "unlimited", "past_overdue", "abnormal", "turned_away", "drawn"}
)


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
    over: int = 0  # working days past due, at least
    month: dt.date | None = None  # the first day of the month that was drawn of; None for the last that is over

    @property
    def charges_decider(self) -> bool:
        return (self.view or self.name) in _BY_DECIDER


def question(given: Mapping[str, str]) -> Question:
    """Read what was asked; nothing of the store yet. Errors: `invalid_input` naming each field."""
    flaws = {name[:64]: "unknown_field" for name in given if name not in NAMES}
    view, name = given.get("view", ""), given.get("measure", "")
    if view and name:
        flaws["measure"] = "not_both"
    view = view or ("" if name else "open")
    chosen(flaws, "view", view, VIEWS)
    chosen(flaws, "measure", name, MEASURES)
    chosen(flaws, "tier", given.get("tier", ""), TIERS)
    chosen(flaws, "status", given.get("status", ""), (*STATUSES, CHECKING))
    chosen(flaws, "step", given.get("step", ""), STEPS)
    chosen(flaws, "rule", given.get("rule", ""), OF_CASES)
    chosen(flaws, "decision", given.get("decision", ""), DECISIONS)
    chosen(flaws, "unassigned", given.get("unassigned", ""), YES)
    over, month = _number(given.get("over", ""), flaws), month_of(given.get("month", ""), flaws)
    period = _period(given.get("from"), given.get("to"), flaws)
    after = _position(given.get("cursor", ""), flaws)
    if flaws:
        raise TongbanError("invalid_input", flaws)
    return Question(
        view, name, MEASURES[name] if name else VIEWS[view], given, period, after, limit_of(given.get("limit", "")), over, month
    )


def chosen(flaws: dict[str, str], field: str, text: str, choices: Iterable[str]) -> None:
    """Note what was asked for and is no choice."""
    if text and text not in choices:
        flaws[field] = "not_a_choice"


def _number(text: str, flaws: dict[str, str]) -> int:
    text = folded.typed(text)
    if text and not (text.isascii() and text.isdigit() and int(text[:9]) <= MOST_OVER):
        flaws["over"] = "not_days"
        return 0
    return int(text or "0")


def month_of(text: str, flaws: dict[str, str]) -> dt.date | None:
    """The first day of a month `2026-11`, None for none or for what is no month (then a flaw)."""
    return _day(text + "-01", "month", flaws) if text else None


def _position(text: str, flaws: dict[str, str]) -> tuple[str, int]:
    position = position_of(text)
    if text and position is None:
        flaws["cursor"] = "not_a_page"
    return position or ("", 0)


def limit_of(text: str) -> int:
    """Rows of a page, 1 to MOST. Errors: `invalid_input`."""
    if not text:
        return PAGE
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise TongbanError("invalid_input", {"limit": "not_a_number"})
    return min(max(int(text), 1), MOST)


def newest(
    given: Mapping[str, str], choices: Mapping[str, Collection[str]], flaws: dict[str, str] | None = None
) -> tuple[int, int]:
    """(rows of a page, before which arrival) of a list with the newest first; `choices`: of a field what may be asked, `flaws`: what is wrong
    already. Errors: `invalid_input` naming each field."""
    found, cursor = dict(flaws or {}), given.get("cursor", "")
    for field, fits in choices.items():
        chosen(found, field, given.get(field, ""), fits)
    if cursor and not _ARRIVAL.fullmatch(cursor):
        found["cursor"] = "not_a_page"
    if found:
        raise TongbanError("invalid_input", found)
    return limit_of(given.get("limit", "")), int(cursor) if cursor else 1 << 62


# places ------------------------------------------------------------------------------------------------------------------


def narrow(view: View, catalog: CatalogService, asked: Question) -> Narrow:
    """The question in terms of the store. Errors: `invalid_input` for a unit that nobody here knows."""
    given, flaws = asked.given, {}
    found = replace(asked.period, status=given.get("status", ""), item=given.get("item", ""), step=given.get("step", ""))
    found = replace(found, decision=given.get("decision", ""), unassigned=bool(given.get("unassigned")))
    if rule := given.get("rule", ""):
        found = replace(found, clock=CLOCKS.get(rule, ""), hows=ENDS.get(rule, ()))
    if asked.over:
        found = replace(found, due_to=_over_since(catalog, day_of(view.now()), asked.over).isoformat())
    by_code = view.trust.named()
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
    if code := given.get("under", ""):
        if code not in by_code:
            flaws["under"] = "unknown_division"
        nodes = {node for top in by_code.get(code, ()) for node in below(view, top)}
        wanted = nodes if wanted is None else wanted & nodes
    if tier := given.get("tier", ""):
        nodes = {node for ones in by_code.values() for node in ones if (place := view.place(node)) and place.tier == tier}
        wanted = nodes if wanted is None else wanted & nodes
    if staff := given.get("staff", ""):
        told = {view.identity.node_id, *view.trust.children(view.identity.node_id)}
        wanted, found = told if wanted is None else wanted & told, replace(found, staff=staff)
    if wanted is not None:
        found = replace(found, places=sorted(wanted), other_places=False, scopes=_branch(view, given, by_code))
    if code := given.get("filed_at", ""):
        if code != UNKNOWN and code not in by_code:
            flaws["filed_at"] = "unknown_division"
        known = _all(by_code) if code == UNKNOWN else by_code.get(code, [])
        found = replace(found, origins=known, other_origins=code == UNKNOWN)
    if flaws:
        raise TongbanError("invalid_input", flaws)
    return replace(found, **_items(catalog, given)) if given.get("kind") or given.get("department") else found


def _over_since(catalog: CatalogService, today: dt.date, over: int) -> dt.date:
    """The last day on which a case was due that is over by so many working days now (`lateness.over_days`)."""
    calendar = catalog.calendar()
    return min(calendar.add_workdays(calendar.next_workday(today), 1 - over) - ONE, today - ONE)


def _branch(view: View, given: Mapping[str, str], by_code: Mapping[str, list[bytes]]) -> list[Scope] | None:
    """The places as the roll-ups have them, when they are the nodes of one code with all below them and nothing else was asked for."""
    code = given.get("under", "")
    if not code or any(given.get(name) for name in ("holder", "unit", "tier", "staff")):
        return None
    return branches(view.trust, view.identity.node_id, by_code.get(code, ()))


def below(view: View, top: bytes) -> list[bytes]:
    """A node and all below it."""
    found = [top] if view.trust.node(top) is not None else []
    for one in found:
        found.extend(view.trust.children(one))
    return found


def near(view: View, node: bytes) -> bool:
    """Whether the people of a node are told here: its own, and those of the node above it."""
    me = view.identity.node_id
    return node == me or view.trust.parent(node) == me


def nodes_of(view: View, code: str, field: str) -> list[bytes]:
    """The nodes that have or had a division code. Errors: `invalid_input` for one that nobody here knows."""
    found = view.trust.named().get(code)
    if found is None:
        raise TongbanError("invalid_input", {field: "unknown_division"})
    return found


class _Items(TypedDict):
    items: list[str]
    other_items: bool


def _items(catalog: CatalogService, given: Mapping[str, str]) -> _Items:
    """The items of a kind and of a department. `none`: of no department, or not known here; then it is every item but the others."""
    kind, department = given.get("kind", ""), given.get("department", "")
    known = {item.item_id: (item.case_type, item.department) for item in all_items(catalog).values()}
    fit = {one: kind in ("", of or NONE) and department in ("", by or NONE) for one, (of, by) in known.items()}
    others = kind in ("", NONE) and department in ("", NONE)
    return {"items": [one for one, fits in fit.items() if fits is not others], "other_items": others}


def answering(view: View, given: Mapping[str, str]) -> list[bytes] | None:
    """Who answers for a card or a finding: `node`, and `under` a unit; None for anybody. Errors: `invalid_input`."""
    wanted: set[bytes] | None = None
    if code := given.get("node"):
        wanted = set(nodes_of(view, code, "node"))
    if code := given.get("under"):
        under = {one for top in nodes_of(view, code, "under") for one in below(view, top)}
        wanted = under if wanted is None else wanted & under
    return None if wanted is None else sorted(wanted)


def items_of(catalog: CatalogService, given: Mapping[str, str]) -> tuple[list[str] | None, bool]:
    """(items, whether every item but these) by item, kind and department; None for all."""
    item = given.get("item", "")
    if not (given.get("kind") or given.get("department")):
        return ([item] if item else None), False
    found = _items(catalog, given)
    if item:
        return ([item] if (item in found["items"]) is not found["other_items"] else []), False
    return found["items"], found["other_items"]


def all_items(catalog: CatalogService) -> dict[str, Item]:
    """Every item that is known here, withdrawn ones too."""
    snapshot = catalog.snapshot()
    return {**snapshot.withdrawn, **snapshot.items}


def departments(catalog: CatalogService, items: Iterable[str]) -> list[str]:
    """The departments of items, as far as they are known."""
    snapshot = catalog.snapshot()
    known = [snapshot.items.get(one) or snapshot.withdrawn.get(one) for one in items]
    return sorted({one.department for one in known if one is not None and one.department})


def _all(by_code: Mapping[str, list[bytes]]) -> list[bytes]:
    return [node for nodes in by_code.values() for node in nodes]


def keyed(view: View, rows: Iterable[tuple[str | bytes | None, int]], by: str) -> list[tuple[str, int]]:
    """Node ids to division codes (`tier`: to tiers); what is counted under one word is one row."""
    count: Counter[str] = Counter()
    for key, value in rows:
        node = view.trust.node(key) if isinstance(key, bytes) else None
        word = key if isinstance(key, str) else UNKNOWN if node is None else node.tier if by == "tier" else node.code
        count[word] += value
    return sorted(count.items())


def codes_of(view: View, nodes: Iterable[bytes]) -> list[str]:
    """The division codes of nodes; one word for those that are not known here."""
    known = [view.trust.node(node) for node in nodes]
    return sorted({UNKNOWN if node is None else node.code for node in known})


# addresses ---------------------------------------------------------------------------------------------------------------


def address(**parts: str | None) -> str:
    """Of a list; parts named `from_` stand for `from`."""
    return ADDRESS + "&".join([f"{name.rstrip('_')}={_quoted(text)}" for name, text in parts.items() if text])


@lru_cache(maxsize=8192)
def _quoted(text: str) -> str:
    """As in an address: a table of a city has some ten thousands, of the same few codes."""
    return urllib.parse.quote_plus(text)


def list_of(measure: str, by: str, key: str, from_: str | None = None, to: str | None = None) -> str:
    """The address of the rows that a figure was counted from."""
    subject = {"view": measure} if measure not in MEASURES else {"measure": measure}
    if by == "day":
        return address(**subject, from_=key, to=key)
    by_origin = by == "filed_at" or (by in ("node", "tier") and measure in ("cases", "filed"))
    name = by if by in ("status", "item", "tier", "step") else "filed_at" if by_origin else "holder"
    if by == "tier" and key == UNKNOWN:
        name = "filed_at" if by_origin else "holder"
    return address(**subject, **{name: key}, from_=from_, to=to)


def node_list(column: str, code: str) -> str:
    """The address of the rows behind a figure of a node."""
    if column in ON_CARDS:
        return cards_list(rung=column, state="in_force", node=code)
    if column == "findings":
        return FINDINGS + urllib.parse.urlencode({"node": code})
    return address(view=column, holder=code) if column in VIEWS else list_of(column, "node", code)


def cards_list(**parts: str) -> str:
    """The address of cards."""
    return CARDS + urllib.parse.urlencode(parts)


def findings_list(**parts: str) -> str:
    """The address of findings."""
    return FINDINGS + urllib.parse.urlencode(parts)


def branch_list(column: str, code: str) -> str:
    """The address of the rows behind a figure of a node and all below it."""
    if column in ON_CARDS:
        return cards_list(rung=column, state="in_force", under=code)
    if column == "findings":
        return FINDINGS + urllib.parse.urlencode({"under": code})
    return address(view=column, under=code) if column in VIEWS else address(measure=column, under=code)


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


def days(from_: str | None, to: str | None, flaws: dict[str, str]) -> tuple[dt.date | None, dt.date | None]:
    """First and last day, noting what is no day and what ends before it begins."""
    first, last = _day(from_, "from", flaws), _day(to, "to", flaws)
    if first is not None and last is not None and first > last:
        flaws["to"] = "before_from"
    return first, last


def _period(from_: str | None, to: str | None, flaws: dict[str, str]) -> Narrow:
    first, last = days(from_, to, flaws)
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
    flaws[name] = "not_a_month" if name == "month" else "not_a_day"
    return None


def _start(day: dt.date) -> int:
    """The first millisecond of a day in China Standard Time."""
    if day.year < 1970:
        return 0
    return int(dt.datetime.combine(day, dt.time(), CST).timestamp() * 1000)
