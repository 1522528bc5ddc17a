"""SQL of what is new for somebody on the staff: what came into their turn since they looked, and how they want it by mail.

What is new is no list of its own: the rows of `cases` say when (the arrival of an entry) each case came into its present turn, so a case that went on
is no news any more, and nothing has to be taken back. Kept for each person are two positions only: up to where they looked, and up to
where the mails have told. Local to the node, like the people themselves.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from node.domain.notes import MESSAGE
from node.domain.notices.news import ASKED, BEFORE, MANY

TABLES = """
CREATE TABLE staff_news(
  staff_id TEXT PRIMARY KEY,
  seen INTEGER NOT NULL DEFAULT 0,       -- the last arrival when the person said that all was looked at
  seen_day TEXT NOT NULL DEFAULT '',     -- and on which day (ISO)
  email TEXT NOT NULL DEFAULT '', mail TEXT NOT NULL DEFAULT 'none',
  mailed INTEGER NOT NULL DEFAULT 0      -- the last arrival that a mail has taken in
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is kept of one person; `mail` none, morning or twice; `proof` of the address: before, asked or confirmed."""

    staff_id: str
    seen: int = 0
    seen_day: str = ""
    email: str = ""
    mail: str = "none"
    mailed: int = 0
    proof: str = BEFORE


@dataclass(frozen=True, slots=True)
class Range:
    """Arrivals after `after`, up to `until`."""

    after: int
    until: int = 1 << 62


@dataclass(frozen=True, slots=True)
class NewRow:
    """A case that came into somebody's turn."""

    case_no: str
    mine: bool
    back: bool
    turned: int

    @property
    def kind(self) -> str:
        """One of `node.domain.notices.news.KINDS`."""
        return "back" if self.back else "mine" if self.mine else "new"


_COLUMNS = "staff_id, seen, seen_day, email, mail, mailed, proof"


def of(connection: sqlite3.Connection, staff_id: str) -> Wanted:
    row = connection.execute(f"SELECT {_COLUMNS} FROM staff_news WHERE staff_id=?", (staff_id,)).fetchone()
    return Wanted(*row) if row else Wanted(staff_id)


def wanting(connection: sqlite3.Connection) -> list[Wanted]:
    """Who wants mails, at an address that nobody waits for a code of."""
    sql = f"SELECT {_COLUMNS} FROM staff_news WHERE mail<>'none' AND proof<>'{ASKED}' ORDER BY staff_id"
    return [Wanted(*row) for row in connection.execute(sql)]


def put(connection: sqlite3.Connection, one: Wanted) -> None:
    values = (one.staff_id, one.seen, one.seen_day, one.email, one.mail, one.mailed, one.proof)
    connection.execute(f"INSERT OR REPLACE INTO staff_news({_COLUMNS}) VALUES(?,?,?,?,?,?,?)", values)


def came_back(connection: sqlite3.Connection, last: int) -> None:
    """This store is an earlier one: what it would mail may have been mailed since."""
    connection.execute("UPDATE staff_news SET mailed=?", (last,))


def turned(connection: sqlite3.Connection, turns: Sequence[str], staff_id: str, within: Range, most: int = MANY) -> list[NewRow]:
    """What came into a person's turn by somebody else's act, the newest first."""
    found: list[NewRow] = []
    for awaits in turns:
        rows = connection.execute(
            "SELECT case_no, owner, back, turned FROM cases INDEXED BY cases_turned WHERE awaits=? AND awaits IS NOT NULL AND turned>?"
            " AND turned<=? AND turned_by<>? AND owner IN ('', ?) ORDER BY turned DESC LIMIT ?",
            (awaits, within.after, within.until, staff_id, staff_id, most),
        ).fetchall()
        found += [NewRow(no, bool(owner), bool(back), at) for no, owner, back, at in rows]
    return sorted(found, key=lambda row: -row.turned)


def asked_below(connection: sqlite3.Connection, origin: bytes, within: Range, most: int = MANY) -> list[NewRow]:
    """Cases filed at a village whose applicant was asked for something since; the agent brings it to him."""
    sql = (
        "SELECT case_no, turned FROM cases WHERE origin=? AND status='awaiting_correction' AND custodian<>?1 AND turned>? AND turned<=?"
        " ORDER BY turned DESC LIMIT ?"
    )
    rows = connection.execute(sql, (origin, within.after, within.until, most)).fetchall()
    return [NewRow(no, False, False, at) for no, at in rows]


def cards(
    connection: sqlite3.Connection,
    charged: bytes,
    within: Range,
    staff_id: str,
    mine: Sequence[str],
    led: Sequence[str],
    most: int = MANY,
) -> list[str]:
    """Cases of which a card was served to a unit, the latest first: of the rungs `mine` a person's own and nobody's, of `led` everybody's."""
    marks = [",".join("?" * len(rungs)) for rungs in (mine, led)]
    sql = (
        "SELECT case_no FROM served INDEXED BY served_charged WHERE charged=? AND arrival>? AND arrival<=? AND rightly AND case_no<>''"
        f" AND ((staff_id IN ('', ?) AND rung IN ({marks[0]})) OR rung IN ({marks[1]})) ORDER BY arrival DESC LIMIT ?"
    )
    values = (charged, within.after, within.until, staff_id, *mine, *led, most)
    return [row[0] for row in connection.execute(sql, values).fetchall()]


def warned(
    connection: sqlite3.Connection, node: bytes, since_ms: int, today: str, turns: Sequence[str], staff_id: str, most: int = MANY
) -> list[str]:
    """Cases here of whose limits reminder or warning fell since a moment, none of them met yet, in a person's turn and his or nobody's."""
    sql = (
        "SELECT DISTINCT s.case_no FROM signals s INDEXED BY signals_charged JOIN cases c ON c.case_no=s.case_no WHERE s.charged=? AND s.fell_ms>=?"
        " AND s.rung IN ('remind', 'warn') AND s.due>=? AND s.ended_ms=0 AND c.custodian=s.charged AND c.owner IN ('', ?)"
        f" AND c.awaits IN ({','.join('?' * len(turns))}) LIMIT ?"
    )
    return [row[0] for row in connection.execute(sql, (node, since_ms, today, staff_id, *turns, most)).fetchall()]


def changed(connection: sqlite3.Connection, node: bytes, within: Range, most: int = MANY) -> list[str]:
    """Cases filed at a node of which somebody else said something about a paper, the newest first; a case stands once for each."""
    sql = (
        "SELECT p.case_no FROM papers p INDEXED BY papers_changed JOIN cases c ON c.case_no=p.case_no WHERE p.about<>'' AND p.arrival>?"
        " AND p.arrival<=? AND p.author<>? AND c.origin=?3 ORDER BY p.arrival DESC LIMIT ?4"
    )
    return [row[0] for row in connection.execute(sql, (within.after, within.until, node, most)).fetchall()]


def messages(connection: sqlite3.Connection, code: str, within: Range, most: int = MANY) -> list[str]:
    """The cases about which messages came to an office, the newest first; a case stands once for each."""
    sql = (
        "SELECT n.case_no FROM notes n INDEXED BY notes_messages WHERE n.kind='message' AND n.arrival>? AND n.arrival<=?"
        " AND EXISTS (SELECT 1 FROM note_to t WHERE t.id=n.id AND t.code=?) ORDER BY n.arrival DESC LIMIT ?"
    )
    assert MESSAGE == "message"
    return [row[0] for row in connection.execute(sql, (within.after, within.until, code, most)).fetchall()]
