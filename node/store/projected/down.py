"""Which children are told of an entry. Work in progress: the rows `down` are a queue with numbers that children know, never made anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.domain.model import Case
from node.store import papers
from node.store.projected.base import Change, Projection

if TYPE_CHECKING:
    from node.store.store import Tx


class Down(Projection):
    """A child is told of the cases that were filed, held or offered in its subtree, and of all of a case when it first is."""

    NAME = "down"

    def apply(self, tx: Tx, changes: Sequence[Change]) -> None:
        if not tx.has_children:
            return
        told: dict[int, list[int]] = {}
        for change in changes:
            for row in concerned_children(tx, change.after):
                if row != change.stored.via:
                    told.setdefault(row, []).extend(_arrivals(tx, change, row))
        for row, arrivals in told.items():
            tx.links.route(row, list(dict.fromkeys(arrivals)))


def concerned_children(tx: Tx, case: Case | None) -> frozenset[int]:
    """Row ids of the children in whose subtree the case was filed, held or offered."""
    if case is None or not tx.has_children:
        return frozenset()
    nodes = {case.origin, *(hop.node for hop in case.hops)}
    if case.offer is not None:
        nodes.add(case.offer.target)
    rows = (tx.child_towards(node) for node in nodes if node)
    return frozenset(row for row in rows if row)


def _arrivals(tx: Tx, change: Change, row: int) -> list[int]:
    """What a child is told with this entry: the entry, or the whole case when it had nothing of it."""
    stored, before, after = change
    assert after is not None
    known = stored.fields.entry_class != "case" or row in concerned_children(tx, before)
    if known or (after.version <= 1 and not papers.of_case(tx.connection, after.case_no)):
        return [stored.arrival]
    rows = tx.connection.execute(
        "SELECT arrival FROM entries WHERE case_no=? AND via<>? AND standing=0 ORDER BY arrival", (after.case_no, row)
    )
    return [arrival for (arrival,) in rows.fetchall()]
