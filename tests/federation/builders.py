"""Authors that write real signed entries, for the tests of the protocol. Keys and ids come from names: every run is alike."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from federation.ports import HeadMark, WireEntry
from federation.protocol.chains import authenticate_run
from federation.protocol.envelope import HeaderFields, decode_header, encode_header, entry_hash
from federation.protocol.facts import FactValue
from federation.protocol.proofs import ENROLMENT, RENEWAL, ROTATION, node_id_of
from federation.protocol.signing import Signer
from federation.protocol.trust import TrustStore


def seed(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


class Author:
    """A node that only writes: an id, a key, a chain."""

    def __init__(self, name: str, epoch: int = 1) -> None:
        self.name = name
        self.signer = Signer.from_seed(seed(f"key {name}"))
        self.node_id = node_id_of(self.signer.public)
        self.head = HeadMark(epoch, 0, b"")
        self.entries: list[WireEntry] = []

    def write(self, kind: str = "submitted", facts: Mapping[str, FactValue] | None = None, **changes: object) -> WireEntry:
        """The next entry of the chain."""
        fields = HeaderFields(
            self.node_id, self.head.epoch, self.head.seq + 1, self.head.hash, self.signer.key_id, kind, "case", stated=facts or {}
        )
        for name, value in changes.items():
            setattr(fields, name, value)
        header = encode_header(fields)
        entry = WireEntry(header, self.signer.sign_entry(header))
        self.head = HeadMark(fields.epoch, fields.seq, entry_hash(header))
        self.entries.append(entry)
        return entry

    def many(self, count: int) -> list[WireEntry]:
        return [self.write() for _ in range(count)]

    def initialise(self) -> WireEntry:
        facts: dict[str, FactValue] = {"node": self.node_id, "key": self.signer.public, "code": "420100000000", "tier": "city"}
        return self.write("node_initialised", facts)

    def enrol(self, child: Author, parent: Author | None = None, prover: Signer | None = None, **changes: FactValue) -> WireEntry:
        """`node_enrolled` with the child's own proof (or somebody else's); `changes` are made after it was signed."""
        facts: dict[str, FactValue] = {
            "node": child.node_id, "key": child.signer.public, "code": child.name, "tier": "below",
            "parent": (parent or self).node_id, "link_key": seed(f"link {child.name}"), "invitation": seed(f"code {child.name}"),
        }  # fmt: skip
        proof = ENROLMENT.prove(prover or child.signer, facts)
        return self.write("node_enrolled", {**facts, "proof": proof, **changes})

    def rotate(self, to: str, prover: Signer | None = None) -> WireEntry:
        """`key_rotated` by the old key; the new key signs from the next entry."""
        new = Signer.from_seed(seed(f"key {to}"))
        here: dict[str, FactValue] = {
            "node": self.node_id, "key": new.public, "epoch": self.head.epoch, "seq": self.head.seq + 1, "prev": self.head.hash,
        }  # fmt: skip
        entry = self.write("key_rotated", {"key": new.public, "proof": ROTATION.prove(prover or new, here)})
        self.signer = new
        return entry

    def rekey(
        self, child: Author, since: int, held: Signer | None = None, prover: Signer | None = None, **changes: FactValue
    ) -> WireEntry:
        """`node_rekeyed`: the child's key (its present one unless told otherwise) counts from that epoch on, as it asked itself
        (or somebody else did); `changes` are made after it was signed."""
        signer = held or child.signer
        facts: dict[str, FactValue] = {
            "node": child.node_id, "key": signer.public, "epoch": since, "lives": (), "invitation": seed(f"renewal {since}"),
        }  # fmt: skip
        proof = RENEWAL.prove(prover or signer, {**facts, "parent": self.node_id})
        return self.write("node_rekeyed", {**facts, "proof": proof, **changes})

    def restore(self, signer: Signer, epoch: int) -> None:
        """Back from a backup: an old key, a new epoch."""
        self.signer, self.head = signer, HeadMark(epoch, 0, self.head.hash)

    def revoke(self, node: Author, epoch: int, seq: int) -> WireEntry:
        return self.write("node_revoked", {"node": node.node_id, "epoch": epoch, "seq": seq, "reason": "stolen"})


class Tree:
    """city - district - township - village, enrolled; and `other`, a second district."""

    def __init__(self) -> None:
        names = ("city", "district", "township", "village", "other")
        self.city, self.district, self.township, self.village, self.other = (Author(name) for name in names)
        self.genesis = self.city.initialise()
        self.enrolments = [
            self.city.enrol(self.district),
            self.district.enrol(self.township),
            self.township.enrol(self.village),
            self.city.enrol(self.other),
        ]
        self.proof = [self.genesis, *self.enrolments]

    def trust(self) -> TrustStore:
        trust = TrustStore(entry_hash(self.genesis.header))
        assert statuses(self.proof, trust) == "accepted"
        return trust


def statuses(entries: list[WireEntry], trust: TrustStore) -> str:
    """The verdicts in words: one word when all are alike."""
    found = [verdict.status for verdict in authenticate_run(entries, trust)]
    return found[0] if len(set(found)) == 1 else " ".join(found)


def resigned(entry: WireEntry, signer: Signer) -> WireEntry:
    return WireEntry(entry.header, signer.sign_entry(entry.header))


def altered(entry: WireEntry, **changes: object) -> WireEntry:
    """The entry with other content under its old signature."""
    fields = decode_header(entry.header)
    for name, value in changes.items():
        setattr(fields, name, value)
    return WireEntry(encode_header(fields), entry.signature)


def thief(name: str = "thief") -> Signer:
    return Signer.from_seed(seed(f"key {name}"))


def back_from_an_old_backup(t: Tree, epoch: int = 7) -> WireEntry:
    """The village rotated; then its disk burnt, and it goes on with its first key. Answers the rotation."""
    old = t.village.signer
    rotation = t.village.rotate("village 2")
    t.village.restore(old, epoch)
    return rotation
