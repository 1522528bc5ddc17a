"""SQL of backup, verification and rebuild: copies of the database, and streams over everything in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from node.store.database import connect


@dataclass(frozen=True, slots=True)
class Compared:
    """By what a table and its rebuilt twin are compared: columns, which rows, whether the live one may hold more.

    `follows`: columns that follow what is published, a few rows at a time; while they do, they are not compared."""

    columns: str
    rows: str = "1"
    more_is_fine: bool = False
    follows: str = ""

    def all(self) -> Compared:
        """The same with what follows the publications."""
        return replace(self, columns=f"{self.columns}, {self.follows}", follows="") if self.follows else self


UnreadableError = sqlite3.DatabaseError  # what any of the streams may raise on a damaged database


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One stored entry as it stands in the table."""

    arrival: int
    author: bytes
    epoch: int
    seq: int
    hash: bytes
    kind: str
    entry_class: str
    case_no: str | None
    header: bytes
    signature: bytes
    body_hash: bytes | None
    standing: int
    via: int


CASE_GAP = "case_gap"  # a finding about the author of an event that continues nothing (`breaks.py`)
KEY_UNPROVEN = (
    "key_unproven"  # a finding about who named a key as somebody's without that one's word (`federation.protocol.proofs`)
)
CODE_TWICE = "code_twice"  # a finding about who enrolled a node under a division code that is in use
GAP_AFTER_RESTORE = "gap_after_restore"  # what stands before an entry was lost with a disk of its author, or is still to come
_ENTRY = (
    "SELECT e.arrival, a.node_id, e.epoch, e.seq, CAST(e.hash AS BLOB), CAST(e.kind AS TEXT), e.class, e.case_no,"
    " CAST(e.header AS BLOB), CAST(e.signature AS BLOB), e.body_hash, e.standing, e.via"
    " FROM entries e JOIN authors a ON a.id=e.author "
)


def copy_database(source: Path, target: Path) -> None:
    """A consistent copy of a database that may be in use, in one step, without a WAL beside it."""
    with closing(connect(source, read_only=True)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode=DELETE")


def integrity(path: Path) -> str:
    """ "ok", or what SQLite says is wrong."""
    try:
        with closing(connect(path, read_only=True)) as connection:
            return str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        return str(error)


def node_entries(connection: sqlite3.Connection) -> Iterator[EntryRow]:
    """The entries about nodes (trust), in arrival order."""
    sql = _ENTRY + "WHERE e.class NOT IN ('case','request') AND e.class='node' AND e.standing=0 ORDER BY e.arrival"
    return (EntryRow(*row) for row in connection.execute(sql))


def chains(connection: sqlite3.Connection, after: int = 0) -> Iterator[EntryRow]:
    """Every entry with an arrival over `after`, chain by chain, each in order; lost branches of forks are left out."""
    sql = _ENTRY + "WHERE e.standing < 2 AND e.arrival > ? ORDER BY e.author, e.epoch, e.seq"
    return (EntryRow(*row) for row in connection.execute(sql, (after,)))


def case_entries(connection: sqlite3.Connection) -> Iterator[tuple[str, bytes, bytes, bool]]:
    """(case number, hash, header, whether it counts) of every case event but those of a lost branch, case by case.

    That a case is named makes the index of cases give the order: nothing is sorted, however many there are."""
    sql = (
        "SELECT case_no, hash, CAST(header AS BLOB), standing=0 FROM entries WHERE case_no IS NOT NULL AND class='case'"
        " AND standing<2 ORDER BY case_no, arrival"
    )
    return iter(connection.execute(sql))


def place(epoch: int, seq: int) -> str:
    """How findings name an entry of an author."""
    return f"epoch {epoch} seq {seq}"


def noted_breaks(connection: sqlite3.Connection) -> set[tuple[bytes, str]]:
    """(author, "epoch E seq S") of every gap or break in somebody's chain that was found when it came."""
    return set(
        connection.execute("SELECT author, detail FROM findings WHERE kind IN ('gap', 'broken_prev', ?)", (GAP_AFTER_RESTORE,))
    )


def noted_old_keys(connection: sqlite3.Connection) -> set[tuple[bytes, str]]:
    """(author, "epoch E seq S") of every entry that was believed before a change of its author's key was known here."""
    return set(connection.execute("SELECT author, detail FROM findings WHERE kind='superseded_key'"))


def noted_case_gaps(connection: sqlite3.Connection) -> set[tuple[bytes, str]]:
    """(author, "epoch E seq S") of every case event whose predecessor was not here when it came, nor since."""
    return set(connection.execute("SELECT author, detail FROM findings WHERE kind=?", (CASE_GAP,)))


def signed_since(connection: sqlite3.Connection, author: bytes, since: tuple[int, int]) -> list[tuple[int, int, bytes]]:
    """(epoch, seq, header) of an author's good entries from a position on; `standing<2` lets the index of chains serve."""
    return connection.execute(
        "SELECT e.epoch, e.seq, e.header FROM entries e JOIN authors a ON a.id=e.author"
        " WHERE a.node_id=? AND (e.epoch, e.seq)>=(?,?) AND e.standing<2 AND e.standing=0",
        (author, *since),
    ).fetchall()


def evidence_at(connection: sqlite3.Connection, author: bytes, epoch: int, seq: int) -> list[bytes]:
    """Headers of entries of this number that came and could not be proven."""
    rows = connection.execute("SELECT header FROM evidence WHERE author=? AND epoch=? AND seq=?", (author, epoch, seq))
    return [row[0] for row in rows if isinstance(row[0], bytes)]


def has_entry(connection: sqlite3.Connection, author: bytes, epoch: int, seq: int, digest: bytes) -> bool | None:
    """Whether the author's entry at that position has that hash; None when there is none at that position."""
    rows = connection.execute(
        "SELECT e.hash FROM entries e JOIN authors a ON a.id=e.author WHERE a.node_id=? AND e.epoch=? AND e.seq=? AND e.standing<2",
        (author, epoch, seq),
    ).fetchall()
    return any(row[0] == digest for row in rows) if rows else None


def is_earlier_entry(connection: sqlite3.Connection, author: bytes, epoch: int, digest: bytes) -> bool:
    """Whether `digest` is an entry of the author in an epoch before `epoch`."""
    row = connection.execute(
        "SELECT 1 FROM entries e JOIN authors a ON a.id=e.author WHERE a.node_id=? AND e.epoch<? AND e.hash=? LIMIT 1",
        (author, epoch, digest),
    ).fetchone()
    return row is not None


def receipts(connection: sqlite3.Connection) -> Iterator[tuple[int, int, int, bytes, bytes, bytes]]:
    """(at_ms, epoch, seq, head, receipt, signature)."""
    sql = "SELECT at_ms, epoch, seq, head, CAST(receipt AS BLOB), CAST(signature AS BLOB) FROM receipts ORDER BY at_ms"
    return iter(connection.execute(sql))


def objects(connection: sqlite3.Connection) -> Iterator[tuple[bytes, int, bytes | None]]:
    """(hash, size, bytes or None when they are a file)."""
    return iter(connection.execute("SELECT CAST(hash AS BLOB), size, CAST(data AS BLOB) FROM objects"))


def contents(path: Path) -> tuple[int, list[bytes]]:
    """(entries, hashes of the objects that are files) of a copied database."""
    with closing(sqlite3.connect(path)) as copy:
        entries = copy.execute("SELECT max(arrival) FROM entries").fetchone()[0] or 0
        return entries, [row[0] for row in copy.execute("SELECT hash FROM objects WHERE data IS NULL ORDER BY hash")]


def lost_of_held(connection: sqlite3.Connection, custodian: bytes) -> Iterator[bytes]:
    """Bodies by others of cases that a node holds, which are neither here nor being fetched, and of which no neighbour said that they
    are gone (`sources.py`)."""
    rows = connection.execute(
        "SELECT DISTINCT e.body_hash FROM cases c JOIN entries e ON e.case_no=c.case_no WHERE c.custodian=?1 AND e.class='case'"
        " AND e.standing=0 AND e.body_hash IS NOT NULL AND e.author<>(SELECT id FROM authors WHERE node_id=?1)"
        " AND NOT EXISTS (SELECT 1 FROM objects o WHERE o.hash=e.body_hash)"
        " AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.hash=e.body_hash)"
        " AND NOT EXISTS (SELECT 1 FROM gone g WHERE g.hash=e.body_hash)",
        (custodian,),
    )
    return (row[0] for row in rows)


def lost_bodies(connection: sqlite3.Connection, author: bytes) -> Iterator[tuple[bytes, str, int, int]]:
    """(hash, case number or "", epoch, seq) of bodies of the author's own entries that are neither here nor being fetched."""
    rows = connection.execute(
        "SELECT e.body_hash, coalesce(e.case_no, ''), e.epoch, e.seq FROM entries e"
        " WHERE e.author=(SELECT id FROM authors WHERE node_id=?)"
        " AND e.body_hash IS NOT NULL AND e.standing=0 AND NOT EXISTS (SELECT 1 FROM objects o WHERE o.hash=e.body_hash)"
        " AND NOT EXISTS (SELECT 1 FROM wanted w WHERE w.hash=e.body_hash)",
        (author,),
    )
    return iter(rows)


def noted_losses(connection: sqlite3.Connection, kind: str) -> set[str]:
    """How the findings of a kind name what is lost."""
    return {row[0] for row in connection.execute("SELECT detail FROM findings WHERE kind=?", (kind,))}


def openings(connection: sqlite3.Connection, author: bytes) -> list[bytes]:
    """The headers with which a node opened epochs."""
    sql = "SELECT header FROM entries WHERE author=(SELECT id FROM authors WHERE node_id=?) AND kind='epoch_opened' AND standing<2 AND standing=0"
    return [row[0] for row in connection.execute(sql, (author,))]


def catalog_copies(connection: sqlite3.Connection) -> Iterator[tuple[str, bytes, bytes]]:
    """(what it is, hash, bytes) of the item versions and documents that readers use instead of the objects they were taken from."""
    return iter(
        connection.execute(
            "SELECT 'item ' || item_id || ' ' || version, CAST(hash AS BLOB), CAST(document AS BLOB) FROM items"
            " UNION ALL SELECT kind || ' ' || revision, CAST(manifest AS BLOB), CAST(document AS BLOB) FROM documents"
        )
    )


# rebuild -------------------------------------------------------------------------------------------------------------


def set_aside(connection: sqlite3.Connection, tables: Mapping[str, Compared]) -> None:
    """Keep the compared tables under other names (in a copy of the database)."""
    for table, by in tables.items():
        connection.execute(f"CREATE TABLE live_{table} AS SELECT {by.columns} FROM {table} WHERE {by.rows}")


def differences(connection: sqlite3.Connection, tables: Mapping[str, Compared]) -> dict[str, tuple[int, int]]:
    """Table -> (rows only in the live table, rows only in the rebuilt one), for the tables that differ."""
    found = {}
    for table, by in tables.items():
        live, rebuilt = f"SELECT {by.columns} FROM live_{table}", f"SELECT {by.columns} FROM {table} WHERE {by.rows}"
        extra = connection.execute(f"SELECT count(*) FROM ({live} EXCEPT {rebuilt})").fetchone()[0]
        missing = connection.execute(f"SELECT count(*) FROM ({rebuilt} EXCEPT {live})").fetchone()[0]
        if missing or (extra and not by.more_is_fine):
            found[table] = (int(extra), int(missing))
    return found


def count_cases(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM cases").fetchone()[0])


def has_identity(path: Path) -> bool:
    """Whether a database is that of a node (an `init` or `join` that was cut off leaves one without identity)."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute("SELECT 1 FROM meta WHERE key='identity'").fetchone() is not None
    except sqlite3.OperationalError:
        return False
