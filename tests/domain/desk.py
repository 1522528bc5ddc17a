"""A four-tier world without storage: cases are acted on with `decide` and added up with `evolve`, nothing else."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from node.domain.calendar import WorkCalendar
from node.domain.cases.actions import ActionOffer, actions_for, examples
from node.domain.cases.acts import ISSUES, SCHEMAS
from node.domain.cases.casefold import evolve, extends
from node.domain.cases.commands import Command, Context
from node.domain.cases.decisions import decide
from node.domain.catalog.item import Item, Material, SpecialStep
from node.domain.model import CST, SYSTEM, Actor, Case, Event, Facts, NewEvent, Place, Role
from node.domain.words.errors import TongbanError

CITY, DISTRICT, TOWNSHIP, VILLAGE = (bytes([n]) * 16 for n in (1, 2, 3, 4))
PLACES = {
    CITY: Place(CITY, "420100000000", "city"),
    DISTRICT: Place(DISTRICT, "420102000000", "district", CITY),
    TOWNSHIP: Place(TOWNSHIP, "420102002000", "township", DISTRICT),
    VILLAGE: Place(VILLAGE, "420102002003", "village", TOWNSHIP, frozenset({"BASIC"})),
}
CALENDAR = WorkCalendar.from_rows([(dt.date(year, 1, 1), "off") for year in (2025, 2026, 2027, 2028)])
START = int(dt.datetime(2026, 3, 2, 9, tzinfo=CST).timestamp() * 1000)  # a Monday
HOUR, DAY = 3_600_000, 86_400_000

LICENCE = Item(
    "LIC",
    version=3,
    name="某项许可",
    department="公安局",
    category="行政许可",
    approval_level="district",
    accept_levels=("village", "township", "district"),
    case_type="commitment",
    statutory_limit=20,
    statutory_unit="workday",
    promised_limit=10,
    materials=(Material("申请表"), Material("证明", required=False)),
)
BASIC = replace(LICENCE, item_id="BASIC", category="公共服务", approval_level="township")
IMMEDIATE = replace(LICENCE, item_id="NOW", case_type="immediate", promised_limit=0, approval_level="township")
STOPPING = replace(
    BASIC, item_id="STOP", special_steps=(SpecialStep("公示", "public_notice", 7, counts=False, stop_basis="某条例第三条"),)
)
GAPPED = replace(  # the lease may be brought later (容缺)
    STOPPING,
    item_id="GAP",
    materials=(Material("申请表"), Material("租赁合同", "copy", 1, True, True), Material("照片", required=False)),
)
ITEMS = (LICENCE, BASIC, IMMEDIATE, STOPPING, GAPPED)

STAFF = {role: Actor(f"{role}-1", role) for role in Role}


def nobody_assigns(author: bytes, giver: bytes, receiver: bytes) -> bool:
    return False


def path_up(node: bytes) -> list[bytes]:
    at: bytes | None = node
    path = []
    while at is not None:
        path.append(at)
        at = PLACES[at].parent
    return path


def nearest_assigns(author: bytes, giver: bytes, receiver: bytes) -> bool:
    """The nearest common ancestor-or-self, everybody being live."""
    above = path_up(receiver)
    return next(node for node in path_up(giver) if node in above) == author


def step_towards(here: bytes, node: bytes) -> Place | None:
    if here == node:
        return None
    path = path_up(node)
    return PLACES[path[path.index(here) - 1]] if here in path else PLACES.get(PLACES[here].parent or b"")


# What the service adds to an act that is issued with its paper.
NUMBER: Facts = {"organ": "330106", "type": "te", "year": 2026, "series": "", "serial": 1, "day": dt.date(2026, 3, 2)}


def event_of(case: Case | None, new: NewEvent, author: bytes, staff: str, at: int) -> Event:
    """What the journal makes of a decision."""
    version, prev = (case.version, case.head) if case is not None else (0, b"")
    facts = {**new.facts, **NUMBER} if new.kind in ISSUES else new.facts
    name = hashlib.sha256(repr((version, prev, author, at, new)).encode()).digest()
    body = hashlib.sha256(b"body" + name).digest() if new.body or new.kind in ISSUES else b""
    return Event(
        new.kind,
        author,
        staff,
        at,
        facts,
        "CASE-1",
        version + 1,
        prev,
        new.term,
        new.status_after,
        new.custodian_after,
        name,
        body,
        SCHEMAS.get(new.kind, 1),
    )


@dataclass
class Desk:
    """One case and the moment."""

    item: Item = LICENCE
    now: int = START
    case: Case | None = None
    events: list[Event] = field(default_factory=list)

    @property
    def the(self) -> Case:
        assert self.case is not None
        return self.case

    def context(self, node: bytes, **changes: object) -> Context:
        place, parent = PLACES[node], PLACES[node].parent
        context = Context(
            place,
            self.item,
            CALENDAR,
            self.now,
            PLACES.get,
            PLACES.get(parent) if parent else None,
            route=lambda to: step_towards(node, to),
            clock_agrees=True,
            witnessed=self.now,
            people=tuple(STAFF.values()),
        )
        return context._replace(**changes)  # type: ignore[arg-type]

    def file(self, node: bytes = VILLAGE, action: str = "file", role: Role | None = None, **fields: object) -> Case:
        given: dict[str, object] = {
            "item": self.item,
            "application_no": "A-1",
            "source": "default",
            "channel": "village_agent" if node == VILLAGE else "counter",
            "village": "420102002003",
            "materials": (("0", 1000),),
            "query_salt": b"s" * 16,
            "query_hash": b"q" * 32,
            "body": {"application": {"applicant": {"name": "张三"}}},
        }
        actor = STAFF[role or (Role.AGENT if node == VILLAGE else Role.CLERK)]
        return self.write(decide(None, Command(action, given | fields, actor), self.context(node)), node, actor)

    def do(
        self, action: str, role: Role = Role.DIRECTOR, node: bytes | None = None, fields: dict[str, object] | None = None
    ) -> Case:
        """Act at the custodian with the example fields, changed by `fields`; afterwards an hour has passed."""
        where = node or self.the.custodian
        given = self.example(action, STAFF[role], where) | (fields or {})
        return self.write(decide(self.the, Command(action, given, STAFF[role]), self.context(where)), where, STAFF[role])

    def example(self, action: str, actor: Actor, node: bytes) -> dict[str, object]:
        from node.domain.cases.acts import fields_of

        return {spec.name: spec.example for spec in fields_of(action, self.the, self.context(node), actor)}

    def system(self, action: str, node: bytes, fields: dict[str, object] | None = None, request: bytes = b"") -> Case:
        return self.write(decide(self.the, Command(action, fields or {}, SYSTEM, request), self.context(node)), node, SYSTEM)

    def take(self) -> Case:
        assert self.the.offer is not None
        return self.system("take_custody", self.the.offer.target)

    def offers(self, role: Role = Role.DIRECTOR, node: bytes | None = None, **changes: object) -> list[ActionOffer]:
        where = node or self.the.custodian
        return actions_for(self.the, STAFF[role], self.context(where, **changes))

    def names(self, role: Role = Role.DIRECTOR, node: bytes | None = None) -> list[str]:
        return [offer.action for offer in self.offers(role, node)]

    def take_offer(self, offer: ActionOffer, actor: Actor) -> Case:
        where = self.the.custodian
        return self.write(decide(self.the, Command(offer.action, examples(offer), actor), self.context(where)), where, actor)

    def write(self, decided: list[NewEvent], author: bytes, actor: Actor) -> Case:
        for new in decided:
            event = event_of(self.case, new, author, actor.staff_id, self.now)
            assert extends(self.case or Case("CASE-1"), event, nobody_assigns)
            self.case = evolve(self.case or Case("CASE-1"), event)
            self.events.append(event)
        self.now += HOUR
        return self.the

    def accepted(self, node: bytes = TOWNSHIP) -> Desk:
        """Filed and accepted at a hall."""
        self.file(node)
        self.do("accept", Role.CLERK)
        return self

    def handed_over(self) -> Desk:
        """Lodged at the village, handed over and taken by the township."""
        self.file()
        self.do("hand_over", Role.AGENT)
        self.take()
        return self

    def referred(self) -> Desk:
        """Accepted and examined at the township, referred to and taken by the district."""
        self.accepted()
        self.do("complete_step", Role.EXAMINER)
        self.do("refer", Role.APPROVER)
        self.take()
        return self


def refused(code: str, act: Callable[[], object], *words: str) -> TongbanError:
    with pytest.raises(TongbanError) as caught:
        act()
    assert caught.value.code == code, caught.value
    sentence = caught.value.sentence("zh")
    assert all(word in sentence for word in words), sentence
    return caught.value
