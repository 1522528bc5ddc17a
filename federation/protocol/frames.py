"""Frames of a link <-> the plain values of `federation.ports`, with every limit a peer could try to exceed.

A batch is packed as `Items`, compressed with zlib level 1 when asked for and smaller. What arrives is bounded before it is
believed: bytes of a frame, bytes after decompression (so many times the packed ones and no more), entries of a batch before any of them
is made a message (seven megabytes hold three million empty ones), bytes of an object piece. Whatever does not
fit raises BadFrameError, which a session answers with a Fault frame; nothing else is raised here.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from google.protobuf.message import DecodeError

from federation.ports import Acknowledgement, Below, Greeting, HeadMark, ObjectPart, Outgoing, Status, WireEntry
from federation.protocol.envelope import MAX_HEADER
from protos.tongban.v1 import link_pb2 as pb

MAX_BATCH_BYTES = 7 * 1024 * 1024  # of entries, unpacked; a gRPC message may have 8 MiB
MAX_BATCH_ENTRIES = 1000
MAX_PIECE = 32 * 1024  # bytes of one piece of an object
MAX_OBJECT = 64 * 1024 * 1024  # bytes; the largest material has 50 MB
_ITEM = 16  # bytes that a batch adds to an entry
MAX_GROWTH = 100  # times that a packed batch may grow, beyond `_FREE_GROWTH`; what packs better is sent as it is
_FREE_GROWTH = 256 * 1024  # bytes
_OTHER_FIELDS = 64  # of a newer version, in a batch
MAX_TEXT = 500  # characters of a fault's message
_WORTH_PACKING = 512  # bytes
MAX_BELOW = 5000  # nodes below a sender that one Status may tell of
MAX_FEATURES, MAX_WORD = 64, 64  # of a Status; characters of a feature or a name of a software
MAX_STATEMENT = 512  # bytes
MAX_ABOVE, MAX_SHOWN = 16, 64 + MAX_STATEMENT  # statements of nodes above; bytes of one with its signature


class BadFrameError(ValueError):
    """The peer sent what no honest peer sends: the peer's fault. `code` is for the Fault frame."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def hello_frame(greeting: Greeting) -> pb.Frame:
    """A Greeting as a frame."""
    known = greeting.known_entry
    return pb.Frame(
        hello=pb.Hello(
            protocol_min=greeting.protocol_min,
            protocol_max=greeting.protocol_max,
            node_id=greeting.node_id,
            generation=greeting.generation,
            own_head=_head(greeting.own_head),
            known_of_you=_head(greeting.known_of_you),
            your_generation=greeting.your_generation,
            your_watermark=greeting.your_watermark,
            clock_ms=greeting.clock_ms,
            software=greeting.software[:MAX_TEXT],
            known_entry=pb.Item(header=known.header, signature=known.signature) if known is not None else None,
        )
    )


def read_hello(hello: pb.Hello) -> Greeting:
    """A Greeting from the peer. Raises BadFrameError."""
    if len(hello.node_id) != 16 or not 1 <= len(hello.generation) <= 64 or len(hello.your_generation) > 64:
        raise BadFrameError("bad_hello", "the greeting names no node or store")
    if len(hello.software) > MAX_TEXT or hello.protocol_min > hello.protocol_max:
        raise BadFrameError("bad_hello", "the greeting makes no sense")
    return Greeting(
        node_id=hello.node_id,
        generation=hello.generation,
        own_head=_mark(hello.own_head),
        known_of_you=_mark(hello.known_of_you),
        your_generation=hello.your_generation,
        your_watermark=_position(hello.your_watermark),
        clock_ms=hello.clock_ms,
        software=hello.software,
        protocol_min=hello.protocol_min,
        protocol_max=hello.protocol_max,
        known_entry=_shown(hello),
    )


def _shown(hello: pb.Hello) -> WireEntry | None:
    if len(hello.known_entry.header) > MAX_HEADER:
        raise BadFrameError("bad_hello", "the entry shown is too large")
    return WireEntry(hello.known_entry.header, hello.known_entry.signature) if hello.HasField("known_entry") else None


def _head(mark: HeadMark) -> pb.Head:
    return pb.Head(epoch=mark.epoch, seq=mark.seq, hash=mark.hash)


def _mark(head: pb.Head) -> HeadMark:
    if len(head.hash) not in (0, 32):
        raise BadFrameError("bad_hello", "a head is not a hash")
    return HeadMark(head.epoch, _position(head.seq), head.hash)


def _position(number: int) -> int:
    if number >= 1 << 63:
        raise BadFrameError("bad_position", "a position is out of range")
    return number


def batch_fits(entries: Sequence[WireEntry]) -> bool:
    """Whether the entries fit into one batch."""
    return sum(len(e.header) + len(e.signature) + _ITEM for e in entries) <= MAX_BATCH_BYTES


def batch_frame(batch: Outgoing, compress: bool) -> pb.Frame:
    """Entries as a frame; `compress` asks for zlib level 1 where it is worth it."""
    items = pb.Items(items=[pb.Item(header=e.header, signature=e.signature) for e in batch.entries]).SerializeToString()
    packed = zlib.compress(items, 1) if compress and len(items) > _WORTH_PACKING else items
    smaller = len(packed) < len(items) <= _most(len(packed))
    return pb.Frame(
        batch=pb.Batch(
            generation=batch.generation, first=batch.first, last=batch.last, zlib=smaller, items=packed if smaller else items
        )
    )


def read_batch(batch: pb.Batch) -> Outgoing:
    """Entries from the peer. Raises BadFrameError for anything oversized or unreadable."""
    if batch.last <= batch.first:
        raise BadFrameError("bad_position", "a batch ends before it begins")
    data = _unpack(batch.items) if batch.zlib else batch.items
    if len(data) > MAX_BATCH_BYTES:
        raise BadFrameError("too_large", f"a batch of more than {MAX_BATCH_BYTES} bytes")
    if _fields(data, MAX_BATCH_ENTRIES + _OTHER_FIELDS) > MAX_BATCH_ENTRIES + _OTHER_FIELDS:
        raise BadFrameError("too_large", f"a batch of more than {MAX_BATCH_ENTRIES} entries")
    try:
        items = pb.Items.FromString(data).items
    except DecodeError as error:
        raise BadFrameError("garbage", "a batch cannot be read") from error
    if len(items) > MAX_BATCH_ENTRIES:
        raise BadFrameError("too_large", f"a batch of more than {MAX_BATCH_ENTRIES} entries")
    entries = tuple(WireEntry(item.header, item.signature) for item in items)
    if any(len(e.header) > MAX_HEADER or len(e.signature) > 256 for e in entries):
        raise BadFrameError("too_large", f"an entry of more than {MAX_HEADER} bytes")
    return Outgoing(batch.generation, batch.first, _position(batch.last), entries)


def _most(packed: int) -> int:
    """Bytes that a batch of `packed` bytes may have unpacked."""
    return min(MAX_BATCH_BYTES, _FREE_GROWTH + MAX_GROWTH * packed)


def _fields(data: bytes, most: int) -> int:
    """How many fields a message has, counted without reading them; stops beyond `most`, and at what cannot be read."""
    at = found = 0
    while at < len(data) and found <= most:
        key, at = _varint(data, at)
        if key & 7 == 2:
            length, at = _varint(data, at)
            at += length
        elif key & 7 == 0:
            _, at = _varint(data, at)
        else:
            at += {1: 8, 5: 4}.get(key & 7, len(data))
        found += 1
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number and the place after it; the end of the data when it is no number."""
    number = 0
    for n, byte in enumerate(data[at : at + 10]):
        number |= (byte & 127) << (7 * n)
        if byte < 128:
            return number, at + n + 1
    return 0, len(data)


def _unpack(data: bytes) -> bytes:
    unpacker, most = zlib.decompressobj(), _most(len(data))
    try:
        out = unpacker.decompress(data, most + 1)
    except zlib.error as error:
        raise BadFrameError("garbage", "a batch cannot be unpacked") from error
    if len(out) > most:
        raise BadFrameError("too_large", f"a batch that grows to more than {most} bytes")
    if not unpacker.eof:
        raise BadFrameError("garbage", "a packed batch is cut off")
    return out


def ack_frame(ack: Acknowledgement) -> pb.Frame:
    """An acknowledgement, with the receipt when there is one."""
    frame = pb.Frame(ack=pb.Ack(generation=ack.generation, watermark=ack.watermark))
    if ack.receipt:
        frame.ack.receipt.receipt = ack.receipt
        frame.ack.receipt.signature = ack.receipt_signature
    return frame


def read_ack(ack: pb.Ack) -> Acknowledgement:
    """An acknowledgement from the peer. Raises BadFrameError."""
    return Acknowledgement(ack.generation, _position(ack.watermark), ack.receipt.receipt, ack.receipt.signature)


def status_frame(status: Status) -> pb.Frame:
    """A Status as a frame."""
    frame = pb.Frame(
        status=pb.Status(
            generation=status.generation, position=status.position, statement=status.statement, signature=status.signature,
            confirms=status.confirms, features=status.features, software=status.software[:MAX_WORD], catalog=status.catalog,
            calendar=status.calendar, rules=status.rules,
            below=[
                pb.Below(
                    node_id=one.node_id, line=one.line, since_ms=one.since_ms, catalog=one.catalog, calendar=one.calendar,
                    rules=one.rules, software=one.software[:MAX_WORD],
                )
                for one in status.below[:MAX_BELOW]
            ],
            published_ms=status.published_ms, above=status.above[:MAX_ABOVE],
        )
    )  # fmt: skip
    if status.receipt:
        frame.status.receipt.receipt, frame.status.receipt.signature = status.receipt, status.receipt_signature
    return frame


def read_status(status: pb.Status) -> Status:
    """A Status from the peer. Raises BadFrameError."""
    if len(status.below) > MAX_BELOW or len(status.features) > MAX_FEATURES:
        raise BadFrameError("too_large", "a status with too much in it")
    words = (*status.features, status.software, *(text for one in status.below for text in (one.line, one.software)))
    if max(map(len, words)) > MAX_WORD or max(len(status.statement), len(status.signature)) > MAX_STATEMENT:
        raise BadFrameError("too_large", "a status with words that are too long")
    if len(status.above) > MAX_ABOVE or max(map(len, status.above), default=0) > MAX_SHOWN:
        raise BadFrameError("too_large", "a status that shows too much of the nodes above")
    if not 1 <= len(status.generation) <= 64 or len(status.confirms) > 64 or any(len(one.node_id) != 16 for one in status.below):
        raise BadFrameError("bad_status", "a status that names no store or no node")
    return Status(
        status.generation, _position(status.position), status.statement, status.signature, status.confirms, status.receipt.receipt,
        status.receipt.signature, tuple(status.features), status.software, status.catalog, status.calendar, status.rules,
        tuple(
            Below(one.node_id, one.line, one.since_ms, one.catalog, one.calendar, one.rules, one.software) for one in status.below
        ),
        min(status.published_ms, (1 << 63) - 1), tuple(status.above),
    )  # fmt: skip


def fault_frame(code: str, message: str, permanent: bool) -> pb.Frame:
    return pb.Frame(fault=pb.Fault(code=code[:64], message=message[:MAX_TEXT], permanent=permanent))


def object_fault(code: str, message: str, permanent: bool) -> pb.ObjectFrame:
    return pb.ObjectFrame(fault=pb.Fault(code=code[:64], message=message[:MAX_TEXT], permanent=permanent))


def request_frame(hash: bytes, offset: int, length: int) -> pb.ObjectFrame:
    """Ask for `length` bytes of an object from `offset`."""
    return pb.ObjectFrame(request=pb.ObjectRequest(hash=hash, offset=offset, length=length))


def read_request(request: pb.ObjectRequest) -> tuple[bytes, int, int]:
    """(hash, offset, length) the peer asks for, length bounded by MAX_PIECE. Raises BadFrameError."""
    if len(request.hash) != 32 or not request.length:
        raise BadFrameError("bad_request", "a request names no object or no length")
    return request.hash, _position(request.offset), min(request.length, MAX_PIECE)


def piece_frame(part: ObjectPart) -> pb.ObjectFrame:
    """A piece of an object."""
    if part.missing:
        return pb.ObjectFrame(chunk=pb.ObjectChunk(hash=part.hash, offset=part.offset, missing=True, gone=part.gone))
    return pb.ObjectFrame(chunk=pb.ObjectChunk(hash=part.hash, offset=part.offset, total=part.total, data=part.data))


def read_piece(chunk: pb.ObjectChunk) -> ObjectPart:
    """A piece from the peer. Raises BadFrameError."""
    if len(chunk.hash) != 32 or len(chunk.data) > MAX_PIECE:
        raise BadFrameError("too_large", f"a piece of no object, or of more than {MAX_PIECE} bytes")
    if not chunk.missing and _position(chunk.offset) + len(chunk.data) > _position(chunk.total):
        raise BadFrameError("bad_position", "a piece reaches beyond its object")
    return ObjectPart(chunk.hash, chunk.offset, chunk.total, chunk.data, chunk.missing, chunk.missing and chunk.gone)
