"""Reading a store: what a `Tx` and a `View` have in common, and the view itself.

What services and links need to know of the tree (who is a child, on which side of us a node lies) is asked here, because it
follows from the journal.
"""

from __future__ import annotations

import sqlite3
from functools import cached_property
from typing import TYPE_CHECKING

from federation.protocol.trust import TrustStore
from node.domain.model import Place
from node.store.cases import CaseReader
from node.store.desk import Desk
from node.store.drafts import Drafts
from node.store.identity import Identity, Meta, load_identity
from node.store.links import Links
from node.store.objects import Objects
from node.store.partials import Partials
from node.store.requests import Requests

if TYPE_CHECKING:
    from node.store.store import Store


class Reading:
    """What a Tx and a View have in common."""

    connection: sqlite3.Connection
    store: Store

    @cached_property
    def meta(self) -> Meta:
        return Meta(self.connection)

    @cached_property
    def identity(self) -> Identity:
        return load_identity(self.meta)

    @cached_property
    def objects(self) -> Objects:
        return Objects(self)  # type: ignore[arg-type]

    @cached_property
    def links(self) -> Links:
        return Links(self)  # type: ignore[arg-type]

    @cached_property
    def requests(self) -> Requests:
        return Requests(self)  # type: ignore[arg-type]

    @cached_property
    def drafts(self) -> Drafts:
        return Drafts(self)  # type: ignore[arg-type]

    @cached_property
    def partials(self) -> Partials:
        return Partials(self)  # type: ignore[arg-type]

    @cached_property
    def desk(self) -> Desk:
        return Desk(self)  # type: ignore[arg-type]

    @property
    def trust(self) -> TrustStore:
        return self.store.trust

    def now(self) -> int:
        return self.store.clock.now()

    # the tree ------------------------------------------------------------------------------------------------------

    def may_assign(self, author: bytes, giver: bytes, receiver: bytes) -> bool:
        return self.store.trust.may_assign(author, giver, receiver)

    def place(self, node_id: bytes) -> Place | None:
        node = self.store.trust.node(node_id)
        return Place(node.node_id, node.code, node.tier, node.parent) if node is not None else None

    def children(self) -> list[Place]:
        me = self.identity.node_id
        return [place for node_id in self.store.trust.children(me) if (place := self.place(node_id)) is not None]

    def find_code(self, code: str) -> Place | None:
        """The live node with this division code, if it is in the known tree."""
        node_id = self.store.trust.active_code(code)
        return self.place(node_id) if node_id is not None else None

    def step_towards(self, node_id: bytes) -> bytes | None:
        """The neighbour (child or parent) on the way to a node; None for ourselves."""
        me = self.identity.node_id
        if node_id == me:
            return None
        at: bytes | None = node_id
        while at is not None:
            parent = self.store.trust.parent(at)
            if parent == me:
                return at
            at = parent
        return self.identity.parent

    def row_of(self, node_id: bytes) -> int:
        """Local row id of a node, 0 when it was never seen."""
        row = self.connection.execute("SELECT id FROM authors WHERE node_id=?", (node_id,)).fetchone()
        return int(row[0]) if row else 0

    def node_of(self, row_id: int) -> bytes:
        row = self.connection.execute("SELECT node_id FROM authors WHERE id=?", (row_id,)).fetchone()
        return row[0] if row else b""

    def acked_by_parent(self) -> tuple[int, int] | None:
        """(row id of the parent, arrival it has acknowledged); None at the root."""
        parent = self.identity.parent
        if parent is None:
            return None
        row = self.connection.execute(
            "SELECT p.id, p.acked FROM peers p JOIN authors a ON a.id=p.id WHERE a.node_id=?", (parent,)
        ).fetchone()
        return (row[0], row[1]) if row else None


class View(Reading):
    """A read-only moment of the store."""

    def __init__(self, connection: sqlite3.Connection, store: Store) -> None:
        self.connection = connection
        self.store = store

    @cached_property
    def cases(self) -> CaseReader:
        return CaseReader(self)
