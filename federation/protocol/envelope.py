"""The envelope of an entry: what its header says, and the bytes that are signed.

A header is written once, by its author, as the protobuf message `tongban.v1.Header`. Those bytes are hashed, signed,
stored and forwarded; nobody serialises them again, so a reader never depends on how its protobuf library would write
them. `encode_header` is for the author only and is deterministic: facts go out sorted by key, and there are no maps.

`decode_header` is on the hot path of every link (a few microseconds an entry), so it reads each field once into a plain
slotted object, checks all codes at one look, and leaves the facts packed (`facts.py`) until somebody asks for
them. It refuses what could hide text (other characters than codes have), and it keeps what a newer author may add: unknown
protobuf fields, unknown kinds and facts of an unknown type are passed over.

The hash of an entry is SHA-256 over a domain label and the header bytes. It names the entry everywhere: as `prev` in the
author's chain, as `case_prev` in the case's chain, as `ref`, and as what the signature signs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from google.protobuf.message import DecodeError

from federation.protocol.facts import FactValue, Unreadable, all_codes, could_hide_text, pack, unpack
from protos.tongban.v1 import envelope_pb2 as pb

FORMAT = 1
SUITE = "ed25519-sha256"
MARK = 8  # bytes of a document's hash that a citation carries
MAX_HEADER = 64 * 1024  # bytes; an honest header is about 1 KB

_DOMAIN = b"tongban entry 1\0"


class MalformedEntryError(ValueError):
    """These bytes are not a header this version can use: the author's fault, or that of whoever altered them."""


class Cites(NamedTuple):
    """Revisions of the published data the author went by; 0 means none. A mark is the first MARK bytes of the hash of the document:
    the number alone may name two. Empty where the author did not say."""

    catalog: int = 0
    calendar: int = 0
    rules: int = 0
    calendar_mark: bytes = b""
    rules_mark: bytes = b""


class CaseStamp(NamedTuple):
    """The place of an event in the chain of its case. `custodian_after` is empty while the case is in transit."""

    case_no: str
    version: int
    prev: bytes
    term: int
    status_after: str
    custodian_after: bytes


NO_CITES = Cites()


@dataclass(slots=True)
class HeaderFields:
    """What a header says. Ids are 16 bytes, hashes 32, `key_id` 8; times are ms since 1970 UTC; treat it as immutable.

    `entry_class` is the header's `class`: node | catalog | staff | case | request | note. `case` is set on case events only. `stated`
    are the facts, packed while nobody has asked for `facts`.
    """

    author_id: bytes
    epoch: int
    seq: int
    prev: bytes
    key_id: bytes
    kind: str
    entry_class: str
    subject: str = ""
    staff_id: str = ""
    recorded_at: int = 0
    not_before: bytes = b""
    not_before_ms: int = 0
    cites: Cites = NO_CITES
    stated: Mapping[str, FactValue] | str = field(default_factory=dict)
    body_hash: bytes = b""
    body_class: str = ""
    ref: bytes = b""
    case: CaseStamp | None = None
    schema: int = 1
    suite: str = SUITE
    format: int = FORMAT

    @property
    def facts(self) -> Mapping[str, FactValue]:
        """Empty when they are unreadable, which is for the audit to flag (`unreadable`)."""
        if isinstance(self.stated, str):
            self.stated = unpack(self.stated)
        return self.stated

    @property
    def unreadable(self) -> bool:
        return isinstance(self.facts, Unreadable)

    @property
    def position(self) -> tuple[int, int]:
        """(epoch, seq): the entry's place in its author's chain, comparable."""
        return (self.epoch, self.seq)


def entry_hash(header: bytes) -> bytes:
    """The 32 bytes that name an entry: SHA-256 of the header bytes under a domain label."""
    return hashlib.sha256(_DOMAIN + header).digest()


def encode_header(fields: HeaderFields) -> bytes:
    """The bytes to sign, made once by the author. Raises ValueError for a fact or code that may not be in a header."""
    packed = pack(fields.facts)
    if problem := _problem(fields, packed):
        raise ValueError(problem)
    message = pb.Header(
        format=fields.format,
        author_id=fields.author_id,
        epoch=fields.epoch,
        seq=fields.seq,
        prev=fields.prev,
        key_id=fields.key_id,
        suite=fields.suite,
        kind=fields.kind,
        schema=fields.schema,
        subject=fields.subject,
        staff_id=fields.staff_id,
        recorded_at_ms=fields.recorded_at,
        not_before=fields.not_before,
        not_before_ms=fields.not_before_ms,
        body_hash=fields.body_hash,
        body_class=fields.body_class,
        ref=fields.ref,
        facts=packed,
        cites=_cites_message(fields.cites) if fields.cites != NO_CITES else None,
        case_stamp=_stamp_message(fields.case) if fields.case is not None else None,
    )
    setattr(message, "class", fields.entry_class)
    data = message.SerializeToString(deterministic=True)
    if len(data) > MAX_HEADER:
        raise ValueError(f"a header of {len(data)} bytes is over {MAX_HEADER}")
    return data


def decode_header(header: bytes) -> HeaderFields:
    """Read header bytes. Raises MalformedEntryError, and nothing else, for anything that is not a usable header."""
    if len(header) > MAX_HEADER:
        raise MalformedEntryError(f"a header of {len(header)} bytes is over {MAX_HEADER}")
    try:
        m = pb.Header.FromString(header)
    except (DecodeError, RuntimeError) as error:
        raise MalformedEntryError("not a header") from error
    fields = HeaderFields(
        m.author_id,
        m.epoch,
        m.seq,
        m.prev,
        m.key_id,
        m.kind,
        getattr(m, "class"),
        m.subject,
        m.staff_id,
        m.recorded_at_ms,
        m.not_before,
        m.not_before_ms,
        _cites(m.cites) if m.HasField("cites") else NO_CITES,
        m.facts,
        m.body_hash,
        m.body_class,
        m.ref,
        _stamp(m.case_stamp) if m.HasField("case_stamp") else None,
        m.schema,
        m.suite,
        m.format,
    )
    if problem := _problem(fields, m.facts):
        raise MalformedEntryError(problem)
    return fields


def claimed(header: bytes) -> tuple[int, int]:
    """(`recorded_at`, `not_before_ms`) of a header that was read before, without looking at the rest of it."""
    m = pb.Header.FromString(header)
    return m.recorded_at_ms, m.not_before_ms


def _cites_message(c: Cites) -> pb.Cites:
    return pb.Cites(catalog=c.catalog, calendar=c.calendar, rules=c.rules, calendar_mark=c.calendar_mark, rules_mark=c.rules_mark)


def _stamp_message(s: CaseStamp) -> pb.CaseStamp:
    return pb.CaseStamp(
        case_no=s.case_no,
        version=s.version,
        prev=s.prev,
        term=s.term,
        status_after=s.status_after,
        custodian_after=s.custodian_after,
    )


def _cites(cites: pb.Cites) -> Cites:
    return Cites(cites.catalog, cites.calendar, cites.rules, cites.calendar_mark, cites.rules_mark)


def _stamp(s: pb.CaseStamp) -> CaseStamp:
    return CaseStamp(s.case_no, s.version, s.prev, s.term, s.status_after, s.custodian_after)


def _problem(h: HeaderFields, packed: str) -> str:
    """Why this may not be a header, or an empty string. Runs for the author and for every reader."""
    if h.format != FORMAT:
        return f"unknown format {h.format}"
    if len(h.author_id) != 16 or not 1 <= h.seq < 1 << 63 or len(h.key_id) != 8 or len(h.prev) not in (0, 32):
        return "no author, position or key"
    if len(h.body_hash) not in (0, 32) or len(h.ref) not in (0, 32) or len(h.not_before) not in (0, 32):
        return "a hash of the wrong length"
    if len(h.cites.calendar_mark) not in (0, MARK) or len(h.cites.rules_mark) not in (0, MARK):
        return "a citation that names no document"
    codes = [h.kind, h.entry_class, h.subject, h.staff_id, h.suite, h.body_class]
    if h.case is not None:
        stamp = h.case
        codes += (stamp.case_no, stamp.status_after)
        if len(stamp.prev) not in (0, 32) or len(stamp.custodian_after) not in (0, 16) or not stamp.case_no or not stamp.version:
            return "a case stamp that names no case"
    if not h.kind:
        return "no kind"
    return _bad_code(codes) or ("facts that could hide text" if could_hide_text(packed) else "")


def _bad_code(codes: list[str]) -> str:
    """Which of these is no code; it is only looked for when there is one."""
    return "" if all_codes(codes) else f"not a code: {next(code for code in codes if not all_codes([code]))[:32]!r}"
