"""Which children are told of an entry. Work in progress: the rows `down` are a queue with numbers that children know, never made anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from node.domain.model import Case
from node.domain.notes import Goes, addressed, note_kind
from node.domain.tree import heard
from node.store import hearings, sources
from node.store.introductions import introduce
from node.store.projected.base import Change, Projection

if TYPE_CHECKING:
    from node.store.turn import Turn


class Down(Projection):
    """A child is told of the cases that were filed, held or offered in its subtree, and of all of a case when it first is; of what its
    parent wrote of it (`heard`), and with entries that it was given of the first `heard` that covers them."""

    NAME = "down"

    def apply(self, tx: Turn, changes: Sequence[Change]) -> None:
        if not tx.has_children:
            return
        told: dict[int, list[int]] = {}
        for change in changes:
            for row in _children(tx, change):
                if row != change.stored.via:
                    known = told.setdefault(row, [])
                    known += introduce(tx, row, _authors(tx, change, row))
                    known += _arrivals(tx, change, row)
        for row, arrivals in told.items():
            tx.links.route(row, list(dict.fromkeys(arrivals)))


def _covered_children(tx: Turn, change: Change) -> frozenset[int]:
    """The children that a `heard` is for: its parent's word of a child itself, or the first that covers an entry it was given."""
    word, author = heard.read(change.stored.fields.facts), change.stored.author
    if word is None:
        return frozenset()
    told = {*word.spoke, *word.silent, *word.advanced} if author == tx.identity.node_id else set()
    names = {heard.name_of(one): one for one in tx.trust.children(author)}
    marks = [(names[name], mark) for name, mark in word.advanced.items() if name in names]
    return frozenset(
        row
        for row in tx.child_rows()
        if heard.name_of(tx.node_of(row)) in told
        or any(hearings.covers_given(tx.connection, row, one, mark) for one, mark in marks)
    )


def _children(tx: Turn, change: Change) -> frozenset[int]:
    fields = change.stored.fields
    return GOES[note_kind(fields.kind).goes if fields.entry_class == "note" else Goes.WITH_CASE](tx, change)


def concerned_children(tx: Turn, case: Case | None) -> frozenset[int]:
    """Row ids of the children in whose subtree the case was filed, held or offered."""
    if case is None or not tx.has_children:
        return frozenset()
    nodes = {case.origin, *(hop.node for hop in case.hops)}
    if case.offer is not None:
        nodes.add(case.offer.target)
    rows = (tx.child_towards(node) for node in nodes if node)
    return frozenset(row for row in rows if row)


def _arrivals(tx: Turn, change: Change, row: int) -> list[int]:
    """What a child is told with this entry: the entry, or the whole case when it had nothing of it."""
    stored, before, after = change
    if stored.fields.entry_class != "case" or row in concerned_children(tx, before):
        return [stored.arrival]
    assert after is not None
    if after.version <= 1 and _is_alone(tx, after.case_no, stored.arrival):
        return [stored.arrival]
    rows = tx.connection.execute(
        "SELECT arrival FROM entries WHERE case_no=? AND via<>? AND standing=0 ORDER BY arrival", (after.case_no, row)
    )
    arrivals = [arrival for (arrival,) in rows.fetchall()]
    return [*arrivals, *hearings.covering_all(tx.connection, row, arrivals)]


def _authors(tx: Turn, change: Change, row: int) -> list[bytes]:
    """Who says what a child is told with this entry."""
    stored, before, after = change
    if stored.fields.entry_class != "case" or after is None or row in concerned_children(tx, before):
        return [stored.author]
    sql = (
        "SELECT DISTINCT a.node_id FROM entries e JOIN authors a ON a.id=e.author WHERE e.case_no=? AND e.via<>? AND e.standing=0"
    )
    return [stored.author, *(node for (node,) in tx.connection.execute(sql, (after.case_no, row)).fetchall())]


def _is_alone(tx: Turn, case_no: str, arrival: int) -> bool:
    """Whether nothing else of the case is here: no request, no note that came before it."""
    row = tx.connection.execute("SELECT 1 FROM entries WHERE case_no=? AND arrival<>? LIMIT 1", (case_no, arrival)).fetchone()
    return row is None


def _towards(tx: Turn, change: Change) -> frozenset[int]:
    """The children on the way to the nodes that a note is for."""
    nodes = [tx.trust.active_code(code) for code in addressed(change.stored.fields.facts)]
    if not nodes or sources.too_many(tx, change.stored.author):
        return frozenset()
    return frozenset(row for node in nodes if node is not None and (row := tx.child_towards(node)))


GOES: Mapping[Goes, Callable[[Turn, Change], frozenset[int]]] = {
    Goes.WITH_CASE: lambda tx, change: concerned_children(tx, change.after),
    Goes.COVERING: _covered_children,
    Goes.UP: lambda tx, change: frozenset(),
    Goes.TO: _towards,
}
