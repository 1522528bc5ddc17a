"""The documents of the network: nodes, their lines and the tree. Times are ISO texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from node.domain.upkeep.documents import OrphanRow


@dataclass(frozen=True, slots=True)
class ThisNode:
    """Who tells. `entries`: how many it wrote."""

    code: str
    name: str
    tier: str
    software: str
    revision: int
    entries: int


@dataclass(frozen=True, slots=True)
class NodeRow:
    """What is known of a node. `state` is that of its line to its parent (of a deeper node as its parent told), else heard, never or
    revoked; `direct`: the line is ours. `last_contact`: when it last said something to us. `revision`, `calendar`, `rules`: in force there.
    `features`: what its program knows; `lacks`: what this one knows beyond. `unknown_since`: until when it is known, once it is silent.
    `lists` leads from a figure to its rows. In a tree also the nodes below it: `size` of them, counted by state; `cut`: not shown here."""

    node_id: str
    code: str
    tier: str
    name: str
    direct: bool
    state: str
    since: str | None
    last_contact: str | None
    last_entry: str | None
    waiting: int | None
    software: str
    revision: int | None
    catalog_waits: bool
    reason: str
    error: str | None
    error_at: str | None
    unknown_since: str | None
    silent: bool
    open: int
    overdue: int
    findings: int
    lists: Mapping[str, str]
    calendar: int | None = None
    rules: int | None = None
    features: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    children: tuple[NodeRow, ...] = ()
    size: int = 0
    states: Mapping[str, int] = field(default_factory=dict)
    cut: bool = False

    @property
    def shown(self) -> str:
        """The state that is shown: a deeper node is `unknown` once it is silent, whatever was told of its line before."""
        return "unknown" if self.silent and not self.direct and self.state in ("heard", "online") else self.state


@dataclass(frozen=True, slots=True)
class NetworkTree:
    """The subtree of `at` (None: of this node), or what was `found`, then `more` is how many were left out. `orphans`: cases that
    must be filed anew after a revocation."""

    here: ThisNode
    up: NodeRow | None
    at: NodeRow | None
    total: int
    states: Mapping[str, int]
    as_of: str | None
    attention: Mapping[str, int]
    tree: tuple[NodeRow, ...] = ()
    found: tuple[NodeRow, ...] | None = None
    more: int = 0
    orphans: tuple[OrphanRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """This node, or a direct child with all below it: how many nodes, how many silent, and since when the first."""

    code: str
    name: str
    as_of: str | None
    unknown_since: str | None
    nodes: int
    silent: int
