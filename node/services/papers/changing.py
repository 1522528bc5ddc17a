"""Correcting a paper that was issued, and revoking a decision: a notice with a number of its own (`node.domain.papers.changed`).

The notice is signed like every paper: number and day are facts of the note, its words are frozen in the body. An organ above that revokes
a decision has no application of the case, so its notice names nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from node.domain.cases.access import Function, require, why_not
from node.domain.cases.fields import clean_fields
from node.domain.cases.lifecycle import NOTED
from node.domain.model import Actor, Facts
from node.domain.papers.changed import CORRECT, FIELDS, FROM_OUTSIDE, KIND_OF, PAPER_OF, RETURN_DAYS, REVOKE, why_not_now
from node.domain.papers.documents import Issued
from node.domain.papers.facts import PaperFact, stands
from node.domain.papers.papers import day_text, missing
from node.domain.words import terms
from node.domain.words.errors import TongbanError
from node.services.cases.timeline import filing_body
from node.services.papers.papers import BODY_CLASS, Made, Papers, document_of, numbered
from node.services.papers.sources import Acts, Notice, acts_of, issued_of
from node.store import papers as table
from node.store.journal import Draft
from node.store.requests import Repeats
from node.store.store import Tx


class PaperChanges:
    """What one node says of papers after they were issued."""

    def __init__(self, papers: Papers) -> None:
        self._papers = papers
        self._store = papers.store

    def correct(
        self, case_no: str, paper: str, fields: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None
    ) -> Issued:
        """Issue a 更正通知书 about a paper: `old_words` and `new_words`.

        Errors: `forbidden`, `not_found`, `no_such_paper` with the reason, `invalid_input`, `guard_failed`, `frozen`, `frozen_at_root`,
        `idempotency_conflict`, `clock_wrong`, `revoked`."""
        return self._change(CORRECT, case_no, paper, fields, actor, idempotency_key)

    def revoke(
        self, case_no: str, paper: str, fields: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None
    ) -> Issued:
        """Issue a 撤销决定书 about a decision: `revoked_for` (DOMAIN B23), `reason`, and the `instrument` it rests on where there is one.

        Errors: those of `correct`."""
        return self._change(REVOKE, case_no, paper, fields, actor, idempotency_key)

    def _change(
        self, action: str, case_no: str, paper: str, given: Mapping[str, object], actor: Actor, key: str | None
    ) -> Issued:
        require(Function.CHANGE_PAPER, self._store.place.tier, actor.role)
        if reason := why_not(NOTED[action], self._store.place.tier, actor.role):
            raise TongbanError("forbidden", rule=reason)
        return self._store.run(lambda tx: self._change_once(tx, action, case_no, paper, given, actor, key))

    def _change_once(
        self, tx: Tx, action: str, case_no: str, paper: str, given: Mapping[str, object], actor: Actor, key: str | None
    ) -> Issued:
        acts = acts_of(tx, case_no)
        said = _said(action, given)
        repeats, asked = Repeats(tx, self._papers.secret), {"case": case_no, action: paper, **said}
        again = repeats.find(actor.staff_id, key, asked) is not None
        issued = issued_of(tx, acts)
        if not again:
            self._papers.require_settled(tx, acts)
            fact = self._sign(tx, acts, action, self._about(tx, acts, action, paper, issued), said, actor)
            repeats.keep(actor.staff_id, key, asked, 201, {"number": fact.number, "code": fact.code})
        return Issued(not again, self._papers.shown_notice(tx, acts, PAPER_OF[action], actor))

    def _about(self, tx: Tx, acts: Acts, action: str, paper: str, issued: list[PaperFact]) -> PaperFact:
        found = [fact for fact in issued if fact.paper == paper and stands(fact, acts.events)]
        if not found:
            raise missing("not_issued")
        me = tx.identity.node_id
        about = min(reversed(found), key=lambda fact: fact.author != me)
        if reason := why_not_now(action, about, issued, acts.events, me, tx.trust.is_below):
            raise TongbanError("guard_failed", rule=reason)
        return about

    def _sign(self, tx: Tx, acts: Acts, action: str, about: PaperFact, said: Mapping[str, str], actor: Actor) -> PaperFact:
        made = self._made(tx, acts, Notice(PAPER_OF[action], about, self._says(tx, acts, about, said)))
        fact = replace(numbered(tx, made, actor), about=about.paper)
        ground: Facts = {"revoked_for": said["revoked_for"]} if action == REVOKE else {}
        body = tx.encode_body(dict(document_of(made, fact)))
        draft = Draft(KIND_OF[action], "note", {**fact.facts(), **ground}, subject=fact.case_no, staff_id=actor.staff_id, body=body,
                      body_class=BODY_CLASS, ref=about.basis)  # fmt: skip
        tx.journal.append(draft)
        return next(one for one in table.of_case(tx.connection, fact.case_no) if one.code == fact.code)

    def _made(self, tx: Tx, acts: Acts, notice: Notice) -> Made:
        templates = self._papers.sources.templates()
        return Made(self._papers.sources.read(tx, acts, notice.paper, templates, notice=notice), templates)

    def _says(self, tx: Tx, acts: Acts, about: PaperFact, said: Mapping[str, str]) -> dict[str, str]:
        values = {
            "document": self._papers.checks.title(tx, acts, about.paper, about.version), "document_number": about.number,
            "document_day": day_text(about.day), "days": str(RETURN_DAYS),
        }  # fmt: skip
        if not filing_body(tx, acts.case).get("application"):
            values["applicant"] = "申请人"
        if "revoked_for" in said:
            return values | {
                "ground": f"“{terms.label(said['revoked_for'], 'zh', 'revoked_for')}”", "reason": said["reason"].rstrip("。；，,;. "),
                "instrument": said["instrument"],
            }  # fmt: skip
        return values | {"old_words": said["old_words"], "new_words": said["new_words"]}


def _said(action: str, given: Mapping[str, object]) -> dict[str, str]:
    """What a person typed, checked. Raises invalid_input, guard_failed."""
    clean = clean_fields(given, FIELDS[action])
    said = {spec.name: str(clean.get(spec.name, "")) for spec in FIELDS[action]}
    if action == CORRECT and said["old_words"] == said["new_words"]:
        raise TongbanError("guard_failed", rule="更正前后的文字相同")
    if action == REVOKE and said["revoked_for"] in FROM_OUTSIDE and not said["instrument"]:
        raise TongbanError("invalid_input", {"instrument": "missing"})
    return said
