"""The envelope of an entry: what its header says, and the bytes that are signed.

A header is written once, by its author, as the protobuf message `tongban.v1.Header`. Those bytes are hashed, signed,
stored and forwarded; nobody serialises them again, so a reader never depends on how its protobuf library would write
them. `encode_header` is for the author only and is deterministic: facts go out sorted by key, and there are no maps.

`decode_header` is on the hot path of every link (a few microseconds an entry), so it reads each field once into a plain
slotted object and checks everything with one regular expression over all codes at once. It refuses what two readers
could understand differently (a fact named twice) and what could hide text (a code with other characters), and it keeps
what a newer author may add: unknown protobuf fields, unknown kinds and facts of an unknown type are passed over.

The hash of an entry is SHA-256 over a domain label and the header bytes. It names the entry everywhere: as `prev` in the
author's chain, as `case_prev` in the case's chain, as `ref`, and as what the signature signs.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from google.protobuf.message import DecodeError

from protos.tongban.v1 import envelope_pb2 as pb

FORMAT = 1
SUITE = "ed25519-sha256"
MAX_HEADER = 64 * 1024  # bytes; an honest header is about 1 KB
MAX_CODE = 128  # characters

FactValue: TypeAlias = str | int | bool | bytes | dt.date | dt.datetime | tuple[str, ...] | tuple[bytes, ...]

_DOMAIN = b"tongban entry 1\0"
_CODE = re.compile(r"[A-Za-z0-9._:;+\-]*")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MS = dt.timedelta(milliseconds=1)


class MalformedEntryError(ValueError):
    """These bytes are not a header this version can use: the author's fault, or that of whoever altered them."""


class Cites(NamedTuple):
    """Revisions of the published data the author went by; 0 means none."""

    catalog: int = 0
    calendar: int = 0
    rules: int = 0


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

    `entry_class` is the header's `class`: node | catalog | staff | case | request. `case` is set on case events only.
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
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    body_hash: bytes = b""
    body_class: str = ""
    ref: bytes = b""
    case: CaseStamp | None = None
    schema: int = 1
    suite: str = SUITE
    format: int = FORMAT

    @property
    def position(self) -> tuple[int, int]:
        """(epoch, seq): the entry's place in its author's chain, comparable."""
        return (self.epoch, self.seq)


def entry_hash(header: bytes) -> bytes:
    """The 32 bytes that name an entry: SHA-256 of the header bytes under a domain label."""
    return hashlib.sha256(_DOMAIN + header).digest()


def encode_header(fields: HeaderFields) -> bytes:
    """The bytes to sign, made once by the author. Raises ValueError for a fact or code that may not be in a header."""
    codes: list[str] = []
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
        facts=[_fact(key, fields.facts[key], codes) for key in sorted(fields.facts)],
    )
    setattr(message, "class", fields.entry_class)
    if fields.cites != NO_CITES:
        message.cites.CopyFrom(pb.Cites(catalog=fields.cites.catalog, calendar=fields.cites.calendar, rules=fields.cites.rules))
    if fields.case is not None:
        stamp = fields.case
        message.case_stamp.CopyFrom(
            pb.CaseStamp(
                case_no=stamp.case_no,
                version=stamp.version,
                prev=stamp.prev,
                term=stamp.term,
                status_after=stamp.status_after,
                custodian_after=stamp.custodian_after,
            )
        )
    problem = _problem(message) or _bad_code(codes)
    if problem:
        raise ValueError(problem)
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
    problem = _problem(m)
    if problem:
        raise MalformedEntryError(problem)
    return HeaderFields(
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
        _facts(m),
        m.body_hash,
        m.body_class,
        m.ref,
        _stamp(m.case_stamp) if m.HasField("case_stamp") else None,
        m.schema,
        m.suite,
        m.format,
    )


def _cites(cites: pb.Cites) -> Cites:
    return Cites(cites.catalog, cites.calendar, cites.rules)


def _stamp(s: pb.CaseStamp) -> CaseStamp:
    return CaseStamp(s.case_no, s.version, s.prev, s.term, s.status_after, s.custodian_after)


def _problem(m: pb.Header) -> str:
    """Why this message may not be a header, or an empty string. Runs for the author and for every reader."""
    if m.format != FORMAT:
        return f"unknown format {m.format}"
    if len(m.author_id) != 16 or not 1 <= m.seq < 1 << 63 or len(m.key_id) != 8 or len(m.prev) not in (0, 32):
        return "no author, position or key"
    if len(m.body_hash) not in (0, 32) or len(m.ref) not in (0, 32) or len(m.not_before) not in (0, 32):
        return "a hash of the wrong length"
    codes = [m.kind, getattr(m, "class"), m.subject, m.staff_id, m.suite, m.body_class]
    if m.HasField("case_stamp"):
        stamp = m.case_stamp
        codes += (stamp.case_no, stamp.status_after)
        if len(stamp.prev) not in (0, 32) or len(stamp.custodian_after) not in (0, 16) or not stamp.case_no or not stamp.version:
            return "a case stamp that names no case"
    if not m.kind:
        return "no kind"
    return _bad_code(codes) or ""


def _bad_code(codes: list[str]) -> str:
    """One pattern over all codes together; which one is at fault is only looked for when there is a fault."""
    if _CODE.fullmatch("".join(codes)) and max(map(len, codes), default=0) <= MAX_CODE:
        return ""
    bad = next(code for code in codes if len(code) > MAX_CODE or not _CODE.fullmatch(code))
    return f"not a code: {bad[:32]!r}"


def _date(text: str) -> dt.date:
    day = dt.date.fromisoformat(text)
    if day.isoformat() != text:  # fromisoformat also takes 20260102 and 2026-W01-5
        raise ValueError(text)
    return day


def _instant(ms: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(milliseconds=ms)


_PLAIN = frozenset({"number", "flag", "hash"})
_READ: dict[str, Callable[[pb.Fact], FactValue]] = {
    "time_ms": lambda f: _instant(f.time_ms),
    "date": lambda f: _date(f.date),
    "codes": lambda f: tuple(f.codes.values),
    "hashes": lambda f: tuple(f.hashes.values),
}


def _facts(m: pb.Header) -> dict[str, FactValue]:
    facts: dict[str, FactValue] = {}
    codes: list[str] = []
    given = 0
    for fact in m.facts:
        which = fact.WhichOneof("value")
        key = fact.key
        codes.append(key)
        given += 1
        if which == "code":  # most facts are of these four types
            code = facts[key] = fact.code
            codes.append(code)
            continue
        if which in _PLAIN:
            facts[key] = getattr(fact, which)
            continue
        if which is None:  # a type this version does not know
            given -= 1
            continue
        try:
            value = _READ[which](fact)
        except (ValueError, OverflowError) as error:
            raise MalformedEntryError(f"fact {key[:32]!r} is not a {which}") from error
        if which == "codes":
            codes += value  # type: ignore[arg-type]
        facts[key] = value
    if len(facts) != given:
        raise MalformedEntryError("a fact is given twice")
    if codes and (problem := _bad_code(codes)):
        raise MalformedEntryError(problem)
    return facts


def _fact(key: str, value: FactValue, codes: list[str]) -> pb.Fact:
    """One fact as a message; its codes are added to `codes`. Raises ValueError for a value that is no fact."""
    codes.append(key)
    if not key:
        raise ValueError("a fact without a name")
    if isinstance(value, bool):
        return pb.Fact(key=key, flag=value)
    if isinstance(value, str):
        codes.append(value)
        return pb.Fact(key=key, code=value)
    if isinstance(value, int):
        return pb.Fact(key=key, number=value)
    if isinstance(value, bytes):
        return pb.Fact(key=key, hash=value)
    if isinstance(value, dt.datetime):
        if value.tzinfo is None:
            raise ValueError(f"fact {key!r}: an instant needs a time zone")
        return pb.Fact(key=key, time_ms=(value - _EPOCH) // _MS)
    if isinstance(value, dt.date):
        return pb.Fact(key=key, date=value.isoformat())
    return _list_fact(key, value, codes)


def _list_fact(key: str, value: tuple[Any, ...], codes: list[str]) -> pb.Fact:
    if isinstance(value, tuple) and value and all(isinstance(one, bytes) for one in value):
        return pb.Fact(key=key, hashes=pb.Hashes(values=value))
    if isinstance(value, tuple) and all(isinstance(one, str) for one in value):
        codes += value
        return pb.Fact(key=key, codes=pb.Codes(values=value))
    raise ValueError(f"fact {key!r}: no such type of fact: {type(value).__name__}")
