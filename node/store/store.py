"""The store of one node: identity, keys in use, and the two ways in: `run` (the writer's turn) and `reading` (a view).

`Tx` and `View` offer the same reading (`view.py`); only a `Tx` writes.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

from federation.protocol.envelope import Cites, MalformedEntryError, decode_header
from federation.protocol.join_code import PIN_BYTES
from federation.protocol.signing import Signer
from federation.protocol.trust import INITIALISED, TrustStore
from node.domain.model import Actor, Place
from node.store import audit, carriage, claims, outdated, projections, sources
from node.store.backlog import Backlog
from node.store.cases import CaseReader, CaseTable
from node.store.catalog import CatalogReader
from node.store.clock_watch import ClockWatch
from node.store.database import ReadPool, Writer, connect
from node.store.ground import Clock
from node.store.identity import Identity, Meta, save_identity
from node.store.journal import Journal, Stored
from node.store.maintenance import node_entries, place
from node.store.object_files import ObjectFiles
from node.store.postponed import Postponed
from node.store.projected.base import Projection
from node.store.projected.people import note_person
from node.store.projected.registry import copies
from node.store.projections import Projecting
from node.store.ranks import Ranks
from node.store.schema import migrate
from node.store.standing import Settled
from node.store.turns import Turns
from node.store.view import Reading

__all__ = ["NO_ROOT", "Clock", "Store", "Tx", "View"]

T = TypeVar("T")


NO_ROOT = bytes(32)


class Tx(Projecting):
    """The writer's turn."""

    store: Store

    def __init__(self, connection: sqlite3.Connection, store: Store) -> None:
        super().__init__(connection)
        self.store = store
        self._journal = Journal(self)
        self._table = CaseTable(self)
        self._trust_changed = False
        self._backlog = Backlog(self)
        self.postponed = Postponed(self)

    @property
    def journal(self) -> Journal:
        return self._journal

    @property
    def backlog(self) -> Backlog:
        return self._backlog

    @property
    def cases(self) -> CaseTable:
        return self._table

    @property
    def cites(self) -> Cites:
        return self.store.catalog.cites()

    def published(self, stored: Stored) -> None:
        for hook in self.store.publication_hooks:
            hook(self, stored)

    def flush(self) -> None:
        self.journal.write()
        if (self._table.touched or self.noted) and self.store.react is not None:
            self.store.react(self)
        self._table.touched.clear()
        self.noted.clear()
        self._table.flush()

    def forget(self) -> None:
        self.journal.forget()
        self.backlog.forget()
        self.postponed.forget()
        self._table.forget()
        self.noted.clear()
        self._rows.clear()
        self.marks.clear()
        self.written = b"", {}
        self.tallied = None
        self.links.forget()
        self.meta.forget()
        self.tree_changed()
        self.__dict__.pop("identity", None)
        if self._trust_changed:
            self.store.reload_trust(self.connection)
            self._trust_changed = self.connection.in_transaction  # what the others of the group changed may yet be undone
            if self._trust_changed:
                self.after_commit(self._trust_settled)
        for hook in self.store.forget_hooks:
            hook()

    def idle_work(self) -> bool:
        return self.store.attached and (self.backlog.waits or self.postponed.waits)

    def when_idle(self) -> None:
        self.backlog.project_slice()
        if not self.backlog.waits:
            self.postponed.go_on()

    def change_identity(self, **changes: object) -> Identity:
        """Set attributes of this node (new epoch or generation)."""
        identity = replace(self.identity, **changes)  # type: ignore[arg-type]
        save_identity(self.meta, identity)
        self.__dict__["identity"] = identity
        self.journal.forget()
        return identity

    def project(self, entries: Sequence[Stored]) -> None:
        """Everything that follows from storing good entries, given in the order they came."""
        projections.project(self, entries)
        for stored in entries:
            if stored.via == 0:
                audit.note_entry(self.connection, stored)
            elif stored.fields.unreadable:
                self.finding(stored.author, "unreadable_facts", place(*stored.fields.position))
        self.after_commit(self.store.wake_links)

    def settle(self, cases: Sequence[Settled], gone: Sequence[str]) -> None:
        """Write what is kept of the cases that changed, and forget those of which nothing effective is known (any more)."""
        before = [*gone, *(one.case.case_no for one in cases if not one.fresh)]
        for projection in self.projections:
            projection.leave(self, before)
        for projection in self.projections:
            if gone:
                projection.drop(self, gone)
            if cases:
                projection.settle(self, cases)

    def trust_applied(self, stored: Stored) -> None:
        if stored.fields.kind == INITIALISED and self.meta.get("root") is None:
            self.meta.set("root", stored.hash)
            self.store.trust = TrustStore(stored.hash)
        claims.note(self, stored, self.store.trust.apply(stored.fields, stored.hash))
        self._trust_changed = True
        self.after_commit(self._trust_settled)
        self.tree_changed()

    def _trust_settled(self) -> None:
        self._trust_changed = False


class View(Reading):
    """A read-only moment of the store."""

    store: Store

    def __init__(self, connection: sqlite3.Connection, store: Store) -> None:
        self.connection = connection
        self.store = store

    @cached_property
    def cases(self) -> CaseReader:
        return CaseReader(self)


def _make_anew(tx: Tx, chosen: Sequence[Projection]) -> None:
    projections.replay(tx, chosen, damaged_too=True)
    outdated.note_kinds(tx.connection)


def _caught_up(command: Callable[[Tx], T], tx: Tx) -> T:
    if tx.store.attached and tx.backlog.waits:
        tx.backlog.project()
        tx.flush()
    return command(tx)


class Store:
    """One node's storage. `threaded=False` runs every command on the caller's thread (tests)."""

    def __init__(self, folder: Path, clock: Clock, signer: Signer, *, threaded: bool = True) -> None:
        self.folder = folder
        self.clock = clock
        self.signer = signer
        self.files = ObjectFiles(folder / "objects")
        self.turns = Turns()  # of files: who looks at one and then writes it has it to himself
        self.publication_hooks: list[Callable[[Tx, Stored], None]] = []
        self.object_hooks: list[Callable[[Tx, bytes], None]] = []
        self.confirmed_hooks: list[Callable[[Tx], None]] = []  # a neighbour has said all that we may have forgotten
        self.forget_hooks: list[Callable[[], None]] = []
        self.wake_listeners: list[Callable[[], None]] = []
        self.entropy: Callable[[int], bytes] = os.urandom
        self.was_read: Callable[[Actor, str], None] = lambda actor, case_no: None  # who saw which case (`readings`)
        self.react: Callable[[Tx], None] | None = None  # the services' mechanical steps, in the same transaction
        self.tells = False  # this node has a channel to residents: it says so when it takes a case
        self.catalog = CatalogReader(self)
        self.ranks = Ranks()
        self.attached = False  # the services are there: entries of peers may be projected
        self.trust = TrustStore(NO_ROOT)
        path = folder / "node.db"
        connection = connect(path)
        migrate(connection)
        outdated.make_first(connection, copies())
        self.reload_trust(connection)
        # when our parent signed its last receipt (ms), 0 before the first: the earliest that it can be now
        self.heard_ms: int = View(connection, self).links.last_receipt[1]
        self.watch = ClockWatch(self, connection)
        self.writer: Writer[Tx] = Writer(connection, lambda c: Tx(c, self), threaded=threaded)
        self._pool = ReadPool(path)

    def attach(self) -> None:
        """The services are there: make tables of another version anew; from now on entries of peers are projected."""
        with self.reading() as view:
            behind = outdated.find(view.connection, copies())
        if behind:
            self.writer.run(partial(_make_anew, chosen=behind))
        self.attached = True

    def run(self, command: Callable[[Tx], T]) -> T:
        """Run a command in the writer's turn, with the query tables up to date; returns after COMMIT."""
        return self.writer.run(partial(_caught_up, command))

    def submit(self, command: Callable[[Tx], T]) -> Future[T]:
        """The same, without waiting."""
        return self.writer.submit(partial(_caught_up, command))

    def catch_up(self) -> None:
        """Do now what the writer would do when nobody waits."""
        if self.writer.prompt:
            self.run(lambda tx: None)

    def ledger(self, command: Callable[[Tx], T]) -> T:
        """Run a command that only reads and writes entries, links and trust: the query tables may be behind (`backlog.py`)."""
        return self.writer.run(command)

    @contextmanager
    def reading(self) -> Iterator[View]:
        with self._pool.connection() as connection:
            yield View(connection, self)

    @property
    def identity(self) -> Identity:
        with self.reading() as view:
            return view.identity

    @cached_property
    def place(self) -> Place:
        """Where this node stands."""
        return self.identity.place

    def now(self) -> int:
        return self.clock.now()

    def wake_links(self) -> None:
        for listener in self.wake_listeners:
            listener()

    def reload_trust(self, connection: sqlite3.Connection) -> None:
        """Trust is the fold of all `node` entries in arrival order. One that was altered here counts for nothing: `verify` tells."""
        root = Meta(connection).get("root")
        trust = TrustStore(root if root is not None and len(root) >= PIN_BYTES else NO_ROOT)
        for row in node_entries(connection):
            with suppress(MalformedEntryError):
                trust.apply(decode_header(row.header), row.hash)
        self.trust = trust

    @contextmanager
    def taking(self, source: Path, hash: bytes) -> Iterator[None]:
        """While a command takes the file `source` as an object: when it is refused or undone, the file is again where it was."""
        try:
            yield
        except Exception:
            with self.reading() as view:
                stored = view.objects.size(hash) is not None
            if not stored:
                self.files.give_back(source, hash)
            raise

    def object_arrived(self, tx: Tx, hash: bytes) -> None:
        """An object is complete: cases that waited for it may move on."""
        sources.arrived(tx, hash)
        for case_no in tx.objects.named_by(hash):
            if not case_no:
                continue
            if (note := carriage.note_of(case_no)) is not None:
                tx.noted.add(note)
                continue
            case = tx.cases.get(case_no)
            if case is not None and case.bodies and case.bodies[0] == hash:
                note_person(tx, case_no, tx.objects.get(hash))
            tx.cases.touched.add(case_no)
        for hook in self.object_hooks:
            hook(tx, hash)
        tx.after_commit(self.wake_links)

    def close(self) -> None:
        self.writer.close()
        self._pool.close()
