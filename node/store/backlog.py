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
from node.store.journal import QUARANTINED, Stored

if TYPE_CHECKING:
    from node.store.store import Tx

MOST = 5000  # entries; more than this is projected at once, so that neither memory nor delay grows
WAITING = ("case", "request", "note")  # classes of entries that may wait
_MARK = "unprojected"


class Backlog:
    """What one node's writer has put off."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._waiting: list[Stored] | None = None  # None: not known, the database is asked

    def forget(self) -> None:
        self._waiting = None

    @property
    def waits(self) -> bool:
        return bool(self._read())

    @property
    def waits_from(self) -> int:
        """The arrival from which on entries of peers wait; beyond all arrivals when none does."""
        mark = self._tx.meta.get(_MARK)
        return int(mark) if mark is not None else 1 << 62

    def add(self, stored: Stored) -> None:
        """Put an entry off, or project it with all before it when it may not wait or too many do."""
        waiting = self._read()
        if stored.fields.entry_class not in WAITING:
            self.project()
            self.take([stored])
            return
        if not waiting:
            self._tx.meta.set(_MARK, str(stored.arrival).encode())
        waiting.append(stored)
        self._tx.after_commit(self._tx.store.wake_links)
        if len(waiting) >= MOST:
            self.project()

    def project(self) -> None:
        """Bring the query tables up to date."""
        self._tx.journal.write()
        waiting = self._read()
        if not waiting:
            return
        self.take(waiting)
        self._waiting = []
        self._tx.meta.remove(_MARK)

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

    def _read(self) -> list[Stored]:
        if self._waiting is None:
            mark = self._tx.meta.get(_MARK)
            self._waiting = self._since(int(mark)) if mark is not None else []
        return self._waiting

    def _since(self, arrival: int) -> list[Stored]:
        rows = self._tx.connection.execute(
            "SELECT arrival, hash, header, via, received_at FROM entries WHERE arrival>=? AND standing=0 AND via<>0"
            " AND class IN (?,?,?) ORDER BY arrival",
            (arrival, *WAITING),
        ).fetchall()
        return [Stored(arrival, hash, decode_header(header), via, received) for arrival, hash, header, via, received in rows]
