"""SQL of the search for cases by what people know of them: the number in any spelling or its last part, the application's number, an
identity number, a telephone, any part of a name or its initials, an item.

Every way is one walk of an index, whatever the number of cases. What names one case or one person (a whole number) goes before what
many share: when it finds something, nothing else is looked for.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from node.domain import folded
from node.domain.case_number import spellings

FOUND = 200  # cases that one way of a search finds
END = "\U0010ffff"
PLAIN = "replace(case_no,'-','')"
TAIL = 5  # characters of a number without hyphens that are indexed: serial and check character
_NUMBER = re.compile(r"(?=.*[0-9])[0-9A-Z]{4,40}")
_PREFIX = re.compile(r"([0-9]{12})([0-9]{0,6})([0-9A-Z]*)")


@dataclass(frozen=True, slots=True)
class Way:
    """A query for case numbers and its values."""

    sql: str
    args: tuple[object, ...]


def whole(words: str) -> list[Way]:
    """The ways that name one case or one person."""
    typed, key, phone = folded.typed(words), folded.key(words), folded.phone_key(words)
    numbers = [str(one) for one in spellings(words)] or [typed.upper()]
    spelt = dict.fromkeys((typed, typed.upper(), typed.lower()))
    ways = [
        Way(f"SELECT case_no FROM cases WHERE case_no IN ({_marks(numbers)})", tuple(numbers)),
        Way(f"SELECT case_no FROM applications WHERE application_no IN ({_marks(spelt)})", tuple(spelt)),
    ]
    if len(key) >= 5:
        ways.append(Way("SELECT case_no FROM people WHERE id_key=? AND id_key<>''", (key,)))
    if len(phone) >= 7:
        ways.append(Way("SELECT case_no FROM people WHERE phone_key=? AND phone_key<>''", (phone,)))
    return ways


def shared(words: str, items: Sequence[str] = ()) -> list[Way]:
    """The ways that many cases may share: part of a name or of a number, initials, `items` that the words mean."""
    key, run = folded.key(words), folded.code(words)
    ways = []
    if key:
        ways.append(Way("SELECT case_no FROM name_keys WHERE key>=? AND key<?", (key, key + END)))
    if _NUMBER.fullmatch(run):
        ways += _parts(run)
    if items:
        ways.append(
            Way(f"SELECT case_no FROM cases WHERE item_id IN ({_marks(items)}) ORDER BY first_arrival DESC", tuple(items))
        )
    return ways


def _parts(run: str) -> list[Way]:
    """The beginning of a case number, and its last part: with its check character, or without it."""
    ways = []
    if begun := _PREFIX.fullmatch(run):
        start = "-".join(part for part in (begun[1], begun[2], begun[3][:3]) if part)
        args = (start, start + END, len(run), run)
        ways.append(Way(f"SELECT case_no FROM cases WHERE case_no>=? AND case_no<? AND substr({PLAIN},1,?)=?", args))
    elif run.isdigit() and len(run) >= 6:
        ways.append(Way("SELECT case_no FROM cases WHERE case_no>=? AND case_no<?", (run, run + END)))
    if len(run) >= TAIL:
        ways.append(_ending(f"substr({PLAIN},-{TAIL})=?", run[-TAIL:], PLAIN, run))
    serial = run[1 - TAIL :]
    ways.append(_ending(f"substr({PLAIN},-{TAIL}) BETWEEN ? AND ?||'Z'", serial, f"substr({PLAIN},1,length({PLAIN})-1)", run))
    return ways


def _ending(indexed: str, end: str, text: str, run: str) -> Way:
    args = (end,) * indexed.count("?")
    return Way(
        f"SELECT case_no FROM cases WHERE {indexed} AND substr({text},-?)=? ORDER BY first_arrival DESC", (*args, len(run), run)
    )


def numbers(connection: sqlite3.Connection, ways: Sequence[Way], most: int = FOUND) -> list[str]:
    """What the ways find, at most so many, in their order."""
    found: dict[str, None] = {}
    for way in ways:
        if len(found) < most:
            rows = connection.execute(f"{way.sql} LIMIT ?", (*way.args, most)).fetchall()
            found |= dict.fromkeys(row[0] for row in rows)
    return list(found)[:most]


def of_person(number: str) -> list[Way]:
    """The way to the cases of a person by his identity number in any spelling, the newest first; none for no number."""
    sql = "SELECT case_no FROM cases WHERE case_no IN (SELECT case_no FROM people WHERE id_key=? AND id_key<>'') ORDER BY first_arrival DESC"
    return [Way(sql, (key,))] if (key := folded.key(number)) else []


def cases_of(connection: sqlite3.Connection, number: str, most: int) -> list[str]:
    """Cases of a person, the newest first."""
    return numbers(connection, of_person(number), most)


def open_cases(connection: sqlite3.Connection, number: str, item_id: str, ended: Sequence[str], before: str = "") -> list[str]:
    """Cases of a person (identity number in any spelling) for an item that have not ended, the newest first; at most five.

    With `before`, a case number, those that came before that case. The person leads, not the item: + keeps its index out."""
    if not (key := folded.key(number)):
        return []
    rows = connection.execute(
        f"SELECT case_no FROM cases WHERE case_no IN (SELECT case_no FROM people WHERE id_key=? AND id_key<>'') AND +item_id=?"
        f" AND status NOT IN ({_marks(ended)})"
        " AND first_arrival < coalesce((SELECT first_arrival FROM cases WHERE case_no=?), 1 << 62) ORDER BY first_arrival DESC LIMIT 5",
        (key, item_id, *ended, before),
    )
    return [row[0] for row in rows]


def condition(connection: sqlite3.Connection, words: str, items: Sequence[str]) -> tuple[str, tuple[object, ...]]:
    """A condition on `c.case_no`, for a list that has pages of its own, and its values."""
    if found := numbers(connection, whole(words)):
        return f"c.case_no IN ({_marks(found)})", tuple(found)
    ways = shared(words, items)
    if not ways:
        return "0", ()
    parts = " UNION ".join(f"SELECT * FROM ({way.sql})" for way in ways)
    return f"c.case_no IN ({parts})", tuple(value for way in ways for value in way.args)


def _marks(values: Sequence[object] | dict[str, None]) -> str:
    return ",".join("?" * len(values))
