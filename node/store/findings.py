"""SQL of what was found about nodes, as one list: flags of the audit of legality (`marks`) and of whole cases (`suspected`), what items and
units do not disclose (`disclosed`), flaws of chains and links (`findings`)."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from node.domain.supervision.judging import CONFIRMED, SUSPECTED
from node.domain.words.flags import APART, FLAGS, UNJUDGED, finding_id

OF_CASE, OF_CHAIN, OF_ITEM, OF_UNIT = "case", "chain", "item", "unit"  # what a finding is about
_TABLES = ("marks", "suspected")
# A rule that is switched off for a time finds nothing of it; usually none is, which is asked once.
_STANDS = f"""m.flag <> '{UNJUDGED}' AND (NOT EXISTS (SELECT 1 FROM switched_off)
  OR NOT EXISTS (SELECT 1 FROM switched_off o WHERE o.flag = m.flag AND m.at_ms >= o.first_ms AND m.at_ms < o.end_ms))"""


def _of_cases(table: str, where: str = "") -> str:
    """Flags of entries of cases, of `marks` or of `suspected`. `where`: which."""
    return f"""SELECT m.at_ms AS at_ms, 'c' || lower(hex(m.hash)) || '.' || m.flag AS id, m.flag AS kind, m.author AS author, m.case_no AS case_no,
  coalesce((SELECT c.item_id FROM cases c WHERE c.case_no = m.case_no), '') AS item_id, '' AS detail, m.hash AS evidence,
  coalesce(j.state, '{SUSPECTED}') AS state, '{OF_CASE}' AS about, m.hash AS entry
FROM {table} m LEFT JOIN judged j ON j.event = m.hash AND j.flag = m.flag WHERE {_STANDS}{where}"""


def _of_no_case(where: str = "") -> str:
    """Of items and units; a rule that is switched off finds none."""
    return f"""SELECT d.at_ms AS at_ms, 'd' || lower(hex(d.subject)) || '.' || d.flag AS id, d.flag AS kind, d.author AS author, '' AS case_no,
  d.item_id AS item_id, d.detail AS detail, d.subject AS evidence, coalesce(j.state, '{SUSPECTED}') AS state,
  CASE d.item_id WHEN '' THEN '{OF_UNIT}' ELSE '{OF_ITEM}' END AS about, d.entry AS entry
FROM disclosed d LEFT JOIN judged j ON j.event = d.subject AND j.flag = d.flag {where}"""


_OF_CHAINS = (
    "SELECT at_ms, 'n' || printf('%015d', id) AS id, kind, author, '' AS case_no, '' AS item_id, detail, NULL AS evidence,"
    f" '{CONFIRMED}' AS state, '{OF_CHAIN}' AS about, NULL AS entry FROM findings"
)
_EACH = (*map(_of_cases, _TABLES), _of_no_case(), _OF_CHAINS)
# The same with what is counted by, and how many; of cases as counted by the database, but where a rule is switched off for a time.
_OTHERS = (
    f"SELECT kind, author, about, 1 AS n FROM ({_of_no_case()})",
    f"SELECT kind, author, '{OF_CHAIN}' AS about, 1 AS n FROM findings",
)
_COUNTED = (
    *(f"SELECT flag AS kind, author, '{OF_CASE}' AS about, n FROM {table}_of WHERE flag <> '{UNJUDGED}'" for table in _TABLES), *_OTHERS,
)  # fmt: skip
_WALKED = (
    *(f"SELECT m.flag AS kind, m.author AS author, '{OF_CASE}' AS about, 1 AS n FROM {table} m WHERE {_STANDS}" for table in _TABLES), *_OTHERS,
)  # fmt: skip

_APART = ",".join(f"'{one}'" for one in sorted(APART))
_FOUND = f"kind NOT IN ({_APART})"  # without the lists of their own

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
    """Which findings: these flags, and of chains and lines all (or those of one `kind`) or none; of all items (None) or of some, with
    `other_items` of every item but these."""

    flags: tuple[str, ...]
    chains: bool = True
    kind: str = ""
    state: str = ""
    items: Sequence[str] | None = None
    other_items: bool = False


def page(
    connection: sqlite3.Connection,
    authors: Sequence[bytes] | None,
    before: tuple[int, str],
    limit: int,
    wanted: Wanted | None = None,
) -> tuple[list[Found], int]:
    """(the next findings before a (time, id), newest first; how many there are). `authors` None: everybody's."""
    where, values = _fits(authors, wanted)
    if wanted is not None and wanted.state == SUSPECTED and wanted.items is None:  # all but what was judged, which is little
        every, given = _fits(authors, replace(wanted, state=""))
        judged = tuple(_of_cases(table, " AND m.id IN (SELECT value FROM json_each(:judged))") for table in _TABLES)
        others = _of_no_case("WHERE d.id IN (SELECT value FROM json_each(:judged))")
        said = {**given, "judged": json.dumps(_judged(connection))}
        total = _number(connection, every, given) - _count(connection, (*judged, others), every, said)
    else:
        looked = wanted is not None and (wanted.state or wanted.items is not None)
        total = _count(connection, _EACH, where, values) if looked else _number(connection, where, values)
    place = {"at": before[0], "id": before[1]}
    return _newest(connection, f"{where} AND (at_ms, id) < (:at, :id)", {**values, **place}, limit), total


def _fits(authors: Sequence[bytes] | None, wanted: Wanted | None) -> tuple[str, dict[str, object]]:
    """The condition of a list, and its values."""
    where, values = "1", dict[str, object]()
    if authors is not None:
        values = {f"a{n}": author for n, author in enumerate(authors)}
        where = f"author IN ({', '.join(':' + name for name in values)})"
    if wanted is None:
        return where, values
    flags = {f"f{n}": flag for n, flag in enumerate(wanted.flags)}
    chains = (f"about = '{OF_CHAIN}'" + (" AND kind = :kind" if wanted.kind else "")) if wanted.chains else "0"
    where += f" AND ((about <> '{OF_CHAIN}' AND kind IN ({', '.join(':' + name for name in flags)})) OR ({chains}))"
    where += " AND state = :state" if wanted.state else ""
    if wanted.items is not None:
        where += f" AND item_id {'NOT ' if wanted.other_items else ''}IN (SELECT value FROM json_each(:items))"
        values["items"] = json.dumps(list(wanted.items))
    return where, {**values, **flags, "kind": wanted.kind, "state": wanted.state}


def _count(connection: sqlite3.Connection, sources: Sequence[str], where: str, values: Mapping[str, object]) -> int:
    return sum(connection.execute(f"SELECT count(*) FROM ({one}) WHERE {where}", values).fetchone()[0] for one in sources)


def _number(connection: sqlite3.Connection, where: str, values: Mapping[str, object]) -> int:
    """The same of all, as they are counted."""
    sources = (f"SELECT coalesce(sum(n), 0) FROM ({one}) WHERE {where}" for one in _counted(connection))
    return sum(connection.execute(sql, values).fetchone()[0] for sql in sources)


def _judged(connection: sqlite3.Connection) -> list[str]:
    """The ids of the findings of which somebody said something."""
    rows = connection.execute("SELECT event, flag FROM judged WHERE state<>?", (SUSPECTED,))
    return [finding_id(event, flag) for event, flag in rows]


def _newest(connection: sqlite3.Connection, where: str, values: Mapping[str, object], limit: int) -> list[Found]:
    """The newest first: of each source as many, walked by its time, for SQLite puts the whole in order before it stops."""
    found = list[Found]()
    for source in _EACH:
        sql = f"SELECT * FROM ({source}) WHERE {where} ORDER BY at_ms DESC, id DESC LIMIT :limit"
        found += (Found(*row) for row in connection.execute(sql, {**values, "limit": limit}))
    return sorted(found, key=lambda one: (one.at_ms, one.id), reverse=True)[:limit]


def judgement(connection: sqlite3.Connection, found: Found) -> tuple[str, int, bytes, bytes | None] | None:
    """(state, when, by which node, hash of its words) that a supervisor said last; None where nobody did."""
    sql = (
        "SELECT j.state, j.at_ms, n.author, n.body_hash FROM judged j JOIN notes n ON n.id = j.note WHERE j.event=? AND j.flag=?"
    )
    row = connection.execute(sql, (found.evidence, found.kind)).fetchone()
    return (str(row[0]), int(row[1]), row[2], row[3]) if row else None


def one(connection: sqlite3.Connection, id: str) -> Found | None:
    """The finding of a case, an item or a unit with this id (`flags.finding_id`); None when none has it."""
    sql = " UNION ALL ".join((*(_of_cases(table, " AND m.id=:id") for table in _TABLES), _of_no_case("WHERE d.id=:id")))
    row = connection.execute(sql, {"id": id}).fetchone()
    return Found(*row) if row is not None else None


def confirmed_of(connection: sqlite3.Connection, case_no: str) -> list[tuple[Found, int]]:
    """(finding, when it was confirmed in ms) of a case, the earliest first."""
    of_case = " UNION ALL ".join(_of_cases(table, " AND m.case_no=:case") for table in _TABLES)
    rows = connection.execute(
        f"SELECT a.*, j.at_ms FROM ({of_case}) a JOIN judged j ON j.event = a.evidence AND j.flag = a.kind"
        " WHERE a.state = :state ORDER BY a.at_ms, a.id",
        {"case": case_no, "state": CONFIRMED},
    ).fetchall()
    return [(Found(*row[:-1]), row[-1]) for row in rows]


def uncarded(connection: sqlite3.Connection) -> list[tuple[bytes, str, str, str, int, int]]:
    """(what it is about, flag, unit, item, since when, when confirmed: ms) of the confirmed findings of items and units of which no card was
    served. Who confirmed with a program that gave none says no "since when": nothing follows from that later."""
    sql = (
        "SELECT j.event, j.flag, j.unit, j.item_id, j.found_ms, j.at_ms FROM judged j WHERE j.state='confirmed' AND j.found_ms>0"
        " AND NOT EXISTS (SELECT 1 FROM served v WHERE v.anchor=j.event AND v.flag=j.flag AND v.flag<>'' AND v.rightly) ORDER BY j.at_ms, j.event"
    )
    return connection.execute(sql).fetchall()


def confirmation(connection: sqlite3.Connection, about: bytes, rule: str) -> tuple[bytes, bytes] | None:
    """(note, author) by which a finding under a rule was confirmed; None where nobody did."""
    flags = [code for code, flag in FLAGS.items() if flag.rule == rule]
    sql = (
        "SELECT j.note, n.author FROM judged j JOIN notes n ON n.id=j.note WHERE j.event=? AND j.state='confirmed'"
        f" AND j.flag IN ({','.join('?' * len(flags))})"
    )
    row = connection.execute(sql, (about, *flags)).fetchone()
    return (row[0], row[1]) if row else None


def without_heir(connection: sqlite3.Connection, limit: int) -> list[tuple[str, int]]:
    """(case number, since when in ms) of the cases that a revocation left without anybody to go to, the newest first."""
    return connection.execute(
        "SELECT detail, at_ms FROM findings WHERE kind='custody_without_heir' ORDER BY at_ms DESC, id DESC LIMIT ?", (limit,)
    ).fetchall()


def latest(connection: sqlite3.Connection, limit: int) -> list[Found]:
    """The newest of all."""
    return _newest(connection, _FOUND, {}, limit)


def by_kind(connection: sqlite3.Connection) -> dict[str, int]:
    """Kind -> how many, most first."""
    found = _summed(connection, "kind", _FOUND)
    return dict(sorted(((kind, n) for (kind,), n in found.items()), key=lambda one: (-one[1], one[0])))


def by_kind_of(connection: sqlite3.Connection) -> dict[tuple[str, bool], int]:
    """(kind, whether that is a flag) -> how many."""
    return {(kind, bool(flagged)): n for (kind, flagged), n in _summed(connection, f"kind, about <> '{OF_CHAIN}'", "1").items()}


def by_author(connection: sqlite3.Connection) -> Counter[bytes | None]:
    """Node id (None: nobody's) -> how many, without the lists of their own."""
    return Counter({author: n for (author,), n in _summed(connection, "author", _FOUND).items()})


def _counted(connection: sqlite3.Connection) -> tuple[str, ...]:
    return _WALKED if connection.execute("SELECT 1 FROM switched_off LIMIT 1").fetchone() else _COUNTED


def _summed(connection: sqlite3.Connection, by: str, where: str) -> Counter[tuple[Any, ...]]:
    """How many by some columns."""
    count: Counter[tuple[Any, ...]] = Counter()
    for source in _counted(connection):
        for *key, n in connection.execute(f"SELECT {by}, sum(n) FROM ({source}) WHERE {where} GROUP BY {by}"):
            count[tuple(key)] += n
    return count
