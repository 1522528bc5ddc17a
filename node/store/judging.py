"""What the audit of legality makes of a case's events, by the item, the calendar and the tree that are known here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from federation.protocol.trust import TrustStore
from node.domain.cases import audit
from node.domain.cases.audit import Judged
from node.domain.cases.casefold import evolve
from node.domain.model import TIERS, Case, Event

if TYPE_CHECKING:
    from node.store.store import Tx, View


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


def judge(at: View | Tx, before: Judged, case: Case, event: Event) -> Judged:
    """What the audit makes of a case when `event` follows (see `node.domain.cases.audit`)."""
    item, tier = None, at.store.ranks.of(at.trust, event.author)
    asks = audit.rests_on_item(event, tier)
    if asks:
        item = at.store.catalog.item_of(case if case.version else evolve(case, event), at)
    calendar = at.store.catalog.snapshot().calendar if event.kind in audit.OF_CALENDAR else None
    flags = audit.audit(case, event, item, tier=tier, calendar=calendar)
    return audit.judge(before, case, event, flags, item_is_here=item is not None or not asks)
