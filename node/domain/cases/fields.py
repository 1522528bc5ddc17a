"""The fields of every action: type, whether required, choices, and an example that is accepted now.

One function per action makes the fields for a case at a moment, because choices (kinds of suspension) and examples (a date
in the future) depend on both. `clean_fields` checks what came in against them; `actions_for` shows them; the web forms are
drawn from them.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from node.domain.cases.commands import Context
from node.domain.cases.corrections import lacking
from node.domain.cases.owners import candidates
from node.domain.model import Actor, Case
from node.domain.words.errors import TongbanError

Value: TypeAlias = "str | int | bool | dt.date"
Clean: TypeAlias = Mapping[str, Value]

MAX_TEXT = 2000
MAX_NUMBER = 100_000

# 行政许可法第四十五条: the special procedures whose time does not count. Site inspection is not among them.
ARTICLE_45 = ("hearing", "tender", "auction", "goods_inspection", "testing", "quarantine", "appraisal", "expert_review")
ROW_NOTE = "note_"  # with the material's number: what was put right about one ticked material
ROW = re.compile(r"[A-Za-z0-9_.-]{1,50}")
CORRECTION_DAYS = 10  # proposed working days for supplying a correction; the clerk may set another date


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of an action; `type` is text, date, enum, bool or int; `choices` for enum only."""

    name: str
    type: str
    required: bool = False
    choices: tuple[str, ...] = ()
    example: str | int | bool = ""
    labels: tuple[str, ...] = ()  # what people read for each choice, where that is no word of the trade (names)
    refusal: str = "not_a_choice"  # what is said of a value that is none of the choices


def _text(name: str, example: str, *, required: bool = False) -> FieldSpec:
    return FieldSpec(name, "text", required, (), example)


NOTE = _text("note", "已核对")


def _correction(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    due = ctx.calendar.add_workdays(ctx.today, CORRECTION_DAYS).isoformat()
    return (
        _text("content", "身份证复印件不清晰,请重新提交", required=True),
        _text("materials", _listed(case)),
        FieldSpec("due", "date", True, (), due),
        _text("basis", "行政许可法第三十二条"),
    )


def _listed(case: Case) -> str:
    return case.materials[0][0] if case.materials else ""


def _repeat(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    standing = case.correction_due
    judged = case.status == "submitted" and bool(case.correction_items)  # what is still wanting is said, not guessed
    due = standing if standing is not None and standing > ctx.today else ctx.calendar.add_workdays(ctx.today, CORRECTION_DAYS)
    return (
        _text("content", "请尽快补正前次告知的材料", required=True),
        _text("materials", ",".join(case.correction_items), required=judged),
        FieldSpec("due", "date", False, (), due.isoformat()),
    )


def _supply(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    """The paper of each ticked material without a new file, words for each, and for the whole."""
    missing = lacking(case, [material for material, _ in ctx.sent])
    words = (_text(f"{ROW_NOTE}{material}", "已重新提供") for material in case.correction_items if ROW.fullmatch(material))
    return (_text("papers", ",".join(f"{one}:1" for one in missing)), *words, NOTE)


def _suspend(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    choices = stop_kinds(ctx)
    example = choices[0] if choices else ""
    citation = "行政许可法第四十五条" if ctx.item is not None and ctx.item.regime == "licence" else "事项规定的依据"
    return (
        FieldSpec("kind", "enum", True, choices, example),
        _text("citation", citation, required=True),
        FieldSpec("days", "int", True, (), 10),
        NOTE,
    )


def stop_kinds(ctx: Context) -> tuple[str, ...]:
    """Kinds of special procedure that stop the clock: Article 45 for licences, else those with the item's own cited basis."""
    if ctx.item is None:
        return ()
    if ctx.item.regime == "licence":
        return ARTICLE_45
    return tuple(dict.fromkeys(step.kind for step in ctx.item.special_steps if step.stop_basis and not step.counts))


def max_extension(ctx: Context) -> int:
    """Working days of the one extension: 10, joint cases 15 (行政许可法第四十二条)."""
    return 15 if ctx.item is not None and ctx.item.case_type == "joint" else 10


def _extend(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    return (FieldSpec("days", "int", False, (), max_extension(ctx)), _text("reason", "案情复杂,需补充核查", required=True))


def _complete_step(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    return (_text("opinion", "材料齐全,符合条件", required=True),)


def _assign(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    people = candidates(case, ctx)
    ids, names = tuple(one.staff_id for one in people), tuple(one.name for one in people)
    return (FieldSpec("staff_id", "enum", True, ids, ids[0] if ids else "", names, "cannot_do_step"), NOTE)


def _reassign(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    return (_assign(case, ctx, actor)[0], _text("reason", "经办人请假", required=True))


def _conclude(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    return (FieldSpec("sealed", "bool", True, (), True), FieldSpec("result_public", "bool", False, (), False), NOTE)


RETURN_GROUNDS = ("none", "prohibited", "technical", "on_site")  # H3.7: a refusal on one of the last three is a 退办
MODES = ("direct", "post", "electronic", "proxy", "left", "announcement")


def _deliver(case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    return (
        FieldSpec("mode", "enum", True, MODES, "direct"),
        FieldSpec("identity_checked", "bool", True, (), True),
        _text("recipient", "申请人本人", required=True),
        NOTE,
    )


def _fixed(*specs: FieldSpec) -> Callable[[Case, Context, Actor], tuple[FieldSpec, ...]]:
    return lambda case, ctx, actor: specs


_REASON_NOTE = _fixed(_text("reason", "申请人书面要求", required=True), NOTE)

FIELDS: Mapping[str, Callable[[Case, Context, Actor], tuple[FieldSpec, ...]]] = {
    "hand_back": _fixed(FieldSpec("reason", "enum", True, ("wrong_node", "damaged", "incomplete"), "wrong_node"), NOTE),
    "decide_at_once": _fixed(_text("opinion", "符合条件,当场办结", required=True), NOTE),
    "request_correction": _correction,
    "repeat_request": _repeat,
    "supply_correction": _supply,
    "not_accept": _fixed(
        _text("competent_organ", "市自然资源和规划局", required=True),
        _text("reason", "申请事项不属于本机关职权范围", required=True),
    ),
    "not_required": _fixed(_text("reason", "申请事项依法不需要取得行政许可", required=True)),
    "terminate": _fixed(_text("reason", "补正期满未补正", required=True)),
    "complete_step": _complete_step,
    "assign": _assign,
    "reassign": _reassign,
    "send_back": _fixed(_text("reason", "审查意见依据不充分", required=True)),
    "suspend": _suspend,
    "resume": _fixed(_text("result", "特别程序已有结果")),
    "extend": _extend,
    "refer": _fixed(_text("opinion", "初审合格,拟同意上报", required=True)),
    "return_to_lower": _fixed(_text("reason", "初审意见有缺陷,退回重报", required=True)),
    "approve": _fixed(_text("opinion", "符合法定条件,准予", required=True), _text("organ", "本级主管部门")),
    "refuse": _fixed(
        _text("reason", "不符合法定条件", required=True),
        _text("basis", "行政许可法第三十八条", required=True),
        _text("remedies", "可自收到之日起六十日内申请行政复议,或六个月内提起行政诉讼"),
        FieldSpec("heard", "bool", True, (), True),
        FieldSpec("ground", "enum", False, RETURN_GROUNDS, "none"),
    ),
    "conclude": _conclude,
    "deliver": _deliver,
    "withdraw": _REASON_NOTE,
    "void": _fixed(
        FieldSpec("kind", "enum", True, ("mis_entry", "duplicate"), "mis_entry"),
        FieldSpec("applicant_told", "bool", True, (), True),
        _text("reason", "录入错误", required=True),
    ),
    "undo": _fixed(_text("reason", "误操作", required=True)),
    "set_urgent": _fixed(FieldSpec("urgent", "bool", False, (), True), _text("reason", "经批准急办", required=True)),
    "recall": _REASON_NOTE,
}
_ONLY_NOTE = _fixed(NOTE)


def fields_of(action: str, case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    """The fields of an action for this case now."""
    return FIELDS.get(action, _ONLY_NOTE)(case, ctx, actor)


def clean_fields(given: Mapping[str, object], specs: Sequence[FieldSpec]) -> dict[str, Value]:
    """Check and convert what came in. Raises invalid_input with every wrong field at once; blanks of optional ones drop out."""
    wrong: dict[str, str] = {}
    clean: dict[str, Value] = {}
    known = {spec.name for spec in specs} | {"note"}
    for name in given:
        if name not in known:
            wrong[name[:64] if isinstance(name, str) else "?"] = "unknown_field"
    for spec in (*specs, NOTE) if all(spec.name != "note" for spec in specs) else specs:
        value = given.get(spec.name)
        if value is None or value == "":
            if spec.required:
                wrong[spec.name] = "missing" if value is None else "blank"
            continue
        result = _CONVERT[spec.type](value, spec)
        if isinstance(result, _Wrong):
            wrong[spec.name] = result.code
        else:
            clean[spec.name] = result
    if wrong:
        raise TongbanError("invalid_input", wrong)
    return clean


@dataclass(frozen=True, slots=True)
class _Wrong:
    code: str


def _as_text(value: object, spec: FieldSpec) -> Value | _Wrong:
    if not isinstance(value, str):
        return _Wrong("wrong_type")
    if len(value) > MAX_TEXT:
        return _Wrong("too_long")
    if any((char < " " and char not in "\n\t\r") or "\ud800" <= char <= "\udfff" or char == "\x7f" for char in value):
        return _Wrong("bad_character")
    text = value.strip()
    return text if text or not spec.required else _Wrong("blank")


def _as_date(value: object, spec: FieldSpec) -> Value | _Wrong:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if not isinstance(value, str):
        return _Wrong("wrong_type")
    try:
        date = dt.date.fromisoformat(value)
    except ValueError:
        return _Wrong("invalid")
    return date if 2000 <= date.year <= 2200 else _Wrong("out_of_range")


def _as_enum(value: object, spec: FieldSpec) -> Value | _Wrong:
    return value if isinstance(value, str) and value in spec.choices else _Wrong(spec.refusal)


def _as_bool(value: object, spec: FieldSpec) -> Value | _Wrong:
    """A web form sends words; programs send true and false."""
    words: dict[object, bool] = {"true": True, "on": True, "1": True, "false": False, "off": False, "0": False}
    if isinstance(value, bool):
        return value
    return words[value] if isinstance(value, str) and value in words else _Wrong("wrong_type")


def _as_int(value: object, spec: FieldSpec) -> Value | _Wrong:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 8:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        return _Wrong("wrong_type")
    return value if 0 <= value <= MAX_NUMBER else _Wrong("out_of_range")


_CONVERT: Mapping[str, Callable[[object, FieldSpec], Value | _Wrong]] = {
    "text": _as_text, "date": _as_date, "enum": _as_enum, "bool": _as_bool, "int": _as_int,
}  # fmt: skip
