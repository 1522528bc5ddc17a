"""Acceptance with a gap (容缺受理, rows 17, 18): accepted without what may be brought later, on a written promise and a day.

S and P run from the acceptance as they do without a gap. What is brought is a file or originals on paper, as at any other time
(`supply_material`, `record_papers`, also asked for from where it was handed in); a clerk looks at it and fills the gap. When its day has
passed and something never came, the node says so by itself (`lapse_gap`), once somebody else's clock bears that out and the place where
the applicant would have brought it was heard after the day: nothing is ended by that. By the published limits (`gap_pauses`) an
examiner ends the case then, or the gap is postponed, once, for who was kept from it; or the promise, never the statutory limit, stands
from the day after until it came, and the case is ended only when the statutory limit is over. While the gap is open nothing is granted.
"""

from __future__ import annotations

import datetime as dt

from node.domain.calendar import ONE, day_of, due_date
from node.domain.cases.acts.acceptance import accepted, accepted_facts
from node.domain.cases.acts.act import CODES, DATE, FLAG, HASH, NUMBER, Act, Kind, Room, Seen
from node.domain.cases.acts.common import accepted_without, is_true, not_past, notice_late, statute_of
from node.domain.cases.commands import Command, Context
from node.domain.cases.corrections import PAPER, copies, gap_lacking, held, on_paper, paper_codes, required_missing
from node.domain.cases.deadlines import deadlines, promised_days
from node.domain.cases.events import Built
from node.domain.cases.fields import CORRECTION_DAYS, NOTE, FieldSpec, text
from node.domain.cases.ledger import Changes, codes, day, timed, whose
from node.domain.catalog.revisions import limits_of
from node.domain.model import Actor, Case, Event, FactValue, Gap, NewEvent, Span

MOST_DAYS = 366  # of an item that neither promises nor is bound
YEAR = 365  # days for which a broken promise stands in the way of another


def _gap_allowed(case: Case, cmd: Command, ctx: Context) -> str:
    """Only with what the item lets be brought later, and only with something to follow."""
    missing = required_missing(case, ctx.known_item)
    if not missing:
        return "材料没有缺少的，应当直接受理，不作容缺受理"
    fixed_ones = [name for index, name in missing if not ctx.known_item.materials[int(index)].may_be_later]
    return f"不可容缺的材料还没有收到：{'、'.join(fixed_ones[:5])}" if fixed_ones else ""


def last_day(case: Case, ctx: Context) -> dt.date:
    """The last day for what is to follow: that of the promise, else of the statute."""
    if case.accepted_at:
        own = [
            one.due for one in deadlines(case, ctx.known_item, ctx.here.tier, ctx.counting, ctx.rules) if one.clock in ("P", "S")
        ]
        return min(own, default=ctx.today + dt.timedelta(days=MOST_DAYS))
    item = ctx.known_item
    if (days := promised_days(item, ctx.limits)) is not None:
        return due_date(ctx.calendar, ctx.today, days).date
    if item.statutory_limit is None:
        return ctx.today + dt.timedelta(days=MOST_DAYS)
    if item.statutory_unit == "calendar":
        return ctx.today + dt.timedelta(days=item.statutory_limit)
    return due_date(ctx.calendar, ctx.today, item.statutory_limit).date


def _gap_in_time(case: Case, cmd: Command, ctx: Context) -> str:
    due, last = cmd.fields.get("due"), last_day(case, ctx)
    if last <= ctx.today:
        return "办结日期就在今天或者已过，不能再容缺"
    good = isinstance(due, dt.date) and ctx.today < due <= last and (case.gap.due is None or due > case.gap.due)
    return "" if good else f"补齐日期应在今天以后，并且不晚于应当办结的日期：{last.isoformat()}"


def _pledges_kept(case: Case, cmd: Command, ctx: Context) -> str:
    broken = ctx.broken_pledge()
    return f"申请人十二个月内有容缺承诺没有兑现，不能再容缺受理：{broken}" if broken else ""


def _has_gap(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if case.gap.is_open else "没有容缺的材料"


def _gap_runs(case: Case, cmd: Command, ctx: Context) -> str:
    over = case.gap.lapsed_at and not case.gap.pauses
    return "容缺期限已过，因不可抗力逾期的可以顺延一次，其他的应当终止办理" if over else ""


def _gap_supplied(case: Case, cmd: Command, ctx: Context) -> str:
    brought = {material for material, _ in paper_codes(cmd.fields.get("papers"), case.gap.items)}
    names = [_name(ctx, one) for one in gap_lacking(case) if one not in brought]
    return f"还没有补齐：{'、'.join(names)}。请上传新的照片或文件，或者勾选纸质已收" if names else ""


def _name(ctx: Context, index: str) -> str:
    known = ctx.known_item.materials
    return known[int(index)].name if index.isascii() and index.isdigit() and int(index) < len(known) else index


def _postponed_once(case: Case, cmd: Command, ctx: Context) -> str:
    if case.gap.pauses:
        return "承诺期限已经暂停，申请人补齐后继续计算，不用顺延"
    return "容缺期限只能顺延一次" if case.gap.postponed else ""


def _gap_over(case: Case, cmd: Command, ctx: Context) -> str:
    """What was to be brought could still be on its way from a place that was not heard since."""
    due = case.gap.due
    if due is None or case.gap.lapsed_at:
        return "容缺期限没有届满"
    if reason := not_past(due, ctx, "容缺期限没有届满"):
        return reason
    return "" if day_of(ctx.heard_below()) > due else "收件单位在期限届满后尚未联系，不能认定没有补齐"


def _not_supplied(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if gap_lacking(case) and not ctx.asked_of_it() else "容缺的材料已经送到，待核对"


def _gap_ended(case: Case, cmd: Command, ctx: Context) -> str:
    """After the lapse; of what came and will not do, once the day has passed."""
    past = case.gap.due is not None and ctx.today > case.gap.due
    if case.gap.pauses:
        return _statute_runs(case, ctx)
    if case.gap.lapsed_at or (past and not gap_lacking(case)):
        return ""
    return "期限届满后还没有认定逾期未补齐，请稍后再办" if past else "容缺期限没有届满"


def _statute_runs(case: Case, ctx: Context) -> str:
    """Where the promise stands the applicant has until the last day of the statutory limit; without one a person decides."""
    last = statute_of(case, ctx)
    if last is None or ctx.today >= last:
        return ""
    return f"承诺期限已经暂停，法定期限到{last.isoformat()}，在这以前申请人还可以补齐，不能终止"


def _promise_pauses(case: Case, ctx: Context) -> bool:
    """By the limits that the acceptance cites."""
    limits = limits_of(ctx.rules, case.started.accepted)
    return limits is not None and bool(limits.gap_pauses)


def _accept_fields(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    return (_due_field(case, ctx), FieldSpec("pledge", "bool", True, (), True), NOTE)


def _due_field(case: Case, ctx: Context) -> FieldSpec:
    usual = ctx.calendar.add_workdays(ctx.today, CORRECTION_DAYS)
    return FieldSpec("due", "date", True, (), (min(usual, last_day(case, ctx)) if ctx.item is not None else usual).isoformat())


def _postpone_fields(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    return (_due_field(case, ctx), text("reason", "道路因灾中断，申请人书面申请顺延", required=True))


def _fill_fields(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    return (text("papers", ",".join(f"{one}:1" for one in gap_lacking(case))), NOTE)


def _accept(built: Built) -> NewEvent:
    missing = tuple(index for index, _ in required_missing(built.case, built.ctx.known_item))
    facts = {**accepted_facts(built), "gap": missing, "gap_due": built.date("due") or built.ctx.today, "pledge": True}
    return built.event(facts, built.texts())


def _fill(built: Built) -> NewEvent:
    """What came for each material, as a file or on paper."""
    case = built.case
    papers = {one: copies(case, one) for one in case.gap.items if held(case, one) == PAPER}
    papers |= dict(paper_codes(built.command.fields.get("papers"), case.gap.items))
    facts: dict[str, FactValue] = {
        "files": tuple(one for one in case.gap.items if one not in papers),
        "papers": tuple(f"{material}:{count}" for material, count in papers.items()),
    }
    return built.event({name: value for name, value in facts.items() if value}, built.texts())


def _postpone(built: Built) -> NewEvent:
    return built.event({"gap_due": built.date("due") or built.ctx.today}, built.texts("reason"))


def _lapse(built: Built) -> NewEvent:
    due = built.case.gap.due
    facts: dict[str, FactValue] = {"gap": gap_lacking(built.case)}
    if _promise_pauses(built.case, built.ctx):
        facts["pauses"] = True
    return built.event(facts | {"gap_due": due} if due is not None else facts)


def _accepted_with_gap(case: Case, event: Event) -> Changes:
    gap = Gap(day(event.facts, "gap_due"), codes(event.facts, "gap"))
    return accepted(case, event) | {"gap": gap}


def _filled(case: Case, event: Event) -> Changes:
    known = {one for one in case.gap.items if held(case, one) == PAPER}
    papers = (one for one in codes(event.facts, "papers") if one.partition(":")[0] not in known)
    pieces = (*case.pieces, *on_paper(papers, event.at, case.correction.notices))
    return {"pieces": pieces, "gap": Gap(stood=_stood(case, event))} | _worked_on(case, event)


def _postponed(case: Case, event: Event) -> Changes:
    due = day(event.facts, "gap_due") or case.gap.due
    return {"gap": case.gap._replace(due=due, postponed=True, lapsed_at=0, pauses=False)}


def _lapsed(case: Case, event: Event) -> Changes:
    pauses = event.facts.get("pauses") is True
    found: Changes = {"gap": case.gap._replace(lapsed_at=event.at, pauses=pauses)}
    if pauses and case.status == "accepted":  # the time is the applicant's
        found["lead"] = timed(case, event.at, Span("S", event.at, None, True, "applicant", case.custodian))
    return found


def _stood(case: Case, event: Event) -> tuple[tuple[dt.date, dt.date], ...]:
    """From the day after that on which it was due to the day on which it came, both included, as with a stop of the law."""
    due, until = case.gap.due, day_of(event.at)
    if due is None or not (case.gap.lapsed_at and case.gap.pauses) or until <= due:
        return case.gap.stood
    return (*case.gap.stood, (due + ONE, until))


def _worked_on(case: Case, event: Event) -> Changes:
    """Whoever has the case goes on with it, where the applicant was waited for."""
    last = case.lead.spans[-1] if case.lead.spans else None
    if last is None or last.why != "applicant" or not case.gap.pauses:
        return {}
    return {"lead": timed(case, event.at, Span("S", event.at, None, True, whose(case), case.custodian))}


def _of_others(seen: Seen) -> bool:
    """A gap of what the item does not let be brought later, or without a promise of the applicant."""
    if seen.item is None:
        return False
    later = {str(place) for place, one in enumerate(seen.item.materials) if one.may_be_later}
    return not set(codes(seen.event.facts, "gap")) <= later or seen.event.facts.get("pledge") is not True


def _too_long(seen: Seen) -> bool:
    due, promised = day(seen.event.facts, "gap_due"), day(seen.event.facts, "due")
    return due is not None and promised is not None and due > promised


def _unfilled(seen: Seen) -> bool:
    brought = {one.partition(":")[0] for one in codes(seen.event.facts, "papers")}
    return any(one not in brought for one in gap_lacking(seen.case))


def _lapsed_early(seen: Seen) -> bool:
    due = seen.case.gap.due
    return due is None or day_of(seen.event.at) <= due or not gap_lacking(seen.case)


ROOM = Room(
    acts=(
        Act("accept_with_gap", _accept, _accept_fields),
        Act("fill_gap", _fill, _fill_fields),
        Act("postpone_gap", _postpone, _postpone_fields),
        Act("lapse_gap", _lapse, None),
    ),
    kinds=(
        Kind(
            "accepted_with_gap",
            {"due": DATE, "provisional": FLAG, "item_version": NUMBER, "item_hash": HASH, "gap": CODES, "gap_due": DATE, "pledge": FLAG},
            _accepted_with_gap,
            starts=("accepted",), undo=True, papers={"gap": "", "gap_pledge": "given", "tracking": ""}, of_item=True, of_calendar=True,
            rules=(
                ("notice_late", notice_late), ("accepted_without", accepted_without), ("gap_not_allowed", _of_others), ("gap_too_long", _too_long),
            ),
        ),
        Kind(
            "gap_filled", {"files": CODES, "papers": CODES}, _filled,
            still=True, undo=True, papers={"receipt": "filled"}, rules=(("gap_not_filled", _unfilled),),
        ),
        Kind("gap_postponed", {"gap_due": DATE}, _postponed, still=True, undo=True,
             rules=(("gap_postponed_twice", lambda seen: seen.case.gap.postponed),)),
        Kind("gap_lapsed", {"gap": CODES, "gap_due": DATE, "pauses": FLAG}, _lapsed, still=True, rules=(("gap_lapsed_early", _lapsed_early),)),
    ),
    guards={
        "gap_allowed": _gap_allowed,
        "gap_in_time": _gap_in_time,
        "pledge": is_true("pledge", "没有申请人签名的容缺受理承诺书"),
        "pledges_kept": _pledges_kept,
        "has_gap": _has_gap,
        "gap_runs": _gap_runs,
        "gap_supplied": _gap_supplied,
        "postponed_once": _postponed_once,
        "gap_over": _gap_over,
        "not_supplied": _not_supplied,
        "gap_ended": _gap_ended,
    },
)  # fmt: skip
