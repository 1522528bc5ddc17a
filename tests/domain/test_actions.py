"""Random walks over decide and evolve, and what `actions[]` promises (INTERFACE.md)."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from node.domain.cases.actions import actions_for, examples
from node.domain.cases.audit import audit
from node.domain.cases.casefold import evolve, extends, fold
from node.domain.cases.commands import Command, Context
from node.domain.cases.deadlines import deadlines
from node.domain.cases.decisions import decide
from node.domain.cases.lifecycle import BUILT, GOES_HOME, STATUSES
from node.domain.cases.schema import check_facts
from node.domain.model import SYSTEM, Actor, Case, NewEvent, Role
from node.domain.words.errors import TongbanError
from tests.domain.desk import CALENDAR, DISTRICT, HOUR, ITEMS, PLACES, STAFF, TOWNSHIP, VILLAGE, Desk, event_of, nobody_assigns

FORWARD = set(
    "lodge submit hand_over receive accept accept_with_gap fill_gap decide_at_once supply_correction complete_step refer resume "
    "approve conclude deliver".split()
)
PEOPLE = (Role.AGENT, Role.CLERK, Role.EXAMINER, Role.REVIEWER, Role.APPROVER, Role.DIRECTOR)
REFUSALS = {"illegal_action", "forbidden", "guard_failed", "invalid_input", "not_custodian", "in_transit"}
PERMITTED = {  # what LIFECYCLE lets be done and a supervisor looks at, by the fact and by nothing else
    ("suspended", "stop_not_in_item"),  # row 25, P05: a kind of Article 45 that the item does not list, with its reason
    ("suspended", "stopped_late"),  # P05: in the last two working days
    ("suspended", "stopped_twice"),  # P05
    ("extended", "extended_late"),  # row 28, P05
    ("correction_repeated", "repeated_notice"),  # row 13: "second notice flagged"
    ("deemed_accepted", "deemed_accepted"),  # row 19: "flagged"
    ("approved", "declared_same_person"),  # settled details, two-person powers: a director, and the entry says so
    ("refused", "declared_same_person"),
    ("refused", "no_reason"),  # P07: the example of the form as it stood
    ("not_accepted", "no_reason"),
    ("not_required_found", "no_reason"),
    ("correction_requested", "asked_again"),  # P06: what the village handed over
}
ACTIONS = sorted({row.action for row in BUILT} | {"recall", "fly", "open_branches"})


def attempt(case: Case, command: Command, context: Context) -> tuple[list[NewEvent], TongbanError | None]:
    try:
        return decide(case, command, context), None
    except TongbanError as error:
        return [], error


class Life(RuleBasedStateMachine):
    """One case, anybody, anything, anywhere."""

    desk: Desk

    @initialize(item=st.sampled_from(ITEMS), node=st.sampled_from([VILLAGE, TOWNSHIP, DISTRICT]), draft=st.booleans())
    def file(self, item, node, draft) -> None:
        self.desk = Desk(item)
        self.desk.file(node, draft=draft)

    @rule(role=st.sampled_from(PEOPLE), choice=st.integers(0, 30))
    def do_what_is_listed(self, role: Role, choice: int) -> None:
        case = self.desk.the
        if case.offer is not None:
            return
        offers = self.desk.offers(role)
        if offers:
            offer = offers[choice % len(offers)]
            self.desk.take_offer(offer, STAFF[role])
            assert offer.forward == (offer.action in FORWARD)

    @rule(choice=st.integers(0, 30))
    def go_forward(self, choice: int) -> None:
        if self.desk.the.offer is None:
            role = PEOPLE[choice % len(PEOPLE)]
            offers = [offer for offer in self.desk.offers(role) if offer.forward]
            if offers:
                before = self.desk.the
                self.desk.take_offer(offers[0], STAFF[role])
                assert self.desk.the.status not in ("withdrawn", "terminated", "voided")
                assert self.desk.the.version == before.version + 1

    @precondition(lambda self: self.desk.the.offer is not None)
    @rule()
    def take(self) -> None:
        self.desk.take()

    @precondition(lambda self: self.desk.the.status in GOES_HOME and self.desk.the.custodian != self.desk.the.origin)
    @rule()
    def send_home(self) -> None:
        self.desk.system("offer_home", self.desk.the.custodian)

    @precondition(lambda self: self.desk.the.offer is None)
    @rule(asked=st.sampled_from(["withdraw", "supply_correction", "recall", "remind"]))
    def answer(self, asked: str) -> None:
        request = self.desk.the.version.to_bytes(32, "big")
        self.desk.system("answer", self.desk.the.custodian, {"asked": asked, "asker": self.desk.the.origin}, request)
        assert request in self.desk.the.answered

    @rule(
        action=st.sampled_from(ACTIONS),
        role=st.sampled_from([*PEOPLE, Role.ADMIN, Role.SYSTEM]),
        node=st.sampled_from(list(PLACES)),
    )
    def anything_else_is_refused_or_sound(self, action: str, role: Role, node: bytes) -> None:
        case, context, actor = self.desk.the, self.desk.context(node), STAFF[role] if role is not Role.SYSTEM else SYSTEM
        copy = Case(**{name: getattr(case, name) for name in Case._fields})
        listed = {offer.action: offer for offer in actions_for(case, actor, context)}
        fields = examples(listed[action]) if action in listed else {}
        events, refusal = attempt(case, Command(action, fields, actor), context)
        if refusal is not None:
            assert action not in listed
            assert refusal.code in REFUSALS
            assert refusal.sentence("zh")
        else:
            assert all(not check_facts(new.kind, new.facts) for new in events)
            if events[0].kind != "requested":
                event = event_of(case, events[0], node, actor.staff_id, self.desk.now)
                assert extends(case, event, nobody_assigns)
        assert case == copy

    @rule(hours=st.integers(1, 400))
    def wait(self, hours: int) -> None:
        self.desk.now += hours * HOUR

    @invariant()
    def the_journal_adds_up(self) -> None:
        desk = self.desk
        assert fold(list(reversed(desk.events)), nobody_assigns).case == desk.the
        assert desk.the.status in STATUSES
        assert (desk.the.custodian == b"") == (desk.the.offer is not None)
        assert len([node for node in PLACES if node == desk.the.custodian]) <= 1
        assert sum(span.end is None for span in desk.the.lead.spans) <= 1
        deadlines(desk.the, desk.item, "district", CALENDAR)

    @invariant()
    def the_audit_finds_nothing_wrong(self) -> None:
        case = Case("CASE-1")
        for event in self.desk.events[:-1]:
            case = evolve(case, event)
        tier = PLACES[self.desk.events[-1].author].tier
        last = self.desk.events[-1]
        wrong = {(last.kind, flag) for flag in audit(case, last, self.desk.item, tier=tier)}
        assert wrong <= PERMITTED, wrong - PERMITTED


Life.TestCase.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
TestLife = Life.TestCase


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.item_id)
@pytest.mark.parametrize("node", [VILLAGE, TOWNSHIP, DISTRICT])
def test_following_the_first_forward_action_ends_in_delivery(item, node: bytes) -> None:
    """One director per node, doing what the list says, brings every case to its end."""
    desk = Desk(item)
    desk.file(node)
    for _ in range(40):
        if desk.the.status == "delivered":
            break
        if desk.the.offer is not None:
            desk.take()
        elif desk.the.status in GOES_HOME and desk.the.custodian != desk.the.origin:
            desk.system("offer_home", desk.the.custodian)
        else:
            desk.take_offer(next(offer for offer in desk.offers() if offer.forward), STAFF[Role.DIRECTOR])
    assert desk.the.status == "delivered"
    assert desk.the.custodian == node


def test_the_order_is_that_of_the_work() -> None:
    desk = Desk()
    desk.file(TOWNSHIP)
    names = [
        "accept",
        "request_correction",
        "not_accept",
        "not_required",
        "take",
        "assign",
        "reassign",
        "withdraw",
        "void",
        "record_papers",
        "set_urgent",
    ]
    assert desk.names() == names
    desk.do("accept")
    assert desk.names()[0] == "complete_step"
    desk.do("complete_step")
    assert desk.names()[0] == "refer"


def test_fields_say_type_requirement_and_example() -> None:
    desk = Desk()
    desk.file(TOWNSHIP)
    fields = {field.name: field for offer in desk.offers() if offer.action == "request_correction" for field in offer.fields}
    assert (fields["due"].type, fields["due"].required) == ("date", True)
    assert dt.date.fromisoformat(str(fields["due"].example)) > dt.date(2026, 3, 2)
    for offer in desk.offers():
        for field in offer.fields:
            assert field.type in ("text", "date", "enum", "bool", "int")
            assert (field.type == "enum") == bool(field.choices)
            assert not field.choices or field.example in field.choices


def test_elsewhere_the_requests_are_listed() -> None:
    desk = Desk().handed_over()
    assert desk.names(Role.AGENT, VILLAGE) == ["remind", "recall", "withdraw"]
    assert all(offer.as_ == "request" and not offer.forward for offer in desk.offers(Role.AGENT, VILLAGE))
    desk.do("receive")
    desk.do("request_correction")
    assert "supply_correction" in desk.names(Role.AGENT, VILLAGE)
    for role in (Role.ADMIN, Role.OVERSEER, Role.CATALOG_EDITOR):
        assert desk.names(role, VILLAGE) == []
        assert desk.names(role) == []


def test_no_action_without_its_item() -> None:
    desk = Desk().accepted()
    context = desk.context(TOWNSHIP, item=None)
    names = [offer.action for offer in actions_for(desk.the, Actor("d", Role.DIRECTOR), context)]
    assert "withdraw" in names
    assert "complete_step" not in names
