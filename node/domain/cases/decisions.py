"""`decide`: a command, a case and the moment in; the facts to be written, or a refusal that names its rule, out.

Pure and total over commands: nothing is changed by a refusal. The order of the checks is the order in which a person would
want to hear of them: is the case frozen; is it here at all (if not, a request may be left for whoever holds it), and with
what was applied for; does the
table know this action in this status; may this tier and role; are the fields right; do the row's guards hold. Only then
the row's builder makes the event. Fields, guards and builders stand in the rooms of `acts`.

The mechanical acts (`take`, `answer`, `offer_home`, the timers) come the same way with the actor SYSTEM.
"""

from __future__ import annotations

from node.domain.cases.access import may_ask, not_asked, refusal, why_not
from node.domain.cases.acts import BUILDERS, FEATURE_OF, GUARDS, IN_DOUBT, RAW_FIELDS, WITHOUT_CONTENTS, fields_of
from node.domain.cases.acts.filing import file_case
from node.domain.cases.commands import Command, Context
from node.domain.cases.corrections import paper_codes
from node.domain.cases.events import Built
from node.domain.cases.fields import clean_fields
from node.domain.cases.lifecycle import ASKED_WHILE, BY_ACTION, NEW, REQUESTS, STATUSES, UNDECIDED, Transition, transition
from node.domain.cases.schema import check_facts
from node.domain.model import Case, FactValue, NewEvent
from node.domain.words.errors import TongbanError
from node.domain.words.labels import word

__all__ = ["REQUESTS", "Command", "Context", "decide", "is_request"]

UNFILED = Case("")

# What a node may do with a case that holds a kind of entry it does not know (DESIGN, "Compatible"): take it, pass it on, show it, serve
# its result, put down what the applicant gives or withdraws. It does not decide: what it would rest on it cannot read.
PASSES_ON = frozenset(
    "take_custody offer_home answer open receive hand_over hand_back refer return_to_lower take assign reassign set_urgent remind"
    " supply_material record_papers refile supply_correction withdraw conclude deliver".split()
)
_OF_ANY_STATUS = frozenset(
    {"offer_home", "answer", "open"}
)  # what a case needs to get home, whatever a later version calls its status


def decide(case: Case | None, command: Command, ctx: Context) -> list[NewEvent]:
    """The events that `command` makes, usually one; at a node that is not the custodian the request to be left.

    `case` None files an application: actions `save`, `lodge`, `submit`, or `file`, which picks the right one for the place.
    Raises TongbanError (frozen, frozen_at_root, needs_upgrade, peer_needs_upgrade, contents_missing, not_custodian, in_transit, illegal_action,
    forbidden, invalid_input, guard_failed) and changes nothing.
    """
    if ctx.frozen:
        raise frozen_error(case, ctx)
    if case is None:
        return [_file(command, ctx)]
    if command.action != "take_custody" and not _is_here(case, ctx):
        return [_ask(case, command, ctx)]
    if case.unknown_kinds and command.action not in PASSES_ON:
        raise TongbanError("needs_upgrade")
    if ctx.contents_missing and case.status in UNDECIDED and command.action not in WITHOUT_CONTENTS:
        raise TongbanError("contents_missing")
    row = _row(case, command)
    if ctx.doubted and row.action not in IN_DOUBT:
        raise TongbanError("guard_failed", rule="办件存疑：以前的办理越权，只能退回、撤回或作废后重新登记")
    command = _checked(case, command, ctx, row)
    return [_served(case, _sound(BUILDERS[row.action](Built(case, command, ctx, row))), ctx)]


def frozen_error(case: Case | None, ctx: Context) -> TongbanError:
    """Why nothing is done with the case yet after a restore. What was filed at a root waits for nobody but its director."""
    if case is not None and ctx.parent is None and case.origin == ctx.here.node_id:
        return TongbanError("frozen_at_root", case_no=case.case_no)
    return TongbanError("frozen")


def is_request(case: Case, action: str, ctx: Context) -> bool:
    """Whether `action` at this node would leave a request for the custodian instead of acting."""
    return action in REQUESTS and not _is_here(case, ctx)


def _is_here(case: Case, ctx: Context) -> bool:
    return case.offer is None and case.custodian == ctx.here.node_id


# filing ------------------------------------------------------------------------------------------------------------------


def _file(command: Command, ctx: Context) -> NewEvent:
    action = _filing_action(command, ctx) if command.action == "file" else command.action
    row = transition(NEW, action)
    if row is None:
        raise _illegal(UNFILED, action)
    if action != command.action:
        command = Command(action, command.fields, command.actor)
    _check_access(row, ctx, command)
    _check_guards(UNFILED, command, ctx, row)
    return _sound(file_case(Built(UNFILED, command, ctx, row)))


def _filing_action(command: Command, ctx: Context) -> str:
    """A village lodges unless it is commissioned for the item; everybody else submits (settled details, "Filing")."""
    if command.fields.get("draft"):
        return "save"
    return "lodge" if GUARDS["may_receive"](UNFILED, command, ctx) else "submit"


# checks ------------------------------------------------------------------------------------------------------------------


def _row(case: Case, command: Command) -> Transition:
    row = transition(case.status, command.action)
    if row is None and case.status not in STATUSES and command.action in _OF_ANY_STATUS:
        row = BY_ACTION[command.action][0]
    if row is None:
        raise _illegal(case, command.action)
    return row


def _illegal(case: Case, action: str) -> TongbanError:
    rows = BY_ACTION.get(action, ())
    if rows:
        where = "、".join(word(source) for row in rows for source in row.sources if source)
        rule = f"只能在“{where}”时办理"
    else:
        rule = "只能由非现办理单位提出" if action in REQUESTS else "流程表没有这一操作"
    return _not_now(case, action, rule)


def _not_now(case: Case, action: str, rule: str) -> TongbanError:
    status, name = case.status or "none", action[:64]
    words, act = word(case.status) or "无", word(name)
    return TongbanError("illegal_action", status=status, action=name, rule=rule, status_zh=words, action_zh=act)


def _checked(case: Case, command: Command, ctx: Context, row: Transition) -> Command:
    """The command with clean fields, when role, fields and guards are in order."""
    _check_access(row, ctx, command)
    if row.action not in RAW_FIELDS:
        clean = clean_fields(command.fields, fields_of(row.action, case, ctx, command.actor))
        command = Command(row.action, clean, command.actor, command.request)
    _check_guards(case, command, ctx, row)
    return command


def _check_access(row: Transition, ctx: Context, command: Command) -> None:
    if reason := why_not(row, ctx.here.tier, command.actor.role):
        raise refusal(row, "forbidden", reason)


def _check_guards(case: Case, command: Command, ctx: Context, row: Transition) -> None:
    for name in row.guards:
        if reason := GUARDS[name](case, command, ctx):
            raise refusal(row, "guard_failed", reason)


def _sound(event: NewEvent) -> NewEvent:
    if wrong := check_facts(event.kind, event.facts):
        raise TongbanError("invalid_input", dict.fromkeys(wrong, "invalid"))
    return event


def _served(case: Case, event: NewEvent, ctx: Context) -> NewEvent:
    """The event, when every node on the way home knows what it needs to serve it. Raises peer_needs_upgrade, naming the first that does not."""
    feature = FEATURE_OF.get(event.kind, "")
    node = ctx.cannot_serve(feature) if feature else None
    if node is not None:
        raise TongbanError("peer_needs_upgrade", node=node.code, name=ctx.name_of(node.node_id))
    return event


# asking ------------------------------------------------------------------------------------------------------------------


def _ask(case: Case, command: Command, ctx: Context) -> NewEvent:
    """The request a non-custodian leaves; any other action there is refused and told who holds the case."""
    action, actor = command.action, command.actor
    if action not in REQUESTS:
        raise _elsewhere(case, ctx)
    if not may_ask(action, ctx.here.tier, actor.role):
        raise TongbanError("forbidden", rule=not_asked(action))
    if case.status not in ASKED_WHILE[action]:
        where = "、".join(word(status) for status in ASKED_WHILE[action])
        raise _not_now(case, action, f"只能在“{where}”时提出请求")
    if action == "recall" and ctx.here.node_id not in {hop.node for hop in case.hops}:
        raise TongbanError("guard_failed", rule="只有移交过办件的单位可以申请追回")
    if reason := GUARDS["mandated"](case, command, ctx):
        raise TongbanError("guard_failed", rule=reason)
    facts: dict[str, FactValue] = {"asked": action}
    body: dict[str, object] = {}
    if action == "supply_material":
        if reason := GUARDS["material_named"](case, command, ctx):
            raise TongbanError("guard_failed", rule=reason)
        fields = dict(command.fields)
        facts |= {key: value for key in ("material", "blob", "size") if isinstance(value := fields.pop(key), (str, int, bytes))}
        body |= fields
    else:
        body |= clean_fields(command.fields, fields_of(action, case, ctx, actor))
    if action == "supply_correction":
        facts |= _supply_asked(case, Command(action, body, actor), ctx)
        body.pop("papers", None)
    if action == "record_papers":
        known = [str(place) for place in range(len(ctx.known_item.materials))]
        facts["papers"] = tuple(f"{material}:{count}" for material, count in paper_codes(body.pop("papers", ""), known))
    return _sound(NewEvent("requested", facts, case.status, case.custodian, case.term, body or None, "request"))


def _supply_asked(case: Case, command: Command, ctx: Context) -> dict[str, FactValue]:
    """The facts of a supply that is asked for: the files that went before it, the papers. Errors: `guard_failed`, as at the custodian."""
    if reason := GUARDS["corrected"](case, command, ctx):
        raise TongbanError("guard_failed", rule=reason)
    papers = tuple(f"{material}:{count}" for material, count in paper_codes(command.fields.get("papers"), case.correction.items))
    facts: dict[str, FactValue] = {"blobs": tuple(blob for _, blob in ctx.sent), "papers": papers}
    return {name: value for name, value in facts.items() if value}


def _elsewhere(case: Case, ctx: Context) -> TongbanError:
    if case.offer is not None:
        giver, target = case.offer.giver, case.offer.target
        return TongbanError(
            "in_transit", sender=ctx.code_of(giver), receiver=ctx.code_of(target), sender_name=ctx.name_of(giver),
            receiver_name=ctx.name_of(target),
        )  # fmt: skip
    return TongbanError("not_custodian", custodian=ctx.code_of(case.custodian), custodian_name=ctx.name_of(case.custodian))
