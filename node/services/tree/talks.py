"""What a node says of itself on each of its lines, and what it takes from what neighbours say (Status in link.proto).

At opening, once all is sent, every ten minutes, and when our key is a new one: our head, our time, and the neighbour's time after which we
say so. The parent's
Status is a question too: its child answers at once, so that the parent knows it up to the moment of asking. Nothing is said while
something for the neighbour is still to be sent. A child also tells what changed below it. What our program knows is said once on
each connection.

What a neighbour said counts when its key in force signed it and its head is stored here with everything before it: else we know the
node only as far as before. Time is counted by the clock that nobody can set.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from federation.ports import Below, Status
from federation.protocol.receipts import make_receipt
from federation.protocol.statements import BadStatementError, Said, make_statement, open_statement, statement_hash
from node.domain.cases.acts import FEATURES
from node.domain.software import SOFTWARE
from node.domain.tree.heard import SPEAKS_MS
from node.services.tree import above, lives, published
from node.store import hearings
from node.store.hearings import Statement
from node.store.journal import chain_head, knows, last_arrival
from node.store.links import PeerRow
from node.store.store import Store, Tx, View

if TYPE_CHECKING:
    from federation.ports import HeadMark

EVERY_MS = 600_000
NEWS_MS = 60_000  # between two Status of which the second only tells what changed below
NOT_TAKEN = "statement_not_taken"  # a finding about a neighbour


@dataclass(slots=True)
class _Talk:
    """One open link. `theirs`: the latest time of the neighbour that it told us (ms); `said`: our ticks at our last Status."""

    theirs: int
    said: int | None = None
    key: bytes = b""  # the id of the key that signed it
    asked: bool = False
    news: bool = False  # something below us changed
    confirmed: bool = False  # it knows that it has all that its restore may have lost
    told: dict[bytes, Below] = field(default_factory=dict)  # what it knows of those below us


class _Taken(NamedTuple):
    """A statement that is authentic. `counts`: all of its author up to its head is here; `before_ms`: after which time of ours it spoke
    the last time (0: never)."""

    said: Said
    is_parent: bool
    counts: bool
    before_ms: int


class Talks:
    """The open lines of one node."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._talks: dict[bytes, _Talk] = {}
        self._epochs: dict[bytes, int] = {}  # peer -> the epoch of its present life, as it greeted
        self._ours: dict[bytes, int] = {}  # peer -> the latest time of ours that it was told
        self.spoke: Callable[[bytes, int], None] = lambda peer, before_ms: None  # a child said something; when it did so before

    def greeted(self, peer: bytes, epoch: int, clock_ms: int) -> None:
        """The link is open."""
        self._epochs[peer] = epoch
        self._talks[peer] = _Talk(clock_ms)

    def changed_below(self) -> None:
        """A line below us, or something that runs there, is not as it was."""
        for talk in tuple(self._talks.values()):
            talk.news = True

    def told_time(self, peer: bytes, clock_ms: int) -> None:
        """The neighbour is about to be told our time."""
        self._ours[peer] = clock_ms

    # saying --------------------------------------------------------------------------------------------------------

    def status(self, peer: bytes, sent: int, acked: int) -> Status | None:
        """See `LinkPort.status`."""
        talk = self._talks.get(peer)
        if talk is None:
            return None
        ticks = self._store.clock.ticks()
        renewed = talk.key != self._store.signer.key_id  # what the one before signed may have counted for nothing
        due = sent >= 0 and (talk.asked or talk.said is None or renewed or ticks - talk.said >= EVERY_MS)
        news = talk.news and sent >= 0 and talk.said is not None and ticks - talk.said >= NEWS_MS
        if not due and not news and talk.confirmed:
            return None
        with self._store.reading() as view:
            row = view.links.get(peer)
            if row is None:
                return None
            confirms = b"" if talk.confirmed else self._confirms(view, peer, row, acked)
            all_sent = (due or news) and self._is_all(view, row, sent)
            changed = self._changed(view, talk) if all_sent and row.direction == "up" else ()
            talk.news = talk.news and not all_sent
            if not (all_sent and (due or changed)):
                return Status(view.identity.generation, max(0, acked), confirms=confirms) if confirms else None
            status, said = self._made(view, peer, row, talk, max(sent, acked), confirms, changed)
        self._remember(peer, row, talk, status, said, ticks)
        return status

    def _made(
        self, view: View, peer: bytes, row: PeerRow, talk: _Talk, position: int, confirms: bytes, changed: tuple[Below, ...]
    ) -> tuple[Status, Said]:
        me, now = view.identity.node_id, view.now()
        heard = hearings.statement_of(view.connection, row.id)
        said = Said(me, peer, chain_head(view, me), now, talk.theirs, heard.hash if heard is not None else b"")
        receipt = (b"", b"")
        if row.direction == "down":
            receipt = make_receipt(self._store.signer, me, peer, chain_head(view, peer), now)
        cites = self._store.catalog.cites()
        status = Status(
            view.identity.generation, position, *make_statement(self._store.signer, said), confirms, *receipt,
            FEATURES if talk.said is None else (), SOFTWARE,
            cites.catalog, cites.calendar, cites.rules, changed, published.said(view) if row.direction == "down" else 0,
            above.said(view) if row.direction == "down" else (),
        )  # fmt: skip
        return status, said

    def _remember(self, peer: bytes, row: PeerRow, talk: _Talk, status: Status, said: Said, ticks: int) -> None:
        """What we say to our parent we can prove later, whatever it makes of it."""
        if row.direction == "up":
            hash, proof = statement_hash(status.statement), status.signature + status.statement
            self._store.ledger(lambda tx: hearings.note_own(tx.connection, hash, said.head, said.after_ms, proof))
        talk.said, talk.key, talk.asked = ticks, self._store.signer.key_id, False
        talk.told.update({one.node_id: one for one in status.below})
        self.told_time(peer, said.clock_ms)

    def _confirms(self, view: View, peer: bytes, row: PeerRow, acked: int) -> bytes:
        """The generation of a restored neighbour that has all again, once nothing is kept here that its key does not prove yet."""
        if row.caught_up_at < 0 or acked < row.caught_up_at or lives.in_vain(view, peer, but=self._epochs.get(peer, -1)):
            return b""
        self._talks[peer].confirmed = True
        return row.caught_up_generation

    def _is_all(self, view: View, row: PeerRow, sent: int) -> bool:
        """Whether nothing for the neighbour stands after a position."""
        return (last_arrival(view) if row.direction == "up" else view.links.down_end(row.id)) <= sent

    def _changed(self, view: View, talk: _Talk) -> tuple[Below, ...]:
        return tuple(one for one in below(view) if talk.told.get(one.node_id) != one)

    # listening -----------------------------------------------------------------------------------------------------

    def on_status(self, peer: bytes, status: Status) -> None:
        """See `LinkPort.on_status`; receipt and confirmation are `Inbound`'s."""
        talk = self._talks.get(peer)
        if talk is None:
            return
        taken = self._store.ledger(lambda tx: self._take(tx, peer, status))
        if taken is None:
            return
        talk.theirs = taken.said.clock_ms
        talk.asked = taken.is_parent
        self._store.watch.heard(peer, taken.said.clock_ms)
        if taken.counts and not taken.is_parent:
            self.spoke(peer, taken.before_ms)

    def _take(self, tx: Tx, peer: bytes, status: Status) -> _Taken | None:
        row = tx.links.get(peer)
        if row is None or not status.statement:
            return None
        told = {"features": " ".join(status.features)} if status.features else {}
        tx.links.update(row.id, software=status.software, **told)
        self._keep_below(tx, peer, row, status)
        try:
            said = open_statement(status.statement, status.signature, tx.trust, author=peer, to=tx.identity.node_id)
        except BadStatementError as error:
            _note(tx, peer, error.code)
            return None
        tx.links.update(row.id, clock_skew=said.clock_ms - tx.now())
        known_above = above.oldest(tx)
        if row.direction == "up":
            hearings.note_taken(tx.connection, said.of_you, said.clock_ms, status.signature + status.statement)
            published.keep(tx, status.published_ms)
            _note(tx, peer, above.keep(tx, peer, status))
        before = hearings.statement_of(tx.connection, row.id)
        counts = row.direction == "up" or self._holds_all(tx, peer, said.head, before)
        if counts:
            after = min(said.after_ms, self._ours.get(peer, 0))  # what it says of our clock is no more than we told it
            fresh = Statement(
                statement_hash(status.statement), (said.head.epoch, said.head.seq), said.clock_ms, after, last_arrival(tx)
            )
            hearings.keep_statement(tx.connection, row.id, fresh, status.statement, status.signature)
        if above.oldest(tx) - known_above > SPEAKS_MS:
            tx.after_commit(lambda: self._ask_below(peer))
        return _Taken(said, row.direction == "up", counts, before.after_ms if before is not None else 0)

    def _ask_below(self, parent: bytes) -> None:
        """Those above were not heard and are again: our children hear it at once, not with one Status a tier."""
        for peer, talk in tuple(self._talks.items()):
            talk.asked = talk.asked or peer != parent

    def _holds_all(self, tx: Tx, peer: bytes, head: HeadMark, before: Statement | None) -> bool:
        """Whether the child's chain up to the head it names is here, good, and the last we have of it."""
        if head.seq and not knows(tx, peer, head):
            return False
        here = (head.epoch, head.seq)
        since = before.position if before is not None else (0, 0)
        return hearings.good_head(tx.connection, peer) == here and hearings.is_whole(tx.connection, peer, since, here)

    def _keep_below(self, tx: Tx, peer: bytes, row: PeerRow, status: Status) -> None:
        """What the neighbour tells of itself, and a child of those that really are below it."""
        own = Below(peer, "", 0, status.catalog, status.calendar, status.rules, status.software)
        told = [one for one in status.below if tx.trust.is_below(one.node_id, peer)] if row.direction == "down" else []
        hearings.keep_below(tx.connection, row.id, [own, *told])
        if row.direction == "down":
            tx.after_commit(self.changed_below)


def _note(tx: Tx, peer: bytes, code: str | None) -> None:
    """A neighbour said or showed what proves nothing; a key that was renewed is nobody's fault."""
    if code is not None and code != "superseded_key":
        tx.finding(peer, NOT_TAKEN, code)


def below(view: View | Tx) -> list[Below]:
    """What runs below this node: the lines of its children as they stand, and what children told of those below them."""
    me = view.identity.node_id
    told = hearings.below(view.connection)
    found: list[Below] = []
    for peer in view.links.all():
        node = view.node_of(peer.id)
        if peer.direction == "down":
            line = "revoked" if view.trust.is_revoked(node) else peer.state
            own = told.get(node, Below(node, ""))
            since = peer.last_contact if line in ("online", "offline") else 0
            found.append(Below(node, line, since, own.catalog, own.calendar, own.rules, own.software))
    direct = {one.node_id for one in found}
    return found + [one for node, one in told.items() if node not in direct and node != me and view.trust.is_below(node, me)]
