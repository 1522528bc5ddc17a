"""The papers of a case: what there is, what one says, and issuing it.

A paper is a preview until somebody issues it who may do the act it rests on. Issuing takes the next number of the organ's series in the
writer's turn and signs it: a note `paper_issued` with the frozen document as its body (`node/domain/papers/facts.py`). Whoever prints it
later gets the same words, marked 补打 from the next day on; the act it rests on can no longer be taken back (row 45). Looking at a paper
writes nothing. A node that holds the texts but did not act shows a copy; the tracking sheet goes on with the case, so its words are made
anew each time, and issuing it only says up to where it stood.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from node.domain.cases.access import Function, may, require
from node.domain.cases.acts import ISSUES
from node.domain.cases.bodies import Body
from node.domain.cases.commands import Context
from node.domain.cases.decisions import frozen_error
from node.domain.cases.events import NOTICE
from node.domain.cases.lifecycle import NOTED
from node.domain.model import Actor, Case, Event, NewEvent
from node.domain.papers.changed import CORRECT, REVOKE, why_not_now
from node.domain.papers.documents import Issued, PaperDocument, PaperListed, Verification
from node.domain.papers.facts import GENUINE, ISSUED, PaperFact, changes_of, may_ever_issue, may_issue, worth
from node.domain.papers.fields import filling, title_variant
from node.domain.papers.given import Sources
from node.domain.papers.papers import (
    BLANK,
    BUILT,
    TRACKING,
    Basis,
    basis_of,
    day_at_foot,
    day_text,
    issued_on,
    missing,
    series_of,
)
from node.domain.papers.templates import Templates, compose, fill, title_of
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.papers.checks import PaperChecks, change_of
from node.services.papers.sources import NOTHING, WORDS, Acts, PaperSources, acts_of, frozen_words, issued_of, licence_of
from node.services.papers.sources import issued_on as fact_of
from node.services.times import iso
from node.store import papers as table
from node.store.journal import Draft
from node.store.requests import Repeats
from node.store.store import Store, Tx, View

UNSEALED = frozenset(
    {TRACKING, "handover", "gap_pledge"}
)  # go with the case between offices: no seal, nobody's right hangs on them
BODY_CLASS = "paper"
_UNWRITTEN = bytes(32)  # stands for the hash of an act that is not written yet


@dataclass(frozen=True, slots=True)
class Made:
    """What a paper is made from."""

    sources: Sources
    templates: Templates


class Papers:
    """The papers of one node."""

    def __init__(self, store: Store, rules: Rules, secret: bytes) -> None:
        self.store = store
        self.rules = rules
        self.secret = secret
        self.sources = PaperSources(rules)
        self.checks = PaperChecks(store, self.sources)

    def verify(self, text: str) -> Verification:
        """What the code of a paper is worth here (`paper_checks`)."""
        return self.checks.verify(text)

    # what there is -------------------------------------------------------------------------------------------------

    def listing(self, case_no: str, actor: Actor) -> list[PaperListed]:
        """Every paper of the case: those that were issued, and what could be; `none` with the reason for what there is not."""
        require(Function.READ_CASE, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            acts = acts_of(view, case_no)
            issued = issued_of(view, acts)
            rows = [row for paper in BUILT for row in self._listed(view, acts, paper, issued)]
            return rows + [self._listed_fact(view, acts, fact, issued) for fact in issued if fact.about]

    def _listed(self, view: View, acts: Acts, paper: str, issued: list[PaperFact]) -> list[PaperListed]:
        rows = [self._listed_fact(view, acts, fact, issued) for fact in issued if fact.paper == paper]
        templates = self.sources.templates()
        try:
            made = self._make(view, acts, paper)
        except TongbanError as error:
            reason, reason_en = (str(error.details.get(key, "")) for key in ("reason", "reason_en"))
            title = title_of(templates, paper, "", {"licence": ""})
            return rows or [PaperListed(paper=paper, title=title, number="", issued_at=None, basis_version=None, state="none",
                                        reason=reason, reason_en=reason_en)]  # fmt: skip
        basis = made.sources.basis
        if not any((fact.paper, fact.basis) == (paper, basis.event.hash) for fact in issued):
            rows.append(PaperListed(paper=paper, title=_title(made), number="", issued_at=None, basis_version=basis.event.version,
                                    state="preview", reason="", reason_en=""))  # fmt: skip
        return rows

    def _listed_fact(self, view: View, acts: Acts, fact: PaperFact, issued: list[PaperFact]) -> PaperListed:
        document = frozen_words(view, fact)
        found = worth(fact, issued, acts.events)
        state = "issued" if found == GENUINE else found
        title = document["title"] if document is not None else self.checks.title(view, acts, fact.paper, fact.version)
        return PaperListed(paper=fact.paper, title=title, number=fact.number, issued_at=iso(fact.issued_at),
                           basis_version=fact.version, state=state, reason="", reason_en="")  # fmt: skip

    # one paper -----------------------------------------------------------------------------------------------------

    def show(self, case_no: str, paper: str, actor: Actor) -> PaperDocument:
        """The issued paper, or what it would say. Writes nothing. Errors: `not_found`, `no_such_paper` with the reason,
        `not_yet_available`."""
        require(Function.READ_CASE, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            acts = acts_of(view, case_no)
            if any(one.about and one.paper == paper for one in issued_of(view, acts)):
                found = self.shown_notice(view, acts, paper, actor)
            else:
                basis = basis_of(paper, acts.case, acts.events, view.identity.node_id)
                found = self._shown(view, acts, basis, fact_of(view, acts, basis), actor)
        self.store.was_read(actor, case_no)
        return found

    def shown_notice(self, view: View | Tx, acts: Acts, paper: str, actor: Actor) -> PaperDocument:
        """The last notice of this kind about a paper of the case."""
        notice = next(one for one in reversed(issued_of(view, acts)) if one.about and one.paper == paper)
        place, event = next((n, one) for n, one in enumerate(acts.events) if one.hash == notice.basis)
        basis = Basis(notice.paper, "", event, place, notice.author == view.identity.node_id)
        return self._shown(view, acts, basis, notice, actor)

    def _shown(self, view: View | Tx, acts: Acts, basis: Basis, fact: PaperFact | None, actor: Actor) -> PaperDocument:
        here, now = view.identity, view.now()
        document = frozen_words(view, fact) if fact is not None else None
        if document is None and fact is not None and fact.about:
            raise missing("elsewhere" if fact.author != here.node_id else "lost_words", self.sources.namer(view)(fact.author))
        if document is None:
            made = self._make(view, acts, basis.paper)
            document = document_of(made, fact)
            document["remade"] = fact is not None and bool(fact.document)
            document["may_issue"] = fact is None and may_issue(basis, here.tier, actor.role)
        if fact is not None:
            document["state"] = "issued" if basis.mine else "copy"
            again = issued_on(now) != issued_on(fact.issued_at)
            document["reprinted"] = day_text(issued_on(now)) if again else ""
        issued = issued_of(view, acts) if fact is not None else []
        document["changes"] = [change_of(one) for one in changes_of(fact, issued)] if fact is not None else []
        document["may_correct"], document["may_revoke"] = (
            (
                fact is not None
                and may(NOTED[action], here.tier, actor.role)
                and not why_not_now(action, fact, issued, acts.events, here.node_id, view.trust.is_below)
            )
            for action in (CORRECT, REVOKE)
        )
        return document

    # issuing -------------------------------------------------------------------------------------------------------

    def issue(self, case_no: str, paper: str, actor: Actor, *, idempotency_key: str | None = None) -> Issued:
        """The paper with its number, frozen from now on. Only for who may do the act it rests on, at the node that did it.

        Errors: `forbidden`, `not_found`, `no_such_paper` with the reason, `not_yet_available`, `frozen` after a restore,
        `guard_failed` while the case is in doubt."""
        return self.store.run(lambda tx: self._issue_once(tx, case_no, paper, actor, idempotency_key))

    def _issue_once(self, tx: Tx, case_no: str, paper: str, actor: Actor, key: str | None) -> Issued:
        if not may_ever_issue(paper, tx.identity.tier, actor.role):
            raise _not_yours()
        repeats, asked = Repeats(tx, self.secret), {"case": case_no, "issue": paper}
        before = repeats.find(actor.staff_id, key, asked)
        acts = acts_of(tx, case_no)
        basis = basis_of(paper, acts.case, acts.events, tx.identity.node_id)
        fact = fact_of(tx, acts, basis)
        if not basis.mine:
            raise missing("not_here", self.sources.namer(tx)(basis.event.author))
        if basis.variant == BLANK:
            raise missing("unsigned")
        if not may_issue(basis, tx.identity.tier, actor.role):
            raise _not_yours()
        if fact is not None and before is None:
            return Issued(False, self._shown(tx, acts, basis, fact, actor))
        if fact is None:
            self._require_open(tx, acts)
            fact = self._sign(tx, self._make(tx, acts, paper), actor)
        repeats_as = self._shown(tx, acts, basis, fact, actor)
        if before is None:
            repeats.keep(actor.staff_id, key, asked, 201, {"number": fact.number, "code": fact.code})
        return Issued(True, repeats_as)

    def issue_with(self, tx: Tx, case: Case, event: NewEvent, actor: Actor) -> NewEvent:
        """An act with the paper that makes it effective: number and day in its facts, the frozen words in its body, so that there is
        not the one without the other. Errors: those of `issue`; then nothing is written."""
        acts, place = acts_of(tx, case.case_no), tx.identity.node_id
        act = Event(
            event.kind, place, actor.staff_id, tx.now(), event.facts, case.case_no, case.version + 1, case.head, event.term, event.status_after,
            event.custodian_after, _UNWRITTEN,
        )  # fmt: skip
        told = {act.hash: dict(event.body or {})}
        self._require_open(tx, acts)
        made = self._make(tx, Acts(acts.case, (*acts.events, act)), ISSUES[event.kind], told)
        fact = numbered(tx, made, actor)
        words = {**document_of(made, fact), "code": ""}
        return replace(event, facts={**event.facts, **fact.numbered()}, body={**told[act.hash], WORDS: words}, body_class=NOTICE)

    def require_settled(self, tx: Tx, acts: Acts) -> Context:
        """After a restore the paper may have been issued in the life that was forgotten: its fact is on its way back."""
        context = self.rules.context(tx, acts.case, self.rules.item_of(acts.case, tx))
        if context.frozen:
            raise frozen_error(acts.case, context)
        return context

    def _require_open(self, tx: Tx, acts: Acts) -> None:
        """And no paper goes out about a case in doubt."""
        if self.require_settled(tx, acts).doubted:
            raise TongbanError("guard_failed", rule="办件存疑，查清以前不出具文书")

    def _sign(self, tx: Tx, made: Made, actor: Actor) -> PaperFact:
        event, paper = made.sources.basis.event, made.sources.basis.paper
        fact = numbered(tx, made, actor)
        body = None if paper == TRACKING else tx.encode_body(dict(document_of(made, fact)))
        stored = tx.journal.append(
            Draft(ISSUED, "note", fact.facts(), subject=fact.case_no, staff_id=actor.staff_id, body=body,
                  body_class=BODY_CLASS if body is not None else "", ref=event.hash)
        )  # fmt: skip
        found = next(
            one for one in table.of_case(tx.connection, fact.case_no) if one.code == fact.code and one.author == fact.author
        )
        assert found.document == stored.fields.body_hash
        return found

    def _make(self, view: View | Tx, acts: Acts, paper: str, told: Mapping[bytes, Body] = NOTHING) -> Made:
        templates = self.sources.templates()
        return Made(self.sources.read(view, acts, paper, templates, told), templates)


def numbered(tx: Tx, made: Made, actor: Actor) -> PaperFact:
    """The paper with the next number of its series."""
    event, paper = made.sources.basis.event, made.sources.basis.paper
    here, now = tx.identity, tx.now()
    issuer, day = made.sources.issuer, day_at_foot(made.sources.basis, now)
    series = issuer.series + series_of(here.epoch)
    serial = table.next_serial(tx.connection, here.node_id, issuer.word, issuer.kind, day.year, series)
    return PaperFact(
        made.sources.case.case_no, paper, event.hash, event.version, here.node_id, issuer.word, issuer.kind, day.year, series, serial,
        day, b"",
        actor.staff_id, now,
    )  # fmt: skip


def _not_yours() -> TongbanError:
    return TongbanError("forbidden", rule="文书只能由有权办理所依据事项的岗位出具")


def _title(made: Made) -> str:
    s = made.sources
    return title_of(made.templates, s.basis.paper, title_variant(s.basis, s.item), {"licence": licence_of(s.item)})


def _state(basis: Basis) -> str:
    if basis.variant == BLANK:
        return "sheet"
    return "running" if basis.paper == TRACKING else "preview" if basis.mine else "copy"


def document_of(made: Made, fact: PaperFact | None) -> PaperDocument:
    """The paper as blocks; with `fact` as it is issued."""
    s, templates = made.sources, made.templates
    basis, filled = s.basis, filling(s)
    common = {key: fill(templates.common[key], filled.values) for key in ("valid", "notes")}
    template = templates.papers[basis.paper]
    copies = fill(template.copies or templates.common["copies"], filled.values)
    return PaperDocument(
        case_no=s.case.case_no, paper=basis.paper, title=_title(made), organ=s.issuer.organ, by=s.issuer.by, center=s.center,
        number=fact.number if fact is not None else "", day=day_text(fact.day if fact is not None else day_at_foot(basis, s.at)),
        state="issued" if fact is not None else _state(basis), issued_at=iso(fact.issued_at) or "" if fact is not None else "",
        reprinted="", remade=False, may_issue=False, blocks=compose(templates, basis.paper, basis.variant, filled),
        code=fact.code if fact is not None else "", sealed=basis.paper not in UNSEALED and basis.variant != "agent",
        version=basis.event.version, wording=templates.revision,
        layout=template.layout, valid=common["valid"], copies=copies, notes=common["notes"], changes=[], may_correct=False,
        may_revoke=False,
    )  # fmt: skip
