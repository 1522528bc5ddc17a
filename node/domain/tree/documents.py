"""The documents about keys, enrolment and revocation that services hand to commands and pages."""

from __future__ import annotations

from typing import TypedDict

from node.domain.setup import Loaded
from node.domain.upkeep.documents import Position


class Revoked(TypedDict):
    """A revoked node. `last_good`: its last entry that counts; `assigned`: cases given to another node, `listed`: those to look at."""

    code: str
    last_good: Position
    assigned: list[str]
    listed: list[str]


# `from` is the first entry under the new key; `old_backups`: needs_renewal, or useless at a root
KeyChanged = TypedDict("KeyChanged", {"key_id": str, "from": Position, "old_backups": str})


class Founded(TypedDict):
    """A node that was made, with the first login of its administrator (shown once)."""

    node_id: str
    code: str
    name: str
    tier: str
    username: str
    password: str


class Initialised(Founded):
    """A new root with what it begins with."""

    loaded: list[Loaded]


class Joined(Founded):
    """A node that joined a tree."""

    parent: str
    link_address: str
    test_clock: bool


class Released(TypedDict):
    case_no: str
    released: bool
