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
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

from node.domain.model import Case
from node.store import carriage
from node.store.object_files import HASH_SIZE

if TYPE_CHECKING:
    from node.store.ground import Ground

SALT = 16  # random bytes that stand before the content of a body or blob
INLINE_LIMIT = 64 * 1024
PUBLIC = ""  # the case_no of what everybody may read
_ASKED = 500  # objects asked for in one statement
EXPECTED = "*"  # of what is to be fetched for the catalog, and is nobody else's until it proves to be that


def object_hash(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


class Objects:
    """Objects of one view or transaction."""

    def __init__(self, view: Ground) -> None:
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

    def drop(self, hash: bytes) -> None:
        """Delete an object that we only carried; it is wanted no more."""
        self._view.connection.execute("DELETE FROM wanted WHERE hash=?", (hash,))
        self._view.connection.execute("DELETE FROM objects WHERE hash=?", (hash,))
        self._view.after_commit(partial(self._view.store.files.path(hash).unlink, missing_ok=True))

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
        for row in fit:
            hash, case_no, _ = row
            of_it = owners.get(hash)
            if of_it is None:
                owners[hash] = {case_no} if case_no != EXPECTED else set()
            elif case_no in (PUBLIC, EXPECTED) or of_it <= {case_no}:
                of_it |= {case_no} - {EXPECTED}
            else:
                continue
            rows.append(row)
        rows.sort(key=itemgetter(0))
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

    def of_cases(self, pairs: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
        """The same for many (case number, hash): those that are here, with their bytes, by case number."""
        asked = ",".join(["(?,?)"] * len(pairs))
        rows = self._view.connection.execute(
            f"WITH asked(case_no, hash) AS (VALUES {asked}) SELECT a.case_no, o.hash, o.data, o.size FROM asked a"
            " JOIN object_refs r ON r.hash=a.hash AND r.case_no=a.case_no JOIN objects o ON o.hash=a.hash",
            tuple(value for pair in pairs for value in pair),
        ).fetchall()
        read = self._view.store.files.read
        found = [(no, data if data is not None else read(hash, 0, size)) for no, hash, data, size in rows]
        return sorted(found, key=lambda one: one[0])

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
            if (note := carriage.note_of(case_no)) is not None:
                if carriage.may_have(self._view, note, author, asker):
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
