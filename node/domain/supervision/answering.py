"""Who answers for a limit that was broken: of a promise or a statutory limit the unit that its card would be charged to, of another who has the
case (DOMAIN A0, A4). One rule for the record of a case, the lists and counts of supervision, analysis, and the monthly report. Pure.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from node.domain.cases.deadlines import Deadline
from node.domain.cases.lateness import charged
from node.domain.model import Event
from node.domain.supervision.charging import BUDGETED, charged_unit, settled_at, shares
from node.domain.supervision.watches import RULE_OF, Basis, State, states, watches

BUDGETED_CLOCKS = frozenset({"P", "S"})


class Answer(NamedTuple):
    """Who answers (b"": every unit kept its part), and of each unit that worked on it and kept its part the working days it used."""

    node: bytes
    kept: Mapping[bytes, int]


def answering(events: Sequence[Event], basis: Basis) -> Mapping[tuple[str, dt.date], Answer]:
    """By clock and due day, settled at 24:00 of the day or where the limit began past it."""
    found = states(events, basis.may_assign)
    answers = dict[tuple[str, dt.date], Answer]()
    for one in watches(found, basis):
        if one.rule in BUDGETED:
            moment = settled_at(one)
            used = shares(found, one, moment, basis).items()
            kept = {node: days for node, (days, budget) in used if 0 < days <= budget}
            answers[one.limit.clock, one.limit.due] = Answer(charged_unit(found, one, moment, basis) or b"", kept)
    return answers


def answers_for(stood: Sequence[State], limit: Deadline, basis: Basis) -> bytes:
    """The same of one due day, as the case stood when it was decided, or stands; b"" where every unit kept its part."""
    holder = charged(stood[-1].case)
    held = {state.case.custodian for state in stood if state.case.accepted_at}
    if limit.clock not in BUDGETED_CLOCKS or held == {holder}:
        return holder
    watch = next(
        (one for one in watches(stood, basis) if (one.rule, one.limit.due) == (RULE_OF[limit.clock], limit.due)),
        None,
    )
    if watch is None:
        return holder
    return charged_unit(stood, watch, settled_at(watch), basis) or b""
