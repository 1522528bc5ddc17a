"""Builders of the handling rows (21, 22, 25, 26, 28, 37, 38, 41, 42, 45, 47) and of the flags beside the table."""

from __future__ import annotations

import re
from collections.abc import Mapping

from node.domain.cases.events import INTERNAL, Builder, Built
from node.domain.cases.fields import max_extension
from node.domain.cases.owners import next_step, step_code
from node.domain.cases.stops import stated_end
from node.domain.model import FactValue, NewEvent
from node.domain.words.errors import TongbanError

_STAFF_ID = re.compile(r"[A-Za-z0-9._:+-]{1,128}")


def _complete_step(built: Built) -> NewEvent:
    step = next_step(built.case, built.ctx)
    assert step is not None  # guard step_open
    return built.event({"step": step.code, "tier": built.ctx.here.tier}, built.texts("opinion"), body_class=INTERNAL)


def _owned_by(built: Built, assignee: str) -> NewEvent:
    """Whose case it is from now on, whose it was, and at which step."""
    if not _STAFF_ID.fullmatch(assignee):
        raise TongbanError("invalid_input", {"staff_id": "invalid"})
    facts: dict[str, FactValue] = {"assignee": assignee, "step": step_code(built.case, built.ctx)}
    if built.case.assignee:
        facts["from"] = built.case.assignee
    return built.event(facts, built.texts("reason"), body_class=INTERNAL)


def _take_up(built: Built) -> NewEvent:
    return _owned_by(built, built.command.actor.staff_id)


def _assign(built: Built) -> NewEvent:
    return _owned_by(built, built.text("staff_id"))


def _send_back(built: Built) -> NewEvent:
    return built.event({"step": built.case.steps_done[-1]}, built.texts("reason"), body_class=INTERNAL)


def _suspend(built: Built) -> NewEvent:
    days = built.number("days")
    until = stated_end(built.case, built.ctx.today, days, built.ctx.calendar)
    return built.event({"kind": built.text("kind"), "days": days, "until": until}, built.texts("citation"))


def _resume(built: Built) -> NewEvent:
    until, today = built.case.suspend_until, built.ctx.today
    over = built.ctx.calendar.count_workdays(until, today) if until is not None and today > until else 0
    return built.event({"kind": built.case.suspend_kind, "over": over}, built.texts("result"))


def _extend(built: Built) -> NewEvent:
    return built.event({"extension_days": built.number("days", max_extension(built.ctx))}, built.texts("reason"))


def _decision(*names: str) -> Builder:
    def build(built: Built) -> NewEvent:
        facts: dict[str, FactValue] = {}
        if built.command.actor.staff_id in built.case.examined_by:
            facts["same_person"] = True  # a director who did both (guard two_persons)
        if "heard" in built.command.fields:
            facts["heard"] = built.command.fields["heard"] is True
        if built.text("ground"):
            facts["ground"] = built.text("ground")
        body = built.texts(*names)
        body.setdefault("organ", built.ctx.known_item.department)
        return built.event(facts, body)

    return build


def _conclude(built: Built) -> NewEvent:
    return built.event({"result_public": built.command.fields.get("result_public") is True}, built.texts())


def _deliver(built: Built) -> NewEvent:
    return built.event({"mode": built.text("mode")}, built.texts("recipient"))


def _undo(built: Built) -> NewEvent:
    return built.event({"kind": built.case.undo_kind}, built.texts("reason"))


def _void(built: Built) -> NewEvent:
    return built.event({"kind": built.text("kind"), "applicant_told": True}, built.texts("reason"))


def _void_stale(built: Built) -> NewEvent:
    return built.event({"kind": "stale_draft"})


def _remind(built: Built) -> NewEvent:
    return built.event({"to": "applicant"}, built.texts())


def _set_urgent(built: Built) -> NewEvent:
    return built.event({"urgent": built.command.fields.get("urgent") is not False}, built.texts("reason"))


def _open(built: Built) -> NewEvent:
    return built.event({})


HANDLING: Mapping[str, Builder] = {
    "complete_step": _complete_step,
    "take": _take_up,
    "assign": _assign,
    "reassign": _assign,
    "send_back": _send_back,
    "suspend": _suspend,
    "resume": _resume,
    "extend": _extend,
    "approve": _decision("opinion", "organ"),
    "refuse": _decision("reason", "basis", "remedies"),
    "conclude": _conclude,
    "deliver": _deliver,
    "undo": _undo,
    "void": _void,
    "void_stale": _void_stale,
    "remind": _remind,
    "set_urgent": _set_urgent,
    "open": _open,
}
