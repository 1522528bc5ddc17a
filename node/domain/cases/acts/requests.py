"""Requests of those who do not hold the case, and their answers.

A request is answered exactly once, mechanically, by whoever holds the case: with the act itself when the table allows it
now, else with `request_declined` and the rule. What is answered stands with each act (`Act.answer`).
"""

from __future__ import annotations

from collections.abc import Mapping

from node.domain.cases.acts.act import CODE, CODES, HASH, HASHES, NUMBER, Act, Kind, Room
from node.domain.cases.commands import Command, Context
from node.domain.cases.events import Answer, Built, as_kind
from node.domain.model import Case, FactValue, NewEvent


def _not_answered(case: Case, cmd: Command, ctx: Context) -> str:
    return "" if cmd.request and cmd.request not in case.answered else "请求已答复"


def _answer(built: Built, answers: Mapping[str, Answer]) -> NewEvent:
    """The answer to one request; `fields` are what was asked: asked, asker, and the facts and body of the request."""
    asked = built.text("asked")
    answer = answers.get(asked)
    outcome = answer(built) if answer is not None else "unknown"
    if isinstance(outcome, NewEvent):
        return outcome
    facts: dict[str, FactValue] = {"rule": outcome, "asked": asked if answer is not None else "unknown"}
    return as_kind(built, "request_declined").event(facts)


ROOM = Room(
    kinds=(
        Kind("request_declined", {"rule": CODE, "asked": CODE}, still=True, quiet=True),
        Kind("requested", {"asked": CODE, "material": CODE, "blob": HASH, "size": NUMBER, "papers": CODES, "blobs": HASHES}),
    ),
    guards={"not_answered": _not_answered},
)


def with_answers(rooms: tuple[Room, ...]) -> Room:
    """This room, with the act that answers what may be asked for in any room."""
    answers = {act.action: act.answer for room in rooms for act in room.acts if act.answer is not None}
    answer = Act("answer", lambda built: _answer(built, answers), None, in_doubt=True, without_contents=True)
    return Room((answer,), ROOM.kinds, ROOM.guards)
