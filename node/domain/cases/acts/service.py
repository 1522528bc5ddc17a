"""The result made ready and served (rows 41, 42)."""

from __future__ import annotations

from node.domain.cases.acts.act import CODE, FLAG, Act, Kind, Room
from node.domain.cases.acts.common import (
    is_true,
)
from node.domain.cases.commands import Context
from node.domain.cases.events import Built
from node.domain.cases.fields import NOTE, FieldSpec, text
from node.domain.cases.ledger import Changes, nobodys
from node.domain.model import Actor, Case, Event, NewEvent, Span

MODES = ("direct", "post", "electronic", "proxy", "left", "announcement")


def _conclude_fields(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    return (FieldSpec("sealed", "bool", True, (), True), FieldSpec("result_public", "bool", False, (), False), NOTE)


def _deliver_fields(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    return (
        FieldSpec("mode", "enum", True, MODES, "direct"),
        FieldSpec("identity_checked", "bool", True, (), True),
        text("recipient", "申请人本人", required=True),
        NOTE,
    )


def _conclude(built: Built) -> NewEvent:
    return built.event({"result_public": built.command.fields.get("result_public") is True}, built.texts())


def _deliver(built: Built) -> NewEvent:
    return built.event({"mode": built.text("mode")}, built.texts("recipient"))


def _concluded(case: Case, event: Event) -> Changes:
    """The result is ready and the applicant told: what follows is his time (A0)."""
    return {
        "lead": nobodys(case, event.at, Span("D", event.at, None, False, "applicant", event.author)),
        "concluded_at": event.at,
    }


def _delivered(case: Case, event: Event) -> Changes:
    return {
        "lead": nobodys(case, event.at),
        "delivered_at": event.at,
    }


ROOM = Room(
    acts=(Act("conclude", _conclude, _conclude_fields), Act("deliver", _deliver, _deliver_fields)),
    kinds=(
        Kind("concluded", {"result_public": FLAG}, _concluded, undo=True, papers={"delivery": "before"}),
        Kind("delivered", {"mode": CODE}, _delivered, papers={"delivery": "after"}),
    ),
    guards={
        "sealed": is_true("sealed", "结果文书应先盖章"),
        "identity_checked": is_true("identity_checked", "应先核对领取人身份"),
    },
)
