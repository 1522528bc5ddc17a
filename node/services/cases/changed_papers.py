"""What was said of the papers of a case after they were issued, as far as it counts: corrections and revocations (rows 48, 49)."""

from __future__ import annotations

from typing import NamedTuple

from node.domain.cases.casefold import fold
from node.domain.papers.facts import PaperFact, rightful
from node.domain.papers.papers import REVOCATION
from node.store import papers
from node.store.store import Tx, View


class Changed(NamedTuple):
    """A notice, and the number of the paper that it is about ("" where its issue is not here)."""

    notice: PaperFact
    of: str

    @property
    def kind(self) -> str:
        return "revoked" if self.notice.paper == REVOCATION else "corrected"


def changed_papers(view: View | Tx, case_no: str) -> list[Changed]:
    """In the order in which they came."""
    facts = papers.of_case(view.connection, case_no)
    if not any(one.about for one in facts):
        return []
    events = [entry.event for entry in view.cases.entries(case_no)]
    folded = fold(events, view.may_assign)
    by_hash = {event.hash: event for event in events}
    acts = tuple(by_hash[hash] for hash in folded.effective)
    good = rightful(facts, folded.case, acts, lambda above, node: view.trust.is_below(node, above))
    numbers = {(one.paper, one.basis): one.number for one in good if not one.about}
    return [Changed(one, numbers.get((one.about, one.basis), "")) for one in good if one.about]
