"""The documents of the network and of oversight that services hand to pages and the API. Never an applicant in any of them.

Nodes are named by their division codes, times are ISO 8601 texts (None for not yet, or not known), days are ISO dates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# the network ----------------------------------------------------------------------------------------------------------


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
    """What is known of a node. `state` is that of its line, else heard, never or revoked; `direct`: there is a line. `lists` leads
    from a figure to its rows. In a tree also the nodes below it: `size` of them, counted by state; `cut`: not shown here."""

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
    children: tuple[NodeRow, ...] = ()
    size: int = 0
    states: Mapping[str, int] = field(default_factory=dict)
    cut: bool = False

    @property
    def shown(self) -> str:
        """The state that is shown: a node of which we only have records is `unknown` once it is silent."""
        return "unknown" if self.silent and self.state == "heard" else self.state


@dataclass(frozen=True, slots=True)
class NetworkTree:
    """The subtree of `at` (None: of this node), or what was `found`, then `more` is how many were left out."""

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


@dataclass(frozen=True, slots=True)
class Branch:
    """This node, or a direct child with all below it: how many nodes, how many silent, and since when the first."""

    code: str
    name: str
    as_of: str | None
    unknown_since: str | None
    nodes: int
    silent: int
