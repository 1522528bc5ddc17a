"""SQL of what was found about nodes: flags of the audit of legality (`marks`) and flaws of chains and links (`findings`), as one list."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from node.domain.flags import UNJUDGED

_ALL = f"""
SELECT m.at_ms AS at_ms, 'c' || lower(hex(m.hash)) || '.' || m.flag AS id, m.flag AS kind, m.author AS author, m.case_no AS case_no,
  coalesce(c.item_id, '') AS item_id, '' AS detail, m.hash AS evidence
FROM marks m LEFT JOIN cases c ON c.case_no = m.case_no WHERE m.flag <> '{UNJUDGED}'
UNION ALL SELECT at_ms, 'n' || printf('%015d', id), kind, author, '', '', detail, NULL FROM findings
"""


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


def page(
    connection: sqlite3.Connection, authors: Sequence[bytes] | None, before: tuple[int, str], limit: int
) -> tuple[list[Found], int]:
    """(the next findings before a (time, id), newest first; how many there are). `authors` None: everybody's."""
    where, values = "1", {}
    if authors is not None:
        values = {f"a{n}": author for n, author in enumerate(authors)}
        where = f"author IN ({', '.join(':' + name for name in values)})"
    total = connection.execute(f"SELECT count(*) FROM ({_ALL}) WHERE {where}", values).fetchone()[0]
    rows = connection.execute(
        f"SELECT * FROM ({_ALL}) WHERE {where} AND (at_ms, id) < (:at, :id) ORDER BY at_ms DESC, id DESC LIMIT :limit",
        {**values, "at": before[0], "id": before[1], "limit": limit},
    )
    return [Found(*row) for row in rows], int(total)


def by_author(connection: sqlite3.Connection) -> Counter[bytes | None]:
    """Node id (None: nobody's) -> how many."""
    return Counter(dict(connection.execute(f"SELECT author, count(*) FROM ({_ALL}) GROUP BY author").fetchall()))
