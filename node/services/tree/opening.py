"""Opening a node's folder, and which key it signs with.

The key in force is the one the journal names; a rotation leaves its file on disk however a crash falls (`keys.py`). A node
that came back from a backup older than a rotation does not have it: it opens all the same, signs with the newest key it has
and goes on filing, until its parent renews that key (`renewal.py`). A root has no parent, so such a root does not open.
"""

from __future__ import annotations

import json
from pathlib import Path

from node.domain.words.errors import TongbanError
from node.services.tree.keys import KeyFiles
from node.services.tree.recovery import require_key
from node.store.store import Clock, Store


def open_store(folder: Path, clock: Clock, *, threaded: bool = True) -> tuple[Store, KeyFiles]:
    """Open an existing node with the signing key in force, or the newest there is. Raises not_a_node, root_key_lost."""
    if not (folder / "node.db").exists():
        raise TongbanError("not_a_node", path=str(folder))
    keys = KeyFiles(folder / "keys")
    found = keys.signers()
    if not found:
        raise TongbanError("not_a_node", path=str(folder))
    store = Store(folder, clock, next(iter(found.values())), threaded=threaded)
    try:
        with store.reading() as view:
            if view.meta.get("identity") is None:
                raise TongbanError("not_a_node", path=str(folder))
            settle_signer(store, keys)
            if view.identity.parent is None:
                require_key(view)
    except BaseException:
        store.close()
        raise
    keys.keep_only(store.signer.key_id)
    return store, keys


def settle_signer(store: Store, keys: KeyFiles) -> None:
    """Sign with the key that the journal says is in force; when it is not on this disk, with the newest that is.

    Raises not_a_node when no key of this node is.
    """
    with store.reading() as view:
        raw = view.meta.get("identity")
    node_id = bytes.fromhex(json.loads(raw)["node_id"]) if raw is not None else b""
    node, current = store.trust.node(node_id), store.trust.current_key(node_id)
    if node is None or current is None or current.key_id == store.signer.key_id:
        return
    found = keys.signers()
    newest = next((key.key_id for key in reversed(node.keys) if key.key_id in found), None)
    if newest is None:
        raise TongbanError("not_a_node", path=str(keys.folder))
    store.signer = found[newest]
