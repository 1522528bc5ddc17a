"""What one person may do with a case at this node now: the `actions[]` of a case document.

An action is listed exactly when `decide` would let it through with its own examples; so nothing is listed that a guard
would refuse, and sending every example succeeds. At the custodian the order is that of the table, which is the order in
which a person takes them; elsewhere the requests are listed that make sense for what is known of the case.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.domain.cases.acts import RAW_FIELDS, fields_of
from node.domain.cases.commands import Command, Context
from node.domain.cases.corrections import required_missing
from node.domain.cases.decisions import decide, is_request
from node.domain.cases.fields import FieldSpec
from node.domain.cases.lifecycle import BUILT, REQUESTS, Transition
from node.domain.model import Actor, Case, Role
from node.domain.words.errors import TongbanError

__all__ = ["ActionOffer", "FieldSpec", "actions_for"]

# Raw as their fields may be, these two are offered to people: a draft is filed without fields.
_PLAIN = frozenset({"lodge", "submit"})


@dataclass(frozen=True, slots=True)
class ActionOffer:
    """One action. `as_` is "event" at the custodian, "request" elsewhere; `forward` marks those that move the case on."""

    action: str
    as_: str
    forward: bool
    fields: tuple[FieldSpec, ...]


def actions_for(case: Case, actor: Actor, ctx: Context) -> list[ActionOffer]:
    """The actions `actor` may take or ask for, in the order a person would take them."""
    if ctx.frozen or actor.role in (Role.ADMIN, Role.OVERSEER, Role.CATALOG_EDITOR, Role.AUDITOR, Role.SYSTEM):
        return []
    if is_request(case, "remind", ctx):
        offers = [_asked(action, case, actor, ctx) for action in REQUESTS if _sensible(action, case, ctx)]
    else:
        rows = [row for row in BUILT if case.status in row.sources and (row.action not in RAW_FIELDS or row.action in _PLAIN)]
        offers = [_taken(row, case, actor, ctx) for row in rows]
    return [offer for offer in offers if offer is not None]


def _taken(row: Transition, case: Case, actor: Actor, ctx: Context) -> ActionOffer | None:
    fields = () if row.action in _PLAIN else fields_of(row.action, case, ctx, actor)
    offer = ActionOffer(row.action, "event", row.forward, fields)
    return offer if _would_pass(offer, case, actor, ctx) else None


def _asked(action: str, case: Case, actor: Actor, ctx: Context) -> ActionOffer | None:
    offer = ActionOffer(action, "request", False, fields_of(action, case, ctx, actor))
    return offer if _would_pass(offer, case, actor, ctx) else None


def _would_pass(offer: ActionOffer, case: Case, actor: Actor, ctx: Context) -> bool:
    try:
        return bool(decide(case, Command(offer.action, examples(offer), actor), ctx))
    except TongbanError:
        return False


def examples(offer: ActionOffer) -> dict[str, object]:
    """The offer's fields filled with their examples."""
    return {field.name: field.example for field in offer.fields}


def _sensible(action: str, case: Case, ctx: Context) -> bool:
    """Whether a request has a chance, by what is known here."""
    if action == "supply_material":
        return False  # comes with a file, through PUT materials
    if action == "supply_correction":
        return case.status == "awaiting_correction"
    if action == "record_papers":  # a correction has its own boxes
        return case.status != "awaiting_correction" and ctx.item is not None and bool(required_missing(case, ctx.item))
    return action != "recall" or case.custodian not in case.opened_by
