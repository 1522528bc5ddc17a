"""Whose case it is: who may do its present step, and what a person is told who may not. Pure.

A case has one owner at each step, a person of the node that holds it, or none. Who may be given it are the active people of that
node whose role does what the case awaits, and the director. It is nobody's again when the step is done, when the case moves on to
another stage, and while it travels.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from node.domain.cases.awaits import ROLES, awaits
from node.domain.cases.commands import Context
from node.domain.model import Actor, Case, Role

if TYPE_CHECKING:
    from node.domain.catalog.item import Step

# Which roles may complete a step that the item gives to a role.
STEP_ROLES: Mapping[str, tuple[Role, ...]] = {
    "examiner": (Role.EXAMINER, Role.REVIEWER, Role.DIRECTOR),
    "approver": (Role.APPROVER, Role.DIRECTOR),
}


def next_step(case: Case, ctx: Context) -> Step | None:
    """The step of the item's process at this tier that comes next; None when all are done."""
    steps = ctx.known_item.steps_at(ctx.here.tier)
    return steps[case.lead.step] if case.lead.step < len(steps) else None


def steps_are_done(case: Case, ctx: Context) -> bool:
    """Whether only the decision itself is left."""
    step = next_step(case, ctx)
    return step is None or step.code == "approve"


def step_code(case: Case, ctx: Context) -> str:
    """What the case awaits here, as a code: a step of the item's process, or the turn ("" for nothing)."""
    if case.status == "accepted" and ctx.item is not None and (step := next_step(case, ctx)) is not None:
        return step.code
    return turn(case, ctx)


def turn(case: Case, ctx: Context) -> str:
    return awaits(case, ctx.here.node_id, ctx.here.tier, lambda _: ctx.item) or ""


def step_roles(case: Case, ctx: Context) -> tuple[Role, ...]:
    """The roles that do what the case awaits here; the director always does."""
    step = next_step(case, ctx) if case.status == "accepted" and ctx.item is not None else None
    if step is not None and step.role in STEP_ROLES:
        return STEP_ROLES[step.role]
    return (*(Role(one) for one in ROLES.get(turn(case, ctx), ())), Role.DIRECTOR)


def does_step(case: Case, actor: Actor, ctx: Context) -> bool:
    """Whether this person may do the present step; who examined a case may not decide it (the director may)."""
    if actor.role not in step_roles(case, ctx):
        return False
    decides = case.status == "accepted" and ctx.item is not None and steps_are_done(case, ctx)
    return not (decides and actor.staff_id in case.lead.examined_by and actor.role is not Role.DIRECTOR)


def candidates(case: Case, ctx: Context) -> tuple[Actor, ...]:
    """The people of this node who may be given the case: whoever may do its step and does not have it."""
    return tuple(one for one in ctx.people if one.staff_id != case.lead.assignee and does_step(case, one, ctx))
