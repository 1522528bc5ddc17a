"""What may be said of a paper after it was issued: corrected (更正, row 48) or revoked (撤销, row 49). Pure.

Both are notes of the organ that issued the paper; a decision may also be revoked by an organ above (行政许可法 69). Chain and custody of
the case stay as they are. What a paper is worth then follows from the notes that count, at every tier alike (`facts.worth`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from node.domain import notes
from node.domain.cases.fields import FieldSpec, text
from node.domain.model import Event
from node.domain.papers.facts import DECISION, WITHDRAWN, PaperFact, worth
from node.domain.papers.papers import CORRECTION, REVOCATION, TRACKING
from node.domain.words import terms

CORRECT, REVOKE = "correct_paper", "revoke"  # actions of the table
PAPER_OF: Mapping[str, str] = MappingProxyType({CORRECT: CORRECTION, REVOKE: REVOCATION})
KIND_OF: Mapping[str, str] = MappingProxyType({CORRECT: notes.CORRECTED, REVOKE: notes.REVOKED})
GROUNDS = tuple(term.code for term in terms.TERMS if term.group == "revoked_for")
FROM_OUTSIDE = ("review", "court")  # grounds that rest on an instrument of somebody else
# What a person types for each, with an example that is accepted.
FIELDS: Mapping[str, tuple[FieldSpec, ...]] = MappingProxyType(
    {
        CORRECT: (text("old_words", "1组1号", required=True), text("new_words", "1组2号", required=True)),
        REVOKE: (
            FieldSpec("revoked_for", "enum", True, GROUNDS, "unqualified"),
            text("reason", "经复核，申请人不符合规定的条件", required=True),
            text("instrument", ""),
        ),
    }
)
RETURN_DAYS = 10  # to hand in the certificate of what was revoked


def why_not_now(
    action: str, fact: PaperFact, facts: Sequence[PaperFact], events: Sequence[Event], here: bytes,
    is_below: Callable[[bytes, bytes], bool],
) -> str:  # fmt: skip
    """Why this node may not do it to a paper that was issued, as a Chinese sentence; "" when it may. `is_below(node, ancestor)`."""
    if fact.about or fact.paper == TRACKING:
        return "更正通知书、撤销决定书和跟踪表不能再更正或者撤销"
    if worth(fact, facts, events) == WITHDRAWN:
        return "这份文书已经失效"
    if action == CORRECT:
        return "" if fact.author == here else "只有出具文书的单位可以更正"
    if fact.paper != DECISION:
        return "只有决定可以撤销"
    return "" if fact.author == here or is_below(fact.author, here) else "只有作出决定的机关或者它的上级可以撤销"
