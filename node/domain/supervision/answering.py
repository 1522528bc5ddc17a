"""Who answers for a promise or a statutory limit that was broken: the unit that its card would be charged to, as the record of a case says it
(DOMAIN A4). Pure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from node.domain.model import Event
from node.domain.supervision.charging import BUDGETED, charged_unit
from node.domain.supervision.watches import Basis, states, watches

BUDGETED_CLOCKS = frozenset({"P", "S"})


def answering(events: Sequence[Event], basis: Basis) -> Mapping[tuple[str, dt.date], bytes]:
    """By clock and due day, settled at 24:00 of the day or where the limit began past it; b"": every unit kept its part."""
    found = states(events, basis.may_assign)
    return {
        (one.limit.clock, one.limit.due): charged_unit(found, one, max(one.due_moment, one.start + 1)) or b""
        for one in watches(found, basis)
        if one.rule in BUDGETED
    }
