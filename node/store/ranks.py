"""As what each node may act: worked out of the tree, and remembered until it changes."""

from __future__ import annotations

from federation.protocol.trust import TrustStore
from node.domain.model import TIERS


class Ranks:
    """The tier as which each node may act: never as high as a parent of it, whatever its enrolment says, nor anything else."""

    def __init__(self) -> None:
        self._state: object = None  # of the trust that what is remembered follows from
        self._known: dict[bytes, str] = {}

    def of(self, trust: TrustStore, node_id: bytes) -> str:
        if self._state is not trust.state:
            self._state, self._known = trust.state, {}
        if node_id not in self._known:
            self._known[node_id] = _rank(trust, node_id)
        return self._known[node_id]


def _rank(trust: TrustStore, node_id: bytes) -> str:
    most = len(TIERS)
    for one in reversed(trust.path(node_id)):
        node = trust.node(one)
        tier = node.tier if node is not None else ""
        most = min(TIERS.index(tier) if tier in TIERS else 0, max(most - 1, 0))
    return TIERS[most] if most < len(TIERS) else TIERS[0]
