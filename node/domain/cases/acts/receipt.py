"""Receiving what was handed over, and looking at it (row 7)."""

from __future__ import annotations

from node.domain.cases.acts.act import Act, Kind, Room
from node.domain.cases.acts.common import (
    plain,
    receipt_at,
)
from node.domain.cases.commands import Command, Context
from node.domain.cases.events import Built
from node.domain.cases.ledger import Changes, timed
from node.domain.model import Case, Event, NewEvent, Span


def _not_opened(case: Case, cmd: Command, ctx: Context) -> str:
    return "已查看过" if ctx.here.node_id in case.opened_by else ""


def _open(built: Built) -> NewEvent:
    return built.event({})


def _received(case: Case, event: Event) -> Changes:
    start = case.received_at or receipt_at(case.received_on, event.at)
    return {
        "received_at": start,
        "received_status": "",
        "lead": timed(case, event.at, Span("R", event.at, None, True, "handler", event.author)),
    }


def _opened(case: Case, event: Event) -> Changes:
    return {"opened_by": case.opened_by | {event.author}}


ROOM = Room(
    acts=(
        Act("receive", plain(), in_doubt=True),
        Act("open", _open, None, in_doubt=True, without_contents=True),
    ),
    kinds=(
        Kind("received", {}, _received, undo=True, papers={"receipt": "organ"}),
        Kind("opened", {}, _opened, still=True, quiet=True),
    ),
    guards={"not_opened": _not_opened},
)
