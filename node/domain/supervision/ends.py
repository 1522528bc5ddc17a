"""Ends that whoever supervises looks at (DOMAIN A1, watch lines A01, A02, A04 to A06). Pure.

A case that was turned down at the counter, refused, handed back (退办), given up or voided. None of them is a fault by itself: they are
listed, and of those that turned a person away some are drawn each month for a look at the file (`draw.py`).
"""

from __future__ import annotations

from typing import NamedTuple

from node.domain.cases.lateness import charged_for_decision
from node.domain.model import Case, Purpose

TURNED_AWAY = ("not_accepted", "not_required", "refused", "returned")  # what is drawn from
HOWS = (*TURNED_AWAY, "terminated", "voided")


class End(NamedTuple):
    """How a case ended (one of HOWS), when (ms), and who ended it."""

    how: str
    at: int
    charged: bytes


def abnormal_end(case: Case) -> End | None:
    """None while a case goes on, and of one that ended as its applicant wished."""
    if case.decided_at:
        how = "returned" if case.ground else "refused"
        return End(how, case.decided_at, charged_for_decision(case)) if case.decision == "refused" else None
    how = case.offer.resume_status if case.offer is not None else case.status
    return End(how, case.ended_at, ender(case)) if case.ended_at and how in HOWS else None


def ender(case: Case) -> bytes:
    """Who had the case before it was sent home."""
    held = [hop.node for hop in case.hops if hop.reason != str(Purpose.HOME)]
    return held[-1] if held else case.custodian or case.origin
