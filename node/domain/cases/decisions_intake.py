"""Builders of the intake rows (2-5, 7, 10-16, 19, 20, 36): filing, receipt, correction, acceptance, withdrawal."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping

from node.domain.calendar import day_of
from node.domain.cases.corrections import answers, paper_codes, split_codes
from node.domain.cases.events import APPLICATION, Builder, Built, promised_facts
from node.domain.cases.fields import CORRECTION_DAYS, ROW_NOTE
from node.domain.model import FactValue, NewEvent, Role
from node.domain.words.errors import TongbanError

MAX_CORRECTION_DAYS = 366


def file_case(built: Built) -> NewEvent:
    """The first event of a case. Fields: item, application_no, source, channel, village, materials ((index, size), ...),
    query_salt, query_hash, body; optional item_hash, mandate (what the agent may do), mandate_until,
    replaces (a voided case), received_on (its receipt)."""
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
    if isinstance(salt, bytes) and isinstance(check, bytes):
        facts |= {"query_salt": salt, "query_hash": check}
    body = fields.get("body")
    return built.event(facts, body if isinstance(body, Mapping) else None, term=1, body_class=APPLICATION)


def _material_facts(listed: object) -> tuple[str, ...]:
    return tuple(f"{index}:{size}" for index, size in listed) if isinstance(listed, (tuple, list)) else ()


def _plain(*names: str) -> Builder:
    """An event without facts whose body are the given text fields."""
    return lambda built: built.event({}, built.texts(*names))


def _draft_on(built: Built) -> NewEvent:
    return built.event({})


def _request_correction(built: Built) -> NewEvent:
    return built.event({"items": _listed(built), "due": _due(built)}, built.texts("content", "basis"))


def _due(built: Built) -> dt.date:
    """Until when to correct: as given, else as it stands, else the usual days from now."""
    ctx = built.ctx
    given, standing = built.date("due"), built.case.correction_due
    if given is None:
        return standing if standing is not None else ctx.calendar.add_workdays(ctx.today, CORRECTION_DAYS)
    if given != standing and not ctx.today < given <= ctx.today + dt.timedelta(days=MAX_CORRECTION_DAYS):
        raise TongbanError("invalid_input", {"due": "out_of_range"})
    return given


def _listed(built: Built) -> tuple[str, ...]:
    """The materials a correction names, by number; each must be one of the item's or the case's."""
    codes = split_codes(built.text("materials"))
    known = {index for index, _, _ in built.case.materials}
    known |= {str(number) for number in range(len(built.ctx.known_item.materials))}
    if not set(codes) <= known:
        raise TongbanError("invalid_input", {"materials": "unknown_material"})
    return codes


def _repeat_request(built: Built) -> NewEvent:
    items = split_codes(built.text("materials")) or built.case.correction_items
    return built.event({"items": items, "due": _due(built)}, built.texts("content"))


def supply_correction(built: Built) -> NewEvent:
    """What came since the notice, material by material: as a file or on paper; the words for each in the body."""
    papers = paper_codes(built.command.fields.get("papers"), built.case)
    on_paper = {material for material, _ in papers}
    came = [one.material for one in answers(built.case) if one.since is not None and one.material not in on_paper]
    facts: dict[str, FactValue] = {"files": tuple(came), "papers": tuple(f"{material}:{count}" for material, count in papers)}
    return built.event({name: value for name, value in facts.items() if value}, {**built.texts(), **_said(built)})


def _said(built: Built) -> dict[str, object]:
    """What was written about single materials."""
    given = {one: built.text(f"{ROW_NOTE}{one}") for one in built.case.correction_items}
    said = {one: words for one, words in given.items() if words}
    return {"said": said} if said else {}


def _accept(built: Built) -> NewEvent:
    return built.event(promised_facts(built.ctx, built.ctx.today), built.texts())


def _deem_accepted(built: Built) -> NewEvent:
    day = day_of(built.case.supplied_at or built.case.received_at)
    return built.event({**promised_facts(built.ctx, day), "accepted_on": day})


def _decide_at_once(built: Built) -> NewEvent:
    due = promised_facts(built.ctx, built.ctx.today).get("due")
    facts: dict[str, FactValue] = {"due": due} if due is not None else {}
    if built.command.actor.role is Role.DIRECTOR:
        facts["same_person"] = True
    return built.event(facts, built.texts("opinion"))


def _terminate(built: Built) -> NewEvent:
    due = built.case.correction_due
    return built.event({"due": due} if due is not None else {}, built.texts("reason"))


def _refile(built: Built) -> NewEvent:
    """The application once more, as the body in place of the one that was lost."""
    body = built.command.fields.get("body")
    return built.event({}, body if isinstance(body, Mapping) else None, body_class=APPLICATION)


def _supply_material(built: Built) -> NewEvent:
    facts: dict[str, FactValue] = {"material": built.text("material"), "size": built.number("size")}
    blob = built.command.fields.get("blob")
    facts["blob"] = blob if isinstance(blob, bytes) else b""
    body = {name: value for name in ("file_name", "mime", "note") if (value := built.text(name))}
    return built.event(facts, body)


INTAKE: Mapping[str, Builder] = {
    "save": _draft_on,
    "lodge": _draft_on,
    "submit": _draft_on,
    "receive": _plain(),
    "request_correction": _request_correction,
    "repeat_request": _repeat_request,
    "supply_correction": supply_correction,
    "supply_material": _supply_material,
    "refile": _refile,
    "terminate": _terminate,
    "not_accept": _plain("competent_organ", "reason"),
    "not_required": _plain("reason"),
    "accept": _accept,
    "deem_accepted": _deem_accepted,
    "decide_at_once": _decide_at_once,
    "withdraw": _plain("reason"),
}
