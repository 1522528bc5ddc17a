"""What time it is when nobody's word is taken alone: the evidence that effects of absence and deletions rest on.

A local clock may be years off (a dead battery), may be set by hand, may jump forth for eight seconds and back. Three things bear
it out or contradict it:

* the parent: the time it signed in its last receipt, and, while it is on the line, the clock it greeted with, carried on by our
  monotonic clock (so that a jump of our own clock after the greeting proves nothing);
* at a root, the children that are on the line, in the same way;
* the node's own running time: a count of monotonic milliseconds, kept over restarts, that no clock can move; and how much of it
  has passed since the clock last jumped (`STEADY_MS`).

`agrees` says whether our clock may be used for what cannot be undone, `witnessed` up to which moment somebody bears it out, `ran`
how long this node has run in its life, `outages` when it did not run: while it was off, or asleep, its people could not act.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from federation.protocol.envelope import decode_header
from node.domain.calendar import DAY_MS
from node.store.identity import Meta
from node.store.stored import chain_head, wire_entry

if TYPE_CHECKING:
    import sqlite3

    from node.store.ground import Ground, Home
    from node.store.view import Reading

OFF_MS = 5 * 60_000  # a root's clock may differ so much from the median of its children's
JUMP_MS = DAY_MS  # a clock that moved this much more (or less) than the time that passed has jumped
STEADY_MS = 8 * 3_600_000  # of running time without a jump, after which a root's clock is its own witness again
STILL_MS = 4 * DAY_MS  # a node may be off for so long (a weekend) without its clock being in doubt
OUTAGE_MS, OUTAGES = 3_600_000, 8  # time that passed without us for so long is an outage; the last ones are kept
_KEY, _OUTAGES = "clock_watch", "outages"


@dataclass(frozen=True, slots=True)
class Look:
    """The clock (ms), the running time of this life (ms), and that running time at the last jump."""

    wall: int
    ran: int
    jumped: int


class ClockWatch:
    """Compares the store's clock with the time that really passes."""

    def __init__(self, store: Home, connection: sqlite3.Connection) -> None:
        self.store = store
        self._ticks = store.clock.ticks()
        self._heard: dict[bytes, tuple[int, int]] = {}  # peer -> (its clock at its greeting, our ticks then)
        before, wall = _load(Meta(connection).get(_KEY)), store.now()
        self._last, self.outages = _opened(before, wall), _load_outages(Meta(connection).get(_OUTAGES))
        if before is not None:
            self._note_outage(before.wall, wall, wall - before.wall)

    def look(self) -> Look:
        """Count the time since the last look, and see whether the clock went with it."""
        ticks, wall, last = self.store.clock.ticks(), self.store.now(), self._last
        passed = max(0, ticks - self._ticks)
        ran = last.ran + passed
        jumped = ran if abs(wall - last.wall - passed) >= JUMP_MS else last.jumped
        if wall - last.wall - passed < STILL_MS:  # asleep; more is a clock that was set
            self._note_outage(last.wall, wall, wall - last.wall - passed)
        self._ticks, self._last = ticks, Look(wall, ran, jumped)
        return self._last

    def keep(self) -> None:
        """Write the running time down (at each tick of the node), so that it goes on after a restart."""
        last = self.look()
        self.store.run(partial(self._write, last))

    def _write(self, last: Look, tx: Ground) -> None:
        tx.meta.set(_KEY, f"{last.wall} {last.ran} {last.jumped}".encode())
        tx.meta.set(_OUTAGES, ";".join(f"{start} {end}" for start, end in self.outages).encode())

    def _note_outage(self, start: int, end: int, lost: int) -> None:
        """Time that passed without us. Where the clock went back, what it had skipped before was none."""
        if lost <= -OUTAGE_MS:
            self.outages = tuple(one for one in self.outages if one[1] <= end)
        elif lost >= OUTAGE_MS:
            self.outages = (*self.outages, (start, end))[-OUTAGES:]

    @property
    def ran(self) -> int:
        """Milliseconds that this node has run in its life."""
        return self.look().ran

    @property
    def steady(self) -> bool:
        """Whether the clock has gone with the running time for long enough."""
        last = self.look()
        return last.ran - last.jumped >= STEADY_MS

    # neighbours ----------------------------------------------------------------------------------------------------

    def heard(self, peer: bytes, clock_ms: int) -> None:
        """A neighbour greeted and told its time."""
        self._heard[peer] = (clock_ms, self.store.clock.ticks())

    def gone(self, peer: bytes) -> None:
        """The neighbour is not on the line any more."""
        self._heard.pop(peer, None)

    def time_at(self, peer: bytes) -> int | None:
        """What the neighbour's clock shows now, while it is on the line."""
        found = self._heard.get(peer)
        return found[0] + self.store.clock.ticks() - found[1] if found is not None else None

    # what may rest on the clock ------------------------------------------------------------------------------------

    def agrees(self, view: Reading) -> bool:
        """Whether our clock may be used for what cannot be undone: the parent does not contradict it; a root's children neither."""
        parent = view.identity.parent
        if parent is None:
            return self._root_agrees(view)
        receipt, at, peer = int(view.links.last_receipt[1]), self.time_at(parent), view.links.get(parent)
        apart = at - view.now() if at is not None else peer.clock_skew if peer is not None else 0
        return 0 < receipt <= view.now() and abs(apart) < JUMP_MS

    def _root_agrees(self, view: Reading) -> bool:
        """Most children on the line, or a clock that has been steady and that not all of several children contradict; never one that
        `apart` or the own last entry contradicts."""
        if self.apart() or view.now() < _last_written(view) - OFF_MS:
            return False
        times = self._times()
        good = sum(abs(at - self.store.now()) < JUMP_MS for at in times)
        return good * 2 > len(times) or (self.steady and (good > 0 or len(times) < 2))

    def _times(self) -> list[int]:
        return [at for peer in tuple(self._heard) if (at := self.time_at(peer)) is not None]

    def apart(self) -> int:
        """By how much (ms) a root's clock differs from the median of its children's on the line, when that is more than OFF_MS; else 0.
        Two that agree with each other are enough. With one, or two that differ, nobody knows whose clock is wrong."""
        times = self._times()
        if len(times) < 2 or (len(times) == 2 and max(times) - min(times) > OFF_MS):
            return 0
        off = round(median(times)) - self.store.now()
        return off if abs(off) > OFF_MS else 0

    def witnessed(self, view: Reading) -> int:
        """The moment (ms) up to which somebody bears our time out: the parent on the line or its last receipt; at a root the own
        clock, see `agrees`."""
        parent = view.identity.parent
        if parent is None:
            return view.now()
        at = self.time_at(parent)
        return max(int(view.links.last_receipt[1]), min(at, view.now()) if at is not None else 0)


def _last_written(view: Reading) -> int:
    """When our own last entry says that it was written (ms); 0 before the first."""
    me = view.identity.node_id
    found = wire_entry(view, me, chain_head(view, me))
    return decode_header(found.header).recorded_at if found is not None else 0


def _opened(before: Look | None, wall: int) -> Look:
    """At the start nobody knows how long the node was off: a clock that went back, or on by more than STILL_MS, is in doubt."""
    if before is None:
        return Look(wall, 0, -STEADY_MS)
    doubtful = not -JUMP_MS < wall - before.wall < STILL_MS
    return Look(wall, before.ran, before.ran if doubtful else before.jumped)


def _load_outages(raw: bytes | None) -> tuple[tuple[int, int], ...]:
    try:
        pairs = [part.split() for part in (raw or b"").split(b";") if part]
        return tuple((int(start), int(end)) for start, end in pairs)
    except ValueError:
        return ()


def _load(raw: bytes | None) -> Look | None:
    try:
        wall, ran, jumped = (int(part) for part in (raw or b"").split())
    except ValueError:
        return None
    return Look(wall, ran, jumped)
