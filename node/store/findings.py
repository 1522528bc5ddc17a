"""SQL of what was found about nodes: flags of the audit of legality (`marks`) and flaws of chains and links (`findings`), as one list."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from node.domain.words.flags import UNJUDGED

_ALL = f"""
SELECT m.at_ms AS at_ms, 'c' || lower(hex(m.hash)) || '.' || m.flag AS id, m.flag AS kind, m.author AS author, m.case_no AS case_no,
  coalesce(c.item_id, '') AS item_id, '' AS detail, m.hash AS evidence
FROM marks m LEFT JOIN cases c ON c.case_no = m.case_no WHERE m.flag <> '{UNJUDGED}'
UNION ALL SELECT at_ms, 'n' || printf('%015d', id), kind, author, '', '', detail, NULL FROM findings
"""

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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings: these flags of cases, and of chains and lines all (or those of one `kind`) or none."""

    flags: tuple[str, ...]
    chains: bool = True
    kind: str = ""


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
        values |= {**flags, "kind": wanted.kind}
    total = connection.execute(f"SELECT count(*) FROM ({_ALL}) WHERE {where}", values).fetchone()[0]
    rows = connection.execute(
        f"SELECT * FROM ({_ALL}) WHERE {where} AND (at_ms, id) < (:at, :id) ORDER BY at_ms DESC, id DESC LIMIT :limit",
        {**values, "at": before[0], "id": before[1], "limit": limit},
    )
    return [Found(*row) for row in rows], int(total)


def without_heir(connection: sqlite3.Connection, limit: int) -> list[tuple[str, int]]:
    """(case number, since when in ms) of the cases that a revocation left without anybody to go to, the newest first."""
    return connection.execute(
        "SELECT detail, at_ms FROM findings WHERE kind='custody_without_heir' ORDER BY at_ms DESC, id DESC LIMIT ?", (limit,)
    ).fetchall()


def latest(connection: sqlite3.Connection, limit: int) -> list[Found]:
    """The newest of all."""
    return page(connection, None, LAST, limit)[0]


def by_kind(connection: sqlite3.Connection) -> dict[str, int]:
    """Kind -> how many, most first."""
    return dict(connection.execute(f"SELECT kind, count(*) FROM ({_ALL}) GROUP BY kind ORDER BY 2 DESC, 1").fetchall())


def by_author(connection: sqlite3.Connection) -> Counter[bytes | None]:
    """Node id (None: nobody's) -> how many."""
    return Counter(dict(connection.execute(f"SELECT author, count(*) FROM ({_ALL}) GROUP BY author").fetchall()))
