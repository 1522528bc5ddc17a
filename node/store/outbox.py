"""SQL of the outbox: what residents are to be told, and whether it went out.

A row is one event of one case for one recipient (`projected/outbox.py` writes it with the entry); the channel is chosen when it is
sent. Local to the node and never made anew: what went out is in no entry. Before a message is handed over its rows are marked, so
what a crash leaves marked may have been sent: it reads unknown, and only a person sends it again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

TABLES = """
CREATE TABLE notices(
  id INTEGER PRIMARY KEY AUTOINCREMENT, case_no TEXT NOT NULL,
  mark TEXT NOT NULL,              -- the entry (hex) or the due day that is told
  event TEXT NOT NULL, recipient TEXT NOT NULL,
  channel TEXT NOT NULL,           -- '' until it is chosen
  state TEXT NOT NULL, since INTEGER NOT NULL, not_before INTEGER NOT NULL, at INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '',
  message INTEGER NOT NULL DEFAULT 0,  -- the row under whose id it went out; several may go in one message
  UNIQUE(case_no, mark, recipient, channel));
CREATE INDEX notices_open ON notices(not_before) WHERE state='waiting' AND channel<>'screen';
CREATE INDEX notices_sent ON notices(at) WHERE message<>0;
CREATE INDEX notices_state ON notices(state, id);
CREATE INDEX notices_told ON notices(id) WHERE state='waiting' AND channel='screen';
CREATE TABLE notice_contacts(case_no TEXT PRIMARY KEY, phone TEXT NOT NULL, email TEXT NOT NULL, whose TEXT NOT NULL, off INTEGER NOT NULL,
  staff_id TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE notice_off(number TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
"""
WAITING, HANDING, SENT, UNKNOWN, FAILED, DROPPED = "waiting", "handing", "sent", "unknown", "failed", "dropped"
TO_TELL = "to_tell"  # of what waits, as `counts` and `page` name it: what waits for a person
SCREEN = "screen"  # told by a person: it stands on the list of who is to be told face to face
# as the partial indexes say it, which are named because the planner takes `notices_state` for both
_OPEN, _BY_OPEN = "state='waiting' AND channel<>'screen'", "INDEXED BY notices_open"
_TO_TELL, _BY_TOLD = "state='waiting' AND channel='screen'", "INDEXED BY notices_told"
_COLUMNS = "id, case_no, mark, event, recipient, channel, state, since, not_before, at, tries, error, message"


@dataclass(frozen=True, slots=True)
class Notice:
    """One row; times in ms."""

    id: int
    case_no: str
    mark: str
    event: str
    recipient: str
    channel: str
    state: str
    since: int
    not_before: int
    at: int
    tries: int
    error: str
    message: int

    @property
    def is_entry(self) -> bool:
        """Whether it tells of an entry, and not of a day to come."""
        return ":" not in self.mark


@dataclass(frozen=True, slots=True)
class Contact:
    """Where the applicant of a case is told, as somebody recorded it; `whose` own, relative or agent. `off`: he wants none."""

    phone: str = ""
    email: str = ""
    whose: str = "own"
    off: bool = False


def add(
    connection: sqlite3.Connection, row: tuple[str, str, str, str, str], state: str, since: int, not_before: int, error: str = ""
) -> None:
    """(case, mark, event, recipient, channel); one that stands there already, on whatever channel, stays as it is."""
    connection.execute(
        "INSERT INTO notices(case_no, mark, event, recipient, channel, state, since, not_before, at, error) SELECT ?,?,?,?,?,?,?,?,?,?"
        " WHERE NOT EXISTS (SELECT 1 FROM notices WHERE case_no=?1 AND mark=?2 AND recipient=?4)",
        (*row, state, since, not_before, since, error),
    )


def marks_of(connection: sqlite3.Connection, case_no: str) -> frozenset[str]:
    return frozenset(row[0] for row in connection.execute("SELECT mark FROM notices WHERE case_no=?", (case_no,)).fetchall())


def due(connection: sqlite3.Connection, now: int, most: int) -> list[Notice]:
    """What waits and may go out now, the oldest first."""
    return _rows(connection, f"{_OPEN} AND not_before<=? ORDER BY not_before, id LIMIT ?", (now, most), _BY_OPEN)


def get(connection: sqlite3.Connection, id: int) -> Notice | None:
    return next(iter(_rows(connection, "id=?", (id,))), None)


def of_case(connection: sqlite3.Connection, case_no: str) -> list[Notice]:
    return _rows(connection, "case_no=? ORDER BY id", (case_no,))


def last_to(connection: sqlite3.Connection, recipient: str) -> Notice | None:
    """The newest row for somebody on the staff."""
    return next(iter(_rows(connection, "recipient=? AND case_no='' ORDER BY id DESC LIMIT 1", (recipient,))), None)


def page(connection: sqlite3.Connection, before: int = 0, most: int = 200, state: str = "") -> list[Notice]:
    """The newest rows below an id (0: all), of one of the states of `counts`."""
    where, values = (
        {"waiting": _OPEN, TO_TELL: _TO_TELL, "": "1"}.get(state, "state=?"),
        [] if state in ("waiting", TO_TELL, "") else [state],
    )
    return _rows(connection, f"{where} AND id<? ORDER BY id DESC LIMIT ?", (*values, before or 1 << 62, most))


def told_in_person(connection: sqlite3.Connection, most: int) -> list[Notice]:
    """Who is to be told face to face, the oldest first."""
    return _rows(connection, f"{_TO_TELL} ORDER BY id LIMIT ?", (most,), _BY_TOLD)


def count_to_tell(connection: sqlite3.Connection) -> int:
    """How many rows somebody is to be told face to face."""
    return int(connection.execute(f"SELECT count(*) FROM notices {_BY_TOLD} WHERE {_TO_TELL}").fetchone()[0])


def of_screen(connection: sqlite3.Connection, case_no: str) -> list[Notice]:
    return _rows(connection, "case_no=? AND +state='waiting' AND channel='screen'", (case_no,))


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows of each state; what waits for a person stands as TO_TELL."""
    found: dict[str, int] = dict(connection.execute("SELECT state, count(*) FROM notices GROUP BY state").fetchall())
    if told := count_to_tell(connection):
        found |= {WAITING: found[WAITING] - told, TO_TELL: told}
    return found


def sent_since(connection: sqlite3.Connection, since: int) -> int:
    """How many messages were handed over since a moment."""
    sql = "SELECT count(DISTINCT message) FROM notices INDEXED BY notices_sent WHERE message<>0 AND at>=? AND state IN ('sent', 'unknown', 'handing')"
    return int(connection.execute(sql, (since,)).fetchone()[0])


def oldest_open(connection: sqlite3.Connection) -> int:
    """Since when the oldest message is due (ms); 0 when none waits."""
    row = connection.execute(f"SELECT min(not_before) FROM notices {_BY_OPEN} WHERE {_OPEN}").fetchone()
    return int(row[0] or 0)


# what becomes of it ------------------------------------------------------------------------------------------------------


def settle(connection: sqlite3.Connection, ids: Iterable[int], state: str, at: int, error: str = "") -> None:
    connection.executemany("UPDATE notices SET state=?, at=?, error=? WHERE id=?", [(state, at, error, id) for id in ids])


def put_off(connection: sqlite3.Connection, ids: Iterable[int], until: int, error: str) -> None:
    connection.executemany("UPDATE notices SET not_before=?, error=? WHERE id=?", [(until, error, id) for id in ids])


def mark_handing(connection: sqlite3.Connection, ids: Sequence[int], channel: str, message: int, at: int) -> bool:
    """The intent, before the hand-over; False when one of them waits no more."""
    marks = ",".join("?" * len(ids))
    found = connection.execute(f"SELECT count(*) FROM notices WHERE id IN ({marks}) AND state='waiting'", tuple(ids)).fetchone()[
        0
    ]
    if found != len(ids):
        return False
    connection.executemany(
        "UPDATE notices SET state='handing', channel=?, message=?, at=?, error='' WHERE id=?",
        [(channel, message, at, id) for id in ids],
    )
    return True


def tried(connection: sqlite3.Connection, ids: Iterable[int], count: int) -> None:
    connection.executemany("UPDATE notices SET tries=tries+? WHERE id=?", [(count, id) for id in ids])


def by_hand(connection: sqlite3.Connection, told: Notice, at: int) -> None:
    """The same once more, for the list of who is to be told face to face."""
    connection.execute(
        "INSERT OR IGNORE INTO notices(case_no, mark, event, recipient, channel, state, since, not_before, at)"
        " VALUES(?,?,?,?,'screen','waiting',?,?,?)",
        (told.case_no, told.mark, told.event, told.recipient, told.since, at, at),
    )


def try_now(connection: sqlite3.Connection, now: int) -> int:
    """What was put off because of a gateway is due at once; how many rows."""
    sql = f"UPDATE notices {_BY_OPEN} SET not_before=? WHERE {_OPEN} AND error NOT IN ('', 'daily_cap', 'doubted')"
    return connection.execute(sql, (now,)).rowcount


def handing(connection: sqlite3.Connection) -> list[int]:
    """What is marked and not settled."""
    return [row[0] for row in connection.execute("SELECT id FROM notices WHERE state='handing' ORDER BY id").fetchall()]


def interrupted(connection: sqlite3.Connection, again: Sequence[str], at: int) -> int:
    """What an earlier process left marked: unknown, or waiting again at channels that send one id once. Answers how many."""
    marks = ",".join("?" * len(again))
    connection.execute(f"UPDATE notices SET state='waiting' WHERE state='handing' AND channel IN ({marks})", tuple(again))
    sql = "UPDATE notices SET state='unknown', error='interrupted', at=? WHERE state='handing'"
    return connection.execute(sql, (at,)).rowcount


def came_back(connection: sqlite3.Connection, at: int) -> None:
    """This store is an earlier one: what it would send may have been sent since."""
    connection.execute("UPDATE notices SET state='unknown', error='restored', at=? WHERE state IN ('waiting', 'handing')", (at,))


# where people are told ---------------------------------------------------------------------------------------------------


def contact(connection: sqlite3.Connection, case_no: str) -> Contact | None:
    row = connection.execute("SELECT phone, email, whose, off FROM notice_contacts WHERE case_no=?", (case_no,)).fetchone()
    return Contact(row[0], row[1], row[2], bool(row[3])) if row else None


def put_contact(connection: sqlite3.Connection, case_no: str, one: Contact, staff_id: str, at: int) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO notice_contacts VALUES(?,?,?,?,?,?,?)",
        (case_no, one.phone, one.email, one.whose, int(one.off), staff_id, at),
    )


def is_off(connection: sqlite3.Connection, number: str) -> bool:
    return connection.execute("SELECT 1 FROM notice_off WHERE number=?", (number,)).fetchone() is not None


def turn_off(connection: sqlite3.Connection, number: str, at: int) -> None:
    connection.execute("INSERT OR REPLACE INTO notice_off VALUES(?,?)", (number, at))


def turn_on(connection: sqlite3.Connection, number: str) -> None:
    connection.execute("DELETE FROM notice_off WHERE number=?", (number,))


def due_on(connection: sqlite3.Connection, day: str) -> list[str]:
    """Open cases whose next deadline is this day (ISO)."""
    sql = "SELECT case_no FROM cases WHERE due=? AND accepted_at>0 AND decided_at=0 ORDER BY case_no"
    return [row[0] for row in connection.execute(sql, (day,)).fetchall()]


def _rows(connection: sqlite3.Connection, where: str, values: tuple[object, ...], index: str = "") -> list[Notice]:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM notices {index} WHERE {where}", values).fetchall()
    return [Notice(*row) for row in rows]
