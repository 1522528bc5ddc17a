"""SQL of who was heard: what neighbours said of themselves, what we said, and what parents wrote of their children (`heard`).

`hearings` holds when a parent had an author's chain up to which entry, `heard_of` the latest word about each node, `statements` the last
words of our neighbours, `own_words` ours to our parent, `below` what runs below a child as that child tells.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from federation.ports import Below, HeadMark
from node.domain.calendar import DAY_MS
from node.store.standing import CaseEntry, Standing

SHOWN_MS = 6 * 3_600_000  # how long it can show to others that it spoke, counted from its last word
KEPT_MS = 40 * DAY_MS  # how long a node can prove that it spoke
SHOWN_LEAST, KEPT_LEAST = 72, 5760  # and at least so many words, whatever our parent's clock shows: one is said in ten minutes

TABLES = """
CREATE TABLE statements(peer INTEGER PRIMARY KEY, statement BLOB NOT NULL, signature BLOB NOT NULL, hash BLOB NOT NULL,
  epoch INTEGER NOT NULL, seq INTEGER NOT NULL, clock_ms INTEGER NOT NULL, after_ms INTEGER NOT NULL,
  arrival INTEGER NOT NULL  -- the last entry that was stored before it
);
CREATE TABLE own_words(hash BLOB PRIMARY KEY, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, after_ms INTEGER NOT NULL,
  taken_ms INTEGER NOT NULL DEFAULT 0,  -- when, by its signed word, our parent had it; 0: it did not say so
  said BLOB NOT NULL, answer BLOB NOT NULL DEFAULT x''  -- both with their signature; kept for hours
) WITHOUT ROWID;
CREATE TABLE disputes(word BLOB PRIMARY KEY, said BLOB NOT NULL, answer BLOB NOT NULL, told INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE INDEX own_words_after ON own_words(after_ms);
CREATE TABLE below(node BLOB PRIMARY KEY, via INTEGER NOT NULL, line TEXT NOT NULL, since INTEGER NOT NULL, catalog INTEGER NOT NULL,
  calendar INTEGER NOT NULL, rules INTEGER NOT NULL, software TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX down_arrival ON down(arrival);
"""


# The latest statement of each node above our parent, said to the next node below it (`listener`), as our parent shows it.
ABOVE = """
CREATE TABLE above(node BLOB PRIMARY KEY, listener BLOB NOT NULL, after_ms INTEGER NOT NULL, arrival INTEGER NOT NULL,
  proof BLOB NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A statement of a node above our parent to `listener`. `after_ms`: of the listener's clock; `arrival`: the last entry stored here before
    it was shown; `proof`: signature and statement."""

    listener: bytes
    after_ms: int
    arrival: int
    proof: bytes


@dataclass(frozen=True, slots=True)
class Statement:
    """The latest statement taken of a neighbour. `after_ms`: of our clock; `arrival`: the last entry stored before it."""

    hash: bytes
    position: tuple[int, int]
    clock_ms: int
    after_ms: int
    arrival: int


class HeardOf(NamedTuple):
    """The latest word of a parent about a child. `mark`: what it holds of it; `at_ms`: until when it heard it (0: never); `noted_ms`: when
    it wrote that; `whole`: up to where all is here too; `known_ms`: until when the child is therefore known here."""

    parent: bytes
    mark: tuple[int, int]
    at_ms: int
    noted_ms: int
    silent: bool
    whole: tuple[int, int]
    known_ms: int


# neighbours --------------------------------------------------------------------------------------------------------------


def statement_of(connection: sqlite3.Connection, peer: int) -> Statement | None:
    """What the neighbour with that row id said last."""
    row = connection.execute(
        "SELECT hash, epoch, seq, clock_ms, after_ms, arrival FROM statements WHERE peer=?", (peer,)
    ).fetchone()
    return Statement(row[0], (row[1], row[2]), row[3], row[4], row[5]) if row else None


def proof_of(connection: sqlite3.Connection, peer: int) -> bytes:
    """Signature and statement, as `heard` shows them to others; nothing when the neighbour never spoke."""
    row = connection.execute("SELECT signature, statement FROM statements WHERE peer=?", (peer,)).fetchone()
    return bytes(row[0] + row[1]) if row else b""


def has_come(connection: sqlite3.Connection, author: bytes, mark: tuple[int, int]) -> bool:
    """Whether an entry of an author at that position is here, good or not."""
    entry = "SELECT 1 FROM entries WHERE author=(SELECT id FROM authors WHERE node_id=?) AND epoch=? AND seq=?"
    kept = "SELECT 1 FROM evidence WHERE author=? AND epoch=? AND seq=?"
    return any(connection.execute(sql, (author, *mark)).fetchone() is not None for sql in (entry, kept))


def first_missing(
    connection: sqlite3.Connection, author: bytes, since: tuple[int, int], until: tuple[int, int]
) -> tuple[int, int] | None:
    """(the first number after a position that did not come, good or not, up to another; the next that came); None when all did. Across
    epochs: of the later one."""
    first = since[1] if since[0] == until[0] else 0
    rows = connection.execute(
        "SELECT seq FROM entries WHERE author=(SELECT id FROM authors WHERE node_id=?1) AND epoch=?2 AND seq>?3 AND seq<=?4"
        " UNION SELECT seq FROM evidence WHERE author=?1 AND epoch=?2 AND seq>?3 AND seq<=?4 ORDER BY 1",
        (author, until[0], first, until[1]),
    )
    for n, (seq,) in enumerate(rows, first + 1):
        if seq != n:
            return n, seq
    return None


def keep_statement(connection: sqlite3.Connection, peer: int, said: Statement, statement: bytes, signature: bytes) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO statements VALUES(?,?,?,?,?,?,?,?,?)",
        (peer, statement, signature, said.hash, *said.position, said.clock_ms, said.after_ms, said.arrival),
    )


def note_own(connection: sqlite3.Connection, hash: bytes, head: HeadMark, after_ms: int, said: bytes) -> None:
    """We are about to say this to our parent (`said`: signature and statement)."""
    row = (hash, head.epoch, head.seq, after_ms, said)
    connection.execute("INSERT OR IGNORE INTO own_words(hash, epoch, seq, after_ms, said) VALUES(?,?,?,?,?)", row)
    shown, kept = _older(connection, after_ms - SHOWN_MS, SHOWN_LEAST), _older(connection, after_ms - KEPT_MS, KEPT_LEAST)
    connection.execute("UPDATE own_words SET said=x'', answer=x'' WHERE after_ms<? AND said<>x''", (shown,))
    connection.execute("DELETE FROM own_words WHERE after_ms<?", (kept,))


def _older(connection: sqlite3.Connection, before_ms: int, least: int) -> int:
    """Words before this may go: before a moment of our parent's clock, and not of the last so many. Its clock alone makes us forget
    nothing."""
    row = connection.execute("SELECT after_ms FROM own_words ORDER BY after_ms DESC LIMIT 1 OFFSET ?", (least,)).fetchone()
    return min(before_ms, int(row[0])) if row else 0


def note_taken(connection: sqlite3.Connection, hash: bytes, at_ms: int, answer: bytes) -> None:
    """Our parent signed at that time of its clock that it had it (`answer`: signature and statement). Was its clock set back since, what
    it signed before proves nothing: it counts from the later word."""
    connection.execute("UPDATE own_words SET taken_ms=0 WHERE taken_ms>?", (at_ms,))
    sql = "UPDATE own_words SET taken_ms=?1, answer=?2 WHERE hash=?3 AND taken_ms=0 AND after_ms<=?1"
    connection.execute(sql, (at_ms, answer, hash))


def own_word(connection: sqlite3.Connection, hash: bytes) -> tuple[int, int] | None:
    """The head (epoch, seq) that we named in this statement; None when we do not know of it."""
    row = connection.execute("SELECT epoch, seq FROM own_words WHERE hash=?", (hash,)).fetchone()
    return (row[0], row[1]) if row else None


def spoke_since(connection: sqlite3.Connection, since_ms: int, until_ms: int) -> tuple[bytes, bytes] | None:
    """A statement of ours, made after `since_ms`, of which the parent signed by `until_ms` (its clock) that it had it, and what it signed;
    both empty when they are no longer kept. None when there is no such statement."""
    row = connection.execute(
        "SELECT said, answer FROM own_words WHERE after_ms>? AND taken_ms BETWEEN 1 AND ? ORDER BY after_ms DESC LIMIT 1",
        (since_ms, until_ms),
    ).fetchone()
    return (row[0], row[1]) if row else None


def dispute(connection: sqlite3.Connection, word: bytes, said: bytes, answer: bytes) -> None:
    """That entry of our parent is not true, as these show; to be told."""
    connection.execute("INSERT OR IGNORE INTO disputes(word, said, answer) VALUES(?,?,?)", (word, said, answer))


def untold_disputes(connection: sqlite3.Connection) -> list[tuple[bytes, bytes, bytes]]:
    return connection.execute("SELECT word, said, answer FROM disputes WHERE told=0 ORDER BY word").fetchall()


def dispute_told(connection: sqlite3.Connection, word: bytes) -> None:
    connection.execute("UPDATE disputes SET told=1, said=x'', answer=x'' WHERE word=?", (word,))


def forget_taken(connection: sqlite3.Connection) -> None:
    """Our parent came back with another disk: what it signed it may have forgotten."""
    connection.execute("UPDATE own_words SET taken_ms=0")


def forget_own(connection: sqlite3.Connection) -> None:
    """Another life of the disk may have said more than we remember."""
    connection.execute("DELETE FROM own_words")


def keep_below(connection: sqlite3.Connection, via: int, nodes: Iterable[Below]) -> None:
    """What a neighbour tells of nodes on its side, itself among them."""
    rows = [(n.node_id, via, n.line, n.since_ms, n.catalog, n.calendar, n.rules, n.software) for n in nodes]
    connection.executemany("INSERT OR REPLACE INTO below VALUES(?,?,?,?,?,?,?,?)", rows)


def below(connection: sqlite3.Connection) -> dict[bytes, Below]:
    """What neighbours told of nodes on their side, by node id."""
    rows = connection.execute("SELECT node, line, since, catalog, calendar, rules, software FROM below")
    return {row[0]: Below(*row) for row in rows}


def keep_above(connection: sqlite3.Connection, node: bytes, said: Shown) -> None:
    row = (node, said.listener, said.after_ms, said.arrival, said.proof)
    connection.execute("INSERT OR REPLACE INTO above VALUES(?,?,?,?,?)", row)


def above(connection: sqlite3.Connection, node: bytes) -> Shown | None:
    """What a node above our parent said last, as far as it was shown."""
    row = connection.execute("SELECT listener, after_ms, arrival, proof FROM above WHERE node=?", (node,)).fetchone()
    return Shown(*row) if row else None


# what parents write of their children ------------------------------------------------------------------------------------


def heard_of(connection: sqlite3.Connection, child: bytes) -> HeardOf | None:
    """The latest word about one node."""
    row = connection.execute(f"SELECT {_OF} FROM heard_of WHERE child=?", (child,)).fetchone()
    return _heard_of(row) if row else None


def all_known(connection: sqlite3.Connection) -> dict[bytes, tuple[bytes | None, int, int]]:
    """By node id of the latest word about each: (parent, until when the child is therefore known here, until when it was heard)."""
    rows = connection.execute("SELECT child, parent, known_ms, at_ms FROM heard_of")
    return {child: (parent, known, at) for child, parent, known, at in rows}


_OF = "parent, epoch, seq, at_ms, noted_ms, silent, whole_epoch, whole_seq, known_ms"


def _heard_of(row: tuple[bytes, int, int, int, int, int, int, int, int]) -> HeardOf:
    return HeardOf(row[0], (row[1], row[2]), row[3], row[4], bool(row[5]), (row[6], row[7]), row[8])


def keep(connection: sqlite3.Connection, child: bytes, word: HeardOf) -> None:
    connection.execute(
        f"INSERT OR REPLACE INTO heard_of(child, {_OF}) VALUES(?,?,?,?,?,?,?,?,?,?)",
        (child, word.parent, *word.mark, word.at_ms, word.noted_ms, word.silent, *word.whole, word.known_ms),
    )


def covering(connection: sqlite3.Connection, author: bytes, epoch: int, seq: int) -> tuple[int, int] | None:
    """(when its author's parent wrote the first `heard` that covers this entry, ms of the parent's clock; arrival of that `heard`); None
    while it is not here. At the root of the tree nobody covers anything."""
    row = connection.execute(
        "SELECT noted_ms, arrival FROM hearings WHERE child=? AND (epoch, seq) >= (?, ?) ORDER BY epoch, seq LIMIT 1",
        (author, epoch, seq),
    ).fetchone()
    return (row[0], row[1]) if row else None


def last_mark(connection: sqlite3.Connection, author: bytes) -> tuple[int, int]:
    """The position up to which anything of an author is covered; (0, 0) when nothing is."""
    row = connection.execute(
        "SELECT epoch, seq FROM hearings WHERE child=? ORDER BY epoch DESC, seq DESC LIMIT 1", (author,)
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def mark_before(connection: sqlite3.Connection, author: bytes, mark: tuple[int, int]) -> tuple[int, int]:
    """The position of the last mark of an author before this one; (0, 0) when there is none."""
    row = connection.execute(
        "SELECT epoch, seq FROM hearings WHERE child=? AND (epoch, seq) < (?, ?) ORDER BY epoch DESC, seq DESC LIMIT 1",
        (author, *mark),
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def nothing_after(connection: sqlite3.Connection, author: bytes, mark: tuple[int, int]) -> int:
    """Until when (ms, of his parent's clock) an author himself signed that nothing came after a mark; 0 when no `heard` here shows that."""
    row = connection.execute("SELECT until_ms FROM hearings WHERE child=? AND epoch=? AND seq=?", (author, *mark)).fetchone()
    return int(row[0]) if row else 0


def covers_given(connection: sqlite3.Connection, row: int, author: bytes, mark: tuple[int, int]) -> bool:
    """Whether the first `heard` up to this mark of an author covers an entry that the child with that row id was given."""
    found = connection.execute(
        "SELECT 1 FROM entries e JOIN down d ON d.arrival=e.arrival AND d.peer=? WHERE e.author=(SELECT id FROM authors WHERE node_id=?)"
        " AND (e.epoch, e.seq) > (?, ?) AND (e.epoch, e.seq) <= (?, ?) LIMIT 1",
        (row, author, *mark_before(connection, author, mark), *mark),
    ).fetchone()
    return found is not None


def covering_all(connection: sqlite3.Connection, row: int, arrivals: Iterable[int]) -> list[int]:
    """Arrival of the first `heard` that covers each of these entries, but for those that the child with that row id was given."""
    found: set[int] = set()
    for arrival in arrivals:
        hit = connection.execute(
            "SELECT h.arrival FROM entries e JOIN authors a ON a.id=e.author JOIN hearings h ON h.child=a.node_id"
            " AND (h.epoch, h.seq) >= (e.epoch, e.seq) WHERE e.arrival=? ORDER BY h.epoch, h.seq LIMIT 1",
            (arrival,),
        ).fetchone()
        given = hit and connection.execute("SELECT 1 FROM down WHERE arrival=? AND peer=?", (hit[0], row)).fetchone()
        if hit is not None and given is None:
            found.add(hit[0])
    return sorted(found)


def is_whole(
    connection: sqlite3.Connection, author: bytes, since: tuple[int, int], until: tuple[int, int], before: int = 1 << 62
) -> bool:
    """Whether all good entries of an author after one position, up to another, are stored here (arrivals under `before`). Across epochs:
    those of the later one."""
    if until <= since:
        return True
    first = since[1] if since[0] == until[0] else 0
    row = connection.execute(
        "SELECT count(*) FROM entries WHERE author=(SELECT id FROM authors WHERE node_id=?) AND epoch=? AND seq>? AND seq<=?"
        " AND standing<2 AND standing=0 AND +arrival<?",  # `standing<2` lets the index of chains serve
        (author, until[0], first, until[1], before),
    ).fetchone()
    return bool(row[0] == until[1] - first)


def moved_since(connection: sqlite3.Connection, author: bytes, mark: tuple[int, int], kind: str) -> bool:
    """Whether an author wrote anything but entries of one kind after a position."""
    row = connection.execute(
        "SELECT 1 FROM entries WHERE author=(SELECT id FROM authors WHERE node_id=?) AND (epoch, seq) > (?, ?) AND standing<2 AND standing=0"
        " AND kind<>? LIMIT 1",
        (author, *mark, kind),
    ).fetchone()
    return row is not None


def good_head(connection: sqlite3.Connection, author: bytes) -> tuple[int, int]:
    """The last good entry stored of an author; (0, 0) when none is."""
    row = connection.execute(
        "SELECT epoch, seq FROM entries WHERE author=(SELECT id FROM authors WHERE node_id=?) AND standing<2 AND standing=0"
        " ORDER BY epoch DESC, seq DESC LIMIT 1",
        (author,),
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


class Cases(Protocol):
    """What is asked of the cases."""

    def standing(self, case_no: str) -> Standing | None: ...
    def entries(self, case_no: str) -> list[CaseEntry]: ...


def parked(connection: sqlite3.Connection, cases: Cases) -> dict[bytes, int]:
    """Author -> latest epoch of an event of his that hangs on one which is not here."""
    found: dict[bytes, int] = {}
    for (case_no,) in connection.execute("SELECT case_no FROM cases WHERE parked>0").fetchall():
        standing = cases.standing(case_no)
        hanging = set(standing.parked) if standing is not None else set()
        for entry in cases.entries(case_no) if hanging else ():
            if entry.event.hash in hanging:
                found[entry.event.author] = max(entry.epoch, found.get(entry.event.author, 0))
    return found
