"""Who belongs to the tree: inviting and enrolling children, revoking, changing keys (`founding.py` makes the nodes themselves).

Inviting prints a join code and keeps the hash of its secret. Redeeming is one transaction: the secret is found and used
up, `node_enrolled` is appended, the child becomes a neighbour with everything it must be told first, and the answer is
kept, so that a newcomer whose answer was lost asks again (same code, same key) and is told the same.

Rotating the signing key: the new key's file is written first; the entry that names it is signed by the old key; from the
next entry on the new key signs, also inside the same commit group; after COMMIT the old file goes. Whatever is rolled
back, `settle_signer` takes the key that trust says is in force, and its file is there; unless the node came back from a
backup older than a rotation. Then it goes on with the newest key it has until its parent renews that one (`renewal.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from federation.protocol import enrolment
from federation.protocol.enrolment import JoinAnswer, JoinKey, JoinRequest
from federation.protocol.envelope import decode_header
from federation.protocol.join_code import JoinCode, JoinRefusedError, new_secret, secret_hash
from federation.protocol.proofs import ENROLMENT, RENEWAL, ROTATION, node_id_of
from federation.protocol.signing import Signer, key_id_of
from node.domain.model import SYSTEM, TIERS, Actor, Facts, Place
from node.domain.tree.documents import KeyChanged, Revoked
from node.domain.upkeep.documents import Position
from node.domain.words.errors import TongbanError
from node.domain.words.labels import word
from node.services.tree import lives
from node.services.tree.admission import judge_again, take_child
from node.services.tree.keys import KeyFiles
from node.services.tree.opening import settle_signer
from node.services.tree.recovery import awaits_neighbours, leave_passed_epoch, require_key
from node.services.tree.standing import require_member
from node.store import audit, enrolments
from node.store.enrolments import Invitation
from node.store.journal import Draft, chain_head
from node.store.store import Store, Tx

IssueCertificate = Callable[[bytes, bytes], bytes]
Reassign = Callable[[Tx, bytes], dict[str, list[str]]]

VALID_DAYS = 7
REASONS = ("lost", "stolen", "compromised", "closed", "merged", "replaced", "other")
_CODE = re.compile(r"\d{12}(-[A-Za-z0-9]{1,8})?")


class Membership:
    """The tree as one node takes part in it; also the EnrolmentPort of its web listener.

    `issue_certificate(link key PEM, node id) -> certificate PEM` is the node's link authority; None where links are not
    TLS (the in-memory network). `reassign` moves the cases of a revoked node, in the same transaction.
    """

    def __init__(
        self, store: Store, keys: KeyFiles, *, issue_certificate: IssueCertificate | None = None, reassign: Reassign | None = None
    ) -> None:
        self._store = store
        self._keys = keys
        self._issue = issue_certificate
        self._reassign = reassign
        store.forget_hooks.append(lambda: settle_signer(store, keys))

    # inviting ------------------------------------------------------------------------------------------------------

    def invite(
        self, code: str, name: str, tier: str, addresses: Sequence[str], grpc_address: str, valid_days: int = VALID_DAYS,
        *, by: Actor = SYSTEM,
    ) -> str:  # fmt: skip
        """A join code for one child. Raises invalid_input, wrong_tier, code_active, revoked."""
        check_description(code, name, tier, addresses)

        def command(tx: Tx) -> JoinCode:
            _check_place(tx, code, tier)
            expires = tx.now() // 1000 + valid_days * 86_400
            join_code = self.promise(tx, Invitation(b"", code, name, tier, expires * 1000), addresses)
            tx.meta.set(f"link_address:{secret_hash(join_code.secret).hex()}", grpc_address.encode())
            audit.note(tx.connection, tx.now(), by.staff_id, "invited", code, {"tier": tier, "days": valid_days})
            return join_code

        return self._store.run(command).to_text()

    def promise(self, tx: Tx, row: Invitation, addresses: Sequence[str]) -> JoinCode:
        """Keep an invitation under a fresh secret; the code that carries it. Raises key_superseded, revoked."""
        require_key(tx)
        require_member(tx)
        secret = new_secret()
        enrolments.add_invitation(tx.connection, replace(row, secret_hash=secret_hash(secret)))
        root = tx.meta.get("root") or b""
        parent, expires = tx.identity.node_id, row.expires // 1000
        return JoinCode(row.code, tuple(addresses), parent, self._join_key().public, root, secret, expires)

    def redeem(self, request: bytes) -> bytes:
        """A sealed request to a sealed answer. Raises TongbanError with the code of the refusal."""
        try:
            asked = enrolment.open_request(self._join_key(), self._store.identity.node_id, request)
            packed = self._store.run(lambda tx: self._redeemed(tx, asked))
        except JoinRefusedError as error:
            raise refusal(error) from error
        return enrolment.seal_answer(self._store.signer, asked, packed)

    def _redeemed(self, tx: Tx, asked: JoinRequest) -> bytes:
        row = enrolments.invitation(tx.connection, asked.secret_hash)
        if row is None:
            raise JoinRefusedError("bad_join_code")
        if row.used_key is not None:
            if row.used_key == asked.key and row.node_id == asked.node_id and row.answer is not None:
                return row.answer
            raise JoinRefusedError("join_code_used")
        if tx.now() > row.expires:
            raise JoinRefusedError("join_code_expired")
        require_key(tx)
        require_member(tx)
        answer = self._enrol(tx, asked, row) if row.renews is None else self._renew(tx, asked, row)
        packed = answer.pack()
        if not answer.lives:
            enrolments.consume(tx.connection, asked.secret_hash, asked.key, asked.node_id, packed)
        return packed

    def _enrol(self, tx: Tx, asked: JoinRequest, row: Invitation) -> JoinAnswer:
        if asked.epoch:
            raise JoinRefusedError("not_a_renewal")
        if tx.trust.node(asked.node_id) is not None:
            raise JoinRefusedError("code_active", node=row.code)
        _check_place(tx, row.code, row.tier)
        me = tx.identity
        facts: Facts = asked.enrolment(me.node_id, row.code, row.tier)
        if asked.node_id != node_id_of(asked.key) or not ENROLMENT.holds(facts):
            raise JoinRefusedError("bad_join_code")
        tx.journal.append(Draft("node_enrolled", "node", facts))
        take_child(tx, asked.node_id, row.code)
        enrolments.save_name(tx.connection, asked.node_id, row.code, row.name, row.tier, me.node_id)
        address = tx.meta.get(f"link_address:{row.secret_hash.hex()}") or b""
        return self._answer(
            tx, asked, row,
            certificate=self._issue(KeyFiles.as_pem(asked.link_key), asked.node_id) if self._issue else b"",
            authority=self._keys.get("ca-cert.pem") if self._issue and self._keys.has("ca-cert.pem") else b"",
            link_address=address.decode(), extra={"test_clock": me.test_clock},
        )  # fmt: skip

    def _renew(self, tx: Tx, asked: JoinRequest, row: Invitation) -> JoinAnswer:
        """A child has an older key only: it counts from the epoch it asks for, unless that took the proof from what we hold. What
        that key signed and the request does not name is shown to the child first, which then asks again."""
        if asked.node_id != row.renews or not asked.epoch:
            raise JoinRefusedError("renew_other_node", node=row.code)
        if not tx.trust.is_live(asked.node_id):
            raise JoinRefusedError("unknown_node", node=row.code)
        if tx.trust.key_named(asked.node_id, key_id_of(asked.key)) is None:
            raise JoinRefusedError("strange_key", node=row.code)
        facts: Facts = asked.renewal()
        if not RENEWAL.holds({**facts, "parent": tx.identity.node_id}):
            raise JoinRefusedError("bad_join_code")
        known = lives.in_vain(tx, asked.node_id, key_id_of(asked.key))
        first = min({asked.epoch, *known})
        epoch = next((one for one in (first, asked.epoch) if _every_proof_stays(tx, asked, one)), None)
        if epoch is None:
            raise JoinRefusedError("backup_too_old", node=row.code)
        named = lives.read(asked.lives) if epoch == asked.epoch else {}
        if shown := tuple(entry for one, entry in sorted(known.items()) if one >= epoch and one not in named):
            return self._answer(tx, asked, row, lives=shown)
        tx.journal.append(Draft("node_rekeyed", "node", facts))
        judge_again(tx)
        return self._answer(tx, asked, row)

    def _answer(self, tx: Tx, asked: JoinRequest, row: Invitation, **papers: Any) -> JoinAnswer:
        me = tx.identity
        return JoinAnswer(
            parent=me.node_id, parent_code=me.code, parent_name=me.name, code=row.code, name=row.name, tier=row.tier,
            chain=tuple(enrolments.node_entries(tx.connection, tx.trust.chain_of(asked.node_id))), **papers,
        )  # fmt: skip

    def _join_key(self) -> JoinKey:
        return JoinKey(self._keys.box())

    # revoking ------------------------------------------------------------------------------------------------------

    def revoke(self, code: str, reason: str = "other", *, by: Actor = SYSTEM) -> Revoked:
        """End the trust in a node below us; what it wrote after the last entry we hold is quarantined.

        `reason` is one of REASONS or free text (then it is kept in a body). Answers {code, last_good, assigned, listed}.
        """

        def command(tx: Tx) -> Revoked:
            place = tx.find_code(code)
            if place is None or not tx.trust.is_below(place.node_id, tx.identity.node_id):
                raise TongbanError("already_revoked" if _was_revoked(tx, code) else "unknown_node", node=code[:40])
            head = chain_head(tx, place.node_id)
            known = reason if reason in REASONS else "other"
            body = tx.encode_body({"reason": reason[:1000]}) if known != reason else None
            facts: Facts = {"node": place.node_id, "epoch": head.epoch, "seq": head.seq, "reason": known}
            internal = "internal" if body else ""
            tx.journal.append(Draft("node_revoked", "node", facts, staff_id=by.staff_id, body=body, body_class=internal))
            moved = self._reassign(tx, place.node_id) if self._reassign is not None else {}
            return {
                "code": code, "last_good": {"epoch": head.epoch, "seq": head.seq}, "assigned": moved.get("assigned", []),
                "listed": moved.get("listed", []),
            }  # fmt: skip

        return self._store.run(command)

    # keys ----------------------------------------------------------------------------------------------------------

    def rotate_key(self) -> KeyChanged:
        """Sign with a new key from the next entry on. Answers {key_id, from: {epoch, seq}, old_backups: needs_renewal, or
        useless at a root}. Raises rotate_later, key_superseded, root_key_lost, revoked."""
        fresh = Signer.generate()
        self._keys.add_signer(fresh)

        def command(tx: Tx) -> KeyChanged:
            require_key(tx)
            if awaits_neighbours(tx):  # a key that was in force later may yet become known
                raise TongbanError("rotate_later")
            return self.change_key(tx, fresh)

        return self._store.run(command)

    def change_key(self, tx: Tx, fresh: Signer) -> KeyChanged:
        """The rotation itself; the file of the fresh key is there. Raises revoked: what we write counts no more, and a change of
        the key that counts nowhere would leave us without the key that does."""
        if tx.trust.is_revoked(tx.identity.node_id):
            raise TongbanError("revoked")
        leave_passed_epoch(tx)  # a rotation counts from its position on: nothing of ours may stand beyond it
        seq, prev = tx.journal.own_tip()
        here: Facts = {"node": tx.identity.node_id, "epoch": tx.identity.epoch, "seq": seq + 1, "prev": prev}
        facts: Facts = {"key": fresh.public, "proof": ROTATION.prove(fresh, {**here, "key": fresh.public})}
        stored = tx.journal.append(Draft("key_rotated", "node", facts))
        self._store.signer = fresh  # the next entry of this very group is signed by it
        tx.after_commit(lambda: self._keys.keep_only(fresh.key_id))
        position: Position = {"epoch": stored.fields.epoch, "seq": stored.fields.seq + 1}
        old = "useless" if tx.identity.parent is None else "needs_renewal"
        return {"key_id": fresh.key_id.hex(), "from": position, "old_backups": old}


# helpers -------------------------------------------------------------------------------------------------------------


def refusal(error: JoinRefusedError) -> TongbanError:
    return TongbanError(error.code, None, **error.details)


def check_description(code: str, name: str, tier: str, addresses: Sequence[str]) -> None:
    flaws = {}
    if not _CODE.fullmatch(code):
        flaws["code"] = "not_a_code"
    if not name.strip():
        flaws["name"] = "blank"
    elif len(name) > 100:
        flaws["name"] = "too_long"
    elif not name.isprintable():
        flaws["name"] = "bad_character"
    if tier not in TIERS:
        flaws["tier"] = "not_a_choice"
    if not addresses or not all(addresses):
        flaws["address"] = "missing"
    if flaws:
        raise TongbanError("invalid_input", flaws)


def _was_revoked(tx: Tx, code: str) -> bool:
    return any(node.code == code and tx.trust.is_revoked(node.node_id) for node in tx.trust.nodes())


def _every_proof_stays(tx: Tx, asked: JoinRequest, epoch: int) -> bool:
    """Whether no other key of the child counts from that epoch on, and none of its entries there is signed by another."""
    child = tx.trust.node(asked.node_id)
    known = enrolments.headers_since(tx.connection, asked.node_id, epoch)
    same = all(decode_header(header).key_id == key_id_of(asked.key) for header in known)
    return same and child is not None and all(key.since[0] < epoch for key in child.keys)


def _check_place(tx: Tx, code: str, tier: str) -> None:
    """A child is of a lower tier than we are, and its code is not in use by a live node of the known tree."""
    if TIERS.index(tier) >= TIERS.index(tx.identity.tier):
        raise TongbanError("wrong_tier", rule=f"下级的层级应低于本节点：{word(tier)}不低于{word(tx.identity.tier)}")
    active: Place | None = tx.find_code(code)
    if active is not None:
        raise TongbanError("code_active", node=code)
