"""Receiving what was handed over, and looking at it (row 7)."""

from __future__ import annotations

import datetime as dt

from node.domain.calendar import day_of
from node.domain.cases.acts.act import DATE, Act, Kind, Room
from node.domain.cases.acts.common import receipt_at
from node.domain.cases.commands import Command, Context
from node.domain.cases.events import Built
from node.domain.cases.fields import NOTE, FieldSpec
from node.domain.cases.ledger import Changes, day, timed
from node.domain.model import Actor, Case, Event, NewEvent, Span

ARRIVED = "papers_arrived"


def _not_opened(case: Case, cmd: Command, ctx: Context) -> str:
    return "已查看过" if ctx.here.node_id in case.opened_by else ""


def _awaits_papers(case: Case, ctx: Context) -> bool:
    """Whether R starts with the papers and they have not been recorded yet."""
    return not case.received_at and ctx.item is not None and ctx.item.awaits_papers


def _papers_here(case: Case, cmd: Command, ctx: Context) -> str:
    if not _awaits_papers(case, ctx):
        return ""
    arrived = cmd.fields.get(ARRIVED)
    if not isinstance(arrived, dt.date) or not day_of(case.filed_at) <= arrived <= ctx.today:
        return "纸质材料到达日期应在登记当日至今天之间"
    return ""


def _receive_fields(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    papers = FieldSpec(ARRIVED, "date", True, (), ctx.today.isoformat())
    return (papers, NOTE) if _awaits_papers(case, ctx) else (NOTE,)


def _receive(built: Built) -> NewEvent:
    arrived = built.date(ARRIVED)
    return built.event({} if arrived is None else {ARRIVED: arrived}, built.texts())


def _open(built: Built) -> NewEvent:
    return built.event({})


def _received(case: Case, event: Event) -> Changes:
    """R has run since the take, unless the item wants the papers first: then since their arrival."""
    known = [one for one in (day(event.facts, ARRIVED), case.received_on) if one is not None]
    start = case.received_at or receipt_at(min(known, default=None), event.at)
    return {
        "received_at": start,
        "received_status": "",
        "lead": timed(case, event.at, Span("R", event.at, None, True, "handler", event.author)),
    }


def _opened(case: Case, event: Event) -> Changes:
    return {"opened_by": case.opened_by | {event.author}}


ROOM = Room(
    acts=(
        Act("receive", _receive, _receive_fields, in_doubt=True),
        Act("open", _open, None, in_doubt=True, without_contents=True),
    ),
    kinds=(
        Kind(
            "received",
            {ARRIVED: DATE},
            _received,
            starts=("received",),
            undo=True,
            papers={"receipt": "organ", "gap_pledge": "blank"},
        ),
        Kind("opened", {}, _opened, still=True, quiet=True),
    ),
    guards={"not_opened": _not_opened, "papers_here": _papers_here},
)
