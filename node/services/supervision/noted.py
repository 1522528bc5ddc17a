"""What orders and appeals share: both are made of notes, whose words are here for those who take part."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from node.domain.cases.bodies import Body, read_body
from node.store.acts import Kept
from node.store.store import Tx, View


class Noted(Protocol):
    """An order or an appeal with all that is known of it here."""

    @property
    def kept(self) -> Mapping[bytes, Kept]: ...


def body_of(view: View | Tx, found: Noted, id: bytes) -> Body:
    """The words of an act; {} where they are not here."""
    one = found.kept.get(id)
    hash = one.fields.body_hash if one is not None else b""
    return read_body(view.objects.get(hash) if hash else None)
