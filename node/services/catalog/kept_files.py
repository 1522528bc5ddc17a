"""Files of published documents between looking and publishing: kept at the node, so that nobody picks them twice."""

from __future__ import annotations

import hashlib

from node.domain.cases.access import Function, require
from node.domain.catalog.kind import Kind
from node.domain.model import Actor
from node.domain.words.errors import TongbanError
from node.services.catalog.catalog import require_root
from node.services.catalog.imports import FILES_KEPT
from node.store import editor as sql
from node.store.store import Store, Tx


def put(store: Store, kind: Kind[object], name: str, data: bytes, actor: Actor) -> str:
    """Keep a file; its key. Errors: `forbidden`, `wrong_tier` where the kind is published above, `invalid_input` for an empty one."""
    require(Function.PUBLISH_RULES, store.place.tier, actor.role)
    if not data.strip():
        raise TongbanError("invalid_input", {"file": "empty"})
    key = hashlib.sha256(kind.name.encode() + data).hexdigest()[:24]

    def command(tx: Tx) -> None:
        require_root(tx, kind)
        sql.keep_file(tx.connection, key, name[:200], data, actor.staff_id, tx.now(), FILES_KEPT)

    store.run(command)
    return key


def kept(store: Store, key: str) -> tuple[str, bytes]:
    """Name and content of a kept file. Errors: `not_found`."""
    with store.reading() as view:
        found = sql.file_of(view.connection, key)
    if found is None:
        raise TongbanError("not_found", what=key[:24])
    return found[0], found[1]
