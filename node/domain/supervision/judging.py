"""疑似 → 核实中 → 成立 | 不成立: what a supervisor says of a finding (DOMAIN A2, ladder `confirm`). Pure.

What he says is a note with his reason; of several that of the node nearest above the charged one counts last. A finding of a chain is
proved by a signature: nobody confirms or dismisses it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypedDict

from node.domain.cases.messages import read_text
from node.domain.words.errors import TongbanError

SUSPECTED, CHECKING, CONFIRMED, DISMISSED = "suspected", "checking", "confirmed", "dismissed"
MOVES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {SUSPECTED: (CHECKING, CONFIRMED, DISMISSED), CHECKING: (CONFIRMED, DISMISSED), CONFIRMED: (), DISMISSED: ()}
)
OPEN = (SUSPECTED, CHECKING)  # who supervises has still to say what it is
JUDGED = (CHECKING, CONFIRMED, DISMISSED)


class FindingJudged(TypedDict):
    finding_id: str
    state: str


def why_not(state: str, to: str) -> str:
    """Why a finding in this state cannot be called so; empty when it can."""
    if to in MOVES.get(state, ()):
        return ""
    return "已经认定过，不能再改" if state in (CONFIRMED, DISMISSED) else "已经在核实"


def read_given(
    given: Mapping[str, object], name: str = "state", choices: Sequence[str] = JUDGED, also: Sequence[str] = ()
) -> tuple[str, str]:
    """(what it is called under a name, the reason); `also`: what else may be said. Errors: `invalid_input` naming each field."""
    flaws = {one[:64]: "unknown_field" for one in given if one not in (name, "reason", *also)}
    chosen, reason = given.get(name), ""
    if chosen not in choices:
        flaws[name] = "not_a_choice" if chosen else "missing"
    try:
        reason = read_text(given.get("reason"))
    except TongbanError as error:
        flaws["reason"] = error.fields["text"]
    if flaws:
        raise TongbanError("invalid_input", flaws)
    return str(chosen), reason
