"""SQL of what was found about nodes: flags of the audit of legality (`marks`) and flaws of chains and links (`findings`), as one list."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from node.domain.supervision.judging import CONFIRMED, SUSPECTED
from node.domain.words.flags import UNJUDGED, WATCH_LIST, finding_id

_ALL = f"""
SELECT m.at_ms AS at_ms, 'c' || lower(hex(m.hash)) || '.' || m.flag AS id, m.flag AS kind, m.author AS author, m.case_no AS case_no,
  coalesce(c.item_id, '') AS item_id, '' AS detail, m.hash AS evidence, coalesce(j.state, '{SUSPECTED}') AS state
FROM (SELECT hash, flag, author, at_ms, case_no FROM marks UNION ALL SELECT hash, flag, author, at_ms, case_no FROM suspected) m
LEFT JOIN cases c ON c.case_no = m.case_no LEFT JOIN judged j ON j.event = m.hash AND j.flag = m.flag WHERE m.flag <> '{UNJUDGED}'
  AND NOT EXISTS (SELECT 1 FROM switched_off o WHERE o.flag = m.flag AND m.at_ms >= o.first_ms AND m.at_ms < o.end_ms)
UNION ALL SELECT at_ms, 'n' || printf('%015d', id), kind, author, '', '', detail, NULL, '{CONFIRMED}' FROM findings
"""

_WATCHED = ",".join(f"'{one}'" for one in sorted(WATCH_LIST))
_FOUND = f"SELECT * FROM ({_ALL}) WHERE kind NOT IN ({_WATCHED})"  # without the watch list

LAST = (2**62, "")  # a place after the newest


@dataclass(frozen=True, slots=True)
class Found:
    """One finding. `kind` is a flag (with a case) or what is wrong with a chain or a line (with a technical `detail`)."""

    at_ms: int
    id: str
    kind: str
    author: bytes | None
    case_no: str
    item_id: str
    detail: str
    evidence: bytes | None
    state: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings: these flags of cases, and of chains and lines all (or those of one `kind`) or none."""

    flags: tuple[str, ...]
    chains: bool = True
    kind: str = ""
    state: str = ""


def page(
    connection: sqlite3.Connection,
    authors: Sequence[bytes] | None,
    before: tuple[int, str],
    limit: int,
    wanted: Wanted | None = None,
) -> tuple[list[Found], int]:
    """(the next findings before a (time, id), newest first; how many there are). `authors` None: everybody's."""
    where, values = "1", dict[str, object]()
    if authors is not None:
        values = {f"a{n}": author for n, author in enumerate(authors)}
        where = f"author IN ({', '.join(':' + name for name in values)})"
    if wanted is not None:
        flags = {f"f{n}": flag for n, flag in enumerate(wanted.flags)}
        chains = ("case_no = ''" + (" AND kind = :kind" if wanted.kind else "")) if wanted.chains else "0"
        where += f" AND ((case_no <> '' AND kind IN ({', '.join(':' + name for name in flags)})) OR ({chains}))"
        where += " AND state = :state" if wanted.state else ""
        values |= {**flags, "kind": wanted.kind, "state": wanted.state}
    total = connection.execute(f"SELECT count(*) FROM ({_ALL}) WHERE {where}", values).fetchone()[0]
    rows = connection.execute(
        f"SELECT * FROM ({_ALL}) WHERE {where} AND (at_ms, id) < (:at, :id) ORDER BY at_ms DESC, id DESC LIMIT :limit",
        {**values, "at": before[0], "id": before[1], "limit": limit},
    )
    return [Found(*row) for row in rows], int(total)


def one(connection: sqlite3.Connection, id: str) -> Found | None:
    """The finding of a case with this id (`flags.finding_id`); None when none has it."""
    rows = connection.execute(
        "SELECT hash, flag FROM marks WHERE flag <> ? UNION ALL SELECT hash, flag FROM suspected", (UNJUDGED,)
    )
    mark = next((row for row in rows if finding_id(*row) == id), None)
    if mark is None:
        return None
    row = connection.execute(f"SELECT * FROM ({_ALL}) WHERE evidence=? AND kind=?", mark).fetchone()
    return Found(*row) if row is not None else None


def confirmed_of(connection: sqlite3.Connection, case_no: str) -> list[tuple[Found, int, bytes]]:
    """(finding, when it was confirmed in ms, the note that says so) of a case, the earliest first."""
    rows = connection.execute(
        f"SELECT a.*, j.at_ms, j.note FROM ({_ALL}) a JOIN judged j ON j.event = a.evidence AND j.flag = a.kind"
        " WHERE a.case_no = ? AND a.state = ? ORDER BY a.at_ms, a.id",
        (case_no, CONFIRMED),
    ).fetchall()
    return [(Found(*row[:-2]), row[-2], row[-1]) for row in rows]


def without_heir(connection: sqlite3.Connection, limit: int) -> list[tuple[str, int]]:
    """(case number, since when in ms) of the cases that a revocation left without anybody to go to, the newest first."""
    return connection.execute(
        "SELECT detail, at_ms FROM findings WHERE kind='custody_without_heir' ORDER BY at_ms DESC, id DESC LIMIT ?", (limit,)
    ).fetchall()


def latest(connection: sqlite3.Connection, limit: int) -> list[Found]:
    """The newest of all."""
    return [Found(*row) for row in connection.execute(f"{_FOUND} ORDER BY at_ms DESC, id DESC LIMIT ?", (limit,))]


def by_kind(connection: sqlite3.Connection) -> dict[str, int]:
    """Kind -> how many, most first."""
    return dict(connection.execute(f"SELECT kind, count(*) FROM ({_FOUND}) GROUP BY kind ORDER BY 2 DESC, 1").fetchall())


def by_kind_of(connection: sqlite3.Connection) -> dict[tuple[str, bool], int]:
    """(kind, whether of a case) -> how many."""
    rows = connection.execute(f"SELECT kind, case_no <> '', count(*) FROM ({_ALL}) GROUP BY 1, 2")
    return {(kind, bool(of_case)): count for kind, of_case, count in rows}


def by_author(connection: sqlite3.Connection) -> Counter[bytes | None]:
    """Node id (None: nobody's) -> how many, without the watch list."""
    return Counter(dict(connection.execute(f"SELECT author, count(*) FROM ({_FOUND}) GROUP BY author").fetchall()))
