"""The decision (rows 20, 37, 38)."""

from __future__ import annotations

from node.domain.cases.acts.acceptance import accepted, accepted_facts
from node.domain.cases.acts.act import CODE, DATE, FLAG, HASH, NUMBER, Act, Kind, Room, Rule, Seen
from node.domain.cases.acts.common import (
    NO_REASON,
    REASON_FACTS,
    accepted_without,
    decided_below,
    decides_here,
    reason_facts,
)
from node.domain.cases.acts.statement import HEARD_BY_ACTS, STATED, refused_unheard
from node.domain.cases.commands import Command, Context
from node.domain.cases.events import Builder, Built
from node.domain.cases.fields import NOTE, FieldSpec, fixed, text
from node.domain.cases.ledger import Changes, afresh, nobodys, whose
from node.domain.cases.owners import steps_are_done
from node.domain.catalog.remedy import NONE, remedy_of
from node.domain.model import TIERS, Case, Event, FactValue, NewEvent, Role, Span

_EXAMPLE = "不符合法定条件"
RETURN_GROUNDS = ("none", "prohibited", "technical", "on_site")  # H3.7: a refusal on one of the last three is a 退办


def _immediate_item(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if ctx.known_item.case_type == "immediate" else "不是即办件"


def _steps_done(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if steps_are_done(case, ctx) else "审查步骤尚未办完"


def _no_gap(case: Case, cmd: Command, ctx: Context) -> str:
    """What was promised is here; what will not come any more stands in the way of a grant only."""
    left = case.gap.is_open and not (cmd.action == "refuse" and case.gap.lapsed_at and not case.gap.pauses)
    return "容缺材料尚未补齐" if left else ""


def _two_persons(case: Case, cmd: Command, ctx: Context) -> str:
    alone = cmd.actor.staff_id in case.lead.examined_by and cmd.actor.role is not Role.DIRECTOR
    return "审查人与批准人不得为同一人（一审一核）" if alone else ""


def _decide_at_once(built: Built) -> NewEvent:
    said = accepted_facts(built)
    names = ("due", "item_version", "item_hash") if "item_hash" in said else ("due",)
    facts: dict[str, FactValue] = {name: said[name] for name in names if name in said}
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
        if built.row.action == "refuse":
            told = bool(built.text("remedies")) or remedy_of(built.ctx.known_item) != NONE
            facts |= {**reason_facts(built, _EXAMPLE), "remedies": told}
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
    done = seen.case.lead.steps_done
    return list(done) != [one for one in _needed(seen) if one in done or not one.startswith("special.")]


def _special_left_out(seen: Seen) -> bool:
    """A special step of the item (核查、评审、公示 …) was not done before the decision (P03)."""
    at_once = seen.event.kind == "decided_at_once"
    return not at_once and any(one.startswith("special.") for one in _needed(seen) if one not in seen.case.lead.steps_done)


def _needed(seen: Seen) -> list[str]:
    """What of the item's process comes before the decision where it was made."""
    if seen.item is None or seen.tier not in TIERS:
        return []
    return [step.code for step in seen.item.steps_at(seen.tier) if step.code != "approve"]


def _alone(seen: Seen, declared: bool) -> bool:
    said = seen.event.facts.get("same_person") is True
    return seen.event.staff_id in seen.case.lead.examined_by and said is declared


_FACTS = {"same_person": FLAG, "step": CODE}
_BELOW = (("decided_below", decided_below), ("steps_skipped", _steps_skipped), ("special_left_out", _special_left_out))
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
                text("reason", _EXAMPLE, required=True),
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
            "decided_at_once", {**_FACTS, "due": DATE, "item_version": NUMBER, "item_hash": HASH}, _decided_at_once,
            starts=("accepted", "decided"), undo=True, papers={"tracking": "", "decision": "granted"}, of_item=True, decides=True,
            rules=(*_BELOW, ("accepted_without", accepted_without)),
        ),
        Kind(
            "refused", {**_FACTS, **REASON_FACTS, "heard": FLAG, "ground": CODE}, _decided,
            starts=("decided",), undo=True, papers={"decision": "refused"}, of_item=True, decides=True, schema=HEARD_BY_ACTS,
            rules=(*_BELOW, *_ALONE, ("refused_unheard", refused_unheard), *NO_REASON),
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
