"""Which event of a case is told to the applicant, and until when telling it has a point (R35).

An event is told once by one node: the sender of the case (`Case.sender`: the lowest hall on its path that has a channel), or, while
there is none, the node that wrote it. What a later event says better is not told any more: a case has one thing to say at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from node.domain.cases.lifecycle import UNDECIDED
from node.domain.model import Case, Event
from node.domain.notes import CORRECTED, REVOKED

DUE_SOON = "due_soon"  # no entry: one working day before the promise falls due
DIGEST = "digest"  # of several cases in one message, when the node's messages of a day are used up
ANSWER = "answer"  # to a person who asked by SMS or mail (R96)
HELP = "help"
OFF = "off"  # he wants no more SMS
ON = "on"


class Tellable(NamedTuple):
    """One event for residents. `can_wait`: until a working day, because nothing can be done before one."""

    can_wait: bool
    stands: Callable[[Case], bool]  # whether it is still so


def _open(case: Case) -> bool:
    return case.status in UNDECIDED and not case.decided_at


EVENTS: Mapping[str, Tellable] = MappingProxyType(
    {
        CORRECTED: Tellable(True, lambda case: True),
        "registered": Tellable(True, lambda case: not case.received_at and case.status in ("with_agent", "in_transit")),
        "received": Tellable(
            True, lambda case: bool(case.received_at) and not case.accepted_at and _open(case) and not _asked(case)
        ),
        "correction": Tellable(False, lambda case: _asked(case)),
        "accepted": Tellable(True, lambda case: bool(case.accepted_at) and _open(case)),
        "paused": Tellable(True, lambda case: bool(case.pause.kind) and _open(case)),
        "extended": Tellable(True, lambda case: case.extended and _open(case)),
        DUE_SOON: Tellable(True, lambda case: bool(case.accepted_at) and _open(case)),
        "decided": Tellable(True, lambda case: bool(case.decided_at) and not case.concluded_at),
        "ready": Tellable(True, lambda case: bool(case.concluded_at) and not case.delivered_at),
        "delivered": Tellable(True, lambda case: bool(case.delivered_at)),
        "withdrawn": Tellable(True, lambda case: case.status == "withdrawn" or _on_its_way(case, "withdrawn")),
        "ended": Tellable(True, lambda case: bool(case.ended_at)),
        REVOKED: Tellable(True, lambda case: True),
    }
)  # in the order of a case: of two that come together the later one is told

# kind of event -> what is told
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "lodged": "registered", "submitted": "received", "received": "received", "custody_taken": "received",
        "correction_requested": "correction", "correction_repeated": "correction",
        "accepted": "accepted", "accepted_with_gap": "accepted", "deemed_accepted": "accepted",
        "suspended": "paused", "extended": "extended",
        "approved": "decided", "refused": "decided", "decided_at_once": "decided",
        "concluded": "ready", "delivered": "delivered", "withdrawn": "withdrawn",
        "terminated": "ended", "voided": "ended", "not_accepted": "ended", "not_required_found": "ended", "returned": "ended",
    }
)  # fmt: skip


def _asked(case: Case) -> bool:
    return case.status == "awaiting_correction"


def _on_its_way(case: Case, status: str) -> bool:
    return case.offer is not None and case.offer.resume_status == status


def told(before: Case | None, event: Event, after: Case) -> str:
    """What an event tells the applicant: a code of EVENTS, "" for nothing. Total."""
    code = KINDS.get(event.kind, "")
    if not code or (before is not None and before.status == "draft" and event.kind == "voided"):
        return ""
    if code == "received":
        had = before.received_at if before is not None else 0
        return code if after.received_at and not had else ""
    return code


def stands(code: str, case: Case) -> bool:
    """Whether telling it still has a point, by how the case stands now (without what is in doubt)."""
    known = EVENTS.get(code)
    return known is not None and known.stands(case)


REACHED = frozenset({"contact", "off"})  # what a hall says of an applicant whom the village need not tell


def has_none(applicant: Mapping[str, object]) -> bool:
    """Whether an applicant has no telephone of his own or of his family: what he gave is the agent's, or none."""
    return not applicant.get("phone") or applicant.get("contact") == "agent"


def can_wait(code: str) -> bool:
    """Until a working day."""
    known = EVENTS.get(code)
    return known is not None and known.can_wait


def latest(codes: list[str]) -> int:
    """Which of several (in the order they came) is the one to tell: the furthest on in a case, the last of equals. -1 for none."""
    order = list(EVENTS)
    ranked = [(order.index(code), n) for n, code in enumerate(codes) if code in EVENTS]
    return max(ranked)[1] if ranked else -1


def sender(case: Case, author: bytes) -> bytes:
    """Which node tells an event of this author."""
    return case.sender or author
