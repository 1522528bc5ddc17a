"""What a resident is told comes next in his case: one sentence, the same on the status page and in the answer to a message (R96). Pure."""

from __future__ import annotations

from collections.abc import Callable

from node.domain.cases.public_documents import PublicCase
from node.domain.words.resident_words import NO_DAY, ORIGIN, PROCEDURE, SENTENCES
from node.domain.words.terms import label

NOT_BY_STAGE = frozenset({"delivered", "ended", "wait"})


def turn_of(found: PublicCase) -> str:
    """What comes next, a code of SENTENCES."""
    if found["finished"]:
        return "delivered" if found["status"] == "delivered" else "ended"
    if found["status"] == "checking":
        return "checking"
    stage = _stage(found)
    return stage[0] if stage[0] in SENTENCES and stage[0] not in NOT_BY_STAGE else "wait"


def sentence(found: PublicCase, language: str, day: Callable[[object], str], status: str) -> str:
    """The sentence. `day` writes a date as its reader does; `status` is what the case has come to, in words."""
    place = 0 if language == "zh" else 1
    until = _stage(found)[1] or found["due"]
    return SENTENCES[turn_of(found)][place].format(
        until=day(until) if until else NO_DAY[place],
        kind=label(found["pause"], language, "step_kind") if found["pause"] else PROCEDURE[place],
        origin=found["origin_name"] or ORIGIN[place],
        status=status,
    )


def _stage(found: PublicCase) -> tuple[str, str]:
    """Why the case stands where it stands, and until when (ISO); "" for what is not said."""
    row = next((row for row in found["tracker"] if row["state"] in ("now", "stuck")), None)
    return (row["why"], row["until"] or "") if row is not None else ("", "")
