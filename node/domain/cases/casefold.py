"""What the entries of a case add up to: `evolve` adds one, `extends` says whether one may be added, `fold` sorts out all.

`evolve` is total. It judges nothing (that is `audit`) and never raises: a fact that is missing or of the wrong type counts
as absent, and an unknown kind follows its `status_after` and `custodian_after`, so that an old node can store, show and
forward what it does not understand. Each kind has one small function in its room (`acts`) that names the fields it changes; the
case is copied once. For kinds a person may take back (row 45) the old values of those fields are kept in `undo.to`, and `undone` puts
them back: the clocks are then as unmoved, while version, head and the bodies stay, because the fact stays.

`fold` walks from the first entry along `prev`. At each place at most one successor is effective. An assignment of custody
by the ancestor entitled to it comes before everything else that claims the same place, then what leads to such an
assignment, then what came first. What claims a place that is taken, or descends from such a claim, is void: kept as
evidence, without effect. What hangs on an entry that is not known yet is parked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from node.domain.cases.acts import FOLDS, INTERNAL_KINDS, QUIET, SCHEMAS, STARTS, STILL, may_be_undone
from node.domain.cases.lifecycle import FILINGS, KINDS
from node.domain.model import NO_UNDO, Case, Event, Started, Undo

MayAssign: TypeAlias = Callable[[bytes, bytes, bytes], bool]
Visit: TypeAlias = Callable[[Case, Event], None]

_PLACE = {name: place for place, name in enumerate(Case._fields)}
_SAID = slice(_PLACE["version"], _PLACE["last_at"] + 1)  # what every event says of itself
assert " ".join(Case._fields[_SAID]) == "version head term status last_kind last_staff last_at"

# What an undo never puts back: the chain, what was said, and what was answered stay.
_LASTING = frozenset({"bodies", "internal_bodies", "answered", "opened_by", "materials", "unknown_kinds", "sender"})
CUSTODY = frozenset({"custody_offered", "custody_taken", "custody_assigned"})  # a later version may only add to what they say
REFILED = "refiled"  # its body stands for that of the filing, which was lost with a disk


@dataclass(frozen=True, slots=True)
class Folded:
    """A case, and which of the given entries (hashes) are effective (in order), void, or waiting for a predecessor."""

    case: Case
    effective: tuple[bytes, ...]
    void: tuple[bytes, ...]
    parked: tuple[bytes, ...]


# evolve ------------------------------------------------------------------------------------------------------------------


def evolve(case: Case, event: Event) -> Case:
    """The case after `event`. Total and pure: never raises, never refuses (whether it may be added is `extends`)."""
    kind = event.kind
    later = event.schema > SCHEMAS.get(kind, 1)
    changes = (_unknown if later and kind not in CUSTODY else FOLDS.get(kind, _unknown))(case, event)
    if later and kind in CUSTODY:
        changes["unknown_kinds"] = (*case.unknown_kinds, f"{kind}:{event.schema}")
    if kind in STARTS and not later:
        changes["started"] = _started(case, event, changes)
    if kind not in STILL:
        changes["moved_at"], changes["moved_kind"] = event.at, kind
    if kind not in STILL or changes.get("lead", case.lead).assignee != case.lead.assignee:
        changes["turned_hash"], changes["turned_staff"] = event.hash, event.staff_id
    if event.author == case.custodian and may_be_undone(event):
        _keep_for_undo(case, event, changes)
    elif kind not in QUIET and case.undo.status:
        changes["undo"] = NO_UNDO
    if event.body_hash:
        again = kind == REFILED and event.author == case.origin
        changes["bodies"] = (event.body_hash, *case.bodies) if again else (*case.bodies, event.body_hash)
        if kind in INTERNAL_KINDS:
            changes["internal_bodies"] = (*case.internal_bodies, event.body_hash)
    request = event.facts.get("request")
    if isinstance(request, bytes) and request:
        changes["answered"] = case.answered | {request}
    values: list[Any] = list(case)
    for name, value in changes.items():
        values[_PLACE[name]] = value
    values[_SAID] = event.version, event.hash, event.term, event.status_after, kind, event.staff_id, event.at
    return tuple.__new__(Case, values)  # what Case._make does in twice the time


def _started(case: Case, event: Event, changes: Mapping[str, Any]) -> Started:
    """Each clock that this entry starts, with what it cites. By silence S counts from the receipt, so from what that cites; a case
    that was received before goes on with the time it has."""
    started, cited, clocks = case.started, event.cites, STARTS[event.kind]
    if event.kind in ("custody_taken", "received") and (case.received_at or not changes.get("received_at")):
        return started
    if event.kind == "deemed_accepted":
        cited = started.received
    return started._replace(**dict.fromkeys(clocks, cited))


def _keep_for_undo(case: Case, event: Event, changes: dict[str, Any]) -> None:
    to = {name: case[_PLACE[name]] for name in changes if name not in _LASTING}
    changes["undo"] = Undo(case.status, to, event.staff_id, event.at, event.kind)


def _unknown(case: Case, event: Event) -> dict[str, Any]:
    """A kind of a later version, or a later meaning of one that we know: follow what its author says comes after, and remember that we
    do not understand it."""
    kind = event.kind if event.kind not in KINDS else f"{event.kind}:{event.schema}"
    changes: dict[str, Any] = {"custodian": event.custodian_after, "unknown_kinds": (*case.unknown_kinds, kind)}
    if event.custodian_after != case.custodian:
        changes["offer"], changes["previous_custodian"] = None, case.custodian
    if not case.version:
        changes["origin"] = event.author
    return changes


# extends -----------------------------------------------------------------------------------------------------------------


def extends(case: Case, event: Event, may_assign: MayAssign) -> bool:
    """Whether `event` is an effective successor of `case.head`.

    It must be the next version on that head, and be written by who may write it: the custodian in the same term; the target
    of the open offer, who takes custody with the next term; or an ancestor entitled to assign it, with the next term.
    """
    if event.version != case.version + 1 or event.prev != case.head:
        return False
    if not case.version:
        known = event.kind in FILINGS or event.kind not in KINDS  # a later version may know other ways of filing
        return known and event.term == 1 and event.custodian_after == event.author
    if event.kind == "custody_assigned":
        return event.term == case.term + 1 and _rightly_assigned(case, event, may_assign)
    if event.kind in FILINGS and case.status != "draft":
        return False
    if case.offer is not None:
        return event.kind == "custody_taken" and event.author == case.offer.target and event.term == case.term + 1
    if event.kind == "custody_taken" or not case.custodian:
        return event.kind not in KINDS and event.term == case.term + 1 and event.custodian_after == event.author
    return event.author == case.custodian and event.term == case.term


def _rightly_assigned(case: Case, event: Event, may_assign: MayAssign) -> bool:
    giver, receiver = event.facts.get("giver"), event.facts.get("receiver")
    if not isinstance(giver, bytes) or not isinstance(receiver, bytes) or event.custodian_after != receiver:
        return False
    holders = (case.offer.giver, case.offer.target) if case.offer is not None else (case.custodian,)
    return giver in holders and may_assign(event.author, giver, receiver)


# fold --------------------------------------------------------------------------------------------------------------------


def fold(events: Sequence[Event], may_assign: MayAssign, visit: Visit | None = None) -> Folded:
    """Sort out the authentic entries of one case, given in arrival order; duplicates have no effect. `visit` is shown each
    effective event with the case before it."""
    known: dict[bytes, Event] = {}
    for event in events:
        known.setdefault(event.hash, event)
    waiting: dict[bytes, list[Event]] = {}
    for event in known.values():
        waiting.setdefault(event.prev, []).append(event)
    fences = _fences(known, may_assign) if any(event.kind == "custody_assigned" for event in known.values()) else {}
    case = Case(events[0].case_no if events else "")
    effective: list[bytes] = []
    while (following := _successor(case, waiting.get(case.head, ()), fences, may_assign)) is not None:
        if visit is not None:
            visit(case, following)
        case = evolve(case, following)
        effective.append(following.hash)
    void, parked = _leftovers(known, set(effective), case, may_assign)
    return Folded(case, tuple(effective), void, parked)


def _successor(case: Case, rivals: Sequence[Event], fences: Mapping[bytes, int], may_assign: MayAssign) -> Event | None:
    fit = [event for event in rivals if extends(case, event, may_assign)]
    if len(fit) < 2:
        return fit[0] if fit else None
    return min(fit, key=lambda event: (event.kind != "custody_assigned", -fences.get(event.hash, 0)))


def _fences(known: Mapping[bytes, Event], may_assign: MayAssign) -> dict[bytes, int]:
    """Every entry from which an assignment descends, with the highest term assigned: its rivals are fenced off."""
    fences: dict[bytes, int] = {}
    for event in known.values():
        giver, receiver = event.facts.get("giver"), event.facts.get("receiver")
        if event.kind != "custody_assigned" or not isinstance(giver, bytes) or not isinstance(receiver, bytes):
            continue
        if not may_assign(event.author, giver, receiver):
            continue
        at: Event | None = event
        while at is not None and fences.get(at.hash, 0) < event.term:
            fences[at.hash] = event.term
            at = known.get(at.prev)
    return fences


def _leftovers(
    known: Mapping[bytes, Event], effective: set[bytes], case: Case, may_assign: MayAssign
) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Sort what has no effect into void and parked, in arrival order."""
    if len(effective) == len(known):
        return (), ()
    verdict: dict[bytes, bool] = {}  # hash -> parked
    for event in sorted(known.values(), key=lambda event: event.version):
        if event.hash not in effective:
            verdict[event.hash] = _is_parked(event, effective, verdict, case, may_assign)
    order = [hash for hash in known if hash not in effective]
    return tuple(hash for hash in order if not verdict[hash]), tuple(hash for hash in order if verdict[hash])


def _is_parked(event: Event, effective: set[bytes], verdict: Mapping[bytes, bool], case: Case, may_assign: MayAssign) -> bool:
    if event.prev in verdict:
        return verdict[event.prev]
    if event.prev == case.head and event.kind == "custody_assigned":
        return True  # who may assign can become known later
    return bool(event.prev) and event.prev not in effective  # parked while its predecessor is not known here
