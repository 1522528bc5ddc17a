"""Whether this node still belongs to the tree, as far as it can know.

It learns of its revocation by the entry, when the line was up, or by its parent's refusal of the link. The refusal is kept,
whatever the line says later, until the parent takes the link again (it came back from a backup, and revokes anew or not).
From then on nothing new is begun here: no filing, no invitation. What the node holds already its people may bring to an end.

A node below a revoked one was not revoked: it goes on, but what it files reaches nobody above, and its pages say so. It
knows only when the entry reached it, through the very node that was revoked.
"""

from __future__ import annotations

from node.domain.words.errors import TongbanError
from node.store.store import Tx, View

REFUSAL = "this node was revoked by its parent"  # what a parent says to a node that it revoked
_KEPT = "revoked_by_refusal"


def note_line(tx: Tx, online: bool, error: str) -> None:
    """The line to the parent came up or ended: keep or drop its word that we were revoked."""
    if online and tx.meta.get(_KEPT):
        tx.meta.set(_KEPT, b"")
    elif error == f"refused by the peer: {REFUSAL}":
        tx.meta.set(_KEPT, b"1")


def is_revoked(view: View | Tx) -> bool:
    """Whether this node knows that it was revoked."""
    return view.trust.is_revoked(view.identity.node_id) or bool(view.meta.get(_KEPT))


def is_cut_off(view: View | Tx) -> bool:
    """Whether a node above is known to be revoked."""
    return any(view.trust.is_revoked(node) for node in view.trust.ancestors(view.identity.node_id))


def is_apart(view: View | Tx) -> bool:
    """Whether nothing that begins here is recognised above."""
    return is_revoked(view) or is_cut_off(view)


def require_member(view: View | Tx) -> None:
    """Nothing new begins at a node that was revoked. Raises revoked."""
    if is_revoked(view):
        raise TongbanError("revoked")
