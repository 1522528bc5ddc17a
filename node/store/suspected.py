"""SQL of what was found in whole cases (`node.domain.supervision.suspicions`): a row for each flag of an entry, beside the marks of the audit.

Like the signals it is work in progress: derived from what is here, and made anew with every look at a case.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from node.domain.cases.audit import Mark
from node.domain.supervision.suspicions import Paper
from node.domain.words.flags import finding_id

BATCH = "batch_entry"


class Decision(NamedTuple):
    """Who decided when (ms), in which entry."""

    hash: bytes
    author: bytes
    staff_id: str
    at: int


def put(connection: sqlite3.Connection, case_no: str, found: Iterable[Mark]) -> None:
    """What is found in a case now."""
    connection.execute("DELETE FROM suspected WHERE case_no=?", (case_no,))
    rows = [(one.event, one.flag, case_no, one.author, one.at, finding_id(one.event, one.flag)) for one in found]
    connection.executemany("INSERT OR IGNORE INTO suspected VALUES(?,?,?,?,?,?)", rows)


def of_case(connection: sqlite3.Connection, case_no: str) -> list[Mark]:
    """What was found in a case, the earliest first."""
    rows = connection.execute(
        "SELECT hash, flag, author, at_ms FROM suspected WHERE case_no=? ORDER BY at_ms, hash, flag", (case_no,)
    )
    return [Mark(*row) for row in rows]


def papers_of(connection: sqlite3.Connection, case_no: str) -> list[Paper]:
    """The papers of a case with the entries that say so."""
    rows = connection.execute(
        "SELECT e.hash, p.author, p.paper, p.about, p.issued_at FROM papers p JOIN entries e ON e.arrival=p.arrival WHERE p.case_no=?"
        " ORDER BY p.arrival",
        (case_no,),
    )
    return [Paper(*row) for row in rows]


# the decisions of one person -----------------------------------------------------------------------------------------------


def decisions_of(connection: sqlite3.Connection, case_no: str) -> set[Decision]:
    """The decisions of a case, as it was looked at last."""
    rows = connection.execute("SELECT hash, author, staff_id, at_ms FROM deciders WHERE case_no=?", (case_no,))
    return {Decision(*row) for row in rows}


def put_decisions(connection: sqlite3.Connection, case_no: str, found: Collection[Decision]) -> None:
    connection.execute("DELETE FROM deciders WHERE case_no=?", (case_no,))
    connection.executemany("INSERT OR REPLACE INTO deciders VALUES(?,?,?,?,?)", [(*one, case_no) for one in found])


def decisions_between(
    connection: sqlite3.Connection, author: bytes, staff_id: str, first_ms: int, end_ms: int
) -> list[tuple[Decision, str]]:
    """(decision, case) of one person in [first, end), in order."""
    rows = connection.execute(
        "SELECT hash, author, staff_id, at_ms, case_no FROM deciders WHERE author=? AND staff_id=? AND at_ms>=? AND at_ms<? ORDER BY at_ms, hash",
        (author, staff_id, first_ms, end_ms),
    )
    return [(Decision(*row[:4]), row[4]) for row in rows]


def put_batches(connection: sqlite3.Connection, day: Sequence[tuple[Decision, str]], full: Collection[bytes]) -> None:
    """Which decisions of one person's day make a batch (L04), and that the others do not."""
    connection.executemany("DELETE FROM suspected WHERE hash=? AND flag=?", [(one.hash, BATCH) for one, _ in day])
    rows = [
        (one.hash, BATCH, case_no, one.author, one.at, finding_id(one.hash, BATCH)) for one, case_no in day if one.hash in full
    ]
    connection.executemany("INSERT OR REPLACE INTO suspected VALUES(?,?,?,?,?,?)", rows)


# what a serving node left undone --------------------------------------------------------------------------------------------


def unserved_since(connection: sqlite3.Connection, case_no: str, ids: Collection[bytes], now_ms: int) -> dict[bytes, int]:
    """Since when it has been known here (ms) that these cards of a case are to be served and are not; of others of the case it is forgotten."""
    before = dict(connection.execute("SELECT id, since_ms FROM unserved WHERE case_no=?", (case_no,)).fetchall())
    since = {one: before.get(one, now_ms) for one in ids}
    if before or since:
        connection.execute("DELETE FROM unserved WHERE case_no=?", (case_no,))
        connection.executemany("INSERT OR REPLACE INTO unserved VALUES(?,?,?)", [(one, case_no, at) for one, at in since.items()])
    return since


def misserved(connection: sqlite3.Connection, case_no: str) -> list[tuple[bytes, bytes, int]]:
    """(entry, author, when) of the cards of a case that somebody served who may not."""
    return connection.execute("SELECT entry, author, at_ms FROM served WHERE case_no=? AND NOT rightly", (case_no,)).fetchall()


# rules that are switched off -------------------------------------------------------------------------------------------------


def switched_off(connection: sqlite3.Connection) -> set[tuple[str, int, int]]:
    """(flag, from when, until when in ms) of what counts for nothing."""
    return {(row[0], row[1], row[2]) for row in connection.execute("SELECT flag, first_ms, end_ms FROM switched_off")}


def switch(connection: sqlite3.Connection, off: Collection[tuple[str, int, int]]) -> None:
    """Keep what counts for nothing from now on, and look at every case again."""
    connection.execute("DELETE FROM switched_off")
    connection.executemany("INSERT INTO switched_off VALUES(?,?,?)", sorted(off))
    connection.execute("INSERT OR REPLACE INTO signal_watch SELECT case_no, 0 FROM cases")
