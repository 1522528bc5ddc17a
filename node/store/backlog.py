"""Entries of peers that are durable but not yet in the query tables.

A link acknowledges an entry once it is committed; folding it into its case and writing the query tables may follow in a later
turn of the writer: when nobody waits, when too many wait, or before the next command that is not the link's own. So every
command still finds the tables up to date, and only a reader may see a list a moment behind. The first waiting entry is marked
in the same transaction that stores it, so that a power cut in between loses nothing: who opens the store goes on from the mark.
Entries about nodes and publications never wait, because the next entry may rest on them.

Projecting is total: nothing that a signed entry says may stop it. Should one do it all the same, the entry is set aside (kept,
passed on, without effect here) and listed, so that a mistake of ours costs one entry and not the node.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from federation.protocol.envelope import decode_header
from node.store.stored import QUARANTINED, Stored

if TYPE_CHECKING:
    from node.store.turn import Turn

MOST = 25_000  # entries that may wait, so that the delay of a command that needs them all is bounded
SLICE = 2000  # entries projected, and kept in memory, at one time
FIRST_SLICE = 250  # after entries came: more may follow, and a link must not wait long; each next slice is twice as long
WAITING = ("case", "request", "note")  # classes of entries that may wait
_MARK = "unprojected"
_WAITS = "arrival>=? AND standing=0 AND via<>0 AND class IN (?,?,?)"


class Backlog:
    """What one node's writer has put off."""

    def __init__(self, tx: Turn) -> None:
        self._tx = tx
        self._count: int | None = None  # of entries that wait; None: not known, the database is asked
        self._kept: list[Stored] = []  # the first of them, as many as a slice holds
        self._next = FIRST_SLICE  # entries that the next idle slice takes

    def forget(self) -> None:
        self._count = None
        self._kept = []

    @property
    def waits(self) -> bool:
        return self._counted() > 0

    @property
    def waits_from(self) -> int:
        """The arrival from which on entries of peers wait; beyond all arrivals when none does."""
        mark = self._tx.meta.get(_MARK)
        return int(mark) if mark is not None else 1 << 62

    def add(self, stored: Stored) -> None:
        """Put an entry off, or project it with all before it when it may not wait or too many do."""
        waiting = self._counted()
        self._next = FIRST_SLICE
        if stored.fields.entry_class not in WAITING:
            self.project()
            self.take([stored])
            return
        if not waiting:
            self._tx.meta.set(_MARK, str(stored.arrival).encode())
        if waiting == len(self._kept) < SLICE:
            self._kept.append(stored)
        self._count = waiting + 1
        self._tx.after_commit(self._tx.store.wake_links)
        if self._count >= MOST:
            self.project()

    def project(self) -> None:
        """Bring the query tables up to date."""
        self._tx.journal.write()
        while self._counted():
            self._slice(SLICE)

    def project_slice(self) -> None:
        """Project the first that wait; the rest, if any, is for another turn of the writer."""
        self._tx.journal.write()
        self._slice(self._next)
        self._next = min(2 * self._next, SLICE)

    def _slice(self, most: int) -> None:
        left = self._counted()
        if not left:
            return
        first = self._kept[:most] or self._since(self.waits_from, most)
        self.take(first)
        self._kept = self._kept[most:]
        self._go_on(left - len(first), first[-1].arrival + 1 if first else 0)

    def _go_on(self, left: int, arrival: int) -> None:
        if left <= 0:
            self._count = 0
            self._tx.meta.remove(_MARK)
            return
        self._count = left
        self._tx.meta.set(_MARK, str(arrival).encode())

    def take(self, entries: Sequence[Stored]) -> None:
        """Project all at once; when that fails, in halves, until what cannot be projected is found and set aside."""
        failure = self._failure(entries)
        if failure is None:
            return
        if len(entries) == 1:
            self._set_aside(entries[0], failure)
            return
        half = len(entries) // 2
        self.take(entries[:half])
        self.take(entries[half:])

    def _failure(self, entries: Sequence[Stored]) -> Exception | None:
        """Project all or none; why none, when it was none. A failure of the disk is raised."""
        execute, cases = self._tx.connection.execute, self._tx.cases
        self._tx.journal.write()
        cases.flush()
        touched = set(cases.touched)
        execute("SAVEPOINT projecting")
        try:
            self._tx.project(entries)
        except (sqlite3.Error, OSError):
            raise
        except Exception as failure:
            execute("ROLLBACK TO projecting")
            execute("RELEASE projecting")
            self._tx.forget()
            cases.touched |= touched
            return failure
        execute("RELEASE projecting")
        return None

    def _set_aside(self, stored: Stored, failure: Exception) -> None:
        self._tx.connection.execute("UPDATE entries SET standing=? WHERE arrival=?", (QUARANTINED, stored.arrival))
        self._tx.finding(stored.author, "not_projectable", f"arrival {stored.arrival}: {type(failure).__name__}")

    def _counted(self) -> int:
        if self._count is None:
            mark = self._tx.meta.get(_MARK)
            self._count = self._number(int(mark)) if mark is not None else 0
            if mark is not None and not self._count:
                self._tx.meta.remove(_MARK)
        return self._count

    def _number(self, arrival: int) -> int:
        row = self._tx.connection.execute(f"SELECT count(*) FROM entries WHERE {_WAITS}", (arrival, *WAITING)).fetchone()
        return int(row[0])

    def _since(self, arrival: int, most: int) -> list[Stored]:
        rows = self._tx.connection.execute(
            f"SELECT arrival, hash, header, via, received_at FROM entries WHERE {_WAITS} ORDER BY arrival LIMIT ?",
            (arrival, *WAITING, most),
        ).fetchall()
        return [Stored(arrival, hash, decode_header(header), via, received) for arrival, hash, header, via, received in rows]
