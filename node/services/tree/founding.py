"""Making a node: a root in a new folder, or a child that joins with a code of its parent.

A newcomer's keys, of which its node id is made, are on its disk before it asks, so that one whose answer was lost asks again as the same node (same
code, same key) and is told the same. What an attempt that was cut off left behind is cleared away by the next.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from argon2 import PasswordHasher

from federation.protocol import enrolment
from federation.protocol.enrolment import PendingJoin
from federation.protocol.envelope import decode_header, entry_hash
from federation.protocol.join_code import JoinCode, JoinRefusedError, secret_hash
from federation.protocol.proofs import node_id_of
from node.domain.model import Facts
from node.domain.software import SOFTWARE
from node.domain.tree.documents import Founded, Joined
from node.domain.words.errors import TongbanError
from node.machine.oslayer import make_private_directory
from node.services.people.staff import StaffService
from node.services.tree.keys import KeyFiles
from node.services.tree.membership import check_description, refusal
from node.store import enrolments, maintenance
from node.store.identity import Identity, save_identity
from node.store.journal import Draft
from node.store.store import Clock, Store, Tx

LEFT_OVER = frozenset({"keys", "lock", "node.db", "node.db-wal", "node.db-shm", "tongban.log"})  # by an attempt that was cut off


def create_root(
    folder: Path, clock: Clock, *, code: str, name: str, tier: str, test_clock: bool = False, hasher: PasswordHasher | None = None
) -> Founded:
    """A new root in an empty (or new) folder. Answers {node_id, code, username, password} of the first administrator."""
    check_description(code, name, tier, ("-",))
    _refuse_existing(folder)
    if (folder / "keys").exists():
        shutil.rmtree(folder / "keys")  # of an attempt that was cut off
    make_private_directory(folder)
    with undone_on_failure(folder):
        keys = KeyFiles.create(folder / "keys")
        identity = Identity(node_id_of(keys.signer().public), code, name, tier, None, os.urandom(16), 0, test_clock)

        def genesis(tx: Tx) -> None:
            save_identity(tx.meta, identity)
            tx.__dict__.pop("identity", None)
            facts: Facts = {"node": identity.node_id, "key": tx.signer.public, "code": code, "tier": tier}
            tx.journal.append(Draft("node_initialised", "node", facts))
            enrolments.save_name(tx.connection, identity.node_id, code, name, tier, None)

        return _finish(folder, clock, keys, identity, genesis, hasher)


@dataclass(frozen=True, slots=True)
class Joining:
    """A newcomer between its request and the answer. `request` is what to POST to one of `addresses`."""

    folder: Path
    keys: KeyFiles
    code: JoinCode
    request: bytes
    pending: PendingJoin

    @property
    def addresses(self) -> tuple[str, ...]:
        return self.code.addresses


def prepare_join(folder: Path, join_code: str) -> Joining:
    """Keys on disk and a sealed request. Called again in the same folder with the same code, it asks as the same node.

    Whether the code has expired is for the parent to say: a newcomer's clock may be years off."""
    try:
        code = JoinCode.from_text(join_code)
        _refuse_existing(folder)
        make_private_directory(folder)
        keys = _own_keys(folder, secret_hash(code.secret))
        signer = keys.signer()
        request, pending = enrolment.make_request(code, node_id_of(signer.public), signer, keys.link_public_der(), SOFTWARE)
    except JoinRefusedError as error:
        raise refusal(error) from error
    return Joining(folder, keys, code, request, pending)


def give_up(joining: Joining) -> None:
    """The parent's refusal is final: nothing of the attempt is kept."""
    shutil.rmtree(joining.keys.folder, ignore_errors=True)
    with suppress(OSError):
        joining.folder.rmdir()


def complete_join(joining: Joining, answer: bytes, clock: Clock, hasher: PasswordHasher | None = None) -> Joined:
    """Check the answer and make the store. Answers {node_id, code, tier, name, link_address, username, password}."""
    try:
        opened, _ = enrolment.open_answer(joining.pending, answer)
    except JoinRefusedError as error:
        raise refusal(error) from error
    keys = joining.keys
    if opened.certificate:
        keys.put("link-cert.pem", opened.certificate)
        keys.put("link-ca.pem", opened.authority)
    test_clock = opened.extra.get("test_clock") is True
    identity = Identity(
        joining.pending.node_id, opened.code, opened.name, opened.tier, opened.parent, os.urandom(16), 0, test_clock
    )  # fmt: skip

    def first(tx: Tx) -> None:
        save_identity(tx.meta, identity)
        tx.__dict__.pop("identity", None)
        parent = tx.add_peer(opened.parent, "up", opened.parent_code)
        for entry in opened.chain:
            fields = decode_header(entry.header)
            tx.journal.append_foreign(fields, entry_hash(entry.header), entry.header, entry.signature, parent, quarantined=False)
        place = tx.place(opened.parent)
        above = place.parent if place is not None else None
        tier = place.tier if place is not None else ""
        enrolments.save_name(tx.connection, opened.parent, opened.parent_code, opened.parent_name, tier, above)
        enrolments.save_name(tx.connection, identity.node_id, opened.code, opened.name, opened.tier, opened.parent)

    result = _finish(joining.folder, clock, keys, identity, first, hasher)
    keys.remove("joining.json")
    return {**result, "parent": opened.parent_code, "link_address": opened.link_address, "test_clock": test_clock}


# helpers -------------------------------------------------------------------------------------------------------------


def _finish(
    folder: Path, clock: Clock, keys: KeyFiles, identity: Identity, first: Callable[[Tx], None], hasher: PasswordHasher | None
) -> Founded:
    store = Store(folder, clock, keys.signer(), threaded=False)
    try:
        store.run(first)
        admin = StaffService(store, hasher).add("管理员", "admin", username="admin")
    finally:
        store.close()
    return {
        "node_id": identity.node_id.hex(), "code": identity.code, "name": identity.name, "tier": identity.tier,
        "username": admin["username"], "password": admin["password"],
    }  # fmt: skip


def _own_keys(folder: Path, invitation: bytes) -> KeyFiles:
    """The keys that asked with this invitation before, or fresh ones."""
    keys = KeyFiles(folder / "keys")
    if keys.has("joining.json") and json.loads(keys.get("joining.json")) == {"invitation": invitation.hex()}:
        return keys
    if keys.folder.exists():
        shutil.rmtree(keys.folder)  # of a join with another code that never came to an end
    keys = KeyFiles.create(folder / "keys")
    keys.put("joining.json", json.dumps({"invitation": invitation.hex()}).encode())
    return keys


def _refuse_existing(folder: Path) -> None:
    """Refuse a folder that holds a node or other files; clear away what an `init` or `join` left that was cut off."""
    database = folder / "node.db"
    strange = folder.exists() and any(path.name not in LEFT_OVER for path in folder.iterdir())
    if strange and not (database.exists() and maintenance.has_identity(database)):
        raise TongbanError("not_empty", path=str(folder))
    if database.exists():
        if maintenance.has_identity(database):
            raise TongbanError("already_a_node", path=str(folder))
        for path in folder.glob("node.db*"):
            path.unlink()


@contextmanager
def undone_on_failure(folder: Path) -> Iterator[None]:
    """Remove what a failed `init` left, so that it can be tried again."""
    try:
        yield
    except BaseException:
        shutil.rmtree(folder / "keys", ignore_errors=True)
        for path in folder.glob("node.db*"):
            path.unlink(missing_ok=True)
        raise
