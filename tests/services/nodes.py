"""Real nodes in a temporary folder for the tests of the services; only the clock is made up and argon2 made cheap."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher

from node.domain.model import CST
from node.services.catalog.catalog import CatalogService
from node.services.tree import founding, opening
from node.services.tree.hearing import Hearing
from node.services.tree.inbound import Inbound
from node.services.tree.keys import KeyFiles
from node.services.tree.membership import Membership
from node.store.projected.rollups import recount
from node.store.store import Store

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
CITY, DISTRICT, TOWNSHIP, VILLAGE = "420100000000", "420102000000", "420102002000", "420102002003"


@dataclass
class HandClock:
    """Stands still until it is moved."""

    time: int = int(dt.datetime(2026, 3, 2, 9, 0, tzinfo=CST).timestamp() * 1000)

    ran: int = 0

    def now(self) -> int:
        return self.time

    def ticks(self) -> int:
        return self.ran

    def advance(self, ms: int) -> None:
        self.time += ms
        self.ran += ms


@dataclass
class Small:
    """A node without links and cases: store, keys, membership."""

    folder: Path
    store: Store
    keys: KeyFiles
    membership: Membership
    catalog: CatalogService
    inbound: Inbound
    hearing: Hearing
    clock: HandClock

    @property
    def id(self) -> bytes:
        return self.store.identity.node_id


def open_small(folder: Path, clock: HandClock) -> Small:
    store, keys = opening.open_store(folder, clock, threaded=False)
    catalog = CatalogService(store).attach()
    inbound, hearing = Inbound(store), Hearing(store, catalog.calendar)
    inbound.talks.spoke = hearing.spoke
    return Small(folder, store, keys, Membership(store, keys), catalog, inbound, hearing, clock)


def make_root(folder: Path, clock: HandClock, code: str = CITY, tier: str = "city") -> Small:
    founding.create_root(folder, clock, code=code, name="武汉市", tier=tier, hasher=CHEAP)
    return open_small(folder, clock)


def make_child(parent: Small, folder: Path, code: str = DISTRICT, tier: str = "district") -> Small:
    join_code = parent.membership.invite(code, "江岸区", tier, ("127.0.0.1:8800",), "127.0.0.1:8801")
    joining = founding.prepare_join(folder, join_code)
    founding.complete_join(joining, parent.membership.redeem(joining.request), parent.clock, CHEAP)
    return open_small(folder, parent.clock)


def greet(child: Small, parent: Small) -> None:
    """First words of a link, both ways."""
    for one, other in ((child, parent), (parent, child)):
        one.inbound.on_greeting(other.id, other.inbound.greeting(one.id))


def send(sender: Small, receiver: Small, limit: int = 1000) -> int:
    """Everything the receiver has not acknowledged yet; how many entries that were."""
    with sender.store.reading() as view:
        row = view.links.get(receiver.id)
    assert row is not None
    batch = sender.inbound.outgoing(receiver.id, row.acked, limit)
    sender.inbound.on_acknowledged(receiver.id, receiver.inbound.on_entries(sender.id, batch))
    return len(batch.entries)


def speak(child: Small, parent: Small) -> None:
    """Each side says of itself what is due, when all was exchanged."""
    for one, other in ((child, parent), (parent, child), (child, parent)):
        status = one.inbound.status(other.id, 1 << 40, 1 << 40)
        if status is not None:
            other.inbound.on_status(one.id, status)


def fetch(receiver: Small, sender: Small, limit: int = 1000) -> int:
    """One round of pulling objects; how many were given."""
    wanted = receiver.inbound.wanted(sender.id, limit)
    given = 0
    for digest, offset in wanted:
        part = sender.inbound.read_object(receiver.id, digest, offset, 1 << 22)
        if not part.missing:
            receiver.inbound.write_object(sender.id, part)
            given += 1
    return given


def exchange(child: Small, parent: Small) -> None:
    """A contact: both sides say and fetch all they can."""
    greet(child, parent)
    for _ in range(4):
        send(parent, child)
        send(child, parent)
        while fetch(child, parent) + fetch(parent, child):
            pass


def count_anew(node: Small) -> None:
    """The roll-ups follow rows that a test wrote by itself."""
    node.store.run(lambda tx: recount(tx.connection, tx.trust, tx.identity.node_id))
