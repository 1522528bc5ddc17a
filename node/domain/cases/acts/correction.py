"""Corrections (rows 12 to 15): asked for once, supplied material by material, repeated, given up; and whatever comes for a material."""

from __future__ import annotations

import datetime as dt
import re

from node.domain.cases.acts.act import CODE, CODES, DATE, HASH, NUMBER, Act, Kind, Room, Seen
from node.domain.cases.acts.common import (
    ended,
    gap_ended_early,
    mandated,
    notice_in_time,
    notice_late,
    statute_of,
)
from node.domain.cases.commands import Command, Context
from node.domain.cases.corrections import answers, is_answered, lacking, on_paper, paper_codes, required_missing, split_codes
from node.domain.cases.events import Built, as_kind, with_row
from node.domain.cases.fields import CORRECTION_DAYS, NOTE, FieldSpec, fixed, text
from node.domain.cases.ledger import Changes, code, codes, day, number, octets, timed
from node.domain.model import Actor, Case, Event, FactValue, NewEvent, Piece, Purpose, Span
from node.domain.words.errors import TongbanError

ROW_NOTE = "note_"  # with the material's number: what was put right about one ticked material
ROW = re.compile(r"[A-Za-z0-9_.-]{1,50}")
MAX_CORRECTION_DAYS = 366


def _first_correction(case: Case, cmd: Command, ctx: Context) -> str:
    return "补正只能一次性告知" if case.correction.asked else ""


def _items_already_listed(case: Case, cmd: Command, ctx: Context) -> str:
    named = set(split_codes(cmd.fields.get("materials")))
    return "" if named <= set(case.correction.listed) else "只能重申已经告知过的补正内容"


def _supplied(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if case.correction.asked and case.correction.supplied_at else "补正尚未提交"


def _wanting_once(case: Case, cmd: Command, ctx: Context) -> str:
    return "补正材料只能再次告知一次" if case.correction.found_wanting else ""


def _corrected(case: Case, cmd: Command, ctx: Context) -> str:
    """Nothing becomes received without what was asked for: a file of each ticked material since the notice, or its paper."""
    sent = tuple(material for material, _ in ctx.sent)
    papers = tuple(material for material, _ in paper_codes(cmd.fields.get("papers"), case.correction.items))
    note = cmd.fields.get("note")
    if is_answered(case, sent, papers, note if isinstance(note, str) else ""):
        return ""
    names = [material_title(ctx, one) for one in lacking(case, sent, papers)]
    return (
        f"还没有补正：{'、'.join(names)}。请上传新的照片或文件，或者勾选纸质已送"
        if names
        else "应写明补正了什么，或者上传补正的文件"
    )


def material_title(ctx: Context, index: str) -> str:
    """The name of a material by its place in the item's list; the place itself for others."""
    known = ctx.item.materials if ctx.item is not None else ()
    return known[int(index)].name if index.isascii() and index.isdigit() and int(index) < len(known) else index


def _correction_over(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if case.correction.due is not None and ctx.today > case.correction.due else "补正期限未满"


def _reminded(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if case.correction.reminded_at else "终止前应先催告申请人补正"


def _material_named(case: Case, cmd: Command, ctx: Context) -> str:
    blob, size, index = cmd.fields.get("blob"), cmd.fields.get("size"), cmd.fields.get("material")
    good = isinstance(blob, bytes) and len(blob) == 32 and isinstance(size, int) and size > 0 and isinstance(index, str)
    return "" if good and index else "材料内容不完整"


def _request_fields(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    due = ctx.calendar.add_workdays(ctx.today, CORRECTION_DAYS).isoformat()
    return (
        text("content", "身份证复印件不清晰，请重新提交", required=True),
        text("materials", _first_listed(case)),
        FieldSpec("due", "date", True, (), due),
        text("basis", "《行政许可法》第三十二条"),
    )


def _first_listed(case: Case) -> str:
    return case.materials[0][0] if case.materials else ""


def _repeat_fields(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    standing = case.correction.due
    judged = case.status == "submitted" and bool(case.correction.items)  # what is still wanting is said, not guessed
    due = standing if standing is not None and standing > ctx.today else ctx.calendar.add_workdays(ctx.today, CORRECTION_DAYS)
    return (
        text("content", "请尽快补正前次告知的材料", required=True),
        text("materials", ",".join(case.correction.items), required=judged),
        FieldSpec("due", "date", False, (), due.isoformat()),
    )


def _supply_fields(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    """The paper of each ticked material without a new file, words for each, and for the whole."""
    missing = lacking(case, [material for material, _ in ctx.sent])
    words = (text(f"{ROW_NOTE}{material}", "已重新提供") for material in case.correction.items if ROW.fullmatch(material))
    return (text("papers", ",".join(f"{one}:1" for one in missing)), *words, NOTE)


def _request_correction(built: Built) -> NewEvent:
    return built.event({"items": _listed(built), "due": _due(built)}, built.texts("content", "basis"))


def _due(built: Built) -> dt.date:
    """Until when to correct: as given, else as it stands, else the usual days from now."""
    ctx = built.ctx
    given, standing = built.date("due"), built.case.correction.due
    if given is None:
        return standing if standing is not None else ctx.calendar.add_workdays(ctx.today, CORRECTION_DAYS)
    if given != standing and not ctx.today < given <= ctx.today + dt.timedelta(days=MAX_CORRECTION_DAYS):
        raise TongbanError("invalid_input", {"due": "out_of_range"})
    return given


def _listed(built: Built) -> tuple[str, ...]:
    """The materials a correction names, by number; each must be one of the item's or the case's."""
    codes = split_codes(built.text("materials"))
    if not set(codes) <= _known_materials(built.case, built.ctx):
        raise TongbanError("invalid_input", {"materials": "unknown_material"})
    return codes


def _repeat_request(built: Built) -> NewEvent:
    items = split_codes(built.text("materials")) or built.case.correction.items
    return built.event({"items": items, "due": _due(built)}, built.texts("content"))


def _supply_correction(built: Built) -> NewEvent:
    """What came since the notice, material by material: as a file or on paper; the words for each in the body."""
    papers = dict(paper_codes(built.command.fields.get("papers"), built.case.correction.items))
    since = {one.material: one.since for one in answers(built.case) if one.since is not None}
    papers |= {material: piece.copies for material, piece in since.items() if piece.copies and material not in papers}
    came = [material for material in since if material not in papers]
    facts: dict[str, FactValue] = {
        "files": tuple(came),
        "papers": tuple(f"{material}:{count}" for material, count in papers.items()),
    }
    return built.event({name: value for name, value in facts.items() if value}, {**built.texts(), **_said(built)})


def _said(built: Built) -> dict[str, object]:
    """What was written about single materials."""
    given = {one: built.text(f"{ROW_NOTE}{one}") for one in built.case.correction.items}
    said = {one: words for one, words in given.items() if words}
    return {"said": said} if said else {}


def _terminate(built: Built) -> NewEvent:
    """With the day that ran out: of the correction, or of the statutory limit where the promise stood for what never came."""
    due, statute = built.case.correction.due, statute_of(built.case, built.ctx) if built.case.gap.pauses else None
    days: dict[str, FactValue] = {} if due is None else {"due": due}
    return built.event(days if statute is None else {**days, "statute": statute}, built.texts("reason"))


def _supply_material(built: Built) -> NewEvent:
    facts: dict[str, FactValue] = {"material": built.text("material"), "size": built.number("size")}
    blob = built.command.fields.get("blob")
    facts["blob"] = blob if isinstance(blob, bytes) else b""
    body = {name: value for name in ("file_name", "mime", "note") if (value := built.text(name))}
    return built.event(facts, body)


def _record_papers(built: Built) -> NewEvent:
    papers = paper_codes(built.command.fields.get("papers"), _known_materials(built.case, built.ctx))
    return built.event({"papers": tuple(f"{material}:{count}" for material, count in papers)}, built.texts())


def _known_materials(case: Case, ctx: Context) -> frozenset[str]:
    """The numbers of the item's materials and of the case's."""
    known = {index for index, _, _ in case.materials} | {one.material for one in case.pieces}
    return frozenset(known | {str(number) for number in range(len(ctx.known_item.materials))})


def _record_fields(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    """What is missing is proposed; else the first material, whose originals came beside its file."""
    if ctx.item is None:
        return (text("papers", "0:1", required=True), NOTE)
    missing = [index for index, _ in required_missing(case, ctx.item)] or sorted(_known_materials(case, ctx))[:1]
    return (text("papers", ",".join(f"{index}:1" for index in missing), required=True), NOTE)


def _has_materials(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if _known_materials(case, ctx) else "这个事项不要材料"


def _remind(built: Built) -> NewEvent:
    return built.event({"to": "applicant"}, built.texts())


def _asked_correction(built: Built) -> NewEvent | str:
    held = with_row(built, "supply_correction")
    if held is None:
        return "row14.not_awaited"
    try:
        papers = paper_codes(built.command.fields.get("papers"), built.case.correction.items)
    except TongbanError:
        return "row14.incomplete"
    answered = is_answered(built.case, (), [material for material, _ in papers], built.text("note"))
    return _supply_correction(held) if answered else "row14.incomplete"


def _asked_material(built: Built) -> NewEvent | str:
    held = with_row(built, "supply_material")
    blob, size, index = built.command.fields.get("blob"), built.number("size"), built.text("material")
    if held is None:
        return "row14.decided"
    if not isinstance(blob, bytes) or not index or size <= 0:
        return "row14.incomplete"
    body = {name: value for name in ("file_name", "mime", "note") if (value := built.text(name))}
    return held.event({"material": index, "blob": blob, "size": size}, body)


def _asked_papers(built: Built) -> NewEvent | str:
    """Originals that were handed in elsewhere; whoever has the case knows that they come."""
    held = with_row(built, "record_papers")
    if held is None:
        return "row14.decided"
    try:
        papers = paper_codes(built.command.fields.get("papers"), _known_materials(built.case, built.ctx))
    except TongbanError:
        return "row14.incomplete"
    return (
        held.event({"papers": tuple(f"{one}:{count}" for one, count in papers)}, built.texts()) if papers else "row14.incomplete"
    )


def _asked_remind(built: Built) -> NewEvent | str:
    return as_kind(built, "reminded").event({"to": "handler"}, built.texts())


def _correction_requested(case: Case, event: Event) -> Changes:
    return {
        "correction": case.correction._replace(
            due=day(event.facts, "due"),
            items=codes(event.facts, "items"),
            listed=codes(event.facts, "items"),
            asked=case.correction.asked + 1,
            notices=case.correction.notices + 1,
            found_wanting=False,
            reminded_at=0,
        ),
        "lead": timed(case, event.at, Span("R", event.at, None, False, "applicant", event.author)),
    }


def _correction_repeated(case: Case, event: Event) -> Changes:
    """Asked again: while nothing came, or because what came was found wanting (then the time is the applicant's again)."""
    asked = case.correction._replace(
        items=codes(event.facts, "items") or case.correction.items,
        due=day(event.facts, "due") or case.correction.due,
        notices=case.correction.notices + 1,
        reminded_at=0,
    )
    if case.status != "submitted":
        return {"correction": asked}
    stop = Span("R", event.at, None, False, "applicant", event.author)
    return {"correction": asked._replace(found_wanting=True), "lead": timed(case, event.at, stop)}


def _correction_supplied(case: Case, event: Event) -> Changes:
    return {
        "pieces": (*case.pieces, *on_paper(codes(event.facts, "papers"), event.at, case.correction.notices)),
        "correction": case.correction._replace(supplied_at=event.at, due=None),
        "lead": timed(case, event.at, Span("R", event.at, None, True, "handler", event.author)),
    }


def _material_added(case: Case, event: Event) -> Changes:
    index, blob, size = code(event.facts, "material"), octets(event.facts, "blob"), number(event.facts, "size")
    if not index:
        return {}
    held = {one[0]: one for one in case.materials} | {index: (index, blob, size)}
    came = Piece(index, blob, size, event.at, case.correction.notices)
    return {"materials": tuple(held.values()), "pieces": (*case.pieces, came)}


def _papers_recorded(case: Case, event: Event) -> Changes:
    return {"pieces": (*case.pieces, *on_paper(codes(event.facts, "papers"), event.at, case.correction.notices))}


def _was_reminded(case: Case, event: Event) -> Changes:
    if code(event.facts, "to") != "applicant":
        return {"pressed_at": event.at}
    return {"correction": case.correction._replace(reminded_at=event.at)}


def _asks_for_more(seen: Seen) -> bool:
    items = seen.event.facts.get("items")
    return seen.event.kind == "correction_requested" or (
        isinstance(items, tuple) and not set(items) <= set(seen.case.correction.listed)
    )


def _asks_again(seen: Seen) -> bool:
    """The upper tier asks the applicant for what the lower one handed over with the case (P06, 行政许可法 35): a file that was there, or
    originals on paper. An agent of the village is no organ: what he sends for the applicant may be asked for anew when it is unclear."""
    case, items = seen.case, seen.event.facts.get("items")
    taken = case.hops[-1] if case.hops else None
    if taken is None or taken.giver is None or taken.node != seen.event.author or taken.reason == Purpose.HAND_BACK:
        return False
    if taken.giver == case.origin and case.channel == "village_agent":
        return False
    held = {one.material for one in case.pieces if one.at <= taken.taken_at and (one.blob or one.copies)}
    return isinstance(items, tuple) and bool(held & set(items))


def _supplied_nothing(seen: Seen) -> bool:
    papers = seen.event.facts.get("papers")
    return bool(lacking(seen.case, (), [str(one).partition(":")[0] for one in papers] if isinstance(papers, tuple) else ()))


_NOTICE = {"items": CODES, "due": DATE}
ROOM = Room(
    acts=(
        Act("request_correction", _request_correction, _request_fields),
        Act("repeat_request", _repeat_request, _repeat_fields),
        Act("supply_correction", _supply_correction, _supply_fields, _asked_correction, in_doubt=True),
        Act("supply_material", _supply_material, None, _asked_material, in_doubt=True),
        Act("record_papers", _record_papers, _record_fields, _asked_papers, in_doubt=True),
        Act("terminate", _terminate, fixed(text("reason", "补正期满未补正", required=True))),
        Act("remind", _remind, answer=_asked_remind, in_doubt=True),
    ),
    kinds=(
        Kind(
            "correction_requested", _NOTICE, _correction_requested,
            undo=True, papers={"correction": "first"}, of_calendar=True,
            rules=(
                ("notice_late", notice_late), ("second_notice", lambda seen: seen.case.correction.asked > 0),
                ("asked_again", _asks_again),
            ),
        ),
        Kind(
            "correction_repeated", _NOTICE, _correction_repeated,
            undo=True, papers={"correction": "again"},
            rules=(("second_notice", _asks_for_more), ("repeated_notice", lambda seen: not _asks_for_more(seen))),
        ),
        Kind(
            "correction_supplied", {"files": CODES, "papers": CODES}, _correction_supplied,
            starts=("received",), undo=True, papers={"receipt": "supplied", "gap_pledge": "blank"}, rules=(("supplied_nothing", _supplied_nothing),),
        ),
        Kind("material_added", {"material": CODE, "blob": HASH, "size": NUMBER}, _material_added, still=True),
        Kind("papers_recorded", {"papers": CODES}, _papers_recorded, still=True, undo=True),
        Kind("terminated", {"due": DATE, "statute": DATE}, ended, papers={"termination": "expired"}, of_item=True, of_calendar=True,
             rules=(("gap_ended_early", gap_ended_early),)),
        Kind("reminded", {"to": CODE}, _was_reminded, still=True),
    ),
    guards={
        "mandated": mandated,
        "notice_in_time": notice_in_time,
        "first_correction": _first_correction,
        "items_already_listed": _items_already_listed,
        "supplied": _supplied,
        "wanting_once": _wanting_once,
        "corrected": _corrected,
        "correction_over": _correction_over,
        "reminded": _reminded,
        "material_named": _material_named,
        "has_materials": _has_materials,
    },
)  # fmt: skip
