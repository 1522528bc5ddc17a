"""The documents of appeals (申诉), and what people may write in one (DOMAIN A5). Times are ISO texts, days ISO dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from node.domain.cases.access import Function
from node.domain.cases.messages import read_text
from node.domain.supervision.appeals import GROUNDS, OUTCOMES, REASSIGN
from node.domain.supervision.attached import AttachedFile, read_attached
from node.domain.supervision.documents import Fresh
from node.domain.supervision.order_documents import OrderOffice
from node.domain.words.errors import TongbanError

RULING = ("outcome", "unit", "reason")
FIELDS: Mapping[str, tuple[str, ...]] = {
    "file": ("ground", "text", "evidence"), "decide": RULING, "apply": ("text",), "review": RULING,
}  # fmt: skip


def function_of(action: str) -> Function:
    """What one of `ACTIONS` is for: whoever has it may do the act."""
    return Function.DECIDE_APPEALS if action in ("decide", "review") else Function.APPEAL_CARDS


class AppealListed(TypedDict):
    """One appeal in a list. `outcome` and `to_unit` hold so far; `lapsed` says what was not done in time. `due`: by when the next act is to
    come, None until it came there; `unknown_since`: whoever is to act is not known past that day."""

    appeal_id: str
    signal_id: str
    case_no: str
    rule: str
    zh: str
    en: str
    rung: str
    unit: OrderOffice
    decider: OrderOffice
    reviewer: OrderOffice
    state: str
    ground: str
    outcome: str | None
    to_unit: OrderOffice | None
    lapsed: str | None
    filed_at: str | None
    final_at: str | None
    due: str | None
    unknown_since: str | None


class AppealAct(TypedDict):
    """One act: `kind` is that of its note, `text` its words where they are here."""

    kind: str
    at: str | None
    node: str | None
    node_name: str
    staff_id: str
    staff_name: str | None
    outcome: str | None
    to_unit: OrderOffice | None
    lapsed: str | None
    text: str | None


class AppealDocument(AppealListed):
    """`actions`: what this person may do now. `words`: `here`, or `elsewhere` for who is no party."""

    words: str
    text: str
    evidence: list[AttachedFile]
    arrived: str | None
    history: list[AppealAct]
    actions: list[str]


class AppealList(Fresh):
    appeals: list[AppealListed]
    next: str | None
    total: int


class AppealMade(TypedDict):
    appeal_id: str
    state: str


class OpenCard(TypedDict):
    """A card of this unit against which it may still appeal, until `due`; `zh` and `en` name its rule."""

    signal_id: str
    case_no: str
    rule: str
    zh: str
    en: str
    rung: str
    arrived: str | None
    due: str


class OpenCards(TypedDict):
    """A page of them, how many there are, and where the next page begins (None: this is the last)."""

    cards: list[OpenCard]
    total: int
    next: str | None


def read_filing(given: Mapping[str, object]) -> tuple[str, str, list[dict[str, str]]]:
    """(ground, text, files) of an appeal. Errors: `invalid_input` naming each field."""
    flaws = _unknown(given, FIELDS["file"])
    ground = _chosen(given, "ground", GROUNDS, flaws)
    text = _words(given, "text", flaws)
    files = read_attached(given, "evidence", flaws)
    if flaws:
        raise TongbanError("invalid_input", flaws)
    return ground, text, files


def read_ruling(given: Mapping[str, object]) -> tuple[str, str, str]:
    """(outcome, unit, reason); the unit of a reassignment only. Errors: `invalid_input` naming each field."""
    flaws = _unknown(given, RULING)
    outcome = _chosen(given, "outcome", OUTCOMES, flaws)
    reason, unit = _words(given, "reason", flaws), given.get("unit") or ""
    if not isinstance(unit, str):
        flaws["unit"] = "wrong_type"
    elif outcome == REASSIGN and not unit.strip():
        flaws["unit"] = "missing"
    elif outcome != REASSIGN and unit:
        flaws["unit"] = "not_a_choice"
    if flaws:
        raise TongbanError("invalid_input", flaws)
    return outcome, str(unit).strip()[:64], reason


def read_application(given: Mapping[str, object]) -> str:
    """Why a review is asked for. Errors: `invalid_input` naming each field."""
    flaws = _unknown(given, FIELDS["apply"])
    text = _words(given, "text", flaws)
    if flaws:
        raise TongbanError("invalid_input", flaws)
    return text


def _unknown(given: Mapping[str, object], names: tuple[str, ...]) -> dict[str, str]:
    return {name[:64]: "unknown_field" for name in given if name not in names}


def _chosen(given: Mapping[str, object], name: str, choices: tuple[str, ...], flaws: dict[str, str]) -> str:
    value = given.get(name)
    if value is None or value == "":
        flaws[name] = "missing"
    elif value not in choices:
        flaws[name] = "not_a_choice"
    return str(value)


def _words(given: Mapping[str, object], name: str, flaws: dict[str, str]) -> str:
    try:
        return read_text(given.get(name))
    except TongbanError as error:
        flaws[name] = error.fields["text"]
    return ""
