"""Journal entries village -> township against a minimal pipeline over the same transport: until they are durable at both ends
(acknowledged), and until the lists of the receiver show them (projected). 4,000 entries, and 20,000 as after a long outage.

The receiver is a process of its own (`link_server.py`), as in the product, in both cases. The minimal pipeline is the same
`LinkServer` and `LinkClient` with a port that only verifies a batch's last signature, inserts the entries and commits.
"""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from federation.ports import Acknowledgement, Greeting, HeadMark, LinkPort, ObjectPart, Outgoing, Status, WireEntry
from federation.protocol.envelope import decode_header, entry_hash
from federation.protocol.signing import verify_entry
from federation.transport import tls
from federation.transport.client import LinkClient
from node.app import assemble
from node.services.center import Center
from node.store.database import connect
from scripts.bench_parts.common import ROUNDS, show, town

SIZES = (4000, 20000)


class Pipe:
    """The least a link can do: rows in, signed batches across, rows out, acknowledged after COMMIT."""

    def __init__(self, node_id: bytes, path: Path, entries: list[WireEntry], public: bytes) -> None:
        self.node_id, self.entries, self.public = node_id, entries, public
        self.connection: sqlite3.Connection = connect(path)  # used by one thread at a time
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

    def status(self, peer: bytes, sent: int, acked: int) -> Status | None:
        return None

    def on_status(self, peer: bytes, status: Status) -> None: ...

    def wanted(self, peer: bytes, limit: int) -> list[tuple[bytes, int]]:
        return []

    def read_object(self, peer: bytes, hash: bytes, offset: int, length: int) -> ObjectPart:
        return ObjectPart(hash, offset, 0, b"", missing=True)

    def write_object(self, peer: bytes, part: ObjectPart) -> None: ...

    def object_missing(self, peer: bytes, hash: bytes, gone: bool) -> None: ...

    def on_link_state(self, peer: bytes, online: bool, error: str) -> None: ...


def run() -> None:
    for count in SIZES:
        durable, shown, best = [], [], 0.0
        for number in range(ROUNDS):
            ours, listed, minimal = _round(count, number)
            durable.append(minimal / ours)
            shown.append(minimal / listed)
            best = max(best, count / ours)
        least = "at least 0.35" if count == SIZES[0] else "at least 0.30"
        show(f"link, durable, share of the minimal pipeline ({least})", durable, f"{count} entries; ours {best:.0f}/s at best")
        show("link, shown, share of the minimal pipeline", shown, f"{count} entries")


def _round(count: int, number: int) -> tuple[float, float, float]:
    """Seconds until ours are durable, until they are shown, and of the minimal pipeline."""
    with town() as made:
        village, township = made["village"], made["township"]
        village.center.store.writer.wait_for_disk(False)
        made.cut()
        for n in range(count):
            made.file("village", application_no=f"L-{n}")
        village.center.store.writer.wait_for_disk(True)
        ids = township.id, village.id
        public = village.center.store.signer.public
        village.center.store.close()
        township.center.store.close()
        below = assemble(village.folder, village.clock)
        try:
            ours, listed = _measure(
                below.inbound, _all_sent(below, ids[0]), ids, f"node {township.folder}", _all_listed(township.folder, count)
            )
            minimal, _ = _measure_pipe(below, ids, village.folder / f"pipe{number}", public, count)
        finally:
            below.store.close()
            village.reopen()
            township.reopen()
        return ours, listed, minimal


def _all_listed(folder: Path, count: int) -> Callable[[], bool]:
    def done() -> bool:
        with closing(connect(folder / "node.db", read_only=True)) as connection:
            return int(connection.execute("SELECT count(*) FROM cases").fetchone()[0]) >= count

    return done


def _all_sent(below: Center, parent: bytes) -> Callable[[], bool]:
    """Asked every few milliseconds in the sender's own thread, so it reads one row: counting what is unsent cost more than sending."""
    with below.store.reading() as view:
        last = int(view.connection.execute("SELECT max(arrival) FROM entries").fetchone()[0])

    def done() -> bool:
        with below.store.reading() as view:
            row = view.links.get(parent)
            return row is not None and row.acked >= last

    return done


def _measure_pipe(below: Center, ids: tuple[bytes, bytes], folder: Path, public: bytes, count: int) -> tuple[float, float]:
    folder.mkdir()
    with below.store.reading() as view:
        up = view.links.get(ids[0])
        assert up is not None
        _, entries = view.links.upward(up, 0, 1 << 30)
    lower = Pipe(ids[1], folder / "low.db", list(entries[-count:]), b"")
    return _measure(lower, lower.acked.is_set, ids, f"pipe {folder} {ids[0].hex()} {public.hex()}")


def _measure(
    lower: LinkPort, done: Callable[[], bool], ids: tuple[bytes, bytes], receiver: str, shown: Callable[[], bool] = lambda: True
) -> tuple[float, float]:
    """Seconds from the dial to the last acknowledgement and until all is shown, with the receiver already listening."""
    server_side, client_side = credentials(*ids)
    command = [sys.executable, "-m", "scripts.bench_parts.link_server", *receiver.split()]
    keys = b"".join(
        part.replace(b"\n", b"|") + b"\n" for part in (server_side.key, server_side.certificate, server_side.authority)
    )
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(keys)
        process.stdin.flush()
        port = int(process.stdout.readline())
        try:
            return asyncio.run(_dial(lower, done, shown, ids[0], port, client_side))
        finally:
            process.stdin.close()
            process.wait(20)


async def _dial(
    lower: LinkPort, done: Callable[[], bool], shown: Callable[[], bool], parent: bytes, port: int, own: tls.Credentials
) -> tuple[float, float]:
    client = LinkClient(lower, parent, lambda: f"127.0.0.1:{port}", own, compress=False)
    start = time.perf_counter()
    await client.start()
    while not done():
        await asyncio.sleep(0.005)
    durable = time.perf_counter() - start
    while not shown():
        await asyncio.sleep(0.02)
    listed = time.perf_counter() - start
    await client.stop()
    return durable, listed


def credentials(parent: bytes, child: bytes) -> tuple[tls.Credentials, tls.Credentials]:
    """Link credentials of both ends under a fresh authority."""
    authority = tls.make_link_ca(parent)
    both = []
    for node_id in (parent, child):
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        both.append(tls.Credentials(private, tls.issue_leaf(*authority, public, node_id), authority[1]))
    return both[0], both[1]
