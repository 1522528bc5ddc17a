"""Reads everything a paper is made from: the acts of the case, the texts that are held here, names, telephones, templates.

Templates come with the program (`configs/papers`); a document of kind `papers` that the root (or the highest layer that has
one) publishes takes their place, paper by paper (DESIGN "Rules that are data").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, cast

from node.domain.calendar import day_of
from node.domain.cases.bodies import Body, hands, read_body
from node.domain.cases.casefold import fold
from node.domain.cases.corrections import may_follow
from node.domain.cases.repin import left_of
from node.domain.catalog.item import Item
from node.domain.catalog.remedy import remedy_of
from node.domain.model import LOCAL_OPERATOR, SYSTEM, Case, Event
from node.domain.papers.documents import PaperDocument
from node.domain.papers.facts import NOTICE_OF, PaperFact, rightful
from node.domain.papers.fields import title_variant
from node.domain.papers.given import Sources
from node.domain.papers.organs import OF_THE_ASKED, court, issuer_of, organ_tier, review_organ, type_of
from node.domain.papers.papers import BLANK, REVOCATION, Basis, basis_of, missing
from node.domain.papers.templates import Filling, Templates, fill, remedy_text, title_of
from node.domain.published import PAPERS
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.cases.names import namer, names_of
from node.services.cases.timeline import filing_body
from node.services.catalog.offices import office_of
from node.services.catalog.paper_library import built_in, in_force
from node.store import papers as table
from node.store import staff
from node.store.store import Tx, View

KIND_OF_NOTICE = {paper: kind for kind, paper in NOTICE_OF.items()}
NOTHING: Mapping[bytes, Body] = MappingProxyType({})
# Papers whose text is that of the act itself: without it there is nothing to copy.
NEEDS_BODY = frozenset({"correction", "not_accepted", "special_procedure", "extension", "statement"})
WITH_REMEDY = ("not_accepted", "decision", "termination", REVOCATION)
WORDS = "document"  # the frozen words in the body of an act


@dataclass(frozen=True, slots=True)
class Acts:
    """A case with its effective events, in order."""

    case: Case
    events: tuple[Event, ...]


def acts_of(view: View | Tx, case_no: str) -> Acts:
    """Errors: `not_found`."""
    events = [entry.event for entry in view.cases.entries(case_no)]
    folded = fold(events, view.may_assign)
    if not folded.case.version:
        raise TongbanError("not_found", what=case_no[:60])
    by_hash = {event.hash: event for event in events}
    return Acts(folded.case, tuple(by_hash[hash] for hash in folded.effective))


def issued_of(view: View | Tx, acts: Acts) -> list[PaperFact]:
    """Every issue of a paper of the case that counts, and every notice about one, in the order it came."""
    facts = table.of_case(view.connection, acts.case.case_no)
    return rightful(facts, acts.case, acts.events, lambda above, node: view.trust.is_below(node, above))


def issued_on(view: View | Tx, acts: Acts, basis: Basis) -> PaperFact | None:
    """The issue of the paper that rests on this act; our own before another's."""
    found = [fact for fact in issued_of(view, acts) if (fact.paper, fact.basis) == (basis.paper, basis.event.hash)]
    here = view.identity.node_id
    return min(found, key=lambda fact: fact.author != here, default=None)


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice about a paper of this case (`about`), before it is issued, with what it says beside the case."""

    paper: str
    about: PaperFact
    says: Mapping[str, str]

    def basis(self, events: tuple[Event, ...]) -> Basis:
        """The act of the paper that it is about; the notice is ours."""
        place, event = next((n, one) for n, one in enumerate(events) if one.hash == self.about.basis)
        return Basis(self.paper, "", event, place, True)


def frozen_words(view: View | Tx, fact: PaperFact) -> PaperDocument | None:
    """A paper as it was issued, where its words are held. Those of one that was issued with its act stand in the body of the act; its
    code is made from that, so it is put in when they are read."""
    body = read_body(view.objects.of_case(fact.document, fact.case_no) if fact.document else None)
    words = body.get(WORDS, body)
    if not isinstance(words, dict) or not words:
        return None
    return cast(PaperDocument, {**{k: v for k, v in words.items() if k != "salt"}, "code": fact.code})


class PaperSources:
    """Makes the sources of one paper at one moment."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def templates(self) -> Templates:
        """The wording in force here."""
        return in_force(self.rules.catalog.snapshot().of(PAPERS))

    def read(
        self, view: View | Tx, acts: Acts, paper: str, templates: Templates, told: Mapping[bytes, Body] = NOTHING,
        notice: Notice | None = None,
    ) -> Sources:  # fmt: skip
        """`told`: texts of acts that are not written yet; `notice`: what to make, when it is one.

        Errors: `no_such_paper` with the reason, `guard_failed` while the item's version is not here."""
        here = view.identity.node_id
        basis = notice.basis(acts.events) if notice is not None else basis_of(paper, acts.case, acts.events, here)
        item = self.rules.item_then(acts.case, basis.event.version + 1)  # a paper says what was in force for its act
        if item is None:
            raise TongbanError("guard_failed", rule="办件所用的事项版本尚未同步到本站，请稍后再办")
        if basis.variant == BLANK and not may_follow(acts.case, item):
            raise missing(paper)
        names = self.namer(view)
        filing = filing_body(view, acts.case)
        bodies = {event.hash: body for event in acts.events if (body := _body(view, event)) is not None} | dict(told)
        if not basis.mine and (not filing or (paper in NEEDS_BODY and basis.event.hash not in bodies)):
            raise missing("elsewhere", names(basis.event.author))
        if paper in NEEDS_BODY and basis.event.body_hash and basis.event.hash not in bodies:
            raise missing("lost_words")
        place = view.place(basis.event.author)
        tier = place.tier if place is not None else view.identity.tier
        issues = here if basis.mine else basis.event.author
        office = office_of(view, self.rules.catalog, issues, item, names(issues))
        published = self.rules.catalog.item_version(acts.case.item_id, acts.case.item_version, acts.case.item_hash, view)
        decides = organ_tier(published or item, tier)  # whose power it is, not whose hands
        issuer = issuer_of(
            notice.about.paper if notice is not None else paper, basis.variant, item, office, decides, _named(acts, basis, bodies)
        )
        if notice is not None:
            issuer = replace(issuer, kind=type_of(paper, "", item, office.record))
        sources = Sources(
            basis=basis, case=fold(acts.events[: basis.act + 1], view.may_assign).case, now=acts.case, item=item, events=acts.events,
            application=filing.get("application") or {}, query_code=str(filing.get("query_code") or ""), bodies=bodies,
            office=office, issuer=issuer, organ_tier=decides, holder_tier=tier, center=office.name,
            calendar=self.rules.calendar, rules=self.rules.limits, revisions=self.rules.counting,
            at=view.now(), name_of=names, staff_of=_staff(view, acts, bodies),
            former=self._former(acts.case, filing.get("application") or {}), material_then=self._then(view, acts.case, filing),
            notices=[(KIND_OF_NOTICE[one.paper], one.author, one.issued_at, one.number) for one in issued_of(view, acts) if one.about],
            defaults={key: templates.common[key] for key in ("phone", "complaint")},
        )  # fmt: skip
        more = self._more(view, acts, sources, templates)
        return replace(sources, more={**more, **notice.says} if notice is not None else more)

    def _former(self, case: Case, application: Mapping[str, Any]) -> dict[str, str]:
        """Materials of the case that an earlier version of its item asked for and the present one does not."""
        codes = dict.fromkeys([*(one[0] for one in case.materials), *(one.material for one in case.pieces)])
        return {one: self.rules.material_name(case, application, one) or one for one in codes if left_of(one)}

    def _then(self, view: View | Tx, case: Case, filing: Body) -> Callable[[int, str], str] | None:
        if not case.repins:
            return None
        application = filing.get("application") or {}
        return lambda version, code: names_of(view, self.rules, case, application, version).material(code)

    def _more(self, view: View | Tx, acts: Acts, sources: Sources, templates: Templates) -> dict[str, str]:
        """What needs other papers, templates or names."""
        paper, item = sources.basis.paper, sources.item
        title = title_of(templates, paper, title_variant(sources.basis, item), {"licence": licence_of(item)})
        values = {
            "organ": sources.issuer.organ, "title": title, "court": court(item, sources.office),
            "review": review_organ(item, sources.office, _tier_of_organ(sources), sources.issuer.organ),
        }  # fmt: skip
        values["remedies"] = remedy_text(templates, remedy_of(item), values) if _has_remedy(sources) else ""
        if paper == "delivery":
            values |= self._delivered(view, acts, sources, templates)
        return values

    def _delivered(self, view: View | Tx, acts: Acts, sources: Sources, templates: Templates) -> dict[str, str]:
        """Title and number of the paper that is served."""
        try:
            basis = basis_of("decision", acts.case, acts.events, view.identity.node_id)
        except TongbanError:
            return {"document": sources.item.result}
        issued = issued_on(view, acts, basis)
        title = title_of(templates, "decision", title_variant(basis, sources.item), {"licence": licence_of(sources.item)})
        result = f"、{sources.item.result}" if sources.item.result and basis.variant == "granted" else ""
        return {"document": title + result, "document_number": issued.number if issued is not None else ""}

    def namer(self, view: View | Tx) -> Callable[[bytes], str]:
        """Names a node."""
        return namer(view, self.rules.catalog.divisions())


def licence_of(item: Item) -> str:
    """The word that papers of what is no licence leave out."""
    return "行政许可" if item.regime == "licence" else ""


def _named(acts: Acts, basis: Basis, bodies: Mapping[bytes, Body]) -> str:
    """The organ that the approver named."""
    decided = next((e for e in reversed(acts.events) if e.kind in ("approved", "refused", "decided_at_once")), None)
    if basis.paper not in ("decision", "delivery") or decided is None:
        return ""
    return str(bodies.get(decided.hash, {}).get("organ", ""))


def _tier_of_organ(sources: Sources) -> str:
    """The tier of the organ whose act it is: the asked organ's is that of its office."""
    return sources.holder_tier if sources.basis.paper in OF_THE_ASKED else sources.organ_tier


def _has_remedy(sources: Sources) -> bool:
    return sources.basis.paper in WITH_REMEDY


def _body(view: View | Tx, event: Event) -> Body | None:
    data = view.objects.get(event.body_hash) if event.body_hash else None
    return read_body(data) if data is not None else None


NOBODY = {SYSTEM.staff_id: "系统", LOCAL_OPERATOR: "本机操作"}  # hands without a name


def _staff(view: View | Tx, acts: Acts, bodies: Mapping[bytes, Body]) -> Callable[[Event], str]:
    """Names who did an act: people of this node, those of others who signed what is held here. No opaque id is printed."""
    me = view.identity.node_id
    signed = hands((event.author, event.staff_id, bodies.get(event.hash, {})) for event in acts.events)
    signed |= {(me, staff_id): name for staff_id, name in staff.names(view.connection).items()}
    return lambda event: NOBODY.get(event.staff_id) or signed.get((event.author, event.staff_id), "")


__all__ = ["Acts", "Filling", "PaperSources", "acts_of", "built_in", "day_of", "fill"]
