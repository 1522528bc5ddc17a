"""A header comes back as it was written; what is no header is refused with MalformedEntryError and nothing else."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.protocol.envelope import (
    CaseStamp,
    Cites,
    HeaderFields,
    MalformedEntryError,
    decode_header,
    encode_header,
    entry_hash,
)
from federation.protocol.facts import FactValue, pack
from protos.tongban.v1 import envelope_pb2 as pb

codes = st.text("ABCxyz019._:;+-", max_size=20)
names = st.text("abcdefg_", min_size=1, max_size=10)
ids, hashes, keys = (st.binary(min_size=n, max_size=n) for n in (16, 32, 8))
numbers = st.integers(-(2**63), 2**63 - 1)
instants = st.integers(-(10**12), 10**13).map(lambda ms: dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(milliseconds=ms))
facts = st.one_of(
    codes, numbers, st.booleans(), hashes, st.dates(), instants,
    st.lists(codes, max_size=4).map(tuple), st.lists(hashes, min_size=1, max_size=4).map(tuple),
)  # fmt: skip
small = st.integers(0, 2**32 - 1)
stamps = st.builds(CaseStamp, codes.filter(bool), st.integers(1, 1000), st.one_of(st.just(b""), hashes), small, codes, ids)
marks = st.sampled_from((b"", b"m" * 8))
cited = st.builds(Cites, small, small, small, marks, marks)
headers = st.builds(
    HeaderFields, ids, small, st.integers(1, 2**63 - 1), hashes, keys, names, names, codes, codes, numbers, hashes, numbers,
    cited, st.dictionaries(names, facts, max_size=6), st.one_of(st.just(b""), hashes), codes,
    st.just(b""), st.one_of(st.none(), stamps),
)  # fmt: skip


def example(**facts: FactValue) -> HeaderFields:
    return HeaderFields(b"a" * 16, 1, 1, b"", b"k" * 8, "submitted", "case", stated=facts)


@settings(max_examples=150, deadline=None)
@given(headers)
def test_a_header_comes_back_as_written(fields: HeaderFields) -> None:
    data = encode_header(fields)
    back = decode_header(data)
    assert back.facts == fields.facts
    assert back == fields
    assert encode_header(back) == data  # deterministic; nobody does this to verify
    packed = pack(fields.facts)
    assert not packed or packed == json.dumps(json.loads(packed), separators=(",", ":"), sort_keys=True)  # JSON, and one way only


def test_the_order_of_facts_does_not_change_the_bytes() -> None:
    assert encode_header(example(a=1, b="x")) == encode_header(example(b="x", a=1))


def test_flags_are_not_numbers() -> None:
    back = decode_header(encode_header(example(flag=True, number=1))).facts
    assert back["flag"] is True
    assert back["number"] == 1
    assert not isinstance(back["number"], bool)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_garbage_is_malformed_and_nothing_worse(data: bytes) -> None:
    with pytest.raises(MalformedEntryError):
        decode_header(data)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_flipped_byte_is_malformed_or_another_entry(place: int, byte: int) -> None:
    data = bytearray(encode_header(example(item="K70", when=dt.date(2026, 11, 23))))
    data[place % len(data)] ^= byte or 1
    try:
        decode_header(bytes(data))
    except MalformedEntryError:
        return
    assert entry_hash(bytes(data)) != entry_hash(encode_header(example(item="K70", when=dt.date(2026, 11, 23))))


@pytest.mark.parametrize(
    "facts",
    [
        {"note": "张三来过"},
        {"note": "free text with spaces"},
        {"code": "x" * 129},
        {"text/plain": "key"},
        {"": "no key"},
        {"when": dt.datetime(2026, 1, 1)},  # noqa: DTZ001
        {"list": ("a", b"b")},
        {"list": ("a b",)},
        {"real": 1.5},
        {"nothing": None},
        {"big": 2**63},
    ],
)
def test_what_is_no_fact_cannot_be_written(facts: dict[str, FactValue]) -> None:
    with pytest.raises(ValueError):
        encode_header(example(**facts))


def message(**changes: object) -> pb.Header:
    header = pb.Header.FromString(encode_header(example(item="K70")))
    for name, value in changes.items():
        setattr(header, name, value)
    return header


def with_facts(packed: str) -> pb.Header:
    return message(facts=packed)


@pytest.mark.parametrize(
    "header",
    [
        message(format=2),
        message(author_id=b"short"),
        message(seq=0),
        message(seq=2**63),
        message(key_id=b""),
        message(prev=b"x" * 31),
        message(kind=""),
        message(kind="two words"),
        message(subject="王"),
        message(body_hash=b"x"),
        with_facts('{"a":"a b"}'),
        with_facts('{"a":"王"}'),
        with_facts('{"a":"\\u738b"}'),
        with_facts('{"a b":1}'),
        with_facts("{'a':1}"),
        pb.Header.FromString(encode_header(example()) + pb.Header(case_stamp=pb.CaseStamp(version=1)).SerializeToString()),
    ],
)
def test_what_is_no_header_or_could_hide_text_is_malformed(header: pb.Header) -> None:
    with pytest.raises(MalformedEntryError):
        decode_header(header.SerializeToString())


@pytest.mark.parametrize(
    "packed",
    [
        '{"a":"1","a":"1"}',
        '{"a":{"hash":"AA"},"a":2}',
        '{"a":"' + "x" * 129 + '"}',
        '{"":1}',
        '{"a":["ok",1]}',
        '{"a":{"date":"2026-02-30"}}',
        '{"a":{"date":"20260102"}}',
        '{"a":{"date":"2026-W01-5"}}',
        '{"a":{"date":5}}',
        '{"a":{"ms":4611686018427387904}}',
        '{"a":{"ms":"1"}}',
        '{"a":{"hash":"A"}}',
        '{"a":{"hash":"A+..AA"}}',
        '{"a":{"hash":"AB"}}',
        '{"a":{"hashes":"AA"}}',
        '{"a":{"hashes":5}}',
        '{"a":9223372036854775808}',
        '{"a":1.5}',
        '{"a":1e5}',
        '{"a":NaN}',
        "[]",
        "5",
        '{"a":1',
        "[" * 5000,
        '{"a":' + "9" * 5000 + "}",
    ],
)
def test_facts_that_readers_could_read_differently_are_no_facts(packed: str) -> None:
    """The entry is authentic and goes on its way; the audit flags it."""
    fields = decode_header(with_facts(packed).SerializeToString())
    assert fields.facts == {}
    assert fields.unreadable


@settings(max_examples=300, deadline=None)
@given(st.text('{}[]":,0123456789.-eabhdms', max_size=60))
def test_reading_facts_never_raises(packed: str) -> None:
    fields = decode_header(with_facts(packed).SerializeToString())
    assert isinstance(fields.facts, dict)


def test_what_a_newer_author_adds_is_passed_over() -> None:
    packed = '{"item":"K70","later":{"span":5},"more":{"a":1,"b":2},"none":null}'
    unknown_field = bytes([0xFA, 0x06, 3]) + b"new"  # field 111, three bytes
    fields = decode_header(with_facts(packed).SerializeToString() + unknown_field)
    assert fields.facts == {"item": "K70"}
    assert not fields.unreadable


def test_an_oversized_header_is_neither_written_nor_read() -> None:
    with pytest.raises(ValueError, match="over"):
        encode_header(example(many=tuple(b"h" * 32 for _ in range(2100))))
    with pytest.raises(MalformedEntryError, match="over"):
        decode_header(b"\0" * 70_000)
