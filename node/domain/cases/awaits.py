"""Whose turn a case is, as one word: what the workbench sorts by, and what the tracker says a case waits for. Pure.

The word says what is awaited at this node, not by whom: which roles do it stands in ROLES. A case that this node gave away
awaits something `elsewhere`; one that is over awaits nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from node.domain.cases.corrections import gap_lacking
from node.domain.model import Case, Purpose

if TYPE_CHECKING:
    from node.domain.catalog.item import Item

ELSEWHERE, READY = "elsewhere", "deliver"  # READY: it waits to be collected, and nobody is late
# What is awaited here -> the roles whose turn it is, in the order of the work. "applicant" waits on the person outside.
ROLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "complete": ("agent", "clerk"),
        "hand_over": ("agent",),
        "receive": ("clerk",),
        "accept": ("clerk",),
        "applicant": ("clerk", "agent"),
        "examine": ("examiner", "reviewer"),
        "refer": ("approver",),
        "approve": ("approver",),
        "statement": ("approver", "examiner", "clerk"),
        "gap": ("clerk", "agent"),  # what was promised for later is awaited, and nothing else is left to do
        "fill": ("clerk",),  # it came, and is looked at
        "gap_over": ("examiner", "approver"),  # it did not come
        "resume": ("examiner", "approver"),
        "conclude": ("clerk",),
        "deliver": ("clerk", "agent"),
    }
)
AWAITED = (*ROLES, ELSEWHERE)
OUTSIDE = ("applicant", "gap")  # it is the applicant's turn
_BY_STATUS: Mapping[str, str] = MappingProxyType(
    {
        "draft": "complete",
        "with_agent": "hand_over",
        "in_transit": "receive",
        "submitted": "accept",
        "awaiting_correction": "applicant",
        "suspended": "resume",
        "approved": "conclude",
        "refused": "conclude",
        "concluded": "deliver",
    }
)


def awaits(case: Case, me: bytes, tier: str, item_of: Callable[[Case], Item | None]) -> str | None:
    """What a case awaits, seen at node `me` of `tier`; None when it is over or never concerned this node."""
    status = case.offer.resume_status if case.offer is not None else case.status
    if status not in _BY_STATUS and status != "accepted":
        return None
    if case.custodian != me or case.in_transit:
        return ELSEWHERE if case.origin == me or any(hop.node == me for hop in case.hops) else None
    return _step(case, tier, item_of(case)) if status == "accepted" else _BY_STATUS[status]


def _step(case: Case, tier: str, item: Item | None) -> str:
    over = bool(case.gap.lapsed_at) and not case.gap.pauses
    if case.gap.is_open and (over or not gap_lacking(case)):
        return "gap_over" if over else "fill"
    if item is None:
        return "examine"
    steps = item.steps_at(tier)
    if case.lead.step < len(steps) and steps[case.lead.step].code != "approve":
        return "examine"
    if not item.decides_at(tier):
        return "refer"
    if case.gap.is_open:
        return "gap"
    return "statement" if case.statement.offered_at and not case.statement.outcome else "approve"


def came_back(case: Case, me: bytes) -> bool:
    """Whether the case lies here because somebody sent it back: a step, a referral, a handing over, a result of a correction."""
    if case.custodian != me:
        return False
    last = case.hops[-1] if case.hops else None
    returned = last is not None and last.reason in (str(Purpose.RETURN), str(Purpose.HAND_BACK)) and last.node == me
    return case.moved_kind == "sent_back" or (returned and case.moved_kind == "custody_taken")


def turns_of(role: str) -> tuple[str, ...]:
    """What a role is waited for with; a director with everything."""
    if role == "director":
        return tuple(ROLES)
    return tuple(what for what, roles in ROLES.items() if role in roles)


def work_of(role: str) -> tuple[str, ...]:
    """The turns of a role in which there is something to do here."""
    return tuple(one for one in turns_of(role) if one not in OUTSIDE)
