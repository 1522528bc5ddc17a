"""What the pure rules need to know of the moment: the item, the calendar, the place, who is above, what is frozen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial

from node.domain.calendar import DAY_MS, WorkCalendar, day_of
from node.domain.cases import audit
from node.domain.cases.acts.gap import YEAR
from node.domain.cases.bodies import read_body
from node.domain.cases.clocks import started_by
from node.domain.cases.deadline_words import sentence
from node.domain.cases.deadlines import deadlines, other_date
from node.domain.cases.decisions import Context
from node.domain.cases.documents import Deadline
from node.domain.cases.history import History, history
from node.domain.cases.lateness import back_on, over_days
from node.domain.cases.lifecycle import HELD
from node.domain.cases.repin import left_of
from node.domain.catalog.item import Item
from node.domain.catalog.limits import Limits
from node.domain.catalog.revisions import Counting
from node.domain.filing.application import FilingContext, validate_application
from node.domain.filing.enclosed import material_name, said_missing
from node.domain.json_values import JsonObject
from node.domain.model import Actor, Case, Cited, Place, Role
from node.domain.papers.organs import asked_organ
from node.domain.papers.papers import TRACKING
from node.domain.supervision.answering import BUDGETED_CLOCKS, answering
from node.domain.supervision.watches import Basis
from node.services.cases.corrections import sent_since_notice
from node.services.catalog.catalog import CatalogService
from node.services.catalog.names import node_name
from node.services.catalog.offices import office_of
from node.services.tree.freshness import known_until
from node.services.tree.recovery import blocked
from node.store import lookup, papers, staff
from node.store.running import runs
from node.store.store import Store, Tx, View

LOOKED_AT = 50  # cases of a person that are looked through for a broken promise


class Rules:
    """Builds the Context of a decision from a view of the store and the catalog in force."""

    def __init__(self, store: Store, catalog: CatalogService) -> None:
        self.store = store
        self.catalog = catalog

    @property
    def calendar(self) -> WorkCalendar:
        return self.catalog.calendar()

    @property
    def counting(self) -> Counting:
        """Every revision of the calendar that is here: by which days a clock counts."""
        return self.catalog.snapshot().calendars

    def days_of(self, case: Case) -> WorkCalendar:
        """The days that count for the clock of a case that runs now: those it cites, and each later revision from the day after its
        publication on. What is counted over stays so, whatever a calendar says afterwards of days that are gone."""
        return self.days_at(started_by(case))

    def days_at(self, cites: Cited) -> WorkCalendar:
        """The same for a clock whose start cites so; as they are in force while that is not here."""
        return self.counting.cited_by(cites) or self.calendar

    @property
    def limits(self) -> Mapping[int, Limits]:
        """The published limits, every revision that is here."""
        return self.catalog.snapshot().limits

    def in_use(self, rule: str) -> bool:
        """Whether a published rule of supervision finds anything today; what is none does."""
        found = self.catalog.snapshot().supervisions.on(day_of(self.store.now())).rules.get(rule)
        return found is None or found.in_use

    def item_of(self, case: Case, tx: View | Tx | None = None) -> Item | None:
        """The item version the case is pinned to."""
        return self.store.catalog.item_of(case, tx)

    def item_then(self, case: Case, version: int, tx: View | Tx | None = None) -> Item | None:
        """The item version by which an entry of the case was written, at its version of the chain; the present one where the former is
        not here."""
        moved = next((one for one in case.repins if one.version >= version), None)
        if moved is None:
            return self.item_of(case, tx)
        found = self.catalog.item_version(case.item_id, moved.item_version, moved.item_hash, tx)
        return self.store.catalog.handled(found, case) if found is not None else self.item_of(case, tx)

    def material_name(self, case: Case, application: JsonObject, code: str) -> str:
        """What a material of the case is called, that of a former list too; "" when unknown."""
        former = left_of(code)
        if former is None:
            item = self.item_of(case)
            return material_name(item, application, code) if item is not None else ""
        moved = next((one for one in case.repins if one.item_version == former[0]), None)
        item = self.catalog.item_version(case.item_id, former[0], moved.item_hash) if moved is not None else None
        return material_name(item, application, former[1]) if item is not None else ""

    def item_in_force(self, case: Case) -> Item | None:
        """The item of a case as it is published now, withdrawn ones too; None when it is not known here."""
        snapshot = self.catalog.snapshot()
        found = snapshot.items.get(case.item_id) or snapshot.withdrawn.get(case.item_id)
        return self.store.catalog.handled(found, case) if found is not None else None

    def tier_of(self, view: View | Tx, case: Case) -> str:
        """Tier of the present custodian; in transit that of the node it is going to."""
        node = case.custodian or (case.offer.target if case.offer is not None else b"")
        place = view.place(node)
        return place.tier if place is not None else view.identity.tier

    def context(self, view: View | Tx, case: Case | None, item: Item | None) -> Context:
        identity = view.identity
        parent = view.place(identity.parent) if identity.parent is not None else None
        return Context(
            here=identity.place,
            item=item,
            calendar=self.calendar,
            rules=self.limits,
            revisions=self.counting,
            now=view.now(),
            place=view.place,
            called=lambda node: node_name(view, self.catalog, node),
            broken_pledge=lambda: self._broken_pledge(view, case) if case is not None else "",
            heard_below=lambda: self._heard_below(view, case) if case is not None else 0,
            asked_of_it=lambda: case is not None and bool(view.requests.of_case(case.case_no, "pending")),
            parent=parent,
            route=lambda origin: self._route(view, origin),
            frozen=case is not None and blocked(view, case),
            contents_missing=case is not None and self._contents_missing(view, case),
            papers_out=case is not None and bool(case.undo.status) and self._papers_out(view, case),
            clock_agrees=case is not None and self.clock_agrees(view),
            witnessed=self._witnessed(view) if case is not None else 0,
            in_force=self.item_in_force(case) if case is not None else None,
            in_force_hash=self.catalog.item_hash(case.item_id) if case is not None else b"",
            back_on=back_on(self.store.watch.outages, view.now(), self.calendar) if case is not None else None,
            people=self._people(view, case) if case is not None else (),
            sent=sent_since_notice(view, case) if case is not None else (),
            doubted=case is not None and audit.doubted(view.cases.judged(case.case_no)) == 1,
            cannot_serve=lambda feature: self._cannot_serve(view, case, feature) if case is not None else None,
            asked_organ=lambda: self._asked_organ(view, item),
            flaws=self._flaws(view, case) if case is not None and case.status == "draft" else (),
            tells=self.store.tells,
            said_missing=self._said_missing(view, case) if case is not None and case.status == "draft" else frozenset(),
        )

    def _cannot_serve(self, view: View | Tx, case: Case, feature: str) -> Place | None:
        """The nearest node on the way home of a case whose program lacks a feature, as far as it has told."""
        for node in view.way_down(case.origin):
            said = runs(view, node)
            if said is None or feature not in said.features:
                return view.place(node)
        return None

    def _asked_organ(self, view: View | Tx, item: Item | None) -> str:
        """The organ that was asked here, as a turning-down names it; "" while the item is not here."""
        return asked_organ(item, office_of(view, self.catalog, view.identity.node_id, item)) if item is not None else ""

    def _broken_pledge(self, view: View | Tx, case: Case) -> str:
        """A case of the same applicant in which something that was promised for later never came; "" for none within a year."""
        application = read_body(view.objects.get(case.bodies[0]) if case.bodies else None).get("application")
        applicant = application.get("applicant") if isinstance(application, dict) else None
        number = str(applicant.get("id_number") or "") if isinstance(applicant, dict) else ""
        since = view.now() - YEAR * DAY_MS
        others = (view.cases.get(no) for no in lookup.cases_of(view.connection, number, LOOKED_AT) if no != case.case_no)
        return next((one.case_no for one in others if one is not None and one.gap.lapsed_at > since), "")

    def _heard_below(self, view: View | Tx, case: Case) -> int:
        """Until when (ms) the node where the case was filed is known, and with it all on the way; now where that is here."""
        return known_until(view, case.origin)

    def _papers_out(self, view: View | Tx, case: Case) -> bool:
        """Whether we issued a paper on the act that an undo would take back (row 45); the tracking sheet binds nobody."""
        ours = {
            fact.basis
            for fact in papers.of_case(view.connection, case.case_no)
            if fact.author == view.identity.node_id and fact.paper != TRACKING
        }
        return bool(ours) and any(
            entry.event.hash in ours and (entry.event.kind, entry.event.at) == (case.undo.kind, case.undo.at)
            for entry in view.cases.entries(case.case_no)
        )

    def _people(self, view: View | Tx, case: Case) -> tuple[Actor, ...]:
        """Who works here, while the case is somebody's work here."""
        if case.custodian != view.identity.node_id or case.status not in HELD:
            return ()
        return tuple(Actor(row.staff_id, Role(row.role), row.name) for row in staff.everyone(view.connection) if row.active)

    def filing_context(self) -> FilingContext:
        """What an application is checked against here. The parent's last receipt is the earliest that it can be now, even
        where a PC's clock fell back to 1970."""
        snapshot = self.catalog.snapshot()
        return FilingContext(
            place=self.store.place,
            item=lambda item_id: snapshot.items.get(item_id) or snapshot.withdrawn.get(item_id),
            divisions=snapshot.divisions,
            known_codes=self.store.trust.live_codes(),
            today=day_of(max(self.store.now(), self.store.heard_ms)),
        )

    def _contents_missing(self, view: View | Tx, case: Case) -> bool:
        return case.custodian == view.identity.node_id and bool(case.bodies) and view.objects.size(case.bodies[0]) is None

    def _flaws(self, view: View | Tx, case: Case) -> tuple[str, ...]:
        """Fields of a saved draft that stand in the way of filing it. Materials are the case's: they may have come since."""
        body = json.loads((case.bodies and view.objects.get(case.bodies[0])) or b"{}")
        _, errors, _ = validate_application(body.get("application"), self.filing_context())
        return tuple(dict.fromkeys(error.field for error in errors if error.code != "missing_material"))

    def _said_missing(self, view: View | Tx, case: Case) -> frozenset[str]:
        """What a saved draft says is missing."""
        document = read_body(view.objects.get(case.bodies[0]) if case.bodies else None).get("application", {})
        return said_missing(document)

    def _route(self, view: View | Tx, origin: bytes) -> Place | None:
        step = view.step_towards(origin)
        return view.place(step) if step is not None else None

    def clock_agrees(self, view: View | Tx) -> bool:
        """Whether the local clock may be believed (DESIGN "effect of absence"): the parent, or a root's children, bear it out."""
        return self.store.watch.agrees(view)

    def _witnessed(self, view: View | Tx) -> int:
        """Up to when somebody bears our time out (DESIGN "effect of absence")."""
        return self.store.watch.witnessed(view)

    def history(self, view: View | Tx, case: Case) -> History:
        """What stays on record of a case's time; while its item is not here, what can be said without it."""
        item = self.item_of(case)
        events = [entry.event for entry in view.cases.entries(case.case_no) if entry.event.version <= case.version]
        tier_of = partial(self.tier_of, view)
        found = history(events, view.may_assign, item, tier_of, self.counting, day_of(view.now()), self.limits)
        if not any(one.clock in BUDGETED_CLOCKS for one in found.late):
            return found
        said = self.catalog.snapshot().supervisions
        basis = Basis(view.may_assign, lambda one: self.item_of(one, view), tier_of, self.counting, self.limits, said)
        answers = answering(events, basis)
        return found._replace(
            late=tuple(
                one._replace(holder=of.node, kept=of.kept) if (of := answers.get((one.clock, one.due))) is not None else one
                for one in found.late
            )
        )

    def deadlines(self, view: View | Tx, case: Case) -> list[Deadline]:
        """The open deadlines, each with what explains it: since when, how many working days are left (negative: over)."""
        item, tier = self.item_of(case), self.tier_of(view, case)
        today, calendar = day_of(view.now()), self.calendar
        rows, pauses = list[Deadline](), self.history(view, case).pauses
        for one in deadlines(case, item, tier, self.counting, self.limits):
            other = other_date(one, case, item, tier, self.counting, self.limits)
            left = -over_days(one.due, today, self.days_of(case)) or calendar.count_workdays(today, one.due)
            rows.append({
                "clock": one.clock, "due": one.due.isoformat(), "provisional": one.provisional, "limit": one.limit, "unit": one.unit,
                "basis": one.basis, "since": one.since.isoformat() if one.since is not None else None, "left": left,
                "extension": one.extension, "other_date": other.isoformat() if other is not None else None,
                "sentence": sentence(one, pauses, other=other), "sentence_en": sentence(one, pauses, "en", other),
            })  # fmt: skip
        return rows
