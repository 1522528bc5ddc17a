"""What a field of an action is: type, whether required, choices, and an example that is accepted now.

Each act has a function that makes its fields for a case at a moment, because choices (kinds of suspension) and examples (a date
in the future) depend on both; it stands in the room of the act (`acts`). `clean_fields` checks what came in against them;
`actions_for` shows them; the web forms are drawn from them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from node.domain.cases.commands import Context
from node.domain.model import Actor, Case
from node.domain.words.errors import TongbanError

Value: TypeAlias = "str | int | bool | dt.date"

MAX_TEXT = 2000
MAX_NUMBER = 100_000

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


def text(name: str, example: str, *, required: bool = False) -> FieldSpec:
    return FieldSpec(name, "text", required, (), example)


Fields: TypeAlias = Callable[[Case, Context, Actor], tuple[FieldSpec, ...]]
NOTE = text("note", "已核对")


def fixed(*specs: FieldSpec) -> Fields:
    """The same fields for every case."""
    return lambda case, ctx, actor: specs


only_note = fixed(NOTE)
reason_note = fixed(text("reason", "申请人书面要求", required=True), NOTE)


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
