"""The documents of orders of supervision (督办单), and what people may write in one. Times are ISO texts, days ISO dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from node.domain import folded
from node.domain.bounded import BAD, has_any
from node.domain.case_number import parse_case_no
from node.domain.cases.access import Function
from node.domain.supervision.attached import AttachedFile, read_attached
from node.domain.supervision.documents import Fresh
from node.domain.words.errors import TongbanError

MOST_WORDS = 2000  # characters of one text
ATTACHED = "attachments"  # the field of the files in the words of a reply
BOXES = ("sent", "received", "below")
GIVEN = ("to", "unit", "case_no", "item_id", "signal_id", "urgent", "demand", "reply_by", "basis")
REPLY = ("result", "cause", "responsible", "measures", "attachments")
FIELDS: Mapping[str, tuple[str, ...]] = {
    "sign": (), "receive": (), "reply": REPLY, "close": ("opinion",), "return": ("reason", "reply_by"), "circulate": ("reason",),
}  # fmt: skip
ACTIONS = tuple(FIELDS)
OF_UNIT = ("receive", "reply")  # the others are the issuer's
NEEDED = {"reply": ("result", "cause", "responsible", "measures"), "return": ("reason",), "circulate": ("reason",)}
_DIVISION = re.compile(r"\d{12}(-[0-9A-Za-z]{1,8})?")


def function_of(action: str) -> Function:
    """What one of `ACTIONS` is for: whoever has it may do the act."""
    return Function.ANSWER_ORDERS if action in OF_UNIT else Function.ISSUE_ORDERS


class OrderOffice(TypedDict):
    node: str | None
    name: str


class OrderListed(TypedDict):
    """One order in a list. `state` reads `overdue` past its day without a reply; `due` is None until the order came there.
    `unknown_since`: the unit is not known past its day."""

    order_id: str
    number: str
    state: str
    urgent: bool
    issuer: OrderOffice
    unit: OrderOffice
    case_no: str | None
    item_id: str | None
    item: str | None
    signal_id: str | None
    signed_at: str | None
    delivered_at: str | None
    reply_by: str | None
    due: str | None
    unknown_since: str | None


class OrderReply(TypedDict):
    """What the unit wrote. `words`: `here`, or `elsewhere` for who is not addressed. `attachments` are their names, `files` the same with their
    sizes (None: only its name was given)."""

    version: int
    at: str | None
    staff_id: str
    staff_name: str | None
    words: str
    result: str
    cause: str
    responsible: str
    measures: str
    attachments: list[str]
    files: list[AttachedFile]


class OrderAct(TypedDict):
    """One act: `kind` is that of its note, `rung` of a reminder what it was for, `text` its words where they are here."""

    kind: str
    version: int
    at: str | None
    node: str | None
    node_name: str
    staff_id: str
    staff_name: str | None
    rung: str | None
    text: str | None


class OrderDocument(OrderListed):
    """`actions`: what this person may do now. `in_time`: whether the reply came in time, None where there is none. `words`: whether its
    words are here; nobody but the issuer and the unit has them."""

    version: int
    words: str
    demand: str
    basis: str
    answered: bool
    in_time: bool | None
    receive_due: str | None
    replies: list[OrderReply]
    history: list[OrderAct]
    actions: list[str]


class OrderList(Fresh):
    orders: list[OrderListed]
    next: str | None
    total: int


class OrderMade(TypedDict):
    order_id: str
    state: str


@dataclass(frozen=True, slots=True)
class Given:
    """An order as somebody drafts it; `to` "" where the case says who has it."""

    to: str
    case_no: str
    item_id: str
    signal_id: str
    urgent: bool
    demand: str
    basis: str
    reply_by: dt.date | None


def read_given(given: Mapping[str, object]) -> Given:
    """Errors: `invalid_input` naming each field."""
    flaws = {name[:64]: "unknown_field" for name in given if name not in GIVEN}
    codes = {name: _code(given, name, flaws) for name in ("to", "unit", "case_no", "item_id", "signal_id")}
    if codes["to"] and not _DIVISION.fullmatch(codes["to"]):
        flaws["to"] = "not_a_code"
    if not codes["to"] and not codes["case_no"]:
        flaws.setdefault("to", "missing")
    if codes["unit"] and codes["unit"] != codes["to"]:
        flaws["unit"] = "not_a_choice"  # without an organisation a unit is its node
    urgent = given.get("urgent", False)
    if not isinstance(urgent, bool):
        flaws["urgent"] = "wrong_type"
    texts = {"demand": _text(given, "demand", flaws, True), "basis": _text(given, "basis", flaws, False)}
    day = _day(given, flaws)
    if flaws:
        raise TongbanError("invalid_input", flaws)
    return Given(
        codes["to"], codes["case_no"], codes["item_id"], codes["signal_id"], urgent is True, texts["demand"], texts["basis"], day
    )


def read_act(action: str, given: Mapping[str, object]) -> tuple[dict[str, str], list[object], dt.date | None]:
    """(texts by field, what is attached as its words keep it, the day named) of an act on an order. Errors: `invalid_input` naming each field."""
    flaws = {name[:64]: "unknown_field" for name in given if name not in FIELDS[action]}
    needed = NEEDED.get(action, ())
    names = [name for name in FIELDS[action] if name not in ("attachments", "reply_by")]
    texts = {name: _text(given, name, flaws, name in needed) for name in names}
    files = read_attached(given, ATTACHED, flaws)
    day = _day(given, flaws)
    if flaws:
        raise TongbanError("invalid_input", flaws)
    return texts, [one if "data" in one else one["name"] for one in files], day


def _text(given: Mapping[str, object], name: str, flaws: dict[str, str], needed: bool) -> str:
    text = given.get(name)
    if text is None:
        text = ""
    if not isinstance(text, str):
        flaws[name] = "wrong_type"
        return ""
    found = text.replace("\r\n", "\n").strip()
    if not found and needed:
        flaws[name] = "missing" if name not in given else "blank"
    elif len(found) > MOST_WORDS:
        flaws[name] = "too_long"
    elif has_any(BAD, found):
        flaws[name] = "bad_character"
    return found


def _code(given: Mapping[str, object], name: str, flaws: dict[str, str]) -> str:
    value = given.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        flaws[name] = "wrong_type"
        return ""
    plain = folded.typed(value)[:128]
    if name == "case_no":
        return str(parse_case_no(plain) or plain)
    return plain.replace(" ", "") if name in ("to", "unit") else plain


def _day(given: Mapping[str, object], flaws: dict[str, str]) -> dt.date | None:
    value = given.get("reply_by")
    if value in (None, ""):
        return None
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        flaws["reply_by"] = "invalid"
    return None
