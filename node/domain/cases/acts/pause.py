"""What moves the statutory date: a stop (rows 25, 26) and the one extension (row 28).

Both say in their facts what their papers tell the applicant: kind, days, from when until when, who approved it, the day of before and
the new one. Each is issued with its paper, in one entry (行政许可法 45, 42): the clocks stop, or go on longer, from the notice of it on.
An entry that says no number has no effect on them. How long a case was over already when it was stopped or extended is derived
(`lateness`), and no stop washes it away.
"""

from __future__ import annotations

import datetime as dt

from node.domain.calendar import ONE, WorkCalendar, day_of
from node.domain.cases.acts.act import CODE, DATE, NUMBER, NUMBERED, Act, Kind, Room, Seen
from node.domain.cases.acts.common import (
    decided_below,
)
from node.domain.cases.commands import Command, Context
from node.domain.cases.deadlines import due_of, reckon
from node.domain.cases.events import Built
from node.domain.cases.fields import NOTE, FieldSpec, fixed, text
from node.domain.cases.ledger import STOPPED, Changes, code, day, number, timed, whose
from node.domain.cases.stops import stated_end
from node.domain.catalog.item import ART_45
from node.domain.model import Actor, Case, Event, FactValue, NewEvent, Span

MAX_STOP_DAYS = 730


WITH_ITS_PAPER = 2  # schema of the entries that carry their paper
ORGAN_HEAD, GOVERNMENT_HEAD = (
    "organ_head",
    "government_head",
)  # who approves an extension (行政许可法 42, first and second paragraph)


def stop_kinds(ctx: Context) -> tuple[str, ...]:
    """Kinds of special procedure that stop the clock, the item's own first; of a licence also the others of Article 45."""
    if ctx.item is None:
        return ()
    own = ctx.item.stops
    return (*own, *(kind for kind in ART_45 if kind not in own)) if ctx.item.regime == "licence" else own


def max_extension(ctx: Context) -> int:
    """Working days of the one extension; 0 where there is none."""
    return ctx.item.longest_extension if ctx.item is not None else 0


def _approver(ctx: Context) -> str:
    return GOVERNMENT_HEAD if ctx.item is not None and ctx.item.is_handled_jointly else ORGAN_HEAD


def _extendable(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if max_extension(ctx) else "该事项的时限由其他法律、法规规定，没有规定可以延长"


def _stoppable(case: Case, cmd: Command, ctx: Context) -> str:
    kinds = stop_kinds(ctx)
    if not kinds:
        return "该事项没有可停止计时的特别程序依据"
    if cmd.fields.get("kind") not in kinds:
        return "不属于可停止计时的特别程序（现场核查时间计入办理期限）"
    if ctx.item is not None and cmd.fields.get("kind") not in ctx.item.stops and not cmd.fields.get("reason"):
        return "事项没有列明这项特别程序，应写明理由"
    days = cmd.fields.get("days")
    return "" if isinstance(days, int) and 1 <= days <= MAX_STOP_DAYS else "应写明所需天数"


def _not_extended(case: Case, cmd: Command, ctx: Context) -> str:
    if case.extended:
        return "只能延期一次"
    days, most = cmd.fields.get("days", 1), max_extension(ctx)
    return "" if isinstance(days, int) and 1 <= days <= most else f"延期为 1 至 {most} 个工作日"


def _before_due(case: Case, cmd: Command, ctx: Context) -> str:
    open_now = reckon(case, ctx.known_item, ctx.here.tier, ctx.counting, ctx.rules)
    if open_now.lacks:
        return "办件所依据的工作日历或时限规则尚未同步到本站，请稍后再办"
    statutory = [deadline.due for deadline in open_now.deadlines if deadline.clock == "S"]
    return "已过期限，不能再延期" if statutory and ctx.today > min(statutory) else ""


def _suspend_fields(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    choices = stop_kinds(ctx)
    example = choices[0] if choices else ""
    licence = ctx.item is not None and ctx.item.regime == "licence"
    return (
        FieldSpec("kind", "enum", True, choices, example),
        text("citation", "《行政许可法》第四十五条" if licence else "事项规定的依据", required=True),
        FieldSpec("days", "int", True, (), 10),
        text("reason", "按规定需要" if ctx.item is None or not ctx.item.stops else ""),
        NOTE,
    )


def _extend_fields(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    return (
        FieldSpec("days", "int", False, (), max_extension(ctx)),
        text("reason", "案情复杂，需补充核查", required=True),
        FieldSpec("approver", "enum", False, (_approver(ctx),), _approver(ctx)),
    )


def _suspend(built: Built) -> NewEvent:
    days, ctx = built.number("days"), built.ctx
    until = stated_end(built.case, ctx.today, days, ctx.calendar)
    facts: dict[str, FactValue] = {"kind": built.text("kind"), "days": days, "from": ctx.today, "until": until}
    return _with_due(built, facts, "citation", "reason")


def _with_due(built: Built, facts: dict[str, FactValue], *texts: str) -> NewEvent:
    """The event with the day by which the case was and will be due (the earlier of promise and statute)."""
    ctx, case = built.ctx, built.case
    before = due_of(case, ctx.known_item, ctx.here.tier, ctx.counting, ctx.rules)
    event = built.event(facts, built.texts(*texts))
    at = Event(event.kind, ctx.here.node_id, "", ctx.now, event.facts, case.case_no, 0, b"", 0, event.status_after, b"", b"")
    fold = _suspended if event.kind == "suspended" else _extended
    after = due_of(case._replace(**fold(case, at)), ctx.known_item, ctx.here.tier, ctx.counting, ctx.rules)
    if before is not None and after is not None:
        facts |= {"due_before": before.due, "due": after.due}
    return built.event(facts, built.texts(*texts))


def _resume(built: Built) -> NewEvent:
    until, today = built.case.pause.until, built.ctx.today
    over = built.ctx.calendar.count_workdays(until, today) if until is not None and today > until else 0
    return built.event({"kind": built.case.pause.kind, "over": over}, built.texts("result"))


def _extend(built: Built) -> NewEvent:
    days = built.number("days", max_extension(built.ctx))
    return _with_due(built, {"extension_days": days, "approver": _approver(built.ctx)}, "reason")


def _lacks_its_paper(event: Event) -> bool:
    """Whether the notice that makes it effective was not issued with it. What was written before papers were had its effect at once."""
    numbered = number(event.facts, "serial") > 0 and all(name in event.facts for name in NUMBERED)
    return event.schema >= WITH_ITS_PAPER and not (numbered and event.body_hash)


def _suspended(case: Case, event: Event) -> Changes:
    if _lacks_its_paper(event):
        return {}
    stop = Span("S", event.at, None, False, STOPPED, event.author)
    return {
        "pause": case.pause._replace(
            kind=code(event.facts, "kind"), since=event.at, until=day(event.facts, "until"), stops=case.pause.stops + 1
        ),
        "lead": timed(case, event.at, stop),
    }


def _resumed(case: Case, event: Event) -> Changes:
    """The pause ends when it ends, but at the stated end at the latest: what is over is the handler's time (row 26)."""
    running = Span("S", max(event.at, case.pause.since), None, True, whose(case), event.author)
    return {
        "pause": case.pause._replace(kind="", since=0, until=None),
        "lead": timed(case, event.at, running),
    }


def _extended(case: Case, event: Event) -> Changes:
    if _lacks_its_paper(event):
        return {}
    return {"extended": True, "extension_days": case.extension_days + number(event.facts, "extension_days")}


def _not_in_item(seen: Seen) -> bool:
    return seen.item is not None and seen.event.facts.get("kind") not in seen.item.stops and not _not_article_45(seen)


def _too_long(seen: Seen) -> bool:
    days = seen.event.facts.get("extension_days")
    return seen.item is not None and isinstance(days, int) and days > seen.item.longest_extension


def _not_article_45(seen: Seen) -> bool:
    licence = seen.item is not None and seen.item.regime == "licence"
    return licence and seen.event.facts.get("kind") not in ART_45


def _at_the_last(seen: Seen) -> bool:
    """Begun on the due day of the promise or the working day before it (P05). Not judged without the
    calendar, nor on a date that may still move."""
    if seen.calendar is None or not seen.case.accepted_at:
        return False
    found = reckon(
        seen.case, None, seen.tier, seen.calendar
    ).deadlines  # of the printed promise nothing but the calendar is needed
    promise, on = next((one for one in found if one.clock == "P"), None), day_of(seen.event.at)
    return promise is not None and not promise.provisional and _last_but_one(promise.due, seen.calendar) <= on <= promise.due


def _last_but_one(due: dt.date, calendar: WorkCalendar) -> dt.date:
    before = due - ONE
    while not calendar.is_workday(before):
        before -= ONE
    return before


_NO_PAPER = ("notice_missing", lambda seen: _lacks_its_paper(seen.event))
ROOM = Room(
    acts=(
        Act("suspend", _suspend, _suspend_fields),
        Act("resume", _resume, fixed(text("result", "特别程序已有结果"))),
        Act("extend", _extend, _extend_fields),
    ),
    kinds=(
        Kind(
            "suspended", {"kind": CODE, "days": NUMBER, "from": DATE, "until": DATE, "due_before": DATE, "due": DATE}, _suspended,
            undo=True, papers={"special_procedure": ""}, issues="special_procedure", schema=WITH_ITS_PAPER, of_item=True,
            of_calendar=True,
            rules=(
                _NO_PAPER, ("not_article_45", _not_article_45), ("stop_not_in_item", _not_in_item), ("stopped_late", _at_the_last),
                ("stopped_twice", lambda seen: seen.case.pause.stops > 0),
            ),
        ),
        Kind("resumed", {"kind": CODE, "over": NUMBER}, _resumed, undo=True, papers={"resumed": ""}),
        Kind(
            "extended", {"extension_days": NUMBER, "approver": CODE, "due_before": DATE, "due": DATE}, _extended,
            undo=True, still=True, papers={"extension": ""}, issues="extension", schema=WITH_ITS_PAPER, of_item=True,
            of_calendar=True, rules=(
                _NO_PAPER, ("extended_below", decided_below), ("extended_twice", lambda seen: seen.case.extended),
                ("extended_too_long", _too_long), ("extended_late", _at_the_last),
            ),
        ),
    ),
    guards={"stoppable": _stoppable, "extendable": _extendable, "not_extended": _not_extended, "before_due": _before_due},
)  # fmt: skip
