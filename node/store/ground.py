"""What a part of the store may ask of the moment it works in, without knowing the whole store (`store.py` makes it).

`Ground` is a moment: a connection, who we are, what the tree is. `Home` is what of the running node it may use. Parts that only read
stand on `Ground`, and only what assembles them (`view.py`, `turn.py`, `store.py`) stands above them, so no part imports in a circle.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property
from typing import Protocol

from federation.protocol.signing import Signer
from federation.protocol.trust import TrustStore
from node.domain.calendar import WorkCalendar
from node.domain.catalog.item import Item
from node.domain.catalog.powers import Powers
from node.domain.catalog.revisions import Calendars, Rulebooks
from node.domain.model import Case, Place
from node.domain.supervision.rulebook import Supervisions
from node.store.identity import Identity, Meta, load_identity
from node.store.object_files import ObjectFiles
from node.store.ranks import Ranks


class Clock(Protocol):
    """The one source of time."""

    def now(self) -> int:
        """Milliseconds since 1970, UTC, as this machine believes."""
        ...

    def ticks(self) -> int:
        """Milliseconds that only go forward and that nobody can set; they say nothing of the date."""
        ...


class Cases(Protocol):
    """The cases that are known (`cases.CaseReader`)."""

    def get(self, case_no: str) -> Case | None: ...


class RunningTime(Protocol):
    """How long the node has run (`clock_watch.py`)."""

    @property
    def ran(self) -> int: ...


class RulesInForce(Protocol):
    """What readers need of a snapshot of the catalog (`catalog.Snapshot`)."""

    @property
    def calendar(self) -> WorkCalendar: ...
    @property
    def calendars(self) -> Calendars: ...
    @property
    def limits(self) -> Rulebooks: ...
    @property
    def powers(self) -> Powers: ...
    @property
    def supervisions(self) -> Supervisions: ...


class Rules(Protocol):
    """The catalog in force (`catalog.CatalogReader`)."""

    def snapshot(self) -> RulesInForce: ...
    def item_of(self, case: Case, tx: Ground | None = None) -> Item | None: ...
    def item_version(self, item_id: str, version: int, digest: bytes = b"", tx: Ground | None = None) -> Item | None: ...
    def empowered(self, item: Item, node: bytes, day: dt.date | None = None) -> Item: ...


class Home(Protocol):
    """What of the store of a running node (`store.Store`) a moment may use."""

    clock: Clock
    files: ObjectFiles
    trust: TrustStore
    ranks: Ranks
    heard_ms: int
    tells: bool
    signer: Signer

    @property
    def catalog(self) -> Rules: ...
    @property
    def watch(self) -> RunningTime: ...
    def now(self) -> int: ...
    def reading(self) -> AbstractContextManager[Ground]: ...
    def run(self, command: Callable[[Ground], None]) -> None: ...
    def wake_links(self) -> None: ...


class Ground:
    """A moment of the store. What needs the tree (who is a child, on which side of us a node lies) asks here, because it follows from
    the journal."""

    connection: sqlite3.Connection
    store: Home

    @cached_property
    def meta(self) -> Meta:
        return Meta(self.connection)

    @cached_property
    def identity(self) -> Identity:
        return load_identity(self.meta)

    @property
    def trust(self) -> TrustStore:
        return self.store.trust

    @property
    def cases(self) -> Cases:
        raise NotImplementedError  # of whoever assembles the moment

    def now(self) -> int:
        return self.store.clock.now()

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call this once what is written now is durable; only in the writer's turn."""
        raise NotImplementedError

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

    def way_down(self, node_id: bytes) -> list[bytes]:
        """The nodes from the child on the way to a node of our subtree down to that node; none when it lies elsewhere."""
        found, at = list[bytes](), node_id
        while at != self.identity.node_id:
            found.append(at)
            parent = self.store.trust.parent(at)
            if parent is None:
                return []
            at = parent
        return found[::-1]

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
