"""Statistics and oversight over a node's subtree: counts of work, never persons.

Every answer says how fresh it is for each node: `as_of` is the moment up to which we have heard from it (our own: now; a
child that is online: now; else the last entry of it that came, or the last contact). A node that was enrolled and has
never been heard is null there and stands in `unknown_since` with the time of its enrolment: silence is not zero. So does
every node of a branch whose line to us is down, with the time of the last contact.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

from node.domain.calendar import day_of
from node.domain.errors import TongbanError
from node.domain.model import CST
from node.services.times import iso
from node.store import enrolments, statistics
from node.store.store import Store, View

if TYPE_CHECKING:
    from node.services.catalog import CatalogService

CASES_SHOWN = 500
NEVER, ALWAYS = -(2**62), 2**62


class Oversight:
    """Reads over the subtree of one node."""

    def __init__(self, store: Store, catalog: CatalogService | None = None) -> None:
        self._store = store
        self._catalog = catalog  # for the names of items and divisions

    def stats(self, measure: str, by: str, from_: str | None = None, to: str | None = None) -> dict[str, Any]:
        """Counts `measure` grouped `by`, days `from_` to `to` inclusive (YYYY-MM-DD, CST). Raises invalid_input."""
        first, end = _range(measure, by, from_, to)
        with self._store.reading() as view:
            today = day_of(view.now()).isoformat()
            rows = statistics.grouped(view.connection, measure, by, first, end, today)
            named = rows if by not in ("node", "tier") else _by_place(view, rows, by)
            return {**self._freshness(view), "measure": measure, "by": by, "rows": [{"key": k, "value": v} for k, v in named]}

    def oversight(self, kind: str) -> dict[str, Any]:
        """`cases` or `nodes`; cards and scores are not built yet."""
        if kind == "cases":
            return self._cases()
        if kind == "nodes":
            return self._nodes()
        raise TongbanError("not_yet_available" if kind in ("cards", "scores") else "not_found", what=kind)

    def _cases(self) -> dict[str, Any]:
        with self._store.reading() as view:
            today = day_of(view.now())
            rows = statistics.open_cases(view.connection, CASES_SHOWN + 1)
            items = self._catalog.items() if self._catalog is not None else {}
            cases = []
            for row in rows[:CASES_SHOWN]:
                item = items.get(row.item_id)
                moving = {"from": _code(view, row.offered_by), "to": _code(view, row.offered_to)} if row.offered_to else None
                cases.append({
                    "case_no": row.case_no, "status": row.status, "item_id": row.item_id, "item_name": item.name if item else "",
                    "origin": _code(view, row.origin), "custodian": _code(view, row.custodian), "transit": moving,
                    "filed_at": iso(row.filed_at), "accepted_at": iso(row.accepted_at), "decided_at": iso(row.decided_at),
                    "due": row.due, "overdue": row.due is not None and row.due < today.isoformat(),
                })  # fmt: skip
            return {**self._freshness(view), "cases": cases, "more": len(rows) > CASES_SHOWN}

    def _nodes(self) -> dict[str, Any]:
        with self._store.reading() as view:
            fresh = self._freshness(view)
            counts = statistics.per_node(view.connection, day_of(view.now()).isoformat())
            heard = statistics.last_heard(view.connection, subtree(view))
            flaws = statistics.findings_by_author(view.connection)
            links = {peer.code: peer.state for peer in view.links.all() if peer.direction == "down"}
            names = enrolments.names(view.connection)
            nodes = []
            for node_id in subtree(view):
                place = view.place(node_id)
                if place is None:
                    continue
                at = heard.get(node_id)
                nodes.append({
                    "code": place.code, "tier": place.tier, "parent": _code(view, place.parent),
                    "name": names.get(node_id) or self._division(place.code),
                    "revoked": view.trust.is_revoked(node_id), "link": links.get(place.code),
                    "as_of": fresh["as_of"].get(place.code), "unknown_since": fresh["unknown_since"].get(place.code),
                    "head": {"epoch": at[1], "seq": at[2]} if at else None, "findings": flaws.get(node_id, 0),
                    **counts.get(node_id, {"filed": 0, "open": 0, "concluded": 0, "overdue": 0}),
                })  # fmt: skip
            return {**fresh, "nodes": nodes}

    def _division(self, code: str) -> str:
        division = self._catalog.divisions().get(code) if self._catalog is not None else None
        return division.name if division is not None else code

    def _freshness(self, view: View) -> dict[str, Any]:
        nodes = subtree(view)
        heard = statistics.last_heard(view.connection, nodes)
        contact = {view.node_of(p.id): (view.now() if p.state == "online" else p.last_contact) for p in view.links.all()}
        as_of: dict[str, str | None] = {}
        silent = []
        for node_id in nodes:
            code = _code(view, node_id) or node_id.hex()
            if node_id == view.identity.node_id:
                as_of[code] = iso(view.now())
            elif node_id in heard or contact.get(node_id):
                as_of[code] = iso(max(heard.get(node_id, (0, 0, 0))[0], contact.get(node_id, 0)))
            else:
                as_of[code] = None
                silent.append((node_id, code))
        enrolled = statistics.received_at(view.connection) if silent else {}
        unknown = {code: iso(enrolled_at(view, node_id, enrolled)) for node_id, code in silent}
        return {"as_of": as_of, "unknown_since": {**unknown, **self._cut_off(view, nodes)}}

    def _cut_off(self, view: View, nodes: list[bytes]) -> dict[str, str | None]:
        """The nodes of branches whose line to us is down: what happened there since the last contact is unknown."""
        down = {view.node_of(p.id): p.last_contact for p in view.links.all() if p.direction == "down" and p.state == "offline"}
        if not down:
            return {}
        steps = ((node_id, view.step_towards(node_id)) for node_id in nodes)
        found = {node_id: since for node_id, step in steps if (since := down.get(step or b""))}
        return {_code(view, node_id) or node_id.hex(): iso(since) for node_id, since in found.items()}


def subtree(view: View) -> list[bytes]:
    """This node and every known node below it, parents before children."""
    found = [view.identity.node_id]
    below: dict[bytes, list[bytes]] = {}
    for node in view.trust.nodes():
        if node.parent is not None:
            below.setdefault(node.parent, []).append(node.node_id)
    for node_id in found:
        found.extend(below.get(node_id, ()))
    return found


def enrolled_at(view: View, node_id: bytes, received: dict[bytes, int]) -> int:
    node = view.trust.node(node_id)
    return received.get(node.keys[0].entry, 0) if node is not None and node.keys else 0


def _code(view: View, node_id: bytes | None) -> str | None:
    place = view.place(node_id) if node_id else None
    return place.code if place is not None else None


def _by_place(view: View, rows: list[tuple[str | bytes, int]], by: str) -> list[tuple[str | bytes, int]]:
    count: Counter[str] = Counter()
    for node_id, value in rows:
        place = view.place(node_id) if isinstance(node_id, bytes) else None
        key = "unknown" if place is None else place.code if by == "node" else place.tier
        count[key] += value
    return sorted(count.items())


def _range(measure: str, by: str, from_: str | None, to: str | None) -> tuple[int, int]:
    flaws = {}
    if measure not in statistics.MEASURES:
        flaws["measure"] = "not_a_choice"
    if by not in statistics.KEYS:
        flaws["by"] = "not_a_choice"
    first, end = _day(from_, "from", flaws), _day(to, "to", flaws)
    if first is not None and end is not None and first > end:
        flaws["to"] = "out_of_range"
    if flaws:
        raise TongbanError("invalid_input", flaws)
    return NEVER if first is None else _start(first), ALWAYS if end is None else _start(end) + 86_400_000


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
