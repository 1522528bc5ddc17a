"""SQL of what was found about nodes, as one list: flags of the audit of legality (`marks`) and of whole cases (`suspected`), what items and
units do not disclose (`disclosed`), flaws of chains and links (`findings`)."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from node.domain.supervision.judging import CONFIRMED, SUSPECTED
from node.domain.words.flags import APART, UNJUDGED

OF_CASE, OF_CHAIN, OF_ITEM, OF_UNIT = "case", "chain", "item", "unit"  # what a finding is about


def _of_cases(where: str = "") -> str:
    """Flags of entries of cases. `where`: which of `marks` and of `suspected`, said before they are put together."""
    found = " UNION ALL ".join(
        f"SELECT hash, flag, author, at_ms, case_no FROM {table} {where}" for table in ("marks", "suspected")
    )
    return f"""
SELECT m.at_ms AS at_ms, 'c' || lower(hex(m.hash)) || '.' || m.flag AS id, m.flag AS kind, m.author AS author, m.case_no AS case_no,
  coalesce(c.item_id, '') AS item_id, '' AS detail, m.hash AS evidence, coalesce(j.state, '{SUSPECTED}') AS state, '{OF_CASE}' AS about,
  m.hash AS entry
FROM ({found}) m
LEFT JOIN cases c ON c.case_no = m.case_no LEFT JOIN judged j ON j.event = m.hash AND j.flag = m.flag WHERE m.flag <> '{UNJUDGED}'
  AND NOT EXISTS (SELECT 1 FROM switched_off o WHERE o.flag = m.flag AND m.at_ms >= o.first_ms AND m.at_ms < o.end_ms)"""


def _of_no_case(where: str = "") -> str:
    """Of items and units; a rule that is switched off finds none."""
    return f"""
SELECT d.at_ms, 'd' || lower(hex(d.subject)) || '.' || d.flag, d.flag, d.author, '', d.item_id, d.detail, d.subject,
  coalesce(j.state, '{SUSPECTED}'), CASE d.item_id WHEN '' THEN '{OF_UNIT}' ELSE '{OF_ITEM}' END, d.entry
FROM disclosed d LEFT JOIN judged j ON j.event = d.subject AND j.flag = d.flag {where}"""


_ALL = f"""{_of_cases()} UNION ALL {_of_no_case()}
UNION ALL SELECT at_ms, 'n' || printf('%015d', id), kind, author, '', '', detail, NULL, '{CONFIRMED}', '{OF_CHAIN}', NULL FROM findings
"""

_APART = ",".join(f"'{one}'" for one in sorted(APART))
_FOUND = f"SELECT * FROM ({_ALL}) WHERE kind NOT IN ({_APART})"  # without the lists of their own

LAST = (2**62, "")  # a place after the newest


@dataclass(frozen=True, slots=True)
class Found:
    """One finding. `kind` is a flag or what is wrong with a chain or a line (with a technical `detail`). `evidence`: what a judgement names;
    `about` what it is about (OF_CASE, ...); `entry` the hash of the entry that shows it."""

    at_ms: int
    id: str
    kind: str
    author: bytes | None
    case_no: str
    item_id: str
    detail: str
    evidence: bytes | None
    state: str
    about: str
    entry: bytes | None

    @property
    def flagged(self) -> bool:
        """Whether its kind is a flag."""
        return self.about != OF_CHAIN


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which findings: these flags, and of chains and lines all (or those of one `kind`) or none."""

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
        chains = (f"about = '{OF_CHAIN}'" + (" AND kind = :kind" if wanted.kind else "")) if wanted.chains else "0"
        where += f" AND ((about <> '{OF_CHAIN}' AND kind IN ({', '.join(':' + name for name in flags)})) OR ({chains}))"
        where += " AND state = :state" if wanted.state else ""
        values |= {**flags, "kind": wanted.kind, "state": wanted.state}
    total = connection.execute(f"SELECT count(*) FROM ({_ALL}) WHERE {where}", values).fetchone()[0]
    rows = connection.execute(
        f"SELECT * FROM ({_ALL}) WHERE {where} AND (at_ms, id) < (:at, :id) ORDER BY at_ms DESC, id DESC LIMIT :limit",
        {**values, "at": before[0], "id": before[1], "limit": limit},
    )
    return [Found(*row) for row in rows], int(total)


def judgement(connection: sqlite3.Connection, found: Found) -> tuple[str, int, bytes, bytes | None] | None:
    """(state, when, by which node, hash of its words) that a supervisor said last; None where nobody did."""
    sql = (
        "SELECT j.state, j.at_ms, n.author, n.body_hash FROM judged j JOIN notes n ON n.id = j.note WHERE j.event=? AND j.flag=?"
    )
    row = connection.execute(sql, (found.evidence, found.kind)).fetchone()
    return (str(row[0]), int(row[1]), row[2], row[3]) if row else None


def one(connection: sqlite3.Connection, id: str) -> Found | None:
    """The finding of a case, an item or a unit with this id (`flags.finding_id`); None when none has it."""
    sql = f"{_of_cases('WHERE id=:id')} UNION ALL {_of_no_case('WHERE d.id=:id')}"
    row = connection.execute(sql, {"id": id}).fetchone()
    return Found(*row) if row is not None else None


def confirmed_of(connection: sqlite3.Connection, case_no: str) -> list[tuple[Found, int]]:
    """(finding, when it was confirmed in ms) of a case, the earliest first."""
    rows = connection.execute(
        f"SELECT a.*, j.at_ms FROM ({_of_cases('WHERE case_no=:case')}) a JOIN judged j ON j.event = a.evidence AND j.flag = a.kind"
        " WHERE a.state = :state ORDER BY a.at_ms, a.id",
        {"case": case_no, "state": CONFIRMED},
    ).fetchall()
    return [(Found(*row[:-1]), row[-1]) for row in rows]


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
    """(kind, whether that is a flag) -> how many."""
    rows = connection.execute(f"SELECT kind, about <> '{OF_CHAIN}', count(*) FROM ({_ALL}) GROUP BY 1, 2")
    return {(kind, bool(flagged)): count for kind, flagged, count in rows}


def by_author(connection: sqlite3.Connection) -> Counter[bytes | None]:
    """Node id (None: nobody's) -> how many, without the lists of their own."""
    return Counter(dict(connection.execute(f"SELECT author, count(*) FROM ({_FOUND}) GROUP BY author").fetchall()))
