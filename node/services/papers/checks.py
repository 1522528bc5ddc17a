"""What the code of a paper is worth at this node: compared, part by part, with the signed facts of the case (`paper_facts`).

Nothing is believed from the code itself. Without the fact the answer is "unknown here", never "genuine". No personal data is told.
"""

from __future__ import annotations

from node.domain.calendar import day_of
from node.domain.model import Event
from node.domain.papers.documents import Later, PaperChange, Verification
from node.domain.papers.facts import NOT_GENUINE, UNKNOWN_HERE, PaperFact, changes_of, compare
from node.domain.papers.fields import title_variant
from node.domain.papers.papers import KINDS, REVOCATION, TRACKING, Basis, PaperCode, later_acts, parse_code
from node.domain.papers.templates import title_of
from node.domain.words import terms
from node.domain.words.errors import TongbanError
from node.domain.words.flags import UNJUDGED
from node.services.papers.sources import Acts, PaperSources, acts_of, frozen_words, issued_of, licence_of
from node.services.times import iso
from node.store.store import Store, Tx, View

DOUBTED = "doubted"


class PaperChecks:
    """Checks codes at one node."""

    def __init__(self, store: Store, sources: PaperSources) -> None:
        self.store = store
        self.sources = sources

    def verify(self, text: str) -> Verification:
        """`genuine`, `corrected`, `withdrawn` (the decision was revoked, or the act taken back), `not_genuine` or `unknown_here`.

        Errors: `invalid_input` for what is no code."""
        code = parse_code(text)
        if code is None:
            raise TongbanError("invalid_input", {"code": "invalid"})
        with self.store.reading() as view:
            try:
                acts = acts_of(view, code.case_no)
            except TongbanError:
                return self._answer(view, code, UNKNOWN_HERE)
            facts = issued_of(view, acts)
            result, fact = compare(code, facts, acts.events)
            if fact is None:
                return self._answer(view, code, result, doubt(view, acts, code.version) if result == UNKNOWN_HERE else "")
            changes = [change_of(one) for one in changes_of(fact, facts)]
            revoked = any(one["kind"] == "revoked" for one in changes)
            if (reason := doubt(view, acts, fact.version)) and not revoked:
                return self._answer(view, code, UNKNOWN_HERE, reason)
            answer = self._known(view, acts, fact, result, code)
            answer["changes"] = changes
            return answer

    def _known(self, view: View, acts: Acts, fact: PaperFact, result: str, code: PaperCode) -> Verification:
        answer = self._answer(view, code, result)
        answer["title"] = self.title(view, acts, fact.paper, fact.version)
        answer["number"], answer["date"] = fact.number, fact.day.isoformat()
        words = frozen_words(view, fact)
        answer["organ"] = words["organ"] if words is not None else self.sources.namer(view)(fact.author)
        answer["status"] = acts.case.status
        answer["later"] = [_later(event) for event in later_acts(acts.events, fact.version)]
        return answer

    def title(self, view: View | Tx, acts: Acts, paper: str, version: int) -> str:
        """The title of a paper that rests on the act of this version."""
        place, event = next((n, one) for n, one in enumerate(acts.events) if one.version == version)
        variant = "" if paper == TRACKING else KINDS.get(paper, {}).get(event.kind, "")
        item = self.sources.rules.item_of(acts.case)
        named = title_variant(Basis(paper, variant, event, place, False), item) if item is not None else variant
        return title_of(self.sources.templates(), paper, named, {"licence": licence_of(item) if item is not None else ""})

    def _answer(self, view: View, code: PaperCode, result: str, reason: str = "") -> Verification:
        genuine = None if result == UNKNOWN_HERE else result != NOT_GENUINE
        return Verification(
            result=result, genuine=genuine, case_no=code.case_no, paper=code.paper, title="", number="", date=None, organ="", status="",
            later=[],
            changes=[], node=view.identity.name, reason=reason, phone=self.sources.templates().common.get("phone", ""), as_of=iso(view.now()) or "",
        )  # fmt: skip


def doubt(view: View, acts: Acts, version: int) -> str:
    """Why a paper about the act of that version cannot be confirmed, though its issue be registered: it rests on a decision by
    somebody who may not decide (`doubted`), or on one that cannot be judged here yet, because the item is not known (`unjudged`);
    "" when it can."""
    until = {event.hash for event in acts.events if event.version <= version}
    flags = {mark.flag for mark in view.cases.judged(acts.case.case_no).doubts if mark.event in until}
    return "" if not flags else UNJUDGED if flags == {UNJUDGED} else DOUBTED


def change_of(notice: PaperFact) -> PaperChange:
    """A notice about a paper, as readers of that are told."""
    kind = "revoked" if notice.paper == REVOCATION else "corrected"
    return PaperChange(kind=kind, number=notice.number, date=notice.day.isoformat())


def _later(event: Event) -> Later:
    return Later(date=day_of(event.at).isoformat(), what=terms.label(event.kind, "zh", "kind"), kind=event.kind)
