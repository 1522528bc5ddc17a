"""The node as its links see it (`federation.ports.LinkPort`).

Everything a peer sends ends here in one transaction: authenticate, store, project, let the case rules take their
mechanical steps, advance the watermark, sign the receipt. A repeat changes nothing and gets the present receipt.

Recovery. Three things make a node open a new epoch and ask for everything again: it was restored from a backup (then
`backup.mark_restored` did it before the first contact), a peer greets with an entry of our own chain that we do not have,
or with another entry at a place where we have one (the disk was cloned or rolled back). Until that peer confirmed
(`Status.confirms`), cases that existed before stay frozen (`recovery.blocked`).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from typing import NamedTuple

from federation.ports import Acknowledgement, Greeting, HeadMark, LinkRefusedError, ObjectPart, Outgoing, Status, WireEntry
from federation.protocol.chains import authenticate_each
from federation.protocol.receipts import UNKNOWN_KEY, BadReceiptError, make_receipt, open_receipt, parse_receipt
from node.domain.calendar import DAY_MS
from node.domain.software import SOFTWARE
from node.services.tree import standing
from node.services.tree.admission import admit
from node.services.tree.recovery import awaits_neighbours, mark_recovering
from node.services.tree.talks import Talks
from node.store import evidence, hearings, sources
from node.store.journal import chain_head, knows, last_arrival, wire_entry
from node.store.links import PeerRow
from node.store.maintenance import place
from node.store.objects import INLINE_LIMIT, object_hash
from node.store.store import Store, Tx, View

log = logging.getLogger("tongban.links")
PROTOCOL = 1
SWEPT = 200  # partial objects that one sweep looks at
NOT_KEPT = "receipt_not_kept"  # a finding about a parent
PATIENCE_MS = DAY_MS  # between the first receipt by a key that has not come and a finding


class _Early(NamedTuple):
    """`since`: when the parent signed the first of them (ms)."""

    since: int
    acknowledgement: Acknowledgement


class Inbound:
    """One node's LinkPort over its store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.on_state: Callable[[bytes, bool, str], None] | None = None
        self.talks = Talks(store)
        self._early: dict[bytes, _Early] = {}  # peer -> its latest receipt by a key that we do not know yet
        self._given: dict[bytes, int] = {}  # peer -> position up to which it was given our entries since this start

    @property
    def node_id(self) -> bytes:
        return self.store.identity.node_id

    # greeting ------------------------------------------------------------------------------------------------------

    def greeting(self, peer: bytes) -> Greeting:
        with self.store.reading() as view:
            identity, row, known = view.identity, self._row(view, peer), chain_head(view, peer)
            self.talks.told_time(peer, now := view.now())
            return Greeting(
                identity.node_id, identity.generation, chain_head(view, identity.node_id), known, row.generation, row.received,
                now, SOFTWARE, PROTOCOL, PROTOCOL, wire_entry(view, peer, known),
            )  # fmt: skip

    def on_greeting(self, peer: bytes, greeting: Greeting) -> int:
        if greeting.protocol_min > PROTOCOL or greeting.protocol_max < PROTOCOL:
            raise LinkRefusedError("needs_upgrade", "the peer speaks no protocol version that this node knows", True)
        if greeting.node_id != peer:
            raise LinkRefusedError("wrong_parent", "the peer's name and its certificate differ", True)
        self.talks.greeted(peer, greeting.own_head.epoch, greeting.clock_ms)
        restarted, position = self.store.run(lambda tx: self._greeted(tx, peer, greeting))
        if restarted:
            raise LinkRefusedError("restart", "the peer knows more of our chain than we do: recovering", False)
        self.store.watch.heard(peer, greeting.clock_ms)
        return position

    def _greeted(self, tx: Tx, peer: bytes, greeting: Greeting) -> tuple[bool, int]:
        row = self._row(tx, peer)
        if tx.trust.is_revoked(peer):
            raise LinkRefusedError("revoked", standing.REFUSAL, True)
        shown = _shown_life(tx, greeting)
        if shown > tx.identity.epoch or (row.confirmed and self._peer_knows_more(tx, peer, row, greeting)):
            mark_recovering(tx, beyond=shown)
            return True, 0
        tx.links.update(row.id, clock_skew=greeting.clock_ms - tx.now(), software=greeting.software[:64])
        if greeting.generation != row.generation:
            self._new_generation(tx, row, greeting.generation)
            return False, 0
        position = self._resume(row, peer, greeting) if greeting.your_generation == tx.identity.generation else 0
        if position != row.acked:
            tx.links.update(row.id, acked=position)
        return False, position

    def _resume(self, row: PeerRow, peer: bytes, greeting: Greeting) -> int:
        """Where to go on. A watermark beyond what we remember was given by a later life of this disk, which was rolled back
        since: our positions from there on name other entries now, and they are sent again."""
        known = max(row.acked, self._given.get(peer, 0))
        return greeting.your_watermark if greeting.your_watermark <= known else row.acked

    def _peer_knows_more(self, tx: Tx, peer: bytes, row: PeerRow, greeting: Greeting) -> bool:
        """Whether the peer holds an entry of our chain that we lack. A child must show it: its word could stop our work."""
        head = greeting.known_of_you
        if head.seq == 0 or knows(tx, tx.identity.node_id, head):
            return False
        if row.direction == "up" or _wrote(tx, greeting.known_entry, head):
            return True
        tx.finding(peer, "unproven_claim", place(head.epoch, head.seq))
        return False

    def _new_generation(self, tx: Tx, row: PeerRow, generation: bytes) -> None:
        """The peer's store is new to us (first contact, or restored): send it all it may have lost."""
        if row.direction == "down":
            tx.links.renumber_for_restored(row.id)
            end = tx.links.down_end(row.id)
            tx.links.update(row.id, caught_up_at=end)
        else:
            end = last_arrival(tx)
            hearings.forget_taken(tx.connection)
            tx.links.update(row.id, replay_until=end if row.generation else 0, caught_up_at=end)
        tx.links.update(row.id, generation=generation, received=0, acked=0, caught_up_generation=generation)
        sources.came_back(tx, row.id)

    # entries -------------------------------------------------------------------------------------------------------

    def outgoing(self, peer: bytes, after: int, limit: int) -> Outgoing:
        with self.store.reading() as view:
            row = self._row(view, peer)
            send = view.links.upward if row.direction == "up" else view.links.downward
            last, entries = send(row, after, limit)
            self._given[peer] = max(last, self._given.get(peer, 0))
            return Outgoing(view.identity.generation, after, last, entries)

    def on_entries(self, peer: bytes, batch: Outgoing) -> Acknowledgement:
        return self.store.ledger(lambda tx: self._apply(tx, peer, batch))

    def _apply(self, tx: Tx, peer: bytes, batch: Outgoing) -> Acknowledgement:
        row = self._row(tx, peer)
        if batch.generation != row.generation:
            raise LinkRefusedError("restart", "entries of another generation of the peer's store", False)
        if tx.trust.is_revoked(peer):
            raise LinkRefusedError("revoked", standing.REFUSAL, True)
        if batch.first > row.received:
            raise LinkRefusedError("restart", "entries were skipped", False)
        self._apply_bounded(tx, batch.entries, row)
        self._early_receipt(tx, peer)
        tx.links.update(row.id, received=max(row.received, batch.last))
        return self._acknowledge(tx, peer, row, batch.last)

    def _apply_bounded(self, tx: Tx, entries: tuple[WireEntry, ...], row: PeerRow) -> None:
        """A child that sends more than `evidence.ENTRIES_MOST` that nothing proves is stopped there: nothing of the batch is kept, and what
        it says is taken when its key is renewed. A parent is not: its renewed key comes behind such entries, on the same line."""
        if row.direction == "up" or not entries:
            self.apply_entries(tx, entries, row.id)
            return
        before = evidence.held(tx.connection, row.id)
        self.apply_entries(tx, entries, row.id)
        after = evidence.held(tx.connection, row.id)
        if after.too_much and after != before:
            log.warning(
                "too_much_unproven", extra={"fields": {"child": row.code, "entries": after.entries, "bytes": after.bytes}}
            )
            raise LinkRefusedError("unproven", "too much that no key proves came from this node", False)

    def apply_entries(self, tx: Tx, entries: tuple[WireEntry, ...], via: int) -> None:
        """Authenticate and store entries that came through a link or a bundle."""
        admit(tx, entries, via)

    def _acknowledge(self, tx: Tx, peer: bytes, row: PeerRow, received: int) -> Acknowledgement:
        if row.direction == "up":
            return Acknowledgement(row.generation, received)
        head = chain_head(tx, peer)
        receipt, signature = make_receipt(tx.signer, tx.identity.node_id, peer, head, tx.now())
        return Acknowledgement(row.generation, received, receipt, signature)

    def on_acknowledged(self, peer: bytes, ack: Acknowledgement) -> None:
        self.store.ledger(lambda tx: self._acknowledged(tx, peer, ack))

    def _acknowledged(self, tx: Tx, peer: bytes, ack: Acknowledgement) -> None:
        row = self._row(tx, peer)
        if ack.generation == tx.identity.generation and ack.watermark > row.acked:
            tx.links.update(row.id, acked=ack.watermark)
        if ack.receipt and row.direction == "up":
            self._keep_receipt(tx, peer, ack)

    def _keep_receipt(self, tx: Tx, peer: bytes, ack: Acknowledgement) -> None:
        """A receipt by a key that we do not know yet waits: the parent's change of key is on its way. When a day of receipts has not
        brought it, that is a finding, until it comes."""
        try:
            receipt = open_receipt(ack.receipt, ack.receipt_signature, tx.trust, parent=peer, child=tx.identity.node_id)
        except BadReceiptError as error:
            if error.code == UNKNOWN_KEY and self._still_early(peer, ack):
                return
            tx.finding(peer, NOT_KEPT, error.code)
            return
        if self._early.pop(peer, None) is not None:
            tx.strike_off(peer, NOT_KEPT, UNKNOWN_KEY)
        tx.links.keep_receipt(receipt.at_ms, receipt.head, ack.receipt, ack.receipt_signature)

    def _still_early(self, peer: bytes, ack: Acknowledgement) -> bool:
        at_ms, waiting = parse_receipt(ack.receipt).at_ms, self._early.get(peer)
        since = waiting.since if waiting is not None else at_ms
        self._early[peer] = _Early(since, ack)
        return at_ms - since < PATIENCE_MS

    def _early_receipt(self, tx: Tx, peer: bytes) -> None:
        """The key of a receipt that waits may have come."""
        if (waiting := self._early.get(peer)) is not None:
            self._keep_receipt(tx, peer, waiting.acknowledgement)

    # what we say of ourselves ---------------------------------------------------------------------------------------

    def status(self, peer: bytes, sent: int, acked: int) -> Status | None:
        return self.talks.status(peer, sent, acked)

    def on_status(self, peer: bytes, status: Status) -> None:
        if status.confirms:
            self.store.run(lambda tx: self._confirmed(tx, peer, status.confirms))
        if status.receipt:
            receipt = Acknowledgement(b"", 0, status.receipt, status.receipt_signature)
            self.store.ledger(lambda tx: self._acknowledged(tx, peer, receipt))
        self.talks.on_status(peer, status)

    def _confirmed(self, tx: Tx, peer: bytes, generation: bytes) -> None:
        """The peer has sent again all it had for this life of our store."""
        row = self._row(tx, peer)
        if generation == tx.identity.generation and not row.confirmed:
            tx.links.update(row.id, confirmed=1)
            tx.cases.touched.update(tx.cases.open_numbers())
            for hook in self.store.confirmed_hooks:
                hook(tx)

    # objects -------------------------------------------------------------------------------------------------------

    def wanted(self, peer: bytes, limit: int) -> list[tuple[bytes, int]]:
        with self.store.reading() as view:
            hashes = view.objects.wanted_from(self._row(view, peer).id, limit)
            return [(hash, self.store.files.partial_size(hash)) for hash in hashes]

    def read_object(self, peer: bytes, hash: bytes, offset: int, length: int) -> ObjectPart:
        with self.store.reading() as view:
            allowed = view.objects.may_fetch(hash, peer)
            found = view.objects.read(hash, offset, length) if allowed else None
            if found is None:
                gone = allowed and not awaits_neighbours(view) and sources.is_lost(view, hash, besides=self._row(view, peer).id)
                return ObjectPart(hash, offset, 0, b"", missing=True, gone=gone)
        return ObjectPart(hash, offset, found[1], found[0])

    def object_missing(self, peer: bytes, hash: bytes, gone: bool) -> None:
        self.store.run(lambda tx: sources.not_there(tx, hash, self._row(tx, peer).id, gone))

    def write_object(self, peer: bytes, part: ObjectPart) -> None:
        files = self.store.files
        if part.offset == 0 and len(part.data) == part.total:
            if object_hash(part.data) == part.hash:
                self.store.run(lambda tx: self._keep(tx, part.hash, part.data))
                with self.store.turns.of("object", part.hash):
                    files.partial(part.hash).unlink(missing_ok=True)
            return
        with self.store.turns.of("object", part.hash):  # two connections may bring the same object
            if files.append_partial(part.hash, part.offset, part.data) >= part.total:
                self._complete(part.hash)

    def sweep_partials(self) -> None:
        """Pieces of objects that nobody wants any more; what is wanted stays, however old it is."""
        for hash in self.store.files.partials()[:SWEPT]:
            with self.store.turns.of("object", hash), self.store.reading() as view:
                if not view.objects.is_wanted(hash):
                    self.store.files.partial(hash).unlink(missing_ok=True)

    def _complete(self, hash: bytes) -> None:
        """All has come: kept when it is what its name says, else thrown away and asked for again."""
        path = self.store.files.partial(hash)
        size = self.store.files.partial_size(hash)
        if file_hash(path) != hash:
            path.unlink()
            return
        if size <= INLINE_LIMIT:
            data = path.read_bytes()
            self.store.run(lambda tx: self._keep(tx, hash, data))
            path.unlink()
            return

        def adopt(tx: Tx) -> None:
            tx.objects.put_file(path, hash, size)
            self.store.object_arrived(tx, hash)

        with self.store.taking(path, hash):
            self.store.run(adopt)

    def _keep(self, tx: Tx, hash: bytes, data: bytes) -> None:
        tx.objects.put(data)
        self.store.object_arrived(tx, hash)

    # state ---------------------------------------------------------------------------------------------------------

    def on_link_state(self, peer: bytes, online: bool, error: str) -> None:
        if not online:
            self.store.watch.gone(peer)

        def note(tx: Tx) -> None:
            row = tx.links.get(peer)
            if row is None:
                return
            if row.direction == "up":
                standing.note_line(tx, online, error)
            if online:
                tx.links.update(row.id, state="online", last_contact=tx.now(), last_error="")
            else:
                state = "never" if row.state == "never" else "offline"
                contact = {"last_contact": tx.now()} if row.state == "online" else {}
                tx.links.update(row.id, state=state, last_error=error, error_at=tx.now(), **contact)

        self.store.ledger(note)
        self.talks.changed_below()
        if self.on_state is not None:
            self.on_state(peer, online, error)

    def _row(self, view: View | Tx, peer: bytes) -> PeerRow:
        row = view.links.get(peer)
        if row is None:
            raise LinkRefusedError("unknown_node", "this node is not enrolled here", True)
        return row


def _shown_life(tx: Tx, greeting: Greeting) -> int:
    """The epoch of the last entry of ours that the peer has, when it shows it and we lack it; else 0. It may be later than the one we
    opened, since the leap is a draw: what a burnt disk wrote must not stand after what we write now."""
    head = greeting.known_of_you
    forgotten = head.seq and not knows(tx, tx.identity.node_id, head)
    return head.epoch if forgotten and _wrote(tx, greeting.known_entry, head) else 0


def _wrote(tx: Tx, entry: WireEntry | None, head: HeadMark) -> bool:
    """Whether we signed this entry, at this place."""
    if entry is None:
        return False
    (verdict,) = authenticate_each([entry], tx.trust.copy())
    header = verdict.header
    if header is None or not verdict.authentic or header.author_id != tx.identity.node_id:
        return False
    return HeadMark(header.epoch, header.seq, verdict.hash) == head


def file_hash(path: os.PathLike[str]) -> bytes:
    """SHA-256 of a file, read in pieces."""
    import hashlib

    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.digest()
