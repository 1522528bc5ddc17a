"""The roll-ups (`node.store.rollups`), written with the rows of the cases: what a case counted for before is taken away, what it counts for
now is added, in the entry's transaction. When all is made anew they are counted anew from the tables that they are made of."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from node.store import rollups
from node.store.maintenance import Compared
from node.store.measures import ROLLED
from node.store.projected.base import Projection
from node.store.projected.cases import Cases
from node.store.projected.decisions import Decisions
from node.store.projected.ends import Ends
from node.store.questions import Scope
from node.store.rollups import DAYS, EACH, EVERY, KEYS, OWN, PLACES

if TYPE_CHECKING:
    from federation.protocol.trust import TrustStore
    from node.store.standing import Settled
    from node.store.turn import Turn

_ONE, _OF = f"{ROLLED} AND c.case_no = ?", f"{ROLLED} AND c.case_no IN (SELECT value FROM json_each(?))"
Row = tuple[Any, ...]
_BLANK: Mapping[str, Row] = {
    "rolled": ("", "", 0, "", "", 0, 0, "", 0, 0),
    "rolled_months": ("", "", ""),
}  # of a place, whatever its cases are


class Rollups(Projection):
    """Made of the rows of three others, so of another version whenever one of them is."""

    NAME = "rollups"
    VERSION = 2_000_000 + 10_000 * Cases.VERSION + 100 * Decisions.VERSION + Ends.VERSION
    TABLES = rollups.TABLES
    COMPARED = {
        "rolled": Compared("1", follows="level, place, item_id, status, due, unsure, step, clock, decided_at, doubted, owner, offered, pressed, n"),
        "rolled_months": Compared("1", follows="level, place, item_id, what, month, how, n"),
    }  # fmt: skip

    def leave(self, tx: Turn, case_nos: Sequence[str]) -> None:
        """Take away what these cases counted for; it is written together with what they count for now."""
        if case_nos and not tx.replaying:
            _count(tx, case_nos, -1)

    def settle(self, tx: Turn, cases: Sequence[Settled]) -> None:
        if not tx.replaying:
            _count(tx, [one.case.case_no for one in cases], 1)
            _write(tx)

    def drop(self, tx: Turn, case_nos: Sequence[str]) -> None:
        _write(tx)

    def finish(self, tx: Turn, first_bodies: Mapping[str, bytes]) -> None:
        recount(tx.connection, tx.trust, tx.identity.node_id)


def recount(connection: sqlite3.Connection, trust: TrustStore, here: bytes) -> None:
    """Count all cases anew."""
    tally = Tally(trust, here)
    for row in connection.execute(ROLLED):
        tally.add(row, 1)
    for table in KEYS:
        connection.execute(f"DELETE FROM {table}")
    for table, counts in tally.counts.items():
        rollups.add(connection, table, sorted(counts.items()))


def enrolled(tx: Turn, node: bytes) -> None:
    """The tree knows where a node stands. Nothing is counted of a new one; of one that stood elsewhere or nowhere all is counted anew."""
    if rollups.has_place(tx.connection, node) or tx.trust.children(node):
        recount(tx.connection, tx.trust, tx.identity.node_id)


def _count(tx: Turn, case_nos: Sequence[str], n: int) -> None:
    if tx.tallied is None:
        tx.tallied = Tally(tx.trust, tx.identity.node_id)
    one = len(case_nos) == 1
    for row in tx.connection.execute(_ONE if one else _OF, case_nos if one else (json.dumps(case_nos),)):
        tx.tallied.add(row, n)


def _write(tx: Turn) -> None:
    tally, tx.tallied = tx.tallied, None
    for table, counts in tally.counts.items() if tally is not None else ():
        rollups.add(tx.connection, table, counts.items())


class Tally:
    """Counts of cases under every scope, by table and row."""

    def __init__(self, trust: TrustStore, here: bytes) -> None:
        self.counts: dict[str, dict[Row, int]] = {table: {} for table in KEYS}
        self._trust, self._here = trust, here
        self._scopes: dict[bytes, list[Scope]] = {}

    def add(self, row: Row, n: int) -> None:
        """A row of `ROLLED`."""
        (
            holder,
            decider,
            origin,
            item,
            now,
            *state,
            status,
            lodged,
            filed,
            concluded,
            concluded_on,
            decided,
            decided_on,
            how,
            ended_on,
            ender,
            late_by,
        ) = row
        if now:
            self._put("rolled", holder, item, tuple(state), n)
        else:
            self._put("rolled_months", origin, item, ("over", "", status), n)
        self._happened(origin, item, ("filed", filed, lodged), n)
        if concluded:
            self._happened(decider, item, ("concluded", concluded_on, ""), n)
        if decided:
            self._happened(decider, item, ("decided", decided_on, decided), n)
        if decided == "late":
            self._happened(late_by, item, ("late", decided_on, ""), n)
        if how is not None:
            self._happened(ender, item, ("ended", ended_on, how), n)

    def _happened(self, place: bytes, item: object, state: tuple[str, str, str], n: int) -> None:
        """What, on which day, and how."""
        what, day, how = state
        self._put("rolled_months", place, item, (what, day[:7], how), n)
        self._count("rolled_months", (DAYS, b"", EVERY, what, day, how), n)

    def _count(self, table: str, key: Row, n: int) -> None:
        counts = self.counts[table]
        counts[key] = counts.get(key, 0) + n

    def _put(self, table: str, place: bytes, item: object, state: Row, n: int) -> None:
        counts, scopes = self.counts[table], self._scopes.get(place)
        if scopes is None:
            scopes = self._scopes[place] = rollups.scopes(self._trust, self._here, place)
        for scope in scopes:
            key = (*scope, EVERY, *state)
            counts[key] = counts.get(key, 0) + n
            if table == "rolled" or scope[0] != OWN or place == self._here:
                key = (scope[0] + EACH, scope[1], item, *state)
                counts[key] = counts.get(key, 0) + n
        if place != self._here:
            self._count(table, (PLACES, place, EVERY, *_BLANK[table]), n)
