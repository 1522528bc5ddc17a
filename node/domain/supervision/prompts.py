"""What a supervisor puts to a unit and waits for an answer to: reminders of cases (催办), and what volunteer supervisors found (R93).

A prompt is a note for the unit that answers for the case, or for the unit that was named; its answer is a note back. Nothing of it
touches a case: who wants more than an answer sends an order (`orders.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict

from node.domain import folded
from node.domain.case_number import parse_case_no
from node.domain.cases.messages import CODE, MOST_TEXT, read_text
from node.domain.supervision.documents import Fresh
from node.domain.words.errors import TongbanError

REMINDER, VOLUNTEER = "reminder", "volunteer"
WHATS = (REMINDER, VOLUNTEER)
BOXES = ("sent", "received", "below")
MOST_CASES = 200  # of one click
MOST_SOURCE = 100  # characters of who found it
_GIVEN = ("what", "case_nos", "to", "text", "source")


class PromptOffice(TypedDict):
    node: str | None
    name: str


PromptDocument = TypedDict(
    "PromptDocument",
    {
        "id": str, "what": str, "case_no": str | None, "from": PromptOffice, "staff_name": str | None, "to": PromptOffice, "at": str | None,
        "text": str | None, "source": str | None, "words": str, "answered_at": str | None, "answer": str | None, "answered_by": str | None,
        "may_answer": bool,
    },
)  # fmt: skip


class PromptList(Fresh):
    """`words`: `here`, or `elsewhere` for who is not addressed."""

    reminders: list[PromptDocument]
    next: str | None
    total: int


class PromptSent(TypedDict):
    """What became of one of many: its id, or why not."""

    case_no: str | None
    id: str | None
    error: str | None
    error_en: str | None


class PromptsSent(TypedDict):
    sent: list[PromptSent]


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody sends: a reminder of each case, or what a volunteer (`source`) found at the unit `to`, or in a case."""

    what: str
    case_nos: tuple[str, ...]
    to: str
    text: str
    source: str


def read_answer(given: Mapping[str, object]) -> str:
    """The words of an answer. Errors: `invalid_input` naming each field."""
    if flaws := {name[:64]: "unknown_field" for name in given if name != "text"}:
        raise TongbanError("invalid_input", flaws)
    return read_text(given.get("text"))


def read_given(given: Mapping[str, object]) -> Given:
    """Errors: `invalid_input` naming each field."""
    flaws = {name[:64]: "unknown_field" for name in given if name not in _GIVEN}
    what, nos, to, source = (
        given.get("what", REMINDER),
        given.get("case_nos") or [],
        given.get("to") or "",
        given.get("source") or "",
    )
    if what not in WHATS:
        flaws["what"] = "not_a_choice"
    if not isinstance(nos, list) or not all(isinstance(one, str) for one in nos):
        flaws["case_nos"], nos = "wrong_type", []
    elif len(nos) > MOST_CASES:
        flaws["case_nos"] = "out_of_range"
    elif not nos and (what == REMINDER or not to):
        flaws["case_nos"] = "missing"
    to = folded.typed(to).replace(" ", "") if isinstance(to, str) else None
    if to is None or (to and not CODE.fullmatch(to)):
        flaws["to"], to = "not_a_code", ""
    if not isinstance(source, str) or len(source) > MOST_SOURCE:
        flaws["source"] = "too_long" if isinstance(source, str) else "wrong_type"
    elif what == VOLUNTEER and not source.strip():
        flaws["source"] = "missing"
    try:
        text = read_text(given.get("text"))
    except TongbanError as error:
        flaws, text = {**flaws, **error.fields}, ""
    if flaws:
        raise TongbanError("invalid_input", flaws)
    plain = [folded.typed(one) for one in nos]
    cases = tuple(dict.fromkeys(str(parse_case_no(one) or one) for one in plain if one))
    return Given(str(what), cases, to, text, str(source).strip())


__all__ = ["MOST_TEXT", "Given", "PromptDocument", "PromptList", "PromptSent", "PromptsSent", "read_answer", "read_given"]
