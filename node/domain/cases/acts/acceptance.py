"""What follows on a receipt (rows 10, 11, 16, 19): accepted, by silence too, or turned down."""

from __future__ import annotations

from node.domain.calendar import day_of
from node.domain.cases.acts.act import CODE, DATE, FLAG, HASH, NUMBER, Act, Kind, Room
from node.domain.cases.acts.common import (
    NO_REASON,
    REASON_FACTS,
    accepted_without,
    clock_agrees,
    ended,
    last_notice_day,
    licence,
    materials_complete,
    no_longer_awaited,
    not_past,
    notice_late,
    reason_facts,
)
from node.domain.cases.acts.version import newer, pinned
from node.domain.cases.commands import Command, Context
from node.domain.cases.deadlines import received_at
from node.domain.cases.events import Builder, Built, promised_facts
from node.domain.cases.fields import fixed, text
from node.domain.cases.ledger import Changes, clocks, day, whose
from node.domain.catalog.authority import is_same_organ
from node.domain.catalog.revisions import limits_of
from node.domain.model import Case, Event, FactValue, Line, NewEvent, Span


def _silent_five_days(case: Case, cmd: Command, ctx: Context) -> str:
    last = last_notice_day(case, ctx)
    if last.provisional:
        return "工作日历尚未公布，不能认定逾期"
    return not_past(last.date, ctx, "五个工作日未满")


def _still_offered(case: Case, cmd: Command, ctx: Context) -> str:
    """What is not published any more cannot be accepted (R03)."""
    withdrawn = ctx.in_force is not None and bool(ctx.in_force.withdrawn)
    return "事项已取消或者暂停实施，不能受理；请作不受理处理并写明理由" if withdrawn else ""


def _notice_runs(case: Case, cmd: Command, ctx: Context) -> str:
    """Of what is decided at the window R does not run where it is decided; before the papers come, nowhere."""
    if not case.received_at:
        return "申请材料尚未收到，期限没有开始"
    at_once = ctx.known_item.case_type == "immediate" and ctx.known_item.decides_at(ctx.here.tier)
    return "即办件当场办理，不适用逾期视为受理" if at_once else ""


def people_back(case: Case, cmd: Command, ctx: Context) -> str:
    """After an outage of its own a node gives its people the first working day."""
    waits = ctx.back_on is not None and ctx.today <= ctx.back_on
    return "本单位停机后刚恢复，首个工作日内不认定逾期" if waits else ""


def accepted_facts(built: Built) -> dict[str, FactValue]:
    """The printed promise of an acceptance now: from today; of what is done at once from the receipt. The version of the item in force
    is pinned with it."""
    case, ctx = built.case, built.ctx
    if (now := newer(ctx)) is not None:
        return {**accepted_facts(Built(case, built.command, ctx._replace(item=now), built.row)), "item_hash": ctx.in_force_hash}
    at_once = ctx.known_item.case_type == "immediate"
    start = day_of(received_at(case)) if at_once and received_at(case) else ctx.today
    return promised_facts(ctx, start, limits_of(ctx.rules, case.started.received) or ctx.limits)


def _competent_is_another(case: Case, cmd: Command, ctx: Context) -> str:
    typed = cmd.fields.get("competent_organ")
    organ = ctx.asked_organ() if isinstance(typed, str) else ""
    return f"应向别的机关申请才是不予受理，不能填本机关：{organ}" if organ and is_same_organ(str(typed), organ) else ""


def _accept(built: Built) -> NewEvent:
    return built.event(accepted_facts(built), built.texts())


def _turned_down(example: str, *names: str) -> Builder:
    """A turning-down with its reason; whether the item has remedies is on its paper."""
    return lambda built: built.event(reason_facts(built, example), built.texts(*names))


def _deem_accepted(built: Built) -> NewEvent:
    day = day_of(received_at(built.case))
    return built.event({**promised_facts(built.ctx, day, built.ctx.limits), "accepted_on": day})


def accepted(case: Case, event: Event) -> Changes:
    return _accepted_as_of(case, event, event.at)


def _deemed_accepted(case: Case, event: Event) -> Changes:
    return _accepted_as_of(case, event, received_at(case) or event.at) | {"received_status": ""}


def _accepted_as_of(case: Case, event: Event, at: int) -> Changes:
    """The clocks go on, the work begins anew and is nobody's yet."""
    return {
        **pinned(case, event),
        "accepted_at": at,
        "accepted_by": event.author,
        "promised_due": day(event.facts, "due"),
        "correction": no_longer_awaited(case),
        "lead": Line(clocks(case, at, Span("S", at, None, True, whose(case), event.author))),
    }


_FACTS = {"due": DATE, "provisional": FLAG, "item_version": NUMBER, "item_hash": HASH}
_LATE = (("notice_late", notice_late),)
_NOT_OURS, _NOT_NEEDED = "申请事项不属于本机关职权范围", "申请事项依法不需要取得行政许可"
ROOM = Room(
    acts=(
        Act("accept", _accept),
        Act("deem_accepted", _deem_accepted, None, without_contents=True),
        Act(
            "not_accept",
            _turned_down(_NOT_OURS, "competent_organ", "reason"),
            fixed(
                text("competent_organ", "市自然资源和规划局", required=True),
                text("reason", _NOT_OURS, required=True),
            ),
        ),
        Act("not_required", _turned_down(_NOT_NEEDED, "reason"), fixed(text("reason", _NOT_NEEDED, required=True))),
    ),
    kinds=(
        Kind(
            "accepted", _FACTS, accepted,
            starts=("accepted",), undo=True, papers={"acceptance": "accepted", "tracking": ""}, of_item=True, of_calendar=True,
            rules=(*_LATE, ("accepted_without", accepted_without)),
        ),
        Kind(
            "deemed_accepted", {**_FACTS, "accepted_on": DATE}, _deemed_accepted,
            starts=("accepted",), papers={"acceptance": "deemed", "tracking": ""}, rules=(("deemed_accepted", lambda seen: True),),
        ),
        Kind(
            "not_accepted", {"basis": CODE, **REASON_FACTS}, ended,
            papers={"not_accepted": "not_accepted"}, of_calendar=True, rules=(*_LATE, *NO_REASON),
        ),
        Kind(
            "not_required_found", {"basis": CODE, **REASON_FACTS}, ended,
            papers={"not_accepted": "not_required"}, of_calendar=True, rules=(*_LATE, *NO_REASON),
        ),
    ),
    guards={
        "materials_complete": materials_complete,
        "licence": licence,
        "still_offered": _still_offered,
        "notice_runs": _notice_runs,
        "competent_is_another": _competent_is_another,
        "silent_five_days": _silent_five_days,
        "people_back": people_back,
        "clock_agrees": clock_agrees,
    },
)  # fmt: skip
