"""Legality of what was written, as flags: a pure judgement beside `evolve`, which never refuses (DESIGN "The journal").

`audit` compares an effective event with the transition table, the authority table, the schema of facts and, where the item
and the calendar are known, with the limits of the law. It changes nothing. `judge` adds an event to what is held of its case
so far; every node does it with every event it projects, so all derive the same flags from the same entries. What a flag means
and what weight it has stands in `flags`.

What rests on an item that is not here yet is not judged (UNJUDGED): neither found nor cleared. The case is judged again when
the item comes. A decision that waits for this is no decision yet to a reader here.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from node.domain.cases.access import not_at
from node.domain.cases.acts import OF_KIND, QUIET, SCHEMAS, may_be_undone
from node.domain.cases.acts.act import Rule, Seen
from node.domain.cases.acts.common import decided_below
from node.domain.cases.dated import is_late_report, is_moved
from node.domain.cases.lifecycle import (
    BUILT,
    FILINGS,
    KINDS,
    NEW,
    PREVIOUS,
    RESUME,
    SAME,
    Transition,
    rows_of_kind,
)
from node.domain.cases.schema import wrong_facts
from node.domain.model import TIERS, Case, Event
from node.domain.words.flags import DOUBT, FLAGS, NOTE, UNJUDGED

if TYPE_CHECKING:
    from node.domain.calendar import WorkCalendar
    from node.domain.catalog.item import Item

TOLERANCE_MS = 300_000  # clocks are set right; less than this is no turning back of time

# Kinds whose judgement rests on the item, and those of them that are decisions.
OF_ITEM = frozenset(name for name, kind in OF_KIND.items() if kind.of_item)
DECISIONS = frozenset(name for name, kind in OF_KIND.items() if kind.decides)
OF_ORGANS = frozenset(
    "awaiting_correction accepted suspended approved refused concluded not_required not_accepted returned terminated voided superseded".split()
)  # statuses that only an organ's act leads to
OF_CALENDAR = frozenset(name for name, kind in OF_KIND.items() if kind.of_calendar)
ENDS = frozenset(name for name, kind in OF_KIND.items() if kind.ends)

_ACTION_OF = {
    "hand_over": "hand_over",
    "hand_back": "hand_back",
    "refer": "refer",
    "return": "return_to_lower",
    "home": "offer_home",
}
_RESUMES = {
    "hand_over": ("submitted",),
    "refer": ("accepted",),
    "return": ("accepted",),
    "hand_back": ("submitted", "with_agent"),
}
_ROWS: Mapping[tuple[str, str], tuple[Transition, ...]] = MappingProxyType(
    {
        (source, kind): tuple(row for row in rows_of_kind(kind) if source in row.sources)
        for kind in KINDS
        for source in {source for row in rows_of_kind(kind) for source in row.sources}
    }
)
_BESIDE_TABLE = frozenset({"custody_assigned", "request_declined", "released"})


def audit(
    case: Case, event: Event, item: Item | None = None, *, tier: str = "", calendar: WorkCalendar | None = None
) -> list[str]:
    """Flags (keys of FLAGS) of `event` as the successor of `case`. `tier` is the author's; what is not given is not judged."""
    seen = Seen(case, event, item, tier, calendar, _row_of(case, event))
    if not is_known(event):
        return _flags_of_unknown(seen)
    rules = _BY_KIND[event.kind] if _is_plain(seen) else (*_OF_ALL, *_BY_KIND[event.kind])
    found = [flag for flag, holds in rules if holds(seen)]
    return [*found, "free_text_in_facts"] if wrong_facts(event.kind, event.facts) else found


def _is_plain(seen: Seen) -> bool:
    """Whether none of the rules for all kinds holds, seen at a glance: so is nearly every event, and each is judged as it comes."""
    case, event, row = seen.case, seen.event, seen.row
    return (
        row is not None
        and event.status_after == row.to
        and event.custodian_after == event.author
        and event.term == (case.term or 1)
        and (row.action, seen.tier) in _MAY
        and event.at >= case.last_at
        and not is_moved(event)
    )


def _flags_of_unknown(seen: Seen) -> list[str]:
    """A later version may know more kinds; who may decide, and when an act was done, stays the same."""
    after = seen.event.status_after
    found = ["unknown_kind", *(flag for flag, holds in _OF_CLAIMS if holds(seen))]
    if after == seen.case.status:
        return found
    if seen.tier == "village" and after in OF_ORGANS:
        found.append("beyond_tier")
    if after in ("approved", "refused") and decided_below(seen):
        found.append("decided_below")
    return found


def is_known(event: Event) -> bool:
    """Whether this version knows what the event means: a later schema may follow a later table."""
    return (
        event.kind in KINDS
        and event.schema <= SCHEMAS.get(event.kind, 1)
        and (event.kind != "custody_offered" or event.facts.get("purpose") in _ACTION_OF)
    )


def rests_on_item(event: Event, tier: str) -> bool:
    """Whether what is judged of the event rests on the item. Of a filing only that a village receives no licence, of a take only that
    it waits for papers."""
    if not is_known(event):
        return event.status_after in ("approved", "refused")
    if event.kind == "custody_taken":
        return event.facts.get("awaits_papers") is True
    return event.kind in OF_ITEM and (event.kind != "submitted" or tier == "village")


def _row_of(case: Case, event: Event) -> Transition | None:
    source = case.status if case.version else NEW
    rows = _ROWS.get((source, event.kind), ())
    if len(rows) > 1 or event.kind == "custody_offered":
        action = _action_of(event)
        rows = tuple(row for row in rows if action in ("", row.action))
    return rows[0] if rows else None


def _action_of(event: Event) -> str:
    """The action, where more than one leaves this kind of event; else empty."""
    if event.kind == "custody_offered":
        return _ACTION_OF.get(str(event.facts.get("purpose")), "")
    if event.kind == "voided":
        return "void_stale" if event.facts.get("kind") == "stale_draft" else "void"
    return ""


def _not_in_table(seen: Seen) -> bool:
    """Acts whose legality is no matter of the status: assignments, answers, the release after a restore."""
    event = seen.event
    answers = event.kind == "reminded" and bool(event.facts.get("request"))
    return seen.row is None and event.kind not in _BESIDE_TABLE and not answers


def _wrong_status_after(seen: Seen) -> bool:
    case, event, after = seen.case, seen.event, seen.event.status_after
    if event.kind == "custody_assigned":
        return after != (case.offer.resume_status if case.offer is not None else case.status)
    if event.kind in _BESIDE_TABLE or event.kind == "reminded":
        return after != case.status
    if seen.row is None:
        return False
    if event.kind == "custody_offered":
        purpose, resume = str(event.facts.get("purpose")), event.facts.get("resume_status")
        return after != "in_transit" or resume not in _RESUMES.get(purpose, (case.status,))
    if seen.row.to == PREVIOUS:
        return after != case.undo.status
    if seen.row.to == RESUME:
        return case.offer is not None and after != (
            "in_transit" if case.offer.purpose == "hand_over" else case.offer.resume_status
        )
    return after != (case.status if seen.row.to == SAME else seen.row.to)


def _wrong_custodian_after(seen: Seen) -> bool:
    event = seen.event
    if event.kind == "custody_assigned":
        return event.custodian_after != event.facts.get("receiver")
    return event.custodian_after != (b"" if event.kind == "custody_offered" else event.author)


def _wrong_term(seen: Seen) -> bool:
    if not seen.case.version:
        return seen.event.term != 1
    raised = seen.event.kind in ("custody_taken", "custody_assigned")
    return seen.event.term != seen.case.term + raised


def _rows_at(seen: Seen) -> tuple[Transition, ...]:
    """The row, or those of the kind when the status has none."""
    return (seen.row,) if seen.row is not None else rows_of_kind(seen.event.kind)


def _beyond_tier(seen: Seen) -> bool:
    rows = _rows_at(seen)
    return seen.tier == "village" and bool(rows) and all(not_at(row, seen.tier) != "" for row in rows)


def _only_at_village(seen: Seen) -> bool:
    rows = _rows_at(seen)
    return seen.tier not in ("", "village") and bool(rows) and all(not_at(row, seen.tier) != "" for row in rows)


def _time_backwards(seen: Seen) -> bool:
    """Within one custody all claims are of one clock; who assigned the case had another."""
    case, event = seen.case, seen.event
    same = case.version > 0 and event.author == case.custodian and case.last_kind != "custody_assigned"
    return same and event.at < case.last_at - TOLERANCE_MS


def _item_changed(seen: Seen) -> bool:
    version = seen.event.facts.get("item_version")
    pins = isinstance(seen.event.facts.get("item_hash"), bytes)  # the version in force, before or with the acceptance
    return isinstance(version, int) and version != seen.case.item_version and not (pins and seen.case.status == "submitted")


_OF_CLAIMS: tuple[tuple[str, Rule], ...] = (
    ("claim_moved", lambda seen: is_moved(seen.event)),
    ("late_reported", lambda seen: is_moved(seen.event) and is_late_report(seen.event)),
)
_OF_ALL: tuple[tuple[str, Rule], ...] = (
    ("not_in_table", _not_in_table),
    ("wrong_status_after", _wrong_status_after),
    ("wrong_custodian_after", _wrong_custodian_after),
    ("wrong_term", _wrong_term),
    ("beyond_tier", _beyond_tier),
    ("only_at_village", _only_at_village),
    ("time_backwards", _time_backwards),
    *_OF_CLAIMS,
)
# What a kind's own room says of it comes first; every event but a filing keeps to the item's version.
_BY_KIND: Mapping[str, tuple[tuple[str, Rule], ...]] = MappingProxyType(
    {kind: (*OF_KIND[kind].rules, *(() if kind in FILINGS else (("item_changed", _item_changed),))) for kind in KINDS}
)
# Acts of one kind only that a tier may do; custody has rules of its own.
_MAY = frozenset(
    (row.action, tier)
    for row in BUILT
    for tier in TIERS
    if not_at(row, tier) == "" and not row.kind.startswith("custody_") and row.kind != "reminded"
)


# a case so far -----------------------------------------------------------------------------------------------------------


class Mark(NamedTuple):
    """One flag of one event. `at` is the author's claim, ms."""

    event: bytes
    flag: str
    author: bytes
    at: int


class Judged(NamedTuple):
    """What the audit makes of a case up to its head: all marks, and those its standing rests on now and would after an undo."""

    marks: tuple[Mark, ...] = ()
    doubts: tuple[Mark, ...] = ()
    doubts_before: tuple[Mark, ...] = ()


CLEAR = Judged()


def judge(before: Judged, case: Case, event: Event, flags: list[str], *, item_is_here: bool) -> Judged:
    """Add the flags of an effective event that follows on `case`."""
    if not flags and not before.doubts and not before.doubts_before and item_is_here:
        return before
    listed = [flag for flag in flags if FLAGS[flag].weight != NOTE]
    doubts = [flag for flag in listed if FLAGS[flag].weight == DOUBT]
    if "unknown_kind" in flags and event.status_after != case.status:
        doubts.append(UNJUDGED)
    if not item_is_here:
        listed.append(UNJUDGED)
        doubts += [UNJUDGED] if event.kind in DECISIONS else []
    marks = {flag: Mark(event.hash, flag, event.author, event.at) for flag in dict.fromkeys((*listed, *doubts))}
    return Judged(
        (*before.marks, *marks.values()),
        (*_kept(before, case, event, doubts), *(marks[flag] for flag in doubts)),
        before.doubts if may_be_undone(event) else before.doubts_before if event.kind in QUIET else (),
    )


def _kept(before: Judged, case: Case, event: Event, doubts: list[str]) -> tuple[Mark, ...]:
    """The doubts of before that this event leaves standing: an undo takes back those of the last act, a lawful end all."""
    if event.kind == "undone" and case.undo.status:
        return before.doubts_before
    return () if event.kind in ENDS and not doubts else before.doubts


def stranger(base: Case, event: Event) -> bool:
    """Whether a void event that continues `base` was written by who had no part in the case then."""
    if event.version != base.version + 1 or not base.version:
        return False
    offered = base.offer is not None and event.author == base.offer.target
    return event.kind != "custody_assigned" and event.author != base.custodian and not offered


def doubted(judged: Judged) -> int:
    """0: stands clear; 1: in doubt; 2: rests on a decision that could not be judged yet."""
    if not judged.doubts:
        return 0
    return 2 if all(mark.flag == UNJUDGED for mark in judged.doubts) else 1
