"""Legality of what others wrote, as flags: a pure judgement beside `evolve`, which never refuses (DESIGN "The journal").

`audit` compares an effective event with the transition table, the authority table, the schema of facts and, where the item
and the calendar are known, with the limits of the law. It is run for every foreign event by whoever supervises, and again
when rules arrive late; it changes nothing. A flag is a code; FLAGS says what it means and on what it rests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from node.domain.access import AT_VILLAGE
from node.domain.calendar import day_of, due_date
from node.domain.fields import ARTICLE_45
from node.domain.guards import NOTICE_DAYS
from node.domain.lifecycle import FILINGS, KINDS, NEW, PREVIOUS, RESUME, SAME, Transition, rows_of_kind
from node.domain.model import Case, Event
from node.domain.schema import check_facts

if TYPE_CHECKING:
    from node.domain.calendar import WorkCalendar
    from node.domain.catalog import Item

# flag -> (zh, en)
FLAGS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "unknown_kind": ("本版本不认识的记录", "a kind of entry this version does not know"),
        "not_in_table": ("流程表不允许在该状态办理(R53)", "the table does not allow this in that status"),
        "wrong_status_after": ("办理后的状态与流程表不符", "the status after is not the table's"),
        "wrong_custodian_after": ("记录的保管节点与操作不符", "the custodian after does not fit the act"),
        "wrong_term": ("任期号不符", "the term does not fit the act"),
        "free_text_in_facts": ("事实字段含有不允许的内容", "a fact that the kind may not carry, or not so"),
        "beyond_tier": ("村级代办点越权办理", "a village did what only an organ may do"),
        "decided_below": ("在无权决定的层级作出决定(行政许可法第三十五条)", "decided at a tier that may not decide"),
        "steps_skipped": ("审查步骤未办完即作决定(R53)", "decided before the steps were done"),
        "same_person": ("审查人与批准人为同一人(一审一核)", "examined and approved by one person"),
        "notice_late": ("超过五个工作日才告知(行政许可法第三十二条)", "notice later than five working days"),
        "second_notice": ("再次告知补正", "a second notice of corrections"),
        "not_article_45": ("停止计时不属于第四十五条所列情形", "the clock was stopped for what Article 45 does not name"),
        "extended_twice": ("多次延期(行政许可法第四十二条)", "extended more than once"),
        "time_backwards": ("记录时间早于前一环节(R53)", "recorded before the previous act"),
        "deemed_accepted": ("逾期未告知,视为受理", "deemed accepted: the organ was silent"),
        "item_changed": ("办理中更换了事项版本", "another item version than the case's"),
    }
)


@dataclass(frozen=True, slots=True)
class _Seen:
    case: Case
    event: Event
    item: Item | None
    tier: str
    calendar: WorkCalendar | None
    row: Transition | None


def audit(
    case: Case, event: Event, item: Item | None = None, *, tier: str = "", calendar: WorkCalendar | None = None
) -> list[str]:
    """Flags (keys of FLAGS) of `event` as the successor of `case`. `tier` is the author's; what is not given is not judged."""
    if event.kind not in KINDS:
        return ["unknown_kind"]
    seen = _Seen(case, event, item, tier, calendar, _row_of(case, event))
    return [flag for flag, holds in _RULES.items() if holds(seen)]


def _row_of(case: Case, event: Event) -> Transition | None:
    source = case.status if case.version else NEW
    return next((row for row in rows_of_kind(event.kind) if source in row.sources), None)


def _beside_table(event: Event) -> bool:
    """Acts whose legality is no matter of the status: assignments, answers, the release after a restore."""
    return event.kind in ("custody_assigned", "request_declined", "released") or bool(event.facts.get("request"))


def _not_in_table(seen: _Seen) -> bool:
    return seen.row is None and not _beside_table(seen.event)


def _wrong_status_after(seen: _Seen) -> bool:
    if seen.row is None:
        return False
    after, to = seen.event.status_after, seen.row.to
    if to == PREVIOUS:
        return after != seen.case.undo_status
    if to == RESUME:
        offer = seen.case.offer
        return offer is not None and after not in (offer.resume_status, "in_transit")
    return after != (seen.case.status if to == SAME else to)


def _wrong_custodian_after(seen: _Seen) -> bool:
    event = seen.event
    if event.kind == "custody_assigned":
        return event.custodian_after != event.facts.get("receiver")
    return event.custodian_after != (b"" if event.kind == "custody_offered" else event.author)


def _wrong_term(seen: _Seen) -> bool:
    if not seen.case.version:
        return seen.event.term != 1
    raised = seen.event.kind in ("custody_taken", "custody_assigned")
    return seen.event.term != seen.case.term + raised


def _beyond_tier(seen: _Seen) -> bool:
    row = seen.row
    return seen.tier == "village" and row is not None and not row.mechanical and row.row > 0 and row.action not in AT_VILLAGE


def _decided_below(seen: _Seen) -> bool:
    decides = seen.event.kind in ("approved", "refused", "decided_at_once")
    return decides and seen.item is not None and seen.tier != "" and not seen.item.decides_at(seen.tier)


def _steps_skipped(seen: _Seen) -> bool:
    if seen.event.kind not in ("approved", "refused") or seen.item is None or not seen.tier:
        return False
    needed = [step.code for step in seen.item.steps_at(seen.tier) if step.code != "approve"]
    return list(seen.case.steps_done) != needed


def _same_person(seen: _Seen) -> bool:
    return seen.event.kind in ("approved", "refused") and seen.event.staff_id in seen.case.examined_by


def _notice_late(seen: _Seen) -> bool:
    start = seen.case.supplied_at or seen.case.received_at
    notices = ("correction_requested", "accepted", "not_accepted", "not_required_found")
    if seen.event.kind not in notices or seen.calendar is None or not start:
        return False
    return day_of(seen.event.at) > due_date(seen.calendar, day_of(start), NOTICE_DAYS).date


def _not_article_45(seen: _Seen) -> bool:
    licence = seen.item is not None and seen.item.regime == "licence"
    return seen.event.kind == "suspended" and licence and seen.event.facts.get("kind") not in ARTICLE_45


def _item_changed(seen: _Seen) -> bool:
    version = seen.event.facts.get("item_version")
    return seen.event.kind not in FILINGS and isinstance(version, int) and version != seen.case.item_version


_RULES: Mapping[str, Callable[[_Seen], bool]] = {
    "not_in_table": _not_in_table,
    "wrong_status_after": _wrong_status_after,
    "wrong_custodian_after": _wrong_custodian_after,
    "wrong_term": _wrong_term,
    "free_text_in_facts": lambda seen: bool(check_facts(seen.event.kind, seen.event.facts)),
    "beyond_tier": _beyond_tier,
    "decided_below": _decided_below,
    "steps_skipped": _steps_skipped,
    "same_person": _same_person,
    "notice_late": _notice_late,
    "second_notice": lambda seen: seen.event.kind == "correction_repeated",
    "not_article_45": _not_article_45,
    "extended_twice": lambda seen: seen.event.kind == "extended" and seen.case.extended,
    "time_backwards": lambda seen: (
        seen.case.version > 0 and seen.event.at < seen.case.last_at and seen.event.author == seen.case.custodian
    ),
    "deemed_accepted": lambda seen: seen.event.kind == "deemed_accepted",
    "item_changed": _item_changed,
}
