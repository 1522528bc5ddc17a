"""The decision (rows 20, 37, 38)."""

from __future__ import annotations

from node.domain.cases.acts.acceptance import accepted, accepted_facts
from node.domain.cases.acts.act import CODE, DATE, FLAG, Act, Kind, Room, Rule, Seen
from node.domain.cases.acts.common import (
    decided_below,
    decides_here,
)
from node.domain.cases.acts.statement import HEARD_BY_ACTS, STATED, refused_unheard
from node.domain.cases.commands import Command, Context
from node.domain.cases.events import Builder, Built
from node.domain.cases.fields import NOTE, FieldSpec, fixed, text
from node.domain.cases.ledger import Changes, afresh, nobodys, whose
from node.domain.cases.owners import steps_are_done
from node.domain.model import TIERS, Case, Event, FactValue, NewEvent, Role, Span

RETURN_GROUNDS = ("none", "prohibited", "technical", "on_site")  # H3.7: a refusal on one of the last three is a 退办


def _immediate_item(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if ctx.known_item.case_type == "immediate" else "不是即办件"


def _steps_done(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if steps_are_done(case, ctx) else "审查步骤尚未办完"


def _no_gap(case: Case, cmd: Command, ctx: Context) -> str:
    return "容缺材料尚未补齐" if case.gap else ""


def _two_persons(case: Case, cmd: Command, ctx: Context) -> str:
    alone = cmd.actor.staff_id in case.lead.examined_by and cmd.actor.role is not Role.DIRECTOR
    return "审查人与批准人不得为同一人（一审一核）" if alone else ""


def _decide_at_once(built: Built) -> NewEvent:
    due = accepted_facts(built).get("due")
    facts: dict[str, FactValue] = {"due": due} if due is not None else {}
    if built.command.actor.role is Role.DIRECTOR:
        facts["same_person"] = True
    return built.event(facts, built.texts("opinion"))


def _decision(*names: str) -> Builder:
    def build(built: Built) -> NewEvent:
        facts: dict[str, FactValue] = {}
        if built.command.actor.staff_id in built.case.lead.examined_by:
            facts["same_person"] = True  # a director who did both (guard two_persons)
        if built.row.action == "refuse" and built.case.statement.outcome == STATED:
            facts["heard"] = True
        if built.text("ground"):
            facts["ground"] = built.text("ground")
        body = built.texts(*names)
        body.setdefault("organ", built.ctx.known_item.department)
        return built.event(facts, body)

    return build


def _decided(case: Case, event: Event) -> Changes:
    decision = "refused" if event.kind == "refused" else "approved"
    return {
        "decided_at": event.at,
        "decided_by": event.author,
        "lead": nobodys(case, event.at, Span("D", event.at, None, True, whose(case), event.author)),
        "decision": decision,
        "ground": _ground(event),
    }


def _decided_at_once(case: Case, event: Event) -> Changes:
    changes = accepted(case, event) | _decided(case, event)
    return changes | {"lead": afresh(changes["lead"])}


def _ground(event: Event) -> str:
    """The ground of a 退办 (H3.7), empty for any other decision."""
    ground = event.facts.get("ground")
    return ground if isinstance(ground, str) and ground != "none" else ""


def _steps_skipped(seen: Seen) -> bool:
    if seen.item is None or seen.tier not in TIERS:
        return False
    if seen.event.kind == "decided_at_once":
        return seen.item.case_type != "immediate"
    needed = [step.code for step in seen.item.steps_at(seen.tier) if step.code != "approve"]
    return list(seen.case.lead.steps_done) != needed


def _alone(seen: Seen, declared: bool) -> bool:
    said = seen.event.facts.get("same_person") is True
    return seen.event.staff_id in seen.case.lead.examined_by and said is declared


_FACTS = {"same_person": FLAG, "step": CODE}
_BELOW = (("decided_below", decided_below), ("steps_skipped", _steps_skipped))
_ALONE: tuple[tuple[str, Rule], ...] = (
    ("same_person", lambda seen: _alone(seen, False)),
    ("declared_same_person", lambda seen: _alone(seen, True)),
)
ROOM = Room(
    acts=(
        Act("decide_at_once", _decide_at_once, fixed(text("opinion", "符合条件，当场办结", required=True), NOTE)),
        Act(
            "approve",
            _decision("opinion", "organ", "scope", "certificate", "validity"),
            fixed(text("opinion", "符合法定条件，准予", required=True), text("organ", "本级主管部门"),
                  text("scope", "按申请内容"), text("certificate", ""), text("validity", "")),
        ),
        Act(
            "refuse",
            _decision("reason", "basis", "remedies"),
            fixed(
                text("reason", "不符合法定条件", required=True),
                text("basis", "《行政许可法》第三十八条", required=True),
                text("remedies", "可自收到之日起六十日内申请行政复议，或六个月内提起行政诉讼"),
                FieldSpec("ground", "enum", False, RETURN_GROUNDS, "none"),
            ),
        ),
    ),
    kinds=(
        Kind(
            "approved", _FACTS, _decided,
            starts=("decided",), undo=True, papers={"decision": "granted"}, of_item=True, decides=True, rules=(*_BELOW, *_ALONE),
        ),
        Kind(
            "decided_at_once", {**_FACTS, "due": DATE}, _decided_at_once,
            starts=("accepted", "decided"), undo=True, papers={"tracking": "", "decision": "granted"}, of_item=True, decides=True, rules=_BELOW,
        ),
        Kind(
            "refused", {**_FACTS, "heard": FLAG, "ground": CODE}, _decided,
            starts=("decided",), undo=True, papers={"decision": "refused"}, of_item=True, decides=True, schema=HEARD_BY_ACTS,
            rules=(*_BELOW, *_ALONE, ("refused_unheard", refused_unheard)),
        ),
    ),
    guards={
        "immediate_item": _immediate_item,
        "decides_here": decides_here,
        "steps_done": _steps_done,
        "no_gap": _no_gap,
        "two_persons": _two_persons,
    },
)  # fmt: skip
