"""A case as a supervisor gets it: numbers, codes, dates and whose time it was. Of bodies only the name of who signed is read.

`holder` is who has to answer for the case in the list that was asked for: the holder, on its way the giver until it is taken; for what
was decided the deciding node. Without an organisation a unit is its node and a post is the role whose turn it is. The person who was
given a step is named to the charged node and its parent, not further up.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from node.domain.calendar import day_of
from node.domain.cases.awaits import ROLES
from node.domain.cases.bodies import hands, read_body
from node.domain.cases.deadlines import due_when_decided
from node.domain.cases.lateness import charged, here_since, is_pressed, over_days, segments
from node.domain.cases.lifecycle import ENDED
from node.domain.model import Case
from node.domain.supervision.documents import Before, Ended, Holder, LateThere, OnTheWay, OversightCase, Segment
from node.domain.supervision.ends import abnormal_end
from node.services.cases.documents import light, unknown_since
from node.services.cases.legality import doubt_of
from node.services.times import iso
from node.services.tree.freshness import Freshness
from node.store import enrolments, measures, prompts, staff
from node.store.reckoning import due_day, step_of
from node.store.store import View

if TYPE_CHECKING:
    from node.domain.catalog.item import Item
    from node.services.cases.context import Rules as CaseRules


class Rows:
    """Makes rows within one view."""

    def __init__(self, view: View, rules: CaseRules, fresh: Freshness, charges_decider: bool) -> None:
        self._view = view
        self._rules = rules
        self._fresh = fresh
        self._decided = charges_decider
        self._names = enrolments.names(view.connection)
        self._calendar = rules.calendar

    def row(self, case_no: str, place: bytes, staff_id: str | None = None) -> OversightCase | None:
        """One case; `place` is the node that answers for it, `staff_id` the person of a card ("" for nobody; None: whoever has the step now).
        None when it is known no more."""
        case = self._view.cases.get(case_no)
        if case is None:
            return None
        item, now = self._rules.item_of(case), self._view.now()
        judged = self._view.cases.judged(case_no)
        sure, doubt = self._view.cases.sound(case, judged), doubt_of(judged)  # what stands without doubt
        due, unsure, _ = due_day(self._view, sure)
        deadline = None if due is None else dt.date.fromisoformat(due)
        was_late = self._was_late(sure, item)
        step = step_of(self._view, case)
        silent = self._fresh.unheard(charged(case), deadline)
        shown = light(self._view, self._rules, sure, item, silent)
        over = (
            over_days(deadline, day_of(now), self._rules.days_of(sure))
            if deadline is not None and sure.status != "concluded"
            else 0
        )
        return {
            "case_no": case.case_no, "item_id": case.item_id, "item": item.name if item is not None else case.item_id,
            "kind": item.case_type if item is not None else "", "category": item.category if item is not None else "",
            "status": case.status, "custodian": self.code(case.custodian),
            "origin": self.code(case.origin), "holder": self._holder(case, place, step, staff_id), "step": step, "due": due,
            "over_days": over or (was_late[0]["over_days"] if self._decided and was_late else 0), "light": shown,
            "since": iso(here_since(case)), "segments": self._segments(case), "was_late": was_late,
            "doubted": list(doubt.rules), "unjudged": doubt.unjudged, "transit": self._transit(case),
            "unknown_since": unknown_since(sure, silent, ("due",) if unsure else ()) if case.status not in ENDED else None,
            **self._before(case), **self._end(sure),
        }  # fmt: skip

    def code(self, node_id: bytes | None) -> str | None:
        place = self._view.place(node_id) if node_id else None
        return place.code if place is not None else None

    def name(self, node_id: bytes) -> str:
        """What people call a node; its code where nobody told."""
        if node_id == self._view.identity.node_id:
            return self._view.identity.name
        code = self.code(node_id) or ""
        division = self._rules.catalog.divisions().get(code)
        return self._names.get(node_id) or (division.name if division is not None else code)

    def _holder(self, case: Case, place: bytes, step: str, said: str | None) -> Holder:
        unit, here = self._view.place(place), self._view.identity.node_id
        code = unit.code if unit is not None else None
        there = not self._decided and (said is None or place == charged(case))  # of a card it may lie elsewhere by now
        near = unit is not None and here in (unit.node_id, unit.parent)
        named = (said or (case.lead.assignee if there else "")) if near and not self._decided else ""
        post = ROLES[step][0] if step in ROLES and there else None
        person = self._person(case, place, named) if named else None
        name = self.name(place) if code else ""
        return {"node": code, "name": name, "unit": code, "post": post, "staff_id": named or None, "person": person}

    def _person(self, case: Case, node: bytes, wanted: str) -> str | None:
        """What a person is called: here by the roster, elsewhere by what they signed themselves."""
        if node == self._view.identity.node_id:
            known = staff.by_id(self._view.connection, wanted)
            return known.name if known is not None else None
        acts = [
            one.event
            for one in self._view.cases.entries(case.case_no)
            if (one.event.author, one.event.staff_id) == (node, wanted)
        ]
        said = ((one.author, one.staff_id, read_body(self._view.objects.get(one.body_hash))) for one in acts if one.body_hash)
        return hands(said).get((node, wanted))

    def _before(self, case: Case) -> Before:
        """What was done about its time before: extended by how many days, reminded how often, and whether the last time without effect."""
        asked = [one.state for one in self._view.requests.of_case(case.case_no) if one.asked == "remind"]
        open_ = case.status not in ENDED and (is_pressed(case) or "pending" in asked)
        pressed = prompts.reminders_of(self._view, case.case_no)
        open_ = open_ or (case.status not in ENDED and any(not answered for answered in pressed))
        return {"extended": case.extension_days, "reminded": len(asked) + len(pressed), "unanswered": open_}

    def _end(self, case: Case) -> Ended:
        end = abnormal_end(case)
        return {"ended": end.how if end is not None else None, "ended_at": iso(end.at) if end is not None else None}

    def _segments(self, case: Case) -> list[Segment]:
        now = self._view.now()
        return [
            {
                "node": self.code(one.node), "name": self.name(one.node), "unit": self.code(one.node), "kind": one.kind,
                "from": iso(one.start), "to": iso(one.end or 0),
                "workdays": one.workdays(self._calendar, now),
            }
            for one in segments(case, now_ms=now)
        ]  # fmt: skip

    def _transit(self, case: Case) -> OnTheWay | None:
        offer = case.offer
        return (
            {"from": self.code(offer.giver), "to": self.code(offer.target), "since": iso(offer.since)}
            if offer is not None
            else None
        )

    def _was_late(self, case: Case, item: Item | None) -> list[LateThere]:
        """The decision that came late first, then all other lateness that stays on record: what ended or moved a deadline that was over."""
        rows = [one for one in self._rules.history(self._view, case).late if one.at != case.decided_at]
        found = [self._late(one.clock, one.due, one.over, one.holder, one.ended_by, day_of(one.at)) for one in rows]
        return [*self._late_decision(case, item), *found]

    def _late_decision(self, case: Case, item: Item | None) -> list[LateThere]:
        decider = self._view.place(case.decided_by) if case.decided_at else None
        if decider is None:
            return []
        deadline, day = (
            due_when_decided(case, item, decider.tier, self._rules.counting, self._rules.limits),
            day_of(case.decided_at),
        )
        if deadline is None or not (over := over_days(deadline.due, day, self._rules.days_at(case.started.accepted))):
            return []
        by = measures.late_by(self._view.connection, case.case_no)
        return [self._late(deadline.clock, deadline.due, over, by, case.decision or "decided", day)]

    def _late(self, clock: str, due: dt.date, over: int, holder: bytes, ended_by: str, on: dt.date) -> LateThere:
        return {
            "clock": clock, "due": due.isoformat(), "over_days": over, "holder": self.code(holder), "ended_by": ended_by,
            "ended_on": on.isoformat(),
        }  # fmt: skip
