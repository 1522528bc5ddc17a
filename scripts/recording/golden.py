"""The bytes of everything that is signed or said, for values that never change, and the shape of what may be said.

`values` are exact: the same program has to write them the same for ever, because readers hash and compare them. `shape` may grow, and
nothing of it may go away or change its type.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from federation.ports import Acknowledgement, Below, Greeting, HeadMark, ObjectPart, Outgoing, Status, WireEntry
from federation.protocol import frames
from federation.protocol.envelope import CaseStamp, Cites, HeaderFields, encode_header, entry_hash
from federation.protocol.join_code import JoinCode, secret_hash
from federation.protocol.proofs import ENROLMENT, node_id_of
from federation.protocol.receipts import make_receipt, receipt_hash
from federation.protocol.signing import Signer
from federation.protocol.statements import Said, make_statement, statement_hash
from node.domain.cases.acts import FEATURES, OF_KIND
from node.domain.cases.lifecycle import STATUSES
from node.domain.cases.schema import SCHEMA
from node.domain.model import Facts
from node.domain.notes import NOTES
from node.domain.papers.kinds import LETTERS
from node.domain.papers.papers import PaperCode
from node.domain.tree.heard import Heard
from node.store.schema import VERSIONS
from protos.tongban.v1 import envelope_pb2, link_pb2

KEY = Signer.from_seed(bytes(range(32)))
HERE, THERE = bytes(range(16)), bytes(range(16, 32))
HEAD = HeadMark(1, 42, bytes(range(32)))
NOW = 1_772_413_200_000  # 2026-03-02 09:00 in China
CITED = Cites(3, 2, 1, b"calendar", b"rulesdoc")


def header() -> bytes:
    """An entry with something in every field, and a fact of every type."""
    facts: Facts = {
        "code": "ZW007", "number": -5, "flag": True, "hash": bytes(range(32)), "date": dt.date(2026, 3, 2), "codes": ("a", "b"), "none": (),
        "hashes": (b"\x00" * 32, b"\xff" * 24),
    }  # fmt: skip
    return encode_header(
        HeaderFields(
            author_id=HERE, epoch=1, seq=43, prev=HEAD.hash, key_id=KEY.key_id, kind="accepted", entry_class="case",
            subject="S-1", staff_id="s-clerk", recorded_at=NOW, not_before=bytes(32), not_before_ms=NOW - 1, cites=CITED, stated=facts,
            body_hash=b"\x01" * 32, body_class="notice", ref=b"\x02" * 32,
            case=CaseStamp("420102002003-260302-790-0001-U", 7, b"\x03" * 32, 2, "accepted", HERE), schema=2,
        )
    )  # fmt: skip


def values() -> dict[str, str]:
    """Name -> bytes, in hexadecimal."""
    entry, signature = header(), KEY.sign_entry(header())
    receipt = make_receipt(KEY, HERE, THERE, HEAD, NOW)
    statement = make_statement(KEY, Said(HERE, THERE, HEAD, NOW, NOW - 60_000, b"\x04" * 32))
    heard = Heard(NOW, {b"\x01" * 8: (1, 42)}, frozenset({b"\x02" * 8}), {b"\x01" * 8: b"\x05" * 16})
    word = HeaderFields(
        author_id=HERE, epoch=0, seq=1, prev=b"", key_id=KEY.key_id, kind="heard", entry_class="note", stated=heard.facts()
    )
    grant: Facts = {
        "node": THERE, "key": KEY.public, "code": "420102002003", "link_key": bytes(32), "parent": HERE, "invitation": secret_hash(bytes(16)),
    }  # fmt: skip
    below = Below(THERE, "offline", NOW, 3, 2, 1, "tongban-1.0.0")
    status = Status(
        b"generation", 9, *statement, b"", *receipt, ("gap", "steps"), "tongban-1.0.0", 3, 2, 1, (below,), NOW
    )  # fmt: skip
    greeting = Greeting(HERE, b"generation", HEAD, HEAD, b"theirs", 8, NOW, "tongban-1.0.0", 1, 1, WireEntry(entry, signature))
    code = JoinCode("420102002003", ("127.0.0.1:1",), HERE, KEY.public, bytes(32), bytes(16), 1_800_000_000)
    made: dict[str, bytes] = {
        "header": entry, "entry hash": entry_hash(entry), "entry signature": signature, "key id": KEY.key_id, "node id": node_id_of(KEY.public),
        "heard": encode_header(word), "receipt": receipt[0], "receipt signature": receipt[1], "receipt hash": receipt_hash(receipt[0]),
        "statement": statement[0], "statement signature": statement[1], "statement hash": statement_hash(statement[0]),
        "citation": envelope_pb2.Header.FromString(entry).cites.SerializeToString(deterministic=True),
        "grant (proof of an enrolment)": ENROLMENT.prove(KEY, grant), "join secret": secret_hash(bytes(16)),
        "join code": code.to_text().encode(), "hello frame": frames.hello_frame(greeting).SerializeToString(),
        "batch frame": frames.batch_frame(Outgoing(b"generation", 1, 2, (WireEntry(entry, signature),)), False).SerializeToString(),
        "ack frame": frames.ack_frame(Acknowledgement(b"generation", 9, *receipt)).SerializeToString(),
        "status frame": frames.status_frame(status).SerializeToString(),
        "object frame": frames.piece_frame(ObjectPart(bytes(32), 0, 3, b"abc")).SerializeToString(),
        "paper code": PaperCode("420102002003-260302-790-0001-U", "decision", 7, 2026, 12, dt.date(2026, 3, 2)).signed(bytes(32)).encode(),
    }  # fmt: skip
    return {name: data.hex() for name, data in made.items()}


def shape() -> dict[str, Any]:
    """What may be said: kinds with their facts, statuses, letters of papers, features, migrations, fields of messages."""
    return {
        "case kinds": {name: dict(SCHEMA[name]) for name in sorted(OF_KIND)},
        "schemas": {name: kind.schema for name, kind in sorted(OF_KIND.items())},
        "note kinds": {row.name: dict(row.facts) for row in NOTES},
        "statuses": list(STATUSES),
        "letters of papers": dict(LETTERS),
        "features": list(FEATURES),
        "migrations": list(VERSIONS),
        "messages": {
            message.full_name: {field.name: [field.number, field.type, field.is_repeated] for field in message.fields}
            for file in (envelope_pb2, link_pb2)
            for message in file.DESCRIPTOR.message_types_by_name.values()
        },
    }
