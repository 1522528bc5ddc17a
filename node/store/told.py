"""What the notes beside a case say of telling its applicant: which messages went out elsewhere, and whether a hall knows where to send them.

Rows of the outbox are local to the node that sends. That a message went out, or that nobody knows, is a note of that node and goes with
the case; so is whether it has a number that the application does not. Only nodes that have or had the case are believed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from node.domain.model import Case
from node.domain.notes import DELIVERY, REACH
from node.store import notes
from node.store.ground import Ground
from node.store.notes import NoteRow
from node.store.outbox import Notice


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that another node, or this one, handed over; `at` ms by its clock. `marks`: the entries that it told."""

    author: bytes
    marks: tuple[str, ...]
    event: str
    channel: str
    state: str
    at: int


def deliveries(view: Ground, case: Case) -> list[Delivery]:
    """What became of the messages about a case, the latest word of each, in the order they were said."""
    latest: dict[tuple[bytes, object], Delivery] = {}
    for row in _of(view.connection, case, DELIVERY):
        said = {name: code for name in ("event", "channel", "state") if isinstance(code := row.facts.get(name), str)}
        named = row.facts.get("marks")
        marks = tuple(one.hex() for one in named if isinstance(one, bytes)) if isinstance(named, tuple) else ()
        if len(said) == 3:
            latest[row.author, marks or (said["event"], row.at)] = Delivery(row.author, marks, at=row.at, **said)
    return list(latest.values())


def elsewhere(view: Ground, case: Case, own: Sequence[Notice]) -> list[Delivery]:
    """Those of which no row of our own tells (`own`: the rows of this case)."""
    me, marks, events = view.identity.node_id, {row.mark for row in own}, {row.event for row in own}
    return [
        one
        for one in deliveries(view, case)
        if one.author != me or not (set(one.marks) & marks if one.marks else one.event in events)
    ]


def reaches(connection: sqlite3.Connection, case: Case) -> list[tuple[int, str]]:
    """(arrival, contact, off or none): what a hall recorded of where the applicant is told."""
    return [(row.arrival, str(row.facts.get("reach", ""))) for row in _of(connection, case, REACH)]


def reach_before(said: Iterable[tuple[int, str]], arrival: int) -> str:
    """What was recorded last before an arrival; "" for nothing."""
    return next((reach for at, reach in reversed(list(said)) if at < arrival), "")


def arrival_of(connection: sqlite3.Connection, case_no: str, hash: bytes) -> int:
    """When an entry of a case came; 0 for one that is not here."""
    sql = "SELECT coalesce(max(arrival), 0) FROM entries WHERE case_no=? AND hash=?"
    return int(connection.execute(sql, (case_no, hash)).fetchone()[0])


def _of(connection: sqlite3.Connection, case: Case, kind: str) -> list[NoteRow]:
    concerned = {case.origin, case.sender, case.custodian, *(hop.node for hop in case.hops)}
    return [row for row in notes.of_case(connection, case.case_no) if row.kind == kind and row.author in concerned]
