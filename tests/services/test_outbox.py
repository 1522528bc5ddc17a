"""The outbox: what is told of a case, once, through one sender, while gateways and lines fail (R35)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from node.domain.calendar import day_of
from node.domain.model import Actor, Role
from node.machine.config import SmsSection
from node.machine.gateways import Message, Outcome, Sms
from node.store import outbox
from node.store.outbox import Notice
from tests.support.gateways import SmsGateway, closed_port
from tests.support.network import AGENT, CLERK, DAY, DIRECTOR, Town

MINUTE = 60_000
ITEM = "ZW007"
ADMIN = Actor("s-admin", Role.ADMIN)


@dataclass
class Noted:
    """A channel that does what it is told: for what no server can be made to do in time (a crash between two transactions)."""

    name: str = "sms"
    idempotent: bool = False

    def send(self, message: Message) -> Outcome:
        raise SystemExit("the power went out")


@pytest.fixture
def gateway() -> Iterator[SmsGateway]:
    one = SmsGateway()
    yield one
    one.close()


def tell(town: Town, name: str, gateway: SmsGateway | None, *, daily: int = 1000, **said: Any) -> None:
    url = gateway.url if gateway is not None else f"http://127.0.0.1:{closed_port()}/"
    channel = Sms(SmsSection(url=url, timeout_s=1, **said), Path("nowhere"))
    town[name].center.notices.sending.configure({"sms": channel}, "21:00-08:00", daily)


def step(town: Town, name: str = "township", *, minutes: int = 11) -> int:
    town.world.advance(minutes * MINUTE)
    return town[name].center.notices.step()


def rows(town: Town, name: str = "township") -> list[Notice]:
    with town[name].center.store.reading() as view:
        return outbox.page(view.connection)[::-1]


def states(town: Town, name: str = "township") -> list[tuple[str, str, str]]:
    return [(row.event, row.state, row.error) for row in rows(town, name)]


def handed_over(town: Town) -> str:
    case_no = town.file("village", ITEM)
    town.act("village", case_no, "hand_over", AGENT)
    town.heal()
    return case_no


def test_the_applicant_of_a_village_is_told_by_the_township_and_by_nobody_else(town: Town, gateway: SmsGateway) -> None:
    for name in ("township", "district", "city"):
        tell(town, name, gateway)
    case_no = handed_over(town)
    assert step(town) == 1
    (sent,) = gateway.taken
    assert sent["phone"] == "15412345678"
    assert "欧阳您好" in sent["text"] and "材料已收到" in sent["text"] and "township" in sent["text"]
    assert "建国" not in sent["text"] and case_no not in sent["text"]
    town.act("township", case_no, "receive", CLERK)
    town.do("township", case_no, "accept")
    town.heal()
    assert [step(town, name, minutes=20) for name in ("township", "district", "city")] == [1, 0, 0]
    assert "已受理" in gateway.texts[1] and "月" in gateway.texts[1]
    assert states(town) == [("received", "sent", ""), ("accepted", "sent", "")]
    assert states(town, "district") == []


def test_a_corrected_paper_is_told_once_by_the_sender_of_the_case(town: Town, gateway: SmsGateway) -> None:
    for name in ("township", "district", "city"):
        tell(town, name, gateway)
    case_no = handed_over(town)
    town.act("township", case_no, "receive", CLERK)
    town.do("township", case_no, "accept")
    town["township"].center.papers.issue(case_no, "acceptance", DIRECTOR)
    assert step(town) == 1
    town["township"].center.paper_changes.correct(case_no, "acceptance", {"old_words": "甲", "new_words": "乙"}, DIRECTOR)
    town.heal()
    assert [step(town, name, minutes=20) for name in ("township", "district", "city")] == [1, 0, 0]
    assert "有一份文书已更正" in gateway.texts[-1] and "甲" not in gateway.texts[-1]
    assert states(town)[-1] == ("paper_corrected", "sent", "") and states(town, "district") == []


def test_what_comes_within_ten_minutes_is_one_message_and_what_is_over_is_not_sent(town: Town, gateway: SmsGateway) -> None:
    tell(town, "township", gateway)
    case_no = town.file("township", ITEM)
    town.do("township", case_no, "accept")
    assert step(town, minutes=9) == 0
    assert step(town, minutes=2) == 1
    assert len(gateway.taken) == 1 and "已受理" in gateway.texts[0]
    assert states(town) == [("received", "dropped", "pointless"), ("accepted", "sent", "")]


def test_not_at_night_and_what_can_wait_on_a_working_day(town: Town, gateway: SmsGateway) -> None:
    tell(town, "township", gateway)
    town.world.advance(4 * DAY + 11 * 60 * MINUTE + 55 * MINUTE)  # Friday 20:55
    town.file("township", ITEM)
    assert step(town) == 0
    town.world.advance(15 * 60 * MINUTE)  # Saturday noon
    assert step(town) == 0
    town.world.advance(45 * 60 * MINUTE)
    assert step(town) == 1


def test_a_gateway_in_trouble_is_asked_again_with_backoff_and_blocks_no_case(town: Town, gateway: SmsGateway) -> None:
    tell(town, "township", gateway)
    gateway.answers = ["500", "429", "ok"]
    first, second = town.file("township", ITEM), town.file("township", ITEM)
    step(town)
    assert len(gateway.asked) == 1  # one message asks for all
    assert {(state, error) for _, state, error in states(town)} == {("waiting", "http_500")}
    town.do("township", first, "accept")
    for _ in range(4):
        step(town, minutes=11)
    assert len(gateway.asked) == 4 and len(gateway.taken) == 2
    assert sorted(state for _, state, _ in states(town)) == ["dropped", "sent", "sent"]
    assert town["township"].status(second) == "submitted"


def test_a_closed_gateway_is_shown_and_tried_again_at_once(town: Town, gateway: SmsGateway) -> None:
    tell(town, "township", None)
    town.file("township", ITEM)
    step(town)
    shown = town["township"].center.notices.show(ADMIN)
    assert [(one["name"], one["error"], one["failures"]) for one in shown["channels"]] == [("sms", "refused", 1)]
    assert shown["notices"][0]["state"] == "waiting" and "欧阳" not in str(shown)
    tell(town, "township", gateway)
    assert town["township"].center.notices.retry(ADMIN) == 1
    assert town["township"].center.notices.step() == 1
    assert town["township"].center.notices.show(ADMIN)["channels"][0]["error"] == ""


@pytest.mark.parametrize("answer", ["close", "hang", "taken-then-close"])
def test_what_nobody_knows_is_not_sent_again_but_by_a_person(town: Town, gateway: SmsGateway, answer: str) -> None:
    tell(town, "township", gateway)
    gateway.answers = [answer, "ok"]
    town.file("township", ITEM)
    step(town)
    for _ in range(3):
        step(town)
    (row,) = rows(town)
    assert (row.state, len(gateway.asked)) == ("unknown", 1)
    assert town["township"].center.notices.retry(ADMIN, row.id) == 1
    assert step(town) == 1
    assert [state for _, state, _ in states(town)] == ["sent"]


def test_a_gateway_that_sends_one_id_once_is_given_it_again(town: Town, gateway: SmsGateway) -> None:
    tell(town, "township", gateway, idempotent=True)
    gateway.answers = ["taken-then-close", "ok"]
    town.file("township", ITEM)
    step(town)
    step(town)
    assert [one["id"] for one in gateway.taken] == [gateway.taken[0]["id"]] * 2
    assert [state for _, state, _ in states(town)] == ["sent"]


def test_a_crash_between_intent_and_answer_reads_unknown(town: Town, gateway: SmsGateway) -> None:
    town["township"].center.notices.sending.configure({"sms": Noted()}, "21:00-08:00", 1000)
    town.file("township", ITEM)
    with pytest.raises(SystemExit):
        step(town)
    shown = town["township"].center.notices.show(ADMIN)["notices"]
    assert [one["state"] for one in shown] == ["unknown"]
    town["township"].restart()
    tell(town, "township", gateway)
    step(town)
    assert states(town) == [("received", "unknown", "interrupted")]
    assert gateway.taken == []


def test_nothing_older_than_a_restore_is_sent_by_itself(town: Town, gateway: SmsGateway, tmp_path: Path) -> None:
    tell(town, "township", gateway)
    town.connect()
    town.settle()
    town["township"].center.upkeep.backup(str(tmp_path / "copy"), None)
    town.file("township", ITEM)
    town.heal()
    assert step(town) == 1
    town.burn("township", tmp_path / "copy")
    tell(town, "township", gateway)
    town.heal()
    assert [step(town) for _ in range(3)] == [0, 0, 0]
    assert len(gateway.taken) == 1
    assert states(town) == [("received", "unknown", "restored")]
    town.file("township", ITEM)
    assert step(town) == 1


def test_no_message_has_the_name_of_one_that_the_burnt_disk_sent(town: Town, gateway: SmsGateway, tmp_path: Path) -> None:
    """A gateway that sends one id once would swallow it."""
    tell(town, "township", gateway, idempotent=True)
    town["township"].center.upkeep.backup(str(tmp_path / "copy"), None)
    town.cut()
    town.file("township", ITEM)
    assert step(town) == 1
    town.burn("township", tmp_path / "copy")
    tell(town, "township", gateway, idempotent=True)
    town.heal()
    town.file("township", ITEM)
    assert step(town) == 1
    assert len({one["id"] for one in gateway.taken}) == 2


def test_what_happened_before_there_was_a_channel_is_not_told(town: Town, gateway: SmsGateway) -> None:
    case_no = town.file("township", ITEM)
    town.world.advance(1000)
    tell(town, "township", gateway)
    step(town)
    assert states(town) == []
    town.do("township", case_no, "accept")
    assert step(town) == 1
    assert "已受理" in gateway.texts[0]


def test_a_number_that_is_refused_three_times_is_told_face_to_face(town: Town, gateway: SmsGateway) -> None:
    tell(town, "township", gateway)
    gateway.answers = ["400"]
    town.file("township", ITEM)
    for _ in range(5):
        step(town)
    assert len(gateway.asked) == 3
    assert states(town) == [("received", "failed", "http_400"), ("received", "waiting", "")]
    assert rows(town)[1].channel == outbox.SCREEN


def test_one_working_day_before_the_promise_falls_due(town: Town, gateway: SmsGateway) -> None:
    tell(town, "township", gateway)
    case_no = town.file("township", ITEM)
    town.do("township", case_no, "accept")
    step(town)
    document = town["township"].center.cases.case(case_no, CLERK)
    for _ in range(80):
        if len(gateway.taken) > 1:
            break
        town.world.advance(6 * 60 * MINUTE)
        step(town, minutes=1)
    due = str(document["due"])
    sent = day_of(rows(town)[-1].at)
    assert (
        town["township"].center.catalog.calendar().next_workday(sent + dt.timedelta(days=1)).isoformat() == due
        and sent.isoformat() < due
    )
    assert "正在办理" in gateway.texts[1] and f"{int(due[5:7])}月{int(due[8:])}日" in gateway.texts[1]
    assert rows(town)[-1].mark == f"due:{due}"


def test_the_messages_of_a_day_are_used_up_and_the_rest_is_a_digest(town: Town, gateway: SmsGateway) -> None:
    tell(town, "township", gateway, daily=2)
    for _ in range(5):
        town.file("township", ITEM)
    for _ in range(4):
        step(town)
    assert len(gateway.taken) == 2
    assert town["township"].center.notices.show(ADMIN)["capped"]
    town.world.advance(DAY)
    for _ in range(2):
        step(town)
    assert len(gateway.taken) == 3
    assert "3件办件有新进展" in gateway.texts[2]
    assert {state for _, state, _ in states(town)} == {"sent"}


def test_an_act_that_was_undone_is_not_told(town: Town, gateway: SmsGateway) -> None:
    tell(town, "township", gateway)
    case_no = town.file("township", ITEM)
    town.do("township", case_no, "accept", DIRECTOR)
    town.do("township", case_no, "undo", DIRECTOR)
    step(town)
    assert len(gateway.taken) == 1 and "材料已收到" in gateway.texts[0]


def test_a_test_message_says_whether_the_gateway_takes_it(town: Town, gateway: SmsGateway) -> None:
    tell(town, "township", gateway)
    center = town["township"].center
    assert center.notices.test("sms", "13900000000", ADMIN) == {"channel": "sms", "state": "sent", "error": ""}
    gateway.answers = ["401"]
    assert center.notices.test("sms", "13900000000", ADMIN)["error"] == "http_401"
    with pytest.raises(Exception, match="invalid"):
        center.notices.test("sms", "12", ADMIN)


def test_who_has_no_telephone_is_told_by_the_agent_of_his_village(town: Town, gateway: SmsGateway) -> None:
    tell(town, "township", gateway)
    elder = town.application("village", ITEM)["applicant"] | {"contact": "agent"}
    case_no = town.file("village", ITEM, applicant=elder)
    agent = town["village"].center
    assert [(row["applicant"], row["event"]) for row in agent.notices.to_tell(AGENT)] == [("欧阳建国", "registered")]
    town.act("village", case_no, "hand_over", AGENT)
    town.heal()
    town.act("township", case_no, "receive", CLERK)
    town.do("township", case_no, "accept")
    town.heal()
    step(town)
    assert gateway.asked == []
    assert {error for _, _, error in states(town)} == {"pointless", "told_at_village"}
    (row,) = agent.notices.to_tell(AGENT)
    assert (row["case_no"], row["event"]) == (case_no, "accepted")
    agent.notices.told_in_person(case_no, row["id"], AGENT)
    assert agent.notices.to_tell(AGENT) == []


def test_the_village_hears_of_whom_the_township_could_not_reach(town: Town, gateway: SmsGateway) -> None:
    tell(town, "township", gateway)
    gateway.answers = ["400"]
    case_no = handed_over(town)
    town.cut("village")
    for _ in range(4):
        step(town)
    assert town["village"].center.notices.to_tell(AGENT) == []
    town.heal()
    (row,) = town["village"].center.notices.to_tell(AGENT)
    assert (row["case_no"], row["event"], row["applicant"]) == (case_no, "received", "欧阳建国")
    assert town["township"].center.notices.to_tell(CLERK) == []
    town.do("township", case_no, "receive")
    town.do("township", case_no, "accept")
    town.heal()
    assert town["village"].center.notices.to_tell(AGENT) == []  # it is no longer so


def test_a_node_that_ends_begins_no_further_message(town: Town, gateway: SmsGateway) -> None:
    tell(town, "township", gateway)
    town.file("township", ITEM)
    town["township"].center.notices.sending.stopping = True
    assert step(town) == 0
    assert [state for _, state, _ in states(town)] == ["waiting"] and gateway.asked == []
