"""What the rows of more than one room share: guards, rules of the audit, and the plainest builders."""

from __future__ import annotations

import datetime as dt

from node.domain.calendar import Due, day_of, due_date, end_of_day_ms
from node.domain.cases.acts.act import FLAG, NUMBER, Guard, Rule, Seen
from node.domain.cases.commands import Command, Context
from node.domain.cases.corrections import required_missing
from node.domain.cases.deadlines import deadlines, received_at
from node.domain.cases.events import Builder, Built
from node.domain.cases.ledger import Changes, codes, day, nobodys
from node.domain.cases.mandate import outside
from node.domain.catalog.limits import LAW_NOTICE_DAYS
from node.domain.model import TIERS, Case, Correction, Event, FactValue, Role


def sends(case: Case, ctx: Context) -> dict[str, FactValue]:
    """The fact by which the lowest hall with a channel on the path of a case says that it sends the notices."""
    return {"sends": True} if ctx.tells and ctx.here.tier != "village" and not case.sender else {}


def sender(case: Case, event: Event) -> Changes:
    """Who said first that it sends the notices of the case."""
    return {"sender": event.author} if event.facts.get("sends") is True and not case.sender else {}


def mandated(case: Case, cmd: Command, ctx: Context) -> str:
    """At a village people act for the applicant: only within the mandate, where one is recorded."""
    if ctx.here.tier != "village" or cmd.actor.role not in (Role.AGENT, Role.DIRECTOR):
        return ""
    return outside(cmd.action, case.mandate, case.mandate_until, ctx.today)


def at_village(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if ctx.here.tier == "village" else "只在村级代办站办理"


def licence(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if ctx.known_item.regime == "licence" else "只适用于行政许可事项"


def clock_agrees(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if ctx.clock_agrees else "本机时间与上级最近一次确认的时间不一致，不能认定逾期"


def materials_complete(case: Case, cmd: Command, ctx: Context) -> str:
    missing = [name for _, name in required_missing(case, ctx.known_item)]
    return f"缺少必需材料：{'、'.join(missing[:5])}" if missing else ""


def decides_here(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if ctx.known_item.decides_at(ctx.here.tier) else "本级无权决定，应当上报（《行政许可法》第三十五条）"


def last_notice_day(case: Case, ctx: Context) -> Due:
    """The last day on which the applicant can be told, by the law; an office may have promised less (`limits`)."""
    return due_date(ctx.calendar, day_of(received_at(case)), LAW_NOTICE_DAYS)


def notice_in_time(case: Case, cmd: Command, ctx: Context) -> str:
    """A licence that nobody answered in five working days is accepted by law: nothing can be asked for any more."""
    last = last_notice_day(case, ctx)
    late = ctx.known_item.regime == "licence" and not last.provisional and ctx.today > last.date
    return "五个工作日内未告知补正，自收到申请材料之日起即为受理" if late else ""


def not_past(last: dt.date, ctx: Context, early: str) -> str:
    """Why a day is not over: by our own clock, or because nobody but our own clock says so (effects of absence)."""
    if ctx.today <= last:
        return early
    return "" if day_of(ctx.witnessed) > last else "期限届满后尚未与上级联系，不能认定逾期"


def is_true(name: str, reason: str) -> Guard:
    return lambda case, cmd, ctx: "" if cmd.fields.get(name) is True else reason


SHORT = 10  # a reason of fewer characters says nothing (P07)


def reason_facts(built: Built, example: str) -> dict[str, FactValue]:
    """What supervision may know of a reason without reading it: how long it is, and whether it is the form's example as it stood."""
    given = "".join(built.text("reason").split())
    return {"reason_chars": len(given), "reason_is_example": given == example}


def no_reason(seen: Seen) -> bool:
    """Turned down in fewer than ten characters, in the words of the form's example, or without saying what may be done against it (行政
    许可法 38). What does not say how long its reason is was written before anybody measured it."""
    facts = seen.event.facts
    said = isinstance(chars := facts.get("reason_chars"), int) and chars < SHORT
    return said or facts.get("reason_is_example") is True or facts.get("remedies") is False


REASON_FACTS = {"reason_chars": NUMBER, "reason_is_example": FLAG, "remedies": FLAG}
NO_REASON: tuple[tuple[str, Rule], ...] = (("no_reason", no_reason),)


def plain(*names: str) -> Builder:
    """An event without facts whose body are the given text fields."""
    return lambda built: built.event({}, built.texts(*names))


def no_longer_awaited(case: Case) -> Correction:
    """What was to be put right, when nothing is awaited any more."""
    return case.correction if case.correction.due is None else case.correction._replace(due=None)


def ended(case: Case, event: Event) -> Changes:
    return {
        "ended_at": event.at,
        "lead": nobodys(case, event.at),
        "correction": no_longer_awaited(case),
    }


def statute_of(case: Case, ctx: Context) -> dt.date | None:
    """The last day of the statutory limit; None where none runs."""
    found = deadlines(case, ctx.known_item, ctx.here.tier, ctx.counting, ctx.rules)
    return next((one.due for one in found if one.clock in ("S", "first_examination")), None)


MOVED_BY = dt.timedelta(days=14)  # so much a calendar that was published later may move a day


def gap_ended_early(seen: Seen) -> bool:
    """Ended while the promise stood for what was to follow and the statutory limit still ran: before the day that the act itself names, or
    one that is no such day, or without a day where the item has one."""
    case, item = seen.case, seen.item
    if not case.gap.pauses:
        return False
    on, said = day_of(seen.event.at), day(seen.event.facts, "statute")
    if said is not None and on < said:
        return True
    if item is None or seen.calendar is None or item.statutory_limit is None or not case.accepted_at:
        return False
    least = due_date(seen.calendar, day_of(case.accepted_at), item.statutory_limit, item.statutory_unit)
    return not least.provisional and (on < least.date if said is None else said < least.date - MOVED_BY)


def notice_late(seen: Seen) -> bool:
    start = received_at(seen.case)
    if seen.calendar is None or not start:
        return False
    last = due_date(seen.calendar, day_of(start), LAW_NOTICE_DAYS)
    return not last.provisional and day_of(seen.event.at) > last.date


def accepted_without(seen: Seen) -> bool:
    """Something that is required was neither here nor promised for later (容缺)."""
    promised = codes(seen.event.facts, "gap")
    return seen.item is not None and any(index not in promised for index, _ in required_missing(seen.case, seen.item))


def decided_below(seen: Seen) -> bool:
    return seen.item is not None and seen.tier in TIERS and not seen.item.decides_at(seen.tier)


def receipt_at(inherited: dt.date | None, at: int) -> int:
    """When the organ had it: now, or on the day on which it had the voided case that this one replaces (row 47)."""
    return min(at, end_of_day_ms(inherited) - 1) if inherited is not None and inherited.year < dt.MAXYEAR else at
