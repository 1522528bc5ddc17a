"""What puts a case right or ends it from outside the process (rows 3, 36, 45, 47), and what is marked on it."""

from __future__ import annotations

from node.domain.calendar import day_of
from node.domain.cases.acts.act import CODE, FLAG, Act, Kind, Room
from node.domain.cases.acts.common import (
    ended,
    is_true,
    plain,
)
from node.domain.cases.commands import Command, Context
from node.domain.cases.events import Built, with_row
from node.domain.cases.fields import FieldSpec, fixed, reason_note, text
from node.domain.cases.ledger import Changes
from node.domain.model import NO_UNDO, Case, Event, NewEvent


def _undo_same_person(case: Case, cmd: Command, ctx: Context) -> str:
    if not case.undo.status:
        return "告知文书已随办理一并出具，不能撤回" if case.last_kind in ("suspended", "extended") else "没有可撤回的操作"
    return "" if case.undo.staff == cmd.actor.staff_id else "只能由办理人本人撤回"


def _undo_same_day(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if day_of(case.undo.at) == ctx.today else "只能当天撤回"


def _undo_nothing_out(case: Case, cmd: Command, ctx: Context) -> str:
    return "文书已发出，不能撤回" if ctx.papers_out else ""


def _undo(built: Built) -> NewEvent:
    return built.event({"kind": built.case.undo.kind}, built.texts("reason"))


def _void(built: Built) -> NewEvent:
    return built.event({"kind": built.text("kind"), "applicant_told": True}, built.texts("reason"))


def _set_urgent(built: Built) -> NewEvent:
    return built.event({"urgent": built.command.fields.get("urgent") is not False}, built.texts("reason"))


def _asked_withdraw(built: Built) -> NewEvent | str:
    held = with_row(built, "withdraw")
    return held.event({}, built.texts("reason")) if held is not None else "row36.decided"


def _undone(case: Case, event: Event) -> Changes:
    return {**case.undo.to, "undo": NO_UNDO}


def _urgent_set(case: Case, event: Event) -> Changes:
    return {"urgent": event.facts.get("urgent") is not False}


ROOM = Room(
    acts=(
        Act("withdraw", plain("reason"), reason_note, _asked_withdraw, in_doubt=True, without_contents=True),
        Act("undo", _undo, fixed(text("reason", "误操作", required=True)), in_doubt=True),
        Act(
            "void",
            _void,
            fixed(
                FieldSpec("kind", "enum", True, ("mis_entry", "duplicate"), "mis_entry"),
                FieldSpec("applicant_told", "bool", True, (), True),
                text("reason", "录入错误", required=True),
            ),
            in_doubt=True,
            without_contents=True,
        ),
        Act(
            "set_urgent",
            _set_urgent,
            fixed(FieldSpec("urgent", "bool", False, (), True), text("reason", "经批准急办", required=True)),
        ),
    ),
    kinds=(
        Kind("withdrawn", {}, ended, ends=True, papers={"termination": "withdrawn"}),
        Kind("undone", {"kind": CODE}, _undone, still=True),
        Kind("voided", {"kind": CODE, "applicant_told": FLAG}, ended, ends=True),
        Kind("urgent_set", {"urgent": FLAG}, _urgent_set, undo=True, still=True),
    ),
    guards={
        "applicant_told": is_true("applicant_told", "应先告知申请人"),
        "undo_same_person": _undo_same_person,
        "undo_same_day": _undo_same_day,
        "undo_nothing_out": _undo_nothing_out,
    },
)
