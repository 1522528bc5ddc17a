"""The tracking sheet (跟踪表): every hand with its unit, limit and words, and every stop of the clock. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from node.domain.calendar import day_of
from node.domain.cases.history import GAP, Paused, history
from node.domain.cases.telling import Names, Told, tell
from node.domain.catalog.item import Step
from node.domain.catalog.limits import LAW
from node.domain.catalog.revisions import limits_of
from node.domain.model import TIERS, Event
from node.domain.papers.given import Sources, day, limit_text, material_name, word
from node.domain.papers.papers import day_text, standing_acts
from node.domain.words import terms
from node.domain.words.punctuation import joined

_NO_STEPS = frozenset({"draft_saved", "opened"})
_LODGED = frozenset({"lodged", "submitted"})


def steps(s: Sources) -> list[dict[str, str]]:
    """The sheet: which step, where, who, from when to when, how many working days, what was said."""
    rows: list[dict[str, str]] = []
    since = s.events[0].at if s.events else 0
    lodged: Event | None = None
    came: list[Event] = []
    said_then = ""
    for _, event in standing_acts(s.events):
        if event.kind in _NO_STEPS:
            continue
        if event.kind == "material_added" and lodged is not None and _is_one_hand(lodged, event):
            came.append(event)  # a lodging and its files are one step
            rows[-1]["opinion"] = joined([said_then, *_came(s, came)])
            continue
        lodged, came = (event, []) if event.kind in _LODGED else (None, [])
        body = s.bodies.get(event.hash, {})
        text = next((str(body[name]) for name in ("opinion", "reason", "content", "citation") if body.get(name)), "")
        said = joined([text, *_told(s, event)])
        rows.append({
            "n": str(len(rows) + 1), "who": s.staff_of(event),
            "step": _step_name(s, event), "place": s.name_of(event.author),
            "since": day(since), "done": day(event.at), "limit": _limit_of(s, event),
            "used": _used(s, since, event.at), "opinion": said, "sign": "",
        })  # fmt: skip
        since, said_then = event.at, said
    for kind, author, at, number in s.notices:
        rows.append({
            "n": str(len(rows) + 1), "who": "", "step": terms.label(kind, "zh", "kind"), "place": s.name_of(author), "since": "",
            "done": day(at), "limit": "", "used": "", "opinion": number, "sign": "",
        })  # fmt: skip
    return rows


def _is_one_hand(one: Event, other: Event) -> bool:
    return (one.author, one.staff_id) == (other.author, other.staff_id)


def _came(s: Sources, events: Sequence[Event]) -> list[str]:
    """The materials that came with a lodging, in one sentence."""
    facts = [one for event in events for one in _facts(s, event) if one.name == "material"]
    return [f"{facts[0].label}：{'、'.join(one.value for one in facts)}"] if facts else []


_OF_NOTICE = frozenset("accepted accepted_with_gap not_accepted not_required_found correction_requested deemed_accepted".split())
_OF_DECISION = frozenset("approved refused decided_at_once".split())


def _limit_of(s: Sources, event: Event) -> str:
    """Against which limit the hand worked that did this act."""
    rules = limits_of(s.rules, s.case.started.received) or LAW
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
    return [f"{one.label}：{one.value}" for one in _facts(s, event) if one.name != "step"]


def _facts(s: Sources, event: Event) -> Sequence[Told]:
    then = s.material_then
    names = Names(
        s.name_of,
        lambda code: code,
        lambda code: then(event.version, code) if then is not None else material_name(s, code),
        day_of(s.at),
    )
    return tell(event, names)


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


def _until(one: Paused) -> str:
    """Nobody knows when what is late will come."""
    if one.goes_on and one.kind == GAP:
        return "尚未补齐"
    return f"预计至{day_text(one.until)}" if one.goes_on else day_text(one.until)


def pauses(s: Sources) -> list[dict[str, str]]:
    """Every stop of the clock: its kind, from when to when, its working days."""
    found = history(s.events, lambda *_: True, s.item, lambda _: s.holder_tier, s.counting, day_of(s.at), s.rules).pauses
    return [
        {
            "kind": word("step_kind", one.kind), "since": day_text(one.first), "where": s.name_of(one.author),
            "until": _until(one), "days": f"{one.days}个工作日",
        }
        for one in found
    ]  # fmt: skip
