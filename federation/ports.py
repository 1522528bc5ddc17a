"""What federation needs from a node. `federation` never imports `node`; a node implements these.

All methods are synchronous and thread-safe; those that write return after COMMIT. Positions are 64-bit integers:
upward they are the child's arrival numbers, downward the parent's per-peer numbers `n`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class WireEntry:
    """Header bytes as signed, and their signature."""

    header: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class HeadMark:
    """The last known entry of a chain; seq 0 means none."""

    epoch: int = 0
    seq: int = 0
    hash: bytes = b""


@dataclass(frozen=True, slots=True)
class Greeting:
    """The content of a Hello frame, both ways (see link.proto)."""

    node_id: bytes
    generation: bytes
    own_head: HeadMark
    known_of_you: HeadMark
    your_generation: bytes
    your_watermark: int
    clock_ms: int
    software: str
    protocol_min: int = 1
    protocol_max: int = 1
    known_entry: WireEntry | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Entries to send to one peer: everything the peer must see at positions in (first, last]."""

    generation: bytes
    first: int
    last: int
    entries: tuple[WireEntry, ...]


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """`watermark` of `generation` is durably stored; `receipt`/`receipt_signature` only from parent to child."""

    generation: bytes
    watermark: int
    receipt: bytes = b""
    receipt_signature: bytes = b""


@dataclass(frozen=True, slots=True)
class Below:
    """A node below the sender of a Status: its line to its parent (online | offline | never | revoked) and since when (ms, 0 unknown), the
    revisions in force there (0 unknown) and its software. Nobody signs for it: to show, and to suspect by."""

    node_id: bytes
    line: str
    since_ms: int = 0
    catalog: int = 0
    calendar: int = 0
    rules: int = 0
    software: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """ "You have everything of mine up to here, at my time t": the content of a Status frame (link.proto). `statement` is a signed one of
    `federation.protocol.statements`, empty when only `confirms` is said."""

    generation: bytes
    position: int
    statement: bytes = b""
    signature: bytes = b""
    confirms: bytes = b""
    receipt: bytes = b""
    receipt_signature: bytes = b""
    features: tuple[str, ...] = ()
    software: str = ""
    catalog: int = 0
    calendar: int = 0
    rules: int = 0
    below: tuple[Below, ...] = ()
    published_ms: int = 0  # to a child: until when the sender knows what the root publishes
    above: tuple[bytes, ...] = ()  # to a child: signature and statement of each node above the sender, said to the next below it


@dataclass(frozen=True, slots=True)
class ObjectPart:
    """A piece of a stored object; `missing` when it is not here or the asker may not have it, `gone` when the asker may have it
    and it cannot come here either, but from the asker."""

    hash: bytes
    offset: int
    total: int
    data: bytes
    missing: bool = False
    gone: bool = False


class LinkRefusedError(Exception):
    """The peer may not use this link. `permanent` ones are listed and not retried by themselves."""

    def __init__(self, code: str, message: str, permanent: bool) -> None:
        super().__init__(message)
        self.code = code
        self.permanent = permanent


class LinkPort(Protocol):
    """One node as its links see it."""

    @property
    def node_id(self) -> bytes: ...

    def greeting(self, peer: bytes) -> Greeting:
        """What we say first to `peer`."""

    def on_greeting(self, peer: bytes, greeting: Greeting) -> int:
        """Check the peer (LinkRefusedError: revoked, unknown, protocol), rewind when its generation or watermark asks
        for it, open a new epoch when it knows more of our chain than we do (a child must show the entry). Returns the
        position to send from."""

    def outgoing(self, peer: bytes, after: int, limit: int) -> Outgoing:
        """Committed entries for `peer` after position `after`; at most `limit` entries. `last == after` when none."""

    def on_entries(self, peer: bytes, batch: Outgoing) -> Acknowledgement:
        """Verify, store and apply a batch and advance the watermark in one transaction; repeats have no effect."""

    def on_acknowledged(self, peer: bytes, ack: Acknowledgement) -> None:
        """The peer holds everything up to the watermark; keeps the receipt if there is one."""

    def status(self, peer: bytes, sent: int, acked: int) -> Status | None:
        """What to say to `peer` of ourselves now, when that is due and everything for it stands at or before position `sent`; also what
        it waits for after a restore, once that is acknowledged (`acked`)."""

    def on_status(self, peer: bytes, status: Status) -> None:
        """The peer spoke. Entries that came before on the same stream are stored already."""

    def wanted(self, peer: bytes, limit: int) -> list[tuple[bytes, int]]:
        """Objects to pull from `peer` now, as (hash, offset already held)."""

    def read_object(self, peer: bytes, hash: bytes, offset: int, length: int) -> ObjectPart:
        """A piece of an object for `peer`; missing=True unless the journal lets the peer have it."""

    def write_object(self, peer: bytes, part: ObjectPart) -> None:
        """Keep a pulled piece; when complete, check its hash and store it durably."""

    def object_missing(self, peer: bytes, hash: bytes, gone: bool) -> None:
        """The peer does not have what we asked for."""

    def on_link_state(self, peer: bytes, online: bool, error: str) -> None:
        """Contact made or lost; `error` is one plain English sentence, empty when online."""


class EnrolmentPort(Protocol):
    """The parent's side of a join; implemented by node.services.tree.membership."""

    def redeem(self, request: bytes) -> bytes:
        """Sealed join request -> sealed, signed answer; see federation.protocol.enrolment. Raises JoinRefusedError."""
