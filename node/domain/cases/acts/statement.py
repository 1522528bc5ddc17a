"""Hearing the applicant before a licence is refused (行政许可法 36): the reasons are told, with days to answer; what came is recorded.

Whether he was heard is derived from these two acts and ticked by nobody. They belong to the examination after which the organ means to
refuse: when the case goes to another tier (a return, a referral) nothing of it is left, and who then wants to refuse tells his own reasons.
A stop, an assignment of custody and the way up of a request leave it as it is. After a statement the reasons may be told anew.
"""

from __future__ import annotations

import datetime as dt

from node.domain.calendar import day_of, due_date
from node.domain.cases.acts.act import CODE, DATE, Act, Kind, Room, Seen
from node.domain.cases.acts.common import not_past
from node.domain.cases.commands import Command, Context
from node.domain.cases.events import Built
from node.domain.cases.fields import NOTE, FieldSpec, fixed, text
from node.domain.cases.ledger import Changes, code, day
from node.domain.catalog.item import LICENCE
from node.domain.model import Case, Event, NewEvent, Statement

STATED, WAIVED, LAPSED = OUTCOMES = ("stated", "waived", "lapsed")
DAYS, MOST_DAYS = 3, 30  # working days to answer: proposed, at most


def unheard(case: Case, ctx: Context) -> str:
    """Why a licence cannot be refused yet; "" when the applicant was heard, or his days are over."""
    said = case.statement
    if ctx.known_item.regime != LICENCE or said.outcome:
        return ""
    if not said.offered_at or said.due is None:
        return "应先告知申请人陈述、申辩的权利（《行政许可法》第三十六条）"
    return not_past(said.due, ctx, "陈述、申辩的期限未满，应先登记申请人的意见")


def refused_unheard(seen: Seen) -> bool:
    """Whether a licence was refused to whom nobody had told his right, or before his days were over. Entries of before these acts say
    so themselves."""
    said, event = seen.case.statement, seen.event
    if seen.item is None or seen.item.regime != LICENCE or said.outcome:
        return False
    if event.schema < HEARD_BY_ACTS and event.facts.get("heard") is True:
        return False
    return said.due is None or day_of(event.at) <= said.due


HEARD_BY_ACTS = 2  # schema of the refusals that rest on the two acts


def _none_open(case: Case, cmd: Command, ctx: Context) -> str:
    said = case.statement
    return "已告知陈述、申辩的权利，应先登记申请人的意见" if said.offered_at and not said.outcome else ""


def _open(case: Case, cmd: Command, ctx: Context) -> str:
    said = case.statement
    return "" if said.offered_at and not said.outcome else "没有等待登记的陈述、申辩"


def _days_fit(case: Case, cmd: Command, ctx: Context) -> str:
    days = cmd.fields.get("days", DAYS)
    return "" if isinstance(days, int) and 1 <= days <= MOST_DAYS else f"期限为 1 至 {MOST_DAYS} 个工作日"


def _told(case: Case, cmd: Command, ctx: Context) -> str:
    outcome, due = cmd.fields.get("outcome"), case.statement.due
    if outcome == STATED and not cmd.fields.get("statement"):
        return "应写明申请人陈述、申辩的内容"
    return not_past(due, ctx, "陈述、申辩的期限未满") if outcome == LAPSED and due is not None else ""


def _offer(built: Built) -> NewEvent:
    due = due_date(built.ctx.calendar, built.ctx.today, built.number("days", DAYS))
    return built.event({"due": due.date}, built.texts("reason"))


def _record(built: Built) -> NewEvent:
    return built.event({"outcome": built.text("outcome")}, built.texts("statement"))


def _offered(case: Case, event: Event) -> Changes:
    return {"statement": Statement(event.at, day(event.facts, "due") or dt.date.max)}


def _recorded(case: Case, event: Event) -> Changes:
    return {"statement": case.statement._replace(outcome=code(event.facts, "outcome"), recorded_at=event.at)}


ROOM = Room(
    acts=(
        Act(
            "offer_statement",
            _offer,
            fixed(text("reason", "不符合法定条件", required=True), FieldSpec("days", "int", False, (), DAYS), NOTE),
        ),
        Act(
            "record_statement",
            _record,
            fixed(
                FieldSpec("outcome", "enum", True, OUTCOMES, STATED), text("statement", "申请人认为其符合条件，请求准予"), NOTE
            ),
        ),
    ),
    kinds=(
        Kind("statement_offered", {"due": DATE}, _offered, undo=True, papers={"statement": ""}),
        Kind("statement_recorded", {"outcome": CODE}, _recorded, undo=True),
    ),
    guards={
        "no_statement_open": _none_open,
        "statement_open": _open,
        "statement_days": _days_fit,
        "statement_told": _told,
        "heard": lambda case, cmd, ctx: unheard(case, ctx),
    },
)
