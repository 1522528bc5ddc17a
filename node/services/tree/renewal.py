"""The way back for a node whose backup is older than its last change of the signing key.

Such a node has an old key K; everybody else knows a later one, so what it writes in its new epoch is evidence to them. Its
parent prints a join code for it (`invite --renew`), the node asks with K for K, and the parent's `node_rekeyed` carries that
request: K counts from the first epoch that K signed without being in force. Every reader checks that K was a key of the node
before and signed the request (`federation.protocol.trust`), so the code brings no other key in, whoever holds it: a node that
lost all its keys is revoked, and the new machine joins as a new node. The renewal proves what was written meanwhile: whoever
learns of it judges the evidence again (`admission.py`), so nothing is sent a second time. Then the node rotates at once.
When the disk burned twice, the parent holds what a life wrote that the node does not remember. It shows the last entry of each,
the node finds its own signature there and asks again: K counts from the earliest of them, and the node asks for everything again
and rotates in an epoch after the latest, or K would not count there any more.

The request is made and the answer taken here; carrying it to the parent is the caller's (the command posts it).
"""

from __future__ import annotations

from collections.abc import Sequence

from federation.protocol import enrolment
from federation.protocol.enrolment import JoinAnswer, PendingJoin
from federation.protocol.envelope import decode_header
from federation.protocol.join_code import JoinCode, JoinRefusedError
from federation.protocol.signing import Signer
from node.domain.model import SYSTEM, Actor
from node.domain.software import SOFTWARE
from node.domain.tree.documents import KeyChanged
from node.domain.words.errors import TongbanError
from node.services.tree import lives
from node.services.tree.admission import admit
from node.services.tree.keys import KeyFiles
from node.services.tree.membership import VALID_DAYS, Membership, refusal
from node.services.tree.recovery import key_superseded, mark_recovering, open_epoch
from node.store import audit, enrolments
from node.store.enrolments import Invitation
from node.store.store import Store, Tx


class Renewal:
    """Both ends of a renewal at one node: as the parent it invites, as the child it asks."""

    def __init__(self, store: Store, keys: KeyFiles, membership: Membership) -> None:
        self._store, self._keys, self._membership = store, keys, membership
        self._pending: PendingJoin | None = None
        self._epoch, self._shown = 0, lives.Lives()  # of the renewal under way

    # the parent ----------------------------------------------------------------------------------------------------

    def invite(self, code: str, addresses: Sequence[str], *, by: Actor = SYSTEM) -> str:
        """A join code with which the live child `code` renews its key. Raises unknown_node, not_direct_child,
        key_superseded."""

        def command(tx: Tx) -> JoinCode:
            place = tx.find_code(code)
            if place is None or not tx.trust.is_below(place.node_id, tx.identity.node_id):
                raise TongbanError("unknown_node", node=code[:40])
            if place.parent != tx.identity.node_id:
                raise TongbanError("not_direct_child", node=code)
            name = enrolments.names(tx.connection).get(place.node_id, code)
            expires = (tx.now() // 1000 + VALID_DAYS * 86_400) * 1000
            audit.note(tx.connection, tx.now(), by.staff_id, "invited_to_renew", code, {"days": VALID_DAYS})
            row = Invitation(b"", code, name, place.tier, expires, renews=place.node_id)
            return self._membership.promise(tx, row, addresses)

        return self._store.run(command).to_text()

    # the child -----------------------------------------------------------------------------------------------------

    def begin(self, join_code: str) -> tuple[tuple[str, ...], bytes]:
        """(addresses, sealed request) to post to the parent. No addresses when the renewal has come over the link already
        and only the rotation was left: then that is done.

        Raises bad_join_code, wrong_parent (a code of somebody else), renew_not_needed, root_not_renewed.
        """
        if self._store.identity.parent is None:
            raise TongbanError("root_not_renewed")
        try:
            code = JoinCode.from_text(join_code)
            if self._half_done():
                self._rotate()
                return (), b""
            self._shown = {}
            self._epoch = self._store.run(lambda tx: self._first_epoch(tx, code))
            return code.addresses, self._ask(code)
        except JoinRefusedError as error:
            raise refusal(error) from error

    def finish(self, answer: bytes) -> tuple[bytes, KeyChanged | None]:
        """Take the parent's answer, then sign with a new key: (nothing, what `rotate_key` answers). Or (another sealed request to
        post, None): the parent holds more of what we signed than we know. Raises wrong_parent."""
        pending, self._pending = self._pending, None
        if pending is None:
            raise TongbanError("wrong_parent")
        try:
            opened, _ = enrolment.open_answer(pending, answer)
            if opened.lives:
                self._remember(opened)
                return self._ask(pending.code), None
        except JoinRefusedError as error:
            raise refusal(error) from error
        self._store.run(lambda tx: admit(tx, opened.chain, tx.author_row(opened.parent)))
        self._keep_certificate(opened)
        return b"", self._rotate()

    def _ask(self, code: JoinCode) -> bytes:
        """The request for all lives that we know of: from our own disk, and from what the parent showed us."""
        epoch = min([self._epoch, *self._shown])
        known = {**self._store.run(lambda tx: lives.here(tx, self._epoch)), **self._shown}
        request, self._pending = enrolment.make_request(
            code, self._store.identity.node_id, self._store.signer, self._keys.link_public_der(), SOFTWARE, epoch=epoch,
            lives=lives.as_codes(known),
        )  # fmt: skip
        return request

    def _remember(self, opened: JoinAnswer) -> None:
        found = lives.signed_by(self._store.signer, self._store.identity.node_id, opened.lives)
        if found is None or not found.keys() - self._shown.keys():
            raise JoinRefusedError("wrong_parent", "what the parent shows is not signed by us, or is what we named")
        self._shown |= found

    def _first_epoch(self, tx: Tx, code: JoinCode) -> int:
        """Where our key is to count from: the first epoch it signed in vain, a new one when there is none at the end."""
        me = tx.identity
        root = tx.meta.get("root") or b""
        if me.parent != code.parent or not root.startswith(code.root):
            raise JoinRefusedError("wrong_parent")
        if not key_superseded(tx):
            raise TongbanError("renew_not_needed")
        first = _first_unproven(tx)
        if first is None:
            open_epoch(tx)
            first = tx.identity.epoch
        return first

    def _half_done(self) -> bool:
        """Our key was renewed and is still in use."""
        with self._store.reading() as view:
            key = view.trust.current_key(view.identity.node_id)
            return key is not None and key.since[1] == 1 and not key_superseded(view)

    def _rotate(self) -> KeyChanged:
        fresh = Signer.generate()
        self._keys.add_signer(fresh)

        def command(tx: Tx) -> KeyChanged:
            if last := lives.forgotten(tx, _lives(tx)):
                mark_recovering(tx, beyond=last)
            return self._membership.change_key(tx, fresh)

        return self._store.run(command)

    def _keep_certificate(self, opened: JoinAnswer) -> None:
        if opened.certificate:
            self._keys.put("link-cert.pem", opened.certificate)
            self._keys.put("link-ca.pem", opened.authority)


def _lives(tx: Tx) -> object:
    """What our parent held of us when it renewed our key."""
    key = tx.trust.current_key(tx.identity.node_id)
    assert key is not None
    (entry,) = enrolments.node_entries(tx.connection, (key.entry,))
    return decode_header(entry.header).facts.get("lives")


def _first_unproven(tx: Tx) -> int | None:
    """The first epoch after the last one that begins with an entry proven by the key in force there."""
    me, first = tx.identity.node_id, None
    for header in enrolments.first_of_epochs(tx.connection, me):
        fields = decode_header(header)
        key = tx.trust.key_for(me, fields.epoch, fields.seq)
        if key is not None and key.key_id == fields.key_id:
            first = None
        elif first is None:
            first = fields.epoch
    return first
