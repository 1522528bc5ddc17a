"""Filing (rows 2 to 5) and filing again what was lost: a draft, an application at a village, a receipt at an organ."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping

from node.domain.calendar import day_of
from node.domain.cases.acts.act import CODE, CODES, DATE, FLAG, HASH, NUMBER, Act, Kind, Room, Rule, Seen
from node.domain.cases.acts.common import (
    at_village,
    not_past,
    receipt_at,
    sender,
    sends,
)
from node.domain.cases.commands import Command, Context
from node.domain.cases.corrections import on_paper, required_missing
from node.domain.cases.events import APPLICATION, Built
from node.domain.cases.ledger import Changes, code, codes, day, number, octets, timed
from node.domain.model import Case, Event, FactValue, Hop, NewEvent, Span

STALE_DRAFT_DAYS = 30  # days after which a draft nobody touched is voided (R12; a default, published rules may say otherwise)


def is_commissioned(ctx: Context, item_id: str) -> bool:
    """Whether this node may receive the item for the organ (never a licence)."""
    return item_id in ctx.here.commissioned and ctx.known_item.regime != "licence"


def _agent_may(case: Case, cmd: Command, ctx: Context) -> str:
    by_agent = (case.channel or cmd.fields.get("channel")) == "village_agent"
    return "该事项不得由代办员代办" if by_agent and not ctx.known_item.agent_allowed else ""


def may_receive(case: Case, cmd: Command, ctx: Context) -> str:
    if ctx.here.tier != "village" or is_commissioned(ctx, ctx.known_item.item_id):
        return ""
    return "村级代办站只能代办登记，不能代行政机关收件"


def _complete(case: Case, cmd: Command, ctx: Context) -> str:
    """A draft may be saved incomplete, never handed in so. (A filing without a draft was checked before it came here.)
    At a counter it may say of a material that it is missing."""
    if ctx.flaws:
        return f"申请填写不完整：{'、'.join(ctx.flaws[:5])}"
    left = [] if not case.version else [name for _, name in required_missing(case, ctx.known_item)]
    wanted = left if ctx.here.tier == "village" else [name for name in left if name not in ctx.said_missing]
    return f"缺少必需材料：{'、'.join(wanted[:5])}" if wanted else ""


def _never_received(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if not case.received_at else "已收件的不能自动作废"


def _stale_draft(case: Case, cmd: Command, ctx: Context) -> str:
    """Only drafts void by themselves, STALE_DRAFT_DAYS after they were last saved (R12)."""
    last = day_of(case.last_at or case.filed_at) + dt.timedelta(days=STALE_DRAFT_DAYS)
    return not_past(last, ctx, "草稿尚未过期")


def _contents_lost(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if ctx.contents_missing and case.origin == ctx.here.node_id else "申请内容没有丢失"


def file_case(built: Built) -> NewEvent:
    """The first event of a case. Fields: item, application_no, source, channel, village, materials ((index, size), ...),
    papers ((index, count), ...), query_salt, query_hash, body; optional item_hash, mandate (what the agent may do), mandate_until,
    replaces (a voided case), received_on (its receipt), same_applicant_as (one of the same applicant and item that was voided here)."""
    fields, item = built.command.fields, built.ctx.known_item
    given_hash = fields.get("item_hash")
    salt, check = fields.get("query_salt"), fields.get("query_hash")
    facts: dict[str, FactValue] = {
        "item": item.item_id,
        "item_version": item.version,
        "item_hash": given_hash if isinstance(given_hash, bytes) else hashlib.sha256(item.content_bytes()).digest(),
        "source": built.text("source"),
        "application_no": built.text("application_no"),
        "channel": built.text("channel"),
        "materials": _material_facts(fields.get("materials")),
    }
    if papers := _material_facts(fields.get("papers")):
        facts["papers"] = papers
    if village := built.text("village"):
        facts["village"] = village
    if (scope := fields.get("mandate")) and isinstance(scope, tuple):
        facts["mandate"] = scope
        if until := built.date("mandate_until"):
            facts["mandate_until"] = until
    if replaces := built.text("replaces"):
        facts["replaces"] = replaces
        if received := built.date("received_on"):
            facts["received_on"] = received
    if same := built.text("same_applicant_as"):
        facts["same_applicant_as"] = same
    if isinstance(salt, bytes) and isinstance(check, bytes):
        facts |= {"query_salt": salt, "query_hash": check}
    body = fields.get("body")
    facts |= sends(built.case, built.ctx)
    return built.event(facts, body if isinstance(body, Mapping) else None, term=1, body_class=APPLICATION)


def _material_facts(listed: object) -> tuple[str, ...]:
    return tuple(f"{index}:{size}" for index, size in listed) if isinstance(listed, (tuple, list)) else ()


def _draft_on(built: Built) -> NewEvent:
    return built.event({})


def _refile(built: Built) -> NewEvent:
    """The application once more, as the body in place of the one that was lost."""
    body = built.command.fields.get("body")
    return built.event({}, body if isinstance(body, Mapping) else None, body_class=APPLICATION)


def _void_stale(built: Built) -> NewEvent:
    return built.event({"kind": "stale_draft"})


def _draft_saved(case: Case, event: Event) -> Changes:
    return _filed(case, event) if not case.version else {}


def _lodged(case: Case, event: Event) -> Changes:
    changes = _draft_saved(case, event)
    changes["lead"] = timed(case, event.at, Span("A", event.at, None, True, "agent", event.author))
    return changes


def _submitted(case: Case, event: Event) -> Changes:
    changes = _draft_saved(case, event)
    changes["received_at"] = receipt_at(changes.get("received_on", case.received_on), event.at)
    changes["lead"] = timed(case, event.at, Span("R", event.at, None, True, "handler", event.author))
    return changes


def _filed(case: Case, event: Event) -> Changes:
    facts = event.facts
    return {
        "case_no": event.case_no,
        "custodian": event.author,
        "origin": event.author,
        "item_id": code(facts, "item"),
        "item_version": number(facts, "item_version"),
        "item_hash": octets(facts, "item_hash"),
        "source": code(facts, "source"),
        "application_no": code(facts, "application_no"),
        "channel": code(facts, "channel"),
        "village": code(facts, "village"),
        "filed_at": event.at,
        "materials": _declared(codes(facts, "materials")),
        "pieces": on_paper(codes(facts, "papers"), event.at),
        "query_salt": octets(facts, "query_salt"),
        "query_hash": octets(facts, "query_hash"),
        "mandate": codes(facts, "mandate"),
        "mandate_until": day(facts, "mandate_until"),
        "replaces": code(facts, "replaces"),
        "received_on": day(facts, "received_on"),
        "hops": (Hop(event.author, None, "filed", None, event.at, cites=event.cites),),
        **sender(case, event),
    }


def _declared(listed: tuple[str, ...]) -> tuple[tuple[str, bytes, int], ...]:
    """The declared materials, written as `index:size`."""
    found = []
    for one in listed:
        index, _, size = one.rpartition(":")
        found.append((index, b"", int(size) if size.isascii() and size.isdigit() else 0))
    return tuple(found)


def _filed_anew(seen: Seen) -> bool:
    """The same applicant's case of this item was voided here within the days of the rule, and its receipt date is not inherited (L05)."""
    facts = seen.event.facts
    return bool(facts.get("same_applicant_as")) and not isinstance(facts.get("received_on"), dt.date)


_ANEW: tuple[tuple[str, Rule], ...] = (("filed_anew", _filed_anew),)


def _received_below(seen: Seen) -> bool:
    return seen.tier == "village" and seen.item is not None and seen.item.regime == "licence"


_FACTS = {
    "item": CODE,
    "item_version": NUMBER,
    "item_hash": HASH,
    "source": CODE,
    "application_no": CODE,
    "channel": CODE,
    "village": CODE,
    "materials": CODES,
    "papers": CODES,
    "query_salt": HASH,
    "query_hash": HASH,
    "mandate": CODES,
    "mandate_until": DATE,
    "replaces": CODE,
    "same_applicant_as": CODE,
    "received_on": DATE,
    "sends": FLAG,
}
ROOM = Room(
    acts=(
        Act("save", _draft_on, None),
        Act("lodge", _draft_on, None),
        Act("submit", _draft_on, None),
        Act("void_stale", _void_stale, None, in_doubt=True, without_contents=True),
        Act("refile", _refile, None, in_doubt=True, without_contents=True),
    ),
    kinds=(
        Kind("draft_saved", _FACTS, _draft_saved, rules=_ANEW),
        Kind("lodged", _FACTS, _lodged, papers={"receipt": "agent"}, rules=_ANEW),
        Kind(
            "submitted", _FACTS, _submitted,
            starts=("received",), papers={"receipt": "organ", "gap_pledge": "blank"}, of_item=True,
            rules=(("received_below", _received_below), *_ANEW),
        ),
        Kind("refiled", still=True),
    ),
    guards={
        "at_village": at_village,
        "agent_may": _agent_may,
        "may_receive": may_receive,
        "complete": _complete,
        "never_received": _never_received,
        "stale_draft": _stale_draft,
        "contents_lost": _contents_lost,
    },
)  # fmt: skip
