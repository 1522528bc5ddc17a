"""Over any history, crash, restore and order nobody is told twice what is not marked as unknown, everybody is told once gateway and line
are up, every event has its row, and no message, mail or log holds more of a person than the surname (R35)."""

from __future__ import annotations

import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from node.domain.model import Actor, Role
from node.domain.notices.news import CONFIRMED, read_mark
from node.domain.words.errors import TongbanError
from node.machine.gateways import Channel, Message, Outcome
from node.store import news, outbox
from node.store.outbox import Notice
from node.store.projected import outbox as projected
from node.store.store import Tx
from tests.support.network import AGENT, DIRECTOR, PowerCut, Town, fresh

HOUR = 3_600_000
HALLS = ("township", "district")
CANARIES = ("建国", "420106198702079963", "15412345678", "保成社区1组", "本人申请", "13912345678", "a.b@example.cn")
STAFF = {"clerk": "wang@example.cn", "examiner": "li@example.cn"}
GATEWAY = Actor("s-gateway", Role.INTEGRATION)
DAILY = {"township": 4, "district": 1000}
FAULTS = ("sent", "trouble", "rejected", "taken, no answer", "lost, no answer", "dies before", "dies after")
STEPS = (
    "file below",
    "file",
    "file",
    "hand over",
    "act",
    "act",
    "cut",
    "connect",
    "tell",
    "tell",
    "tell",
    "tell",
    "night",
    "morning",
    "restart",
    "contact",
    "by hand",
    "answer",
    "copy",
    "burn",
)


@dataclass
class Telephone:
    """The telephone company: what reached people, and what goes wrong next."""

    node: str
    name: str = "sms"
    idempotent: bool = False
    faults: list[str] = field(default_factory=list)
    reached: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> Outcome:
        fault = self.faults.pop(0) if self.faults else "sent"
        if fault == "dies before":
            raise PowerCut(self.node)
        if fault in ("sent", "taken, no answer", "dies after"):
            self.reached.append(message)
        if fault == "dies after":
            raise PowerCut(self.node)
        words = {"trouble": Outcome("trouble", "http_500"), "rejected": Outcome("rejected", "http_400"), "sent": Outcome("sent")}
        return words.get(fault, Outcome("unknown", "timeout"))


def _put(wanted: news.Wanted, tx: Tx) -> None:
    news.put(tx.connection, wanted)


class Street:
    """A village, its township and district, and people who do anything in any order."""

    def __init__(self, town: Town) -> None:
        self.town, self.cases = town, list[str]()
        self.phones = {name: Telephone(name) for name in HALLS}
        self.mails = {name: Telephone(name, "smtp") for name in HALLS}
        self.copies: dict[str, Path] = {}
        self.rows: dict[tuple[str, str], set[tuple[str, str]]] = {}  # (node, message) -> what it told
        self.lives: dict[str, set[str]] = {name: {"0"} for name in HALLS}
        self.serial = count()
        for name in HALLS:
            self.open(name)
            for role, address in STAFF.items():
                made = town[name].center.staff.add("王敏", role)
                wanted = news.Wanted(made["staff_id"], email=address, mail="twice", proof=CONFIRMED)
                town[name].center.store.run(partial(_put, wanted))

    def open(self, name: str) -> None:
        channels: dict[str, Channel] = {"sms": self.phones[name], "smtp": self.mails[name]}
        self.town[name].center.notices.sending.configure(channels, "21:00-08:00", DAILY[name])

    def restart(self, name: str) -> None:
        self.town.cut()
        self.town[name].restart()
        self.open(name)

    def tell(self) -> None:
        for name in HALLS:
            try:
                self.town[name].center.notices.step()
            except PowerCut:
                self.restart(name)
            self.remember(name)

    def remember(self, name: str) -> None:
        """What each message told, while its rows are there: a restore forgets them."""
        with self.town[name].center.store.reading() as view:
            life = (view.meta.get(projected.RESTORED) or b"0").decode()
        self.lives[name].add(life)
        for row in rows_of(self.town, name):
            if row.message:
                told = self.rows.setdefault((name, f"{row.message}.{life}"), set())
                told.add((row.case_no or row.recipient, row.mark))

    def take(self, step: str, pick: int, fault: str) -> None:
        town = self.town
        town.world.advance(7 * 60_000)
        if step == "file below":
            applicant = town.application("village")["applicant"] | ({"contact": "agent"} if pick % 3 == 0 else {})
            self.cases.append(town.file("village", applicant=applicant))
        elif step == "file":
            self.cases.append(town.file(HALLS[pick % 2]))
        elif step in ("cut", "connect"):
            (town.cut if step == "cut" else town.connect)("village" if pick % 2 else "township")
        elif step in ("night", "morning"):
            town.world.advance((pick % 40) * HOUR if step == "night" else 24 * HOUR)
        elif step == "restart":
            self.restart(HALLS[pick % 2])
        elif step in ("copy", "burn"):
            self.disk(step, HALLS[pick % 2])
        elif step == "tell":
            for phone in (*self.phones.values(), *self.mails.values()):
                phone.faults[:] = [fault]
            town.world.advance(7 * 60_000)
            self.tell()
        elif step == "answer":
            text = ("TD", "HF", "你好", "HF")[pick % 4]
            with suppress(TongbanError):
                town[HALLS[pick % 2]].center.notices.inbound(("15412345678", STAFF["clerk"])[pick % 2], text, GATEWAY)
        elif self.cases:
            self.act(self.cases[pick % len(self.cases)], step, pick)
        town.settle()

    def disk(self, step: str, name: str) -> None:
        """A copy is made; or the disk burns and the last copy comes back."""
        if step == "copy":
            self.copies[name] = self.town.folder / f"copy-{next(self.serial)}.zip"
            self.town[name].center.upkeep.backup(str(self.copies[name]), None)
        elif name in self.copies:
            self.town.burn(name, self.copies.pop(name))
            self.open(name)
            self.town.connect()

    def act(self, case_no: str, step: str, pick: int) -> None:
        with suppress(TongbanError):
            if step == "hand over":
                self.town.act("village", case_no, "hand_over", AGENT)
            elif step == "by hand":
                for row in self.town["village"].center.notices.to_tell(AGENT)[: pick % 3]:
                    self.town["village"].center.notices.told_in_person(row["case_no"], row["id"], AGENT)
            elif step == "contact":
                phone, email = (("13912345678", ""), ("", "a.b@example.cn"), ("", ""))[pick % 3]
                center = self.town[HALLS[pick % 2]].center
                center.notices.record_contact(case_no, phone, email, "own", pick % 5 == 0, DIRECTOR)
        for name in HALLS if step == "act" else ():
            with self.town[name].center.store.reading() as view:
                case = view.cases.get(case_no)
                here = case is not None and case.custodian == view.identity.node_id
            offered = sorted(set(self.town.offered(name, case_no)) - NOT_NOW) if here else []
            if offered:
                with suppress(TongbanError):
                    self.town.do(name, case_no, offered[pick % len(offered)], DIRECTOR)

    def calm(self) -> None:
        """Gateways and lines are up, and time passes."""
        for phone in (*self.phones.values(), *self.mails.values()):
            phone.faults.clear()
        self.town.heal()
        for _ in range(14):
            self.town.world.advance(9 * HOUR)
            self.tell()
        for _ in range(60):  # where a day has few messages
            if not any(
                row.state == outbox.WAITING and row.channel != outbox.SCREEN for name in HALLS for row in rows_of(self.town, name)
            ):
                break
            self.town.world.advance(9 * HOUR)
            self.tell()
        self.town.heal()


NOT_NOW = {"set_urgent", "record_papers", "supply_material", "remind"}


def rows_of(town: Town, name: str) -> list[Notice]:
    with town[name].center.store.reading() as view:
        return outbox.page(view.connection, most=10_000)


# told between the copy of a disk and its loss: the entries come back from above, and nobody is told again
BURNT = [
    ("copy", 0, "sent"), ("file below", 1, "sent"), ("hand over", 0, "sent"), ("tell", 0, "sent"), ("tell", 0, "sent"),
    ("burn", 0, "sent"), ("tell", 0, "sent"), ("tell", 0, "sent"),
]  # fmt: skip


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.generate))
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 99), st.sampled_from(FAULTS)), min_size=10, max_size=40))
@example(steps=BURNT)
def test_nobody_is_told_twice_and_everybody_is_told(
    capsys: pytest.CaptureFixture[str], steps: list[tuple[str, int, str]]
) -> None:
    folder = Path(tempfile.mkdtemp())
    town = fresh("chain", folder)
    town.heal()
    try:
        street = Street(town)
        for one in steps:
            street.take(*one)
        street.calm()
        judge(street)
        logged = capsys.readouterr().out
        assert not [canary for canary in (*CANARIES, *STAFF.values(), "欧阳") if canary in logged]
    finally:
        town.close()


def judge(street: Street) -> None:
    reached: Counter[tuple[str, str]] = Counter()
    for name in HALLS:
        sent = street.phones[name].reached + street.mails[name].reached
        ids = Counter(message.id for message in sent)
        assert not [id for id, often in ids.items() if often > 1], "one message went out twice, or two under one name"
        for message in sent:
            assert not [canary for canary in CANARIES if canary in message.text + message.subject]
            assert not [case_no for case_no in street.cases if case_no in message.text + message.subject]
        for id in ids:
            reached.update(street.rows.get((name, numbered(id)), set()))
        judge_rows(street, name, ids)
    assert max(reached.values(), default=0) <= 1, "one event reached somebody twice"
    told = Counter(
        (row.case_no, row.mark)
        for name in (*HALLS, "village")
        for row in rows_of(street.town, name)
        if row.recipient == "applicant" and row.state not in (outbox.DROPPED, outbox.FAILED)
    )
    assert max(told.values(), default=0) <= 1, "two nodes, or two rows, for one event"
    judge_mails(street)
    judge_events(street)


def numbered(id: str) -> str:
    """The number of a message and its life, as `Street.rows` names it; of an answer nothing that is there."""
    parts = id.split("-")
    return f"{parts[-1]}.{parts[-2] if len(parts) > 2 else 0}"


def judge_rows(street: Street, name: str, ids: Counter[str]) -> None:
    numbers = {numbered(id) for id in ids}
    for row in rows_of(street.town, name):
        assert row.state != outbox.HANDING
        if row.state == outbox.WAITING:
            assert row.channel == outbox.SCREEN, row
        if row.state == outbox.SENT and row.channel in ("sms", "smtp"):
            assert numbers & {f"{row.message}.{life}" for life in street.lives[name]}, "said to be sent, and nobody got it"


def judge_mails(street: Street) -> None:
    """The digests of one person take in every arrival once."""
    for name in HALLS:
        if len(street.lives[name]) > 1:
            continue
        ranges: dict[str, list[tuple[int, int]]] = {}
        for row in rows_of(street.town, name):
            if row.recipient != "applicant":
                slot = read_mark(row.mark)
                ranges.setdefault(row.recipient, []).append((slot.after, slot.until))
        for found in ranges.values():
            ordered = sorted(found)
            assert all(one[1] <= two[0] for one, two in pairwise(ordered)), ordered


def judge_events(street: Street) -> None:
    """Every event that is told has a row at the node that tells it: sent, not needed, not known, or told by a person."""
    for name in (*HALLS, "village"):
        street.town[name].center.store.run(lambda tx, name=name: judge_node(tx, name))  # type: ignore[misc]


def judge_node(tx: Tx, name: str) -> None:
    me, since = tx.identity.node_id, int(tx.meta.get(projected.SINCE) or 0)
    for case_no in tx.cases.numbers():
        case: Any = tx.cases.get(case_no)
        if name == "village" and not projected._by_hand(tx, case):
            continue
        wanted = {event.hash.hex() for event, _, sender in projected._told(tx, case) if sender == me and event.at >= since}
        assert wanted <= outbox.marks_of(tx.connection, case_no), (name, case_no)


def test_the_sequence_that_a_referral_takes_while_line_and_gateway_fail(town: Town) -> None:
    """The village's line and the gateway fail in between; at the end the applicant has heard of each turn that still stood."""
    street = Street(town)
    street.cases.append(town.file("village"))
    town.act("village", street.cases[0], "hand_over", AGENT)
    town.cut("village")
    street.tell()
    assert street.phones["township"].reached == []
    town.heal()
    street.phones["township"].faults += ["trouble", "trouble", "sent"]
    for _ in range(4):
        town.world.advance(11 * 60_000)
        street.tell()
    assert ["材料已收到" in one.text for one in street.phones["township"].reached] == [True]
    town.do("township", street.cases[0], "receive")
    town.do("township", street.cases[0], "accept")
    town.heal()
    street.phones["township"].faults.append("dies before")
    town.world.advance(11 * 60_000)
    street.tell()
    street.calm()
    with town["township"].center.store.reading() as view:
        rows = outbox.page(view.connection)
    assert [(row.event, row.state) for row in rows if row.event == "accepted"] == [("accepted", "unknown")]
    assert street.phones["district"].reached == []
