"""The tracking sheet (跟踪表): every hand with its unit, limit and words, and every stop of the clock. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from node.domain.calendar import day_of
from node.domain.cases.bodies import signed_by
from node.domain.cases.history import history
from node.domain.cases.telling import Names, tell
from node.domain.catalog.item import Step
from node.domain.catalog.limits import LAW
from node.domain.model import TIERS, Event
from node.domain.papers.given import Sources, day, limit_text, material_name, word
from node.domain.papers.papers import day_text, standing_acts
from node.domain.words import terms
from node.domain.words.punctuation import joined

_NO_STEPS = frozenset({"draft_saved", "opened"})


def steps(s: Sources) -> list[dict[str, str]]:
    """The sheet: which step, where, who, from when to when, how many working days, what was said."""
    rows: list[dict[str, str]] = []
    since = s.events[0].at if s.events else 0
    for _, event in standing_acts(s.events):
        if event.kind in _NO_STEPS:
            continue
        body = s.bodies.get(event.hash, {})
        text = next((str(body[name]) for name in ("opinion", "reason", "content", "citation") if body.get(name)), "")
        said = joined([text, *_told(s, event)])
        rows.append({
            "n": str(len(rows) + 1), "who": s.staff_of(event.staff_id) or signed_by(body),
            "step": _step_name(s, event), "place": s.name_of(event.author),
            "since": day(since), "done": day(event.at), "limit": _limit_of(s, event),
            "used": _used(s, since, event.at), "opinion": said, "sign": "",
        })  # fmt: skip
        since = event.at
    return rows


_OF_NOTICE = frozenset("accepted not_accepted not_required_found correction_requested deemed_accepted".split())
_OF_DECISION = frozenset("approved refused decided_at_once".split())


def _limit_of(s: Sources, event: Event) -> str:
    """Against which limit the hand worked that did this act."""
    rules = s.rules.get(s.case.started.received.rules, LAW)
    if event.kind in _OF_DECISION:
        return limit_text(s.item.promised_limit, "workday")
    if event.kind == "step_completed":
        return limit_text(
            next((step.limit_days for step in _steps_at(s, event) if step.code == event.facts.get("step")), None), "workday"
        )
    if event.kind == "custody_offered" and event.facts.get("purpose") == "refer":
        return limit_text(next((step.limit_days for step in s.item.steps_at("village")), None), "workday")
    days = (
        rules.notice_days if event.kind in _OF_NOTICE
        else rules.agent_days if event.kind == "custody_offered" and event.facts.get("purpose") == "hand_over"
        else rules.service_days if event.kind in ("concluded", "delivered")
        else None
    )  # fmt: skip
    return limit_text(days, "workday")


def _steps_at(s: Sources, event: Event) -> Sequence[Step]:
    tier = str(event.facts.get("tier") or s.organ_tier)
    return s.item.steps_at(tier) if tier in TIERS else ()


def _told(s: Sources, event: Event) -> list[str]:
    """The facts of an act in words; its step has its own column."""
    names = Names(s.name_of, lambda code: code, lambda code: material_name(s, code), day_of(s.at))
    return [f"{one.label}：{one.value}" for one in tell(event, names) if one.name != "step"]


def _step_name(s: Sources, event: Event) -> str:
    if event.kind == "step_completed":
        code = event.facts.get("step")
        return next((step.name for step in _steps_at(s, event) if step.code == code), str(code or ""))
    return terms.label(event.kind, "zh", "kind")


def _used(s: Sources, since: int, until: int) -> str:
    if not since or until < since:
        return ""
    days = s.calendar.count_workdays(day_of(since), day_of(until))
    return f"{days}个工作日" if days else "当日"


def pauses(s: Sources) -> list[dict[str, str]]:
    """Every stop of the clock: its kind, from when to when, its working days."""
    found = history(s.events, lambda *_: True, s.item, lambda _: s.holder_tier, s.calendar, day_of(s.at), s.rules).pauses
    return [
        {
            "kind": word("step_kind", one.kind), "since": day_text(one.first), "where": s.name_of(one.author),
            "until": f"预计至{day_text(one.until)}" if one.goes_on else day_text(one.until), "days": f"{one.days}个工作日",
        }
        for one in found
    ]  # fmt: skip
