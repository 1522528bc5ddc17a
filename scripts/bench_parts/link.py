"""Journal entries village -> township, durable at both ends, against a minimal pipeline over the same transport.

Both sides run in this process, each node with its own writer thread; sender and receiver share the interpreter in the
product and in the pipeline alike, so the ratio compares work, not arrangements. The minimal pipeline is the same
`LinkServer` and `LinkClient` with a port that only verifies a batch's last signature, inserts the entries and commits.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

from federation.ports import Acknowledgement, Greeting, HeadMark, ObjectPart, Outgoing, WireEntry
from federation.protocol.envelope import decode_header, entry_hash
from federation.protocol.signing import verify_entry
from federation.transport import tls
from federation.transport.client import LinkClient
from federation.transport.server import LinkServer
from node.app import assemble
from node.services.center import Center
from node.store.database import connect
from scripts.bench_parts.common import ROUNDS, show, timed, town
from tests.support.network import AGENT

ENTRIES = 4000


class Pipe:
    """The least a link can do: rows in, signed batches across, rows out, acknowledged after COMMIT."""

    def __init__(self, node_id: bytes, path: Path, entries: list[WireEntry], public: bytes) -> None:
        self.node_id, self.entries, self.public = node_id, entries, public
        self.connection: sqlite3.Connection = connect(path)
        self.connection.execute("CREATE TABLE IF NOT EXISTS e(id INTEGER PRIMARY KEY, hash BLOB, header BLOB, signature BLOB)")
        self.connection.execute("DELETE FROM e")
        self.received = 0
        self.acked = threading.Event()

    def greeting(self, peer: bytes) -> Greeting:
        return Greeting(self.node_id, b"g" * 16, HeadMark(), HeadMark(), b"g" * 16, self.received, 0, "pipe")

    def on_greeting(self, peer: bytes, greeting: Greeting) -> int:
        return greeting.your_watermark

    def outgoing(self, peer: bytes, after: int, limit: int) -> Outgoing:
        found = self.entries[after : after + limit]
        return Outgoing(b"g" * 16, after, after + len(found), tuple(found))

    def on_entries(self, peer: bytes, batch: Outgoing) -> Acknowledgement:
        rows = [(entry_hash(entry.header), entry.header, entry.signature) for entry in batch.entries]
        if rows:
            decode_header(rows[-1][1])
            assert verify_entry(self.public, rows[-1][0], rows[-1][2])
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany("INSERT INTO e(hash, header, signature) VALUES(?,?,?)", rows)
        self.connection.execute("COMMIT")
        self.received = batch.last
        return Acknowledgement(b"g" * 16, batch.last)

    def on_acknowledged(self, peer: bytes, ack: Acknowledgement) -> None:
        if ack.watermark >= len(self.entries):
            self.acked.set()

    def caught_up_due(self, peer: bytes, position: int) -> bytes | None:
        return None

    def on_caught_up(self, peer: bytes, generation: bytes) -> None: ...

    def wanted(self, peer: bytes, limit: int) -> list[tuple[bytes, int]]:
        return []

    def read_object(self, peer: bytes, hash: bytes, offset: int, length: int) -> ObjectPart:
        return ObjectPart(hash, offset, 0, b"", missing=True)

    def write_object(self, peer: bytes, part: ObjectPart) -> None: ...

    def on_link_state(self, peer: bytes, online: bool, error: str) -> None: ...


def run() -> None:
    ratios, figures = [], []
    for number in range(ROUNDS):
        with town() as made:
            for n in range(ENTRIES):
                made.file("village", application_no=f"L-{n}")
            village, township = made["village"], made["township"]
            made.cut()
            village.center.store.close()
            township.center.store.close()
            below, above = assemble(village.folder, village.clock), assemble(township.folder, township.clock)
            try:
                ours = _measure_ours(below, above)
                minimal = _measure_pipe(below, above, village.folder / f"pipe{number}")
            finally:
                below.store.close()
                above.store.close()
                village.reopen()
                township.reopen()
            ratios.append(minimal / ours)
            figures.append(ENTRIES / ours)
    show("link, share of the minimal pipeline (at least 0.35)", ratios, f"{ENTRIES} entries; ours {max(figures):.0f}/s at best")


def _credentials(parent: bytes, child: bytes) -> tuple[tls.Credentials, tls.Credentials]:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    authority = tls.make_link_ca(parent)
    both = []
    for node_id in (parent, child):
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        both.append(tls.Credentials(private, tls.issue_leaf(*authority, public, node_id), authority[1]))
    return both[0], both[1]


def _measure_ours(below: Center, above: Center) -> float:
    parent, child = above.place.node_id, below.place.node_id

    def done() -> bool:
        with below.store.reading() as view:
            row = view.links.get(parent)
            return row is not None and view.links.unsent(row) == 0

    return _run_link(above.inbound, below.inbound, parent, child, done)


def _measure_pipe(below: Center, above: Center, folder: Path) -> float:
    folder.mkdir()
    parent, child = above.place.node_id, below.place.node_id
    with below.store.reading() as view:
        up = view.links.get(parent)
        assert up is not None
        _, entries = view.links.upward(up, 0, 1 << 30)
    upper, lower = Pipe(parent, folder / "up.db", [], b""), Pipe(child, folder / "low.db", list(entries[-ENTRIES:]), b"")
    upper.public = below.store.signer.public
    return _run_link(upper, lower, parent, child, lower.acked.is_set)


def _run_link(upper, lower, parent, child, done) -> float:  # type: ignore[no-untyped-def]
    """Seconds from the dial to the last acknowledgement."""
    server_side, client_side = _credentials(parent, child)

    async def once() -> None:
        server = LinkServer(upper, server_side, compress=False)
        port = await server.start("127.0.0.1:0")
        client = LinkClient(lower, parent, lambda: f"127.0.0.1:{port}", client_side, compress=False)
        await client.start()
        while not done():
            await asyncio.sleep(0.005)
        await client.stop()
        await server.stop()

    return timed(lambda: asyncio.run(once()))


__all__ = ["AGENT", "run"]
