"""Whose case it is: findable by name, number and telephone where the body of the filing is held. Never made from what a header says.

What is looked for stands here in its folded form (`domain.folded`); the name beside it is as typed. `name_keys` has every end of a
name, so that any part of it is the beginning of a row, and how a Chinese name is read; a look-up is one walk of its key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from node.domain import folded, pinyin
from node.domain.cases.bodies import read_body
from node.store.maintenance import Compared
from node.store.projected.base import Projection

if TYPE_CHECKING:
    from node.store.turn import Turn

_SLICE = 400  # bodies read at once
ENDS = 16  # of a name


class People(Projection):
    """The body may come long after its entry, so a row is written when it is here (`note_person`), not with the entry.

    How a name is read is not compared: the readings are those of a library, which may be another one after an upgrade."""

    NAME = "people"
    VERSION = 2
    TABLES = """
CREATE TABLE people(case_no TEXT PRIMARY KEY, name TEXT NOT NULL, id_key TEXT NOT NULL, phone_key TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX people_id ON people(id_key) WHERE id_key<>'';
CREATE INDEX people_phone ON people(phone_key) WHERE phone_key<>'';
CREATE TABLE name_keys(key TEXT, case_no TEXT, is_read INTEGER NOT NULL, PRIMARY KEY(key, case_no)) WITHOUT ROWID;
"""
    LATE = ("people_id", "people_phone")
    COMPARED = {
        "people": Compared("case_no, name, id_key, phone_key", more_is_fine=True),
        "name_keys": Compared("key, case_no", "is_read=0", more_is_fine=True),
    }

    def finish(self, tx: Turn, first_bodies: Mapping[str, bytes]) -> None:
        pairs = sorted(first_bodies.items())
        for at in range(0, len(pairs), _SLICE):
            found = tx.objects.of_cases(pairs[at : at + _SLICE])
            rows = [(case_no, *_who(read_body(body).get("application", {}))) for case_no, body in found]
            tx.connection.executemany(_WRITE, rows)
            tx.connection.executemany(_WRITE_KEY, sorted(row for case_no, name, *_ in rows for row in _keys(case_no, name)))


_WRITE = "INSERT OR REPLACE INTO people VALUES(?,?,?,?)"
_WRITE_KEY = "INSERT OR REPLACE INTO name_keys VALUES(?,?,?)"


def note_person(tx: Turn, case_no: str, body: bytes | None) -> None:
    """Make a case findable where its filing body is held (bytes of the body)."""
    if body is not None:
        note_applicant(tx, case_no, read_body(body).get("application", {}))


def note_applicant(tx: Turn, case_no: str, application: Mapping[str, Any]) -> None:
    """The same, with the application at hand."""
    row = case_no, *_who(application)
    if not tx.connection.execute("INSERT OR IGNORE INTO people VALUES(?,?,?,?)", row).rowcount:
        before = tx.connection.execute("SELECT name FROM people WHERE case_no=?", (case_no,)).fetchone()[0]
        if before != row[1]:
            tx.connection.executemany(
                "DELETE FROM name_keys WHERE key=? AND case_no=?", [key[:2] for key in _keys(case_no, before)]
            )
        tx.connection.execute(_WRITE, row)
    tx.connection.executemany(_WRITE_KEY, list(_keys(case_no, row[1])))


def _who(application: Mapping[str, Any]) -> tuple[str, str, str]:
    applicant = application.get("applicant") or {}
    number, phone = (str(applicant.get(name) or "") for name in ("id_number", "phone"))
    return str(applicant.get("name", "")), folded.key(number), folded.phone_key(phone)


def _keys(case_no: str, name: str) -> Iterator[tuple[str, str, int]]:
    """What a name is found by: every end of it, and how it is read."""
    key = folded.key(name)
    ends = dict.fromkeys(key[at:] for at in range(min(len(key), ENDS)))
    yield from ((end, case_no, 0) for end in ends)
    yield from ((one, case_no, 1) for one in pinyin.of_name(key) if one not in ends)
