"""Who a node is, and the small named values of its store."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from functools import lru_cache

from node.domain.model import Place


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this node is. `generation` names this life of the store (new after a restore); `epoch` is our chain's."""

    node_id: bytes
    code: str
    name: str
    tier: str
    parent: bytes | None
    generation: bytes
    epoch: int
    test_clock: bool

    @property
    def place(self) -> Place:
        return Place(self.node_id, self.code, self.tier, self.parent)


class Meta:
    """Small named values, each read once; who undoes what was set must `forget`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[str, bytes | None] = {}

    def forget(self) -> None:
        self._known.clear()

    def get(self, key: str) -> bytes | None:
        if key not in self._known:
            row = self._connection.execute("SELECT value FROM meta WHERE key=?", (key,)).fetchone()
            self._known[key] = row[0] if row else None
        return self._known[key]

    def set(self, key: str, value: bytes) -> None:
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES(?,?)", (key, value))
        self._known[key] = value

    def remove(self, key: str) -> None:
        self._connection.execute("DELETE FROM meta WHERE key=?", (key,))
        self._known[key] = None


def load_identity(meta: Meta) -> Identity:
    raw = meta.get("identity")
    if raw is None:
        raise RuntimeError("the store has no identity yet")
    return _parsed(raw)


@lru_cache(maxsize=256)
def _parsed(raw: bytes) -> Identity:
    data = json.loads(raw)
    parent = bytes.fromhex(data["parent"]) if data["parent"] else None
    return Identity(
        bytes.fromhex(data["node_id"]), data["code"], data["name"], data["tier"], parent, bytes.fromhex(data["generation"]), data["epoch"],
        data["test_clock"],
    )  # fmt: skip


def save_identity(meta: Meta, identity: Identity) -> None:
    data = {
        "node_id": identity.node_id.hex(), "code": identity.code, "name": identity.name, "tier": identity.tier,
        "parent": identity.parent.hex() if identity.parent else "", "generation": identity.generation.hex(), "epoch": identity.epoch,
        "test_clock": identity.test_clock,
    }  # fmt: skip
    meta.set("identity", json.dumps(data, ensure_ascii=False).encode())
