"""A node of the network that lies: it signs whatever it likes with its real key and hands it to a neighbour as its link would."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from federation.ports import Outgoing, WireEntry
from federation.protocol.envelope import CaseStamp, HeaderFields, encode_header, entry_hash
from node.demo.memory_network import Node
from node.store.journal import chain_head


@dataclass
class Hostile:
    """`liar` speaks to `victim`. Nothing of what is said is stored at the liar."""

    liar: Node
    victim: Node

    def __post_init__(self) -> None:
        with self.victim.center.store.reading() as view:
            head = chain_head(view, self.liar.id)
            row = view.links.get(self.liar.id)
        assert row is not None
        self.epoch, self.seq, self.prev = head.epoch, head.seq, head.hash
        self.generation, self.position = row.generation, row.received

    def signed(self, kind: str, entry_class: str, facts: Any = None, stamp: CaseStamp | None = None, **more: Any) -> WireEntry:
        """The next entry of the liar's chain."""
        signer = self.liar.center.store.signer
        fields = {
            "author_id": self.liar.id, "epoch": self.epoch, "seq": self.seq + 1, "prev": self.prev, "key_id": signer.key_id,
            "kind": kind, "entry_class": entry_class, "staff_id": "s-liar", "recorded_at": self.liar.clock.now(), "stated": facts or {},
            "case": stamp, **more,
        }  # fmt: skip
        header = encode_header(HeaderFields(**fields))
        self.epoch, self.seq, self.prev = fields["epoch"], fields["seq"], entry_hash(header)
        return WireEntry(header, signer.sign_hash(self.prev))

    def send(self, *entries: WireEntry) -> None:
        """Hand entries over as the next batch of the link."""
        batch = Outgoing(self.generation, self.position, self.position + len(entries), entries)
        ack = self.victim.center.inbound.on_entries(self.liar.id, batch)
        self.position = ack.watermark

    def say(self, kind: str, entry_class: str, facts: Any = None, stamp: CaseStamp | None = None, **more: Any) -> bytes:
        """Sign and send one entry; its hash."""
        self.send(self.signed(kind, entry_class, facts, stamp, **more))
        return self.prev

    def give(self, data: bytes) -> bytes:
        """Let the victim have an object as if it had been pulled; its hash."""
        from federation.ports import ObjectPart

        hash = hashlib.sha256(data).digest()
        self.victim.center.inbound.write_object(self.liar.id, ObjectPart(hash, 0, len(data), data))
        return hash


def filing(
    hostile: Hostile, case_no: str, facts: Any = None, *, kind: str = "lodged", status: str = "with_agent", **more: Any
) -> bytes:
    """File a case of the liar's own, with any facts."""
    stamp = CaseStamp(case_no, 1, b"", 1, status, hostile.liar.id)
    return hostile.say(kind, "case", facts or {}, stamp, **more)
