"""The writer's turn as the parts of the store see it: what they may read, whom it is about, what they found wrong.

`store.Tx` is the one turn there is. What it is assembled of (the journal, the cases in hand, what waits) stands here as what others ask
of it, so that each part knows the turn and none knows the store.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from federation.protocol.envelope import Cites, entry_hash
from federation.protocol.signing import Signer
from node.domain.cases.bodies import read_body
from node.domain.model import Case
from node.store import evidence, hearings
from node.store.database import TxBase
from node.store.maintenance import place
from node.store.standing import CaseEntry, Settled, Standing
from node.store.stored import Stored
from node.store.view import Reading

_BODY = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))  # made once: a filing writes a body


class Pen(Protocol):
    """The journal as those who read entries need it (`journal.Journal`)."""

    def write(self) -> None:
        """Write the rows that are held back, before anything reads entries."""
        ...


class InHand(Protocol):
    """The cases of this turn (`cases.CaseTable`)."""

    touched: set[str]
    folded_anew: bool

    def get(self, case_no: str) -> Case | None: ...
    def entries(self, case_no: str) -> list[CaseEntry]: ...
    def standing(self, case_no: str) -> Standing | None: ...
    def expect(self, entries: Sequence[Stored]) -> None: ...
    def apply(self, stored: Stored) -> tuple[Case | None, Case]: ...
    def refold(self, case_no: str) -> None: ...
    def write_again(self, case_no: str) -> None: ...
    def refresh_unsure(self) -> None: ...
    def flush(self) -> None: ...


class Waiting(Protocol):
    """What was put off (`backlog.Backlog`)."""

    @property
    def waits_from(self) -> int: ...
    def add(self, stored: Stored) -> None: ...
    def project(self) -> None: ...
    def take(self, entries: Sequence[Stored]) -> None: ...


class Turn(TxBase, Reading):
    """The writer's turn. `replaying`: tables are made anew, and what follows from an entry besides them was done when it came."""

    replaying = False

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._rows: dict[bytes, int] = {}
        self._towards: dict[bytes, int] = {}
        self._child_rows: tuple[int, ...] | None = None
        self.marks: dict[bytes, tuple[int, int]] = {}  # author -> up to where a `heard` covers him
        self.written: tuple[bytes, Mapping[str, Any]] = b"", {}  # the last body written here: its hash, what it says
        self.tallied: Any = None  # what the cases that are being written counted for (`projected/rollups.py`)
        self.noted: set[bytes] = set()  # notes for us that came, or whose words did, in this command

    @property
    def journal(self) -> Pen:
        raise NotImplementedError

    @property
    def cases(self) -> InHand:
        raise NotImplementedError

    @property
    def backlog(self) -> Waiting:
        raise NotImplementedError

    @property
    def cites(self) -> Cites:
        """The revisions that an entry written now rests on."""
        raise NotImplementedError

    @property
    def signer(self) -> Signer:
        return self.store.signer

    def project(self, entries: Sequence[Stored]) -> None:
        """Everything that follows from storing good entries, given in the order they came."""
        raise NotImplementedError

    def published(self, stored: Stored) -> None:
        """A publication that concerns us is here."""
        raise NotImplementedError

    def trust_applied(self, stored: Stored) -> None:
        """An entry about nodes is here."""
        raise NotImplementedError

    def settle(self, cases: Sequence[Settled], gone: Sequence[str]) -> None:
        """Write what is kept of the cases that changed, and forget those of which nothing effective is known (any more)."""
        raise NotImplementedError

    def encode_body(self, body: Any) -> bytes:
        """A JSON body with its salt, in the bytes that are hashed, stored and sent."""
        salted = body if "salt" in body else {"salt": os.urandom(16).hex(), **body}
        return _BODY.encode(salted).encode("utf-8")

    def last_mark(self, author: bytes) -> tuple[int, int]:
        """The position up to which a `heard` covers an author."""
        mark = self.marks.get(author)
        if mark is None:
            mark = self.marks[author] = hearings.last_mark(self.connection, author)
        return mark

    def said(self, body: bytes) -> Mapping[str, Any] | None:
        """What a body says (by its hash); None while it is not here. That of the filing in hand is not read again."""
        if self.written[0] == body:
            return self.written[1]
        data = self.objects.get(body)
        return read_body(data) if data is not None else None

    # neighbours ----------------------------------------------------------------------------------------------------

    def author_row(self, node_id: bytes) -> int:
        row = self._rows.get(node_id)
        if row is None:
            row = self.row_of(node_id)
            if not row:
                cursor = self.connection.execute("INSERT INTO authors(node_id) VALUES(?)", (node_id,))
                row = int(cursor.lastrowid or 0)
            self._rows[node_id] = row
        return row

    @property
    def own_row(self) -> int:
        return self.author_row(self.identity.node_id)

    def child_rows(self) -> tuple[int, ...]:
        if self._child_rows is None:
            rows = self.connection.execute("SELECT id FROM peers WHERE direction='down'").fetchall()
            self._child_rows = tuple(row[0] for row in rows)
        return self._child_rows

    @property
    def has_children(self) -> bool:
        return bool(self.child_rows())

    def child_towards(self, node_id: bytes) -> int:
        """Row id of the child in whose subtree a node lies; 0 when it lies elsewhere."""
        row = self._towards.get(node_id)
        if row is None:
            step = self.step_towards(node_id)
            row = self.author_row(step) if step is not None and step != self.identity.parent else 0
            self._towards[node_id] = row
        return row

    def is_from_child(self, via: int) -> bool:
        return via != 0 and via in self.child_rows()

    def is_from_parent(self, via: int) -> bool:
        return via != 0 and self.identity.parent is not None and via == self.author_row(self.identity.parent)

    def tree_changed(self) -> None:
        self._towards.clear()
        self._child_rows = None

    def add_peer(self, node_id: bytes, direction: str, code: str) -> int:
        """A new neighbour; returns its row id."""
        row = self.author_row(node_id)
        self.links.add(row, direction, code)
        self.tree_changed()
        return row

    # what was found wrong ------------------------------------------------------------------------------------------

    def evidence(self, header: bytes, signature: bytes, reason: str, fields: Any, via: int) -> None:
        """Keep the bytes of an entry that could not be used (of many that nothing can prove, the hash), and list it."""
        author, epoch, seq = (fields.author_id, fields.epoch, fields.seq) if fields is not None else (b"", 0, 0)
        if reason == "malformed" and evidence.held(self.connection, via).entries >= evidence.FULL_MOST:
            header, signature = entry_hash(header), b""
        self.connection.execute(
            "INSERT OR IGNORE INTO evidence(header, signature, reason, author, epoch, seq, via, at_ms) VALUES(?,?,?,?,?,?,?,?)",
            (header, signature, reason, author, epoch, seq, via, self.now()),
        )
        self.finding(author, reason, place(epoch, seq))

    def strike_off(self, author: bytes, kind: str, detail: str) -> None:
        """What was found has turned out not to be so."""
        self.connection.execute("DELETE FROM findings WHERE author=? AND kind=? AND detail=?", (author, kind, detail))

    def finding(self, author: bytes, kind: str, detail: str) -> None:
        """List something an auditor must see; once."""
        self.connection.execute(
            "INSERT OR IGNORE INTO findings(at_ms, author, kind, detail) VALUES(?,?,?,?)", (self.now(), author, kind, detail)
        )
