"""The steps of the process and whose case it is (rows 21, 22)."""

from __future__ import annotations

import re

from node.domain.cases.acts.act import CODE, NUMBER, Act, Kind, Room, Seen
from node.domain.cases.commands import Command, Context
from node.domain.cases.events import INTERNAL, Built
from node.domain.cases.fields import NOTE, FieldSpec, fixed, text
from node.domain.cases.ledger import Changes, code, number
from node.domain.cases.owners import STEP_ROLES, candidates, does_step, next_step, step_code
from node.domain.model import Actor, Case, Event, FactValue, Line, NewEvent
from node.domain.words.errors import TongbanError
from node.domain.words.labels import word

_STAFF_ID = re.compile(r"[A-Za-z0-9._:+-]{1,128}")
_PEOPLE, _BADGE = re.compile(r"[；;，,、\n]+"), re.compile(r"[A-Za-z0-9-]{4,}")
OPINION = text("opinion", "材料齐全，符合条件", required=True)
INSPECTORS = text(
    "inspectors", "李明 42010201；王芳 42010202"
)  # name and number of the law-enforcement card, one person after another
TWO = 2  # who visit a site at least (行政许可法 34)


def _step_open(case: Case, cmd: Command, ctx: Context) -> str:
    step = next_step(case, ctx)
    if step is None or step.code == "approve":
        return "审查步骤已全部办完"
    if cmd.actor.role not in STEP_ROLES.get(step.role, ()):
        raise TongbanError("forbidden", rule=f"“{step.name}”须由{word(step.role)}办理")
    return ""


def _unassigned(case: Case, cmd: Command, ctx: Context) -> str:
    return "已经有人办理，改派须由负责人写明理由" if case.lead.assignee else ""


def _does_step(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if does_step(case, cmd.actor, ctx) else "这一步不由您的岗位办理"


def _a_step_done(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if case.lead.steps_done else "没有可退回的上一环节"


def _assign_fields(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    people = candidates(case, ctx)
    ids, names = tuple(one.staff_id for one in people), tuple(one.name for one in people)
    return (FieldSpec("staff_id", "enum", True, ids, ids[0] if ids else "", names, "cannot_do_step"), NOTE)


def _reassign_fields(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    return (_assign_fields(case, ctx, actor)[0], text("reason", "经办人请假", required=True))


def _is_visit(case: Case, ctx: Context) -> bool:
    """Whether the present step is a site visit."""
    step = next_step(case, ctx) if ctx.item is not None else None
    special = ctx.item.special_of(step.code) if ctx.item is not None and step is not None else None
    return special is not None and special.kind == "site_visit"


def _step_fields(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    return (OPINION, INSPECTORS) if _is_visit(case, ctx) else (OPINION,)


def _visitors(built: Built) -> dict[str, FactValue]:
    """Of a site visit how many went, and how many of them with their law-enforcement card (P04): the names are body."""
    if not _is_visit(built.case, built.ctx):
        return {}
    people = [one for one in _PEOPLE.split(built.text("inspectors")) if one.strip()]
    return {"inspectors": len(people), "inspectors_carded": sum(_BADGE.search(one) is not None for one in people)}


def _complete_step(built: Built) -> NewEvent:
    step = next_step(built.case, built.ctx)
    assert step is not None  # guard step_open
    facts: dict[str, FactValue] = {"step": step.code, "tier": built.ctx.here.tier, **_visitors(built)}
    return built.event(facts, built.texts("opinion", "inspectors"), body_class=INTERNAL)


def _too_few(seen: Seen) -> bool:
    """A visit by fewer than two, or by one without a card; what does not say how many is not judged."""
    facts = seen.event.facts
    return "inspectors" in facts and min(number(facts, "inspectors"), number(facts, "inspectors_carded")) < max(
        TWO, number(facts, "inspectors")
    )


def _owned_by(built: Built, assignee: str) -> NewEvent:
    """Whose case it is from now on, whose it was, and at which step."""
    if not _STAFF_ID.fullmatch(assignee):
        raise TongbanError("invalid_input", {"staff_id": "invalid"})
    facts: dict[str, FactValue] = {"assignee": assignee, "step": step_code(built.case, built.ctx)}
    if built.case.lead.assignee:
        facts["from"] = built.case.lead.assignee
    return built.event(facts, built.texts("reason"), body_class=INTERNAL)


def _take_up(built: Built) -> NewEvent:
    return _owned_by(built, built.command.actor.staff_id)


def _assign(built: Built) -> NewEvent:
    return _owned_by(built, built.text("staff_id"))


def _send_back(built: Built) -> NewEvent:
    return built.event({"step": built.case.lead.steps_done[-1]}, built.texts("reason"), body_class=INTERNAL)


def _step_completed(case: Case, event: Event) -> Changes:
    lead = case.lead
    done, by = (*lead.steps_done, code(event.facts, "step")), (*lead.examined_by, event.staff_id)
    return {"lead": Line(lead.spans, "", lead.step + 1, done, by)}


def _sent_back(case: Case, event: Event) -> Changes:
    return {
        "lead": case.lead._replace(
            step=max(0, case.lead.step - 1),
            steps_done=case.lead.steps_done[:-1],
            examined_by=case.lead.examined_by[:-1],
            assignee="",
        )
    }


def _assigned_to(case: Case, event: Event) -> Changes:
    return {"lead": case.lead._replace(assignee=code(event.facts, "assignee"))}


_OWNER = {"step": CODE, "assignee": CODE}
ROOM = Room(
    acts=(
        Act("complete_step", _complete_step, _step_fields),
        Act("take", _take_up, in_doubt=True),
        Act("assign", _assign, _assign_fields, in_doubt=True),
        Act("reassign", _assign, _reassign_fields, in_doubt=True),
        Act("send_back", _send_back, fixed(text("reason", "审查意见依据不充分", required=True))),
    ),
    kinds=(
        Kind(
            "step_completed",
            {"step": CODE, "tier": CODE, "inspectors": NUMBER, "inspectors_carded": NUMBER},
            _step_completed,
            undo=True,
            internal=True,
            rules=(("too_few_inspectors", _too_few),),
        ),
        Kind("taken_up", _OWNER, _assigned_to, undo=True, still=True, internal=True),
        Kind("assigned", _OWNER, _assigned_to, undo=True, still=True, internal=True),
        Kind("reassigned", {**_OWNER, "from": CODE}, _assigned_to, undo=True, still=True, internal=True),
        Kind("sent_back", {"step": CODE}, _sent_back, undo=True, internal=True),
    ),
    guards={
        "step_open": _step_open,
        "unassigned": _unassigned,
        "does_step": _does_step,
        "a_step_done": _a_step_done,
    },
)
