"""Bodies and blobs: salted, content-addressed, fetched by hash.

An object's bytes start with (or, for JSON bodies, contain) a random salt, so its hash says nothing about a short secret.
Bodies (up to `INLINE_LIMIT`) stand in the database in plain bytes; larger ones are files `objects/ab/<hash>` written and
synced before the row that names them. Pieces pulled from a peer collect in `objects/partial/<hash>`.

Who may fetch one is answered by the journal (`may_fetch`): the author of the entry that names it, the past and present
custodians of its case, the target of an open offer, and who carries a request from its author to one of these (custody moves
from neighbour to neighbour, so what a custodian wrote passes nobody else). Objects of the catalog belong to no case and are
public.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from node.domain.model import Case
from node.machine.oslayer import move_durably

if TYPE_CHECKING:
    from node.store.store import Tx, View

SALT = 16  # random bytes that stand before the content of a body or blob
INLINE_LIMIT = 64 * 1024
HASH_SIZE = 32  # bytes; a fact of another length names no object
HEX = frozenset("0123456789abcdef")
PUBLIC = ""  # the case_no of what everybody may read
_ASKED = 500  # objects asked for in one statement
EXPECTED = "*"  # of what is to be fetched for the catalog, and is nobody else's until it proves to be that


def object_hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


class ObjectFiles:
    """The folder of large objects."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, hash: bytes) -> Path:
        name = hash.hex()
        return self.folder / name[:2] / name

    def partial(self, hash: bytes) -> Path:
        return self.folder / "partial" / hash.hex()

    def partial_size(self, hash: bytes) -> int:
        try:
            return self.partial(hash).stat().st_size
        except FileNotFoundError:
            return 0

    def partials(self) -> list[bytes]:
        """The objects of which pieces are here."""
        folder = self.folder / "partial"
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        return [bytes.fromhex(name) for name in names if len(name) == 2 * HASH_SIZE and set(name) <= HEX]

    def append_partial(self, hash: bytes, offset: int, data: bytes) -> int:
        """Write a piece at its offset; a piece that does not continue what is there is dropped. Returns the size held.

        Whoever calls holds the turn of the hash (`turns.of("object", hash)`)."""
        path = self.partial(hash)
        path.parent.mkdir(parents=True, exist_ok=True)
        held = self.partial_size(hash)
        if offset != held:
            return held
        with path.open("ab") as file:
            file.write(data)
        return held + len(data)

    def adopt(self, source: Path, hash: bytes) -> None:
        """Make a complete file durable under its hash: the content, the name and a folder made for it, before anything tells of it."""
        move_durably(source, self.path(hash))

    def give_back(self, source: Path, hash: bytes) -> None:
        """Undo `adopt` when what it belonged to was not stored."""
        if not source.exists() and self.path(hash).exists():
            self.path(hash).replace(source)

    def read(self, hash: bytes, offset: int, length: int) -> bytes:
        with self.path(hash).open("rb") as file:
            file.seek(offset)
            return file.read(length)


class Objects:
    """Objects of one view or transaction."""

    def __init__(self, view: View | Tx) -> None:
        self._view = view

    def size(self, hash: bytes) -> int | None:
        row = self._view.connection.execute("SELECT size FROM objects WHERE hash=?", (hash,)).fetchone()
        return int(row[0]) if row else None

    def get(self, hash: bytes) -> bytes | None:
        """The whole object (bodies; for blobs use `read`)."""
        row = self._view.connection.execute("SELECT data, size FROM objects WHERE hash=?", (hash,)).fetchone()
        if row is None:
            return None
        return row[0] if row[0] is not None else self._view.store.files.read(hash, 0, row[1])

    def read(self, hash: bytes, offset: int, length: int) -> tuple[bytes, int] | None:
        """(piece, total size), or None when the object is not here."""
        row = self._view.connection.execute("SELECT data, size FROM objects WHERE hash=?", (hash,)).fetchone()
        if row is None:
            return None
        if row[0] is not None:
            return row[0][offset : offset + length], row[1]
        return self._view.store.files.read(hash, offset, length), row[1]

    def put(self, data: bytes) -> bytes:
        """Store an object made here (or complete from a peer); returns its hash. Only inside a Tx."""
        digest = object_hash(data)
        self._view.connection.execute("INSERT OR IGNORE INTO objects VALUES(?,?,?)", (digest, len(data), data))
        return digest

    def put_file(self, source: Path, hash: bytes, size: int) -> None:
        """Take a complete file (already hashed) into the object folder."""
        if self.size(hash) is None:
            self._view.store.files.adopt(source, hash)
            self._view.connection.execute("INSERT OR IGNORE INTO objects VALUES(?,?,NULL)", (hash, size))
        else:
            source.unlink(missing_ok=True)

    def refer(self, hash: bytes, case_no: str, author: bytes) -> None:
        """Note that an entry of `author` names this object; PUBLIC for what is nobody's secret."""
        self.refer_all([(hash, case_no, author)])

    def refer_all(self, named: Sequence[tuple[bytes, str, bytes]]) -> None:
        """The same for many, in the order they were named: (object, case number, author).

        Hashes stand in headers that many read, so naming one gives no right to it: an object belongs to the case that named it
        first, and is public only for who has seen what is in it."""
        fit = [row for row in named if len(row[0]) == HASH_SIZE]
        owners = self._owners({row[0] for row in fit})
        rows = []
        for hash, case_no, author in fit:
            of_it = owners.setdefault(hash, set())
            if case_no in (PUBLIC, EXPECTED) or of_it <= {case_no}:
                rows.append((hash, case_no, author))
                of_it |= {case_no} - {EXPECTED}
        rows.sort(key=lambda row: row[0])
        self._view.connection.executemany("INSERT OR IGNORE INTO object_refs VALUES(?,?,?)", rows)

    def _owners(self, hashes: set[bytes]) -> dict[bytes, set[str]]:
        """To which cases (or PUBLIC) objects belong."""
        owners: dict[bytes, set[str]] = {}
        asked = list(hashes)
        for at in range(0, len(asked), _ASKED):
            some = asked[at : at + _ASKED]
            sql = f"SELECT hash, case_no FROM object_refs WHERE hash IN ({','.join('?' * len(some))}) AND case_no<>?"
            for hash, case_no in self._view.connection.execute(sql, (*some, EXPECTED)).fetchall():
                owners.setdefault(hash, set()).add(case_no)
        return owners

    def of_case(self, hash: bytes, case_no: str) -> bytes | None:
        """The whole object, when it is here and belongs to the case."""
        row = self._view.connection.execute("SELECT 1 FROM object_refs WHERE hash=? AND case_no=?", (hash, case_no)).fetchone()
        return self.get(hash) if row is not None else None

    def want(self, hash: bytes, case_no: str, peer: int, *, blob: bool = False) -> None:
        """Pull this object from `peer` (row id) unless it is here."""
        if len(hash) == HASH_SIZE and self.size(hash) is None:
            self._view.connection.execute("INSERT OR IGNORE INTO wanted VALUES(?,?,?,?)", (hash, case_no, peer, int(blob)))

    def is_wanted(self, hash: bytes) -> bool:
        """Whether the object is still to be fetched."""
        return self._view.connection.execute("SELECT 1 FROM wanted WHERE hash=?", (hash,)).fetchone() is not None

    def named_by(self, hash: bytes) -> list[str]:
        """The cases that name the object."""
        rows = self._view.connection.execute("SELECT case_no FROM object_refs WHERE hash=?", (hash,)).fetchall()
        return [row[0] for row in rows]

    def wanted_from(self, peer: int, limit: int) -> list[bytes]:
        """What to ask of this peer at present (`sources.py`): small objects first, scans after."""
        rows = self._view.connection.execute(
            "SELECT hash FROM wanted WHERE peer=? ORDER BY blob LIMIT ?", (peer, limit)
        ).fetchall()
        return [row[0] for row in rows]

    def missing_of(self, hashes: tuple[bytes, ...]) -> list[bytes]:
        return [hash for hash in hashes if self.size(hash) is None]

    def may_fetch(self, hash: bytes, asker: bytes) -> bool:
        """Whether this node's journal lets `asker` have the object (promise 5)."""
        rows = self._view.connection.execute("SELECT case_no, author FROM object_refs WHERE hash=?", (hash,)).fetchall()
        for case_no, author in rows:
            if case_no == PUBLIC or (author == asker and case_no != EXPECTED):
                return True
            if case_no == EXPECTED:
                if asker == self._view.identity.node_id:
                    return True
                continue
            case = self._view.cases.get(case_no)
            if case is None or self._is_internal(case, hash, asker):
                continue
            if entitled(case, asker) or self.carries(case, author, asker):
                return True
        return False

    def _is_internal(self, case: Case, hash: bytes, asker: bytes) -> bool:
        """Opinions inside the organs do not go to villages."""
        place = self._view.place(asker) if hash in case.internal_bodies else None
        return place is not None and place.tier == "village"

    def carries(self, case: Case, author: bytes, node_id: bytes) -> bool:
        """Whether what `author` wrote about the case passes this node on its way to a holder."""
        return any(self._view.trust.is_between(node_id, author, holder) for holder in holders(case))


def holders(case: Case) -> frozenset[bytes]:
    """The past and present custodians and the target of an open offer."""
    offered = case.offer.target if case.offer is not None else b""
    return frozenset({case.custodian, offered, *(hop.node for hop in case.hops)} - {b""})


def entitled(case: Case, node_id: bytes) -> bool:
    """A past or present custodian, or the target of an open offer."""
    return node_id in holders(case)
