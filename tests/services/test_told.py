"""What became of a message is known wherever its case is, and who is reached by message is not told face to face as well (R35)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from node.domain.calendar import day_of
from node.domain.model import Actor, Facts, Role
from node.domain.notes import DELIVERY
from node.store.journal import Draft
from tests.support.gateways import SmsGateway, sms_of
from tests.support.network import AGENT, CLERK, DAY, Town

MINUTE = 60_000
ADMIN = Actor("s-admin", Role.ADMIN)
PHONE = "13912345678"


@pytest.fixture
def gateway(town: Town) -> Iterator[SmsGateway]:
    with sms_of(town["township"].center) as one:
        yield one


def step(town: Town, name: str = "township") -> None:
    town.world.advance(11 * MINUTE)
    town[name].center.notices.step()
    town.heal()


def handed_over(town: Town, **applicant: str) -> tuple[str, str]:
    """A case of a village at its township, and the query code."""
    given = town.application("village")
    given["applicant"] |= applicant
    made = town["village"].center.intake.file(given, AGENT)
    town.act("village", made.case_no, "hand_over", AGENT)
    town.heal()
    return made.case_no, made.query_code or ""


def told(town: Town, name: str, case_no: str) -> list[tuple[str, str, str]]:
    found = town[name].center.notices.of_case(case_no, CLERK if name != "village" else AGENT)
    return [(row["event"], row["channel"], row["state"]) for row in found["rows"]]


def status(town: Town, name: str, case_no: str, code: str) -> list[tuple[str, str, str]]:
    found = town[name].center.public.case(case_no, code, "127.0.0.1")
    return [(one["event"], one["channel"], one["state"]) for one in found["told"]]


def to_tell(town: Town) -> list[str]:
    return [row["event"] for row in town["village"].center.notices.to_tell(AGENT)]


def test_every_node_of_the_case_knows_what_was_told_and_what_nobody_knows(town: Town, gateway: SmsGateway) -> None:
    gateway.answers = ["ok", "close", "ok"]
    case_no, code = handed_over(town)
    step(town)
    town.do("township", case_no, "receive")
    town.do("township", case_no, "accept")
    town.heal()
    step(town)
    wanted = [("received", "sms", "sent"), ("accepted", "sms", "unknown")]
    for name in ("village", "township", "district", "city"):
        assert told(town, name, case_no) == wanted, name
        assert status(town, name, case_no, code) == wanted[::-1], name
    (row,) = [one for one in town["township"].center.notices.show(ADMIN)["notices"] if one["state"] == "unknown"]
    town["township"].center.notices.retry(ADMIN, row["id"])
    step(town)
    for name in ("village", "city"):
        assert told(town, name, case_no) == [("received", "sms", "sent"), ("accepted", "sms", "sent")], name
    assert PHONE not in str(town["village"].center.notices.of_case(case_no, AGENT))


def test_a_crash_before_the_answer_is_told_to_the_others_as_not_known(town: Town, gateway: SmsGateway) -> None:
    class Dies:
        name, idempotent = "sms", False

        def send(self, message: object) -> None:
            raise SystemExit

    center = town["township"].center
    working = dict(center.notices.sending.channels)
    center.notices.sending.configure({"sms": Dies()}, "00:00-00:00", 1000)  # type: ignore[dict-item]
    case_no, _ = handed_over(town)
    town.world.advance(11 * MINUTE)
    with pytest.raises(SystemExit):
        center.notices.step()
    town["township"].restart()
    town["township"].center.notices.sending.configure(working, "00:00-00:00", 1000)
    step(town)
    assert told(town, "village", case_no) == [("received", "sms", "unknown")]


def test_what_a_person_told_is_known_at_the_hall(town: Town, gateway: SmsGateway) -> None:
    case_no, code = handed_over(town, contact="agent")
    (row,) = town["village"].center.notices.to_tell(AGENT)
    town["village"].center.notices.told_in_person(case_no, row["id"], AGENT)
    town["village"].center.notices.told_in_person(case_no, row["id"], AGENT)
    town.heal()
    step(town)
    assert ("received", "screen", "sent") in told(town, "township", case_no)
    assert status(town, "township", case_no, code) == [("received", "screen", "sent")]


def test_whose_number_the_hall_has_recorded_is_not_told_at_the_village_as_well(town: Town, gateway: SmsGateway) -> None:
    case_no, _ = handed_over(town, contact="agent")
    step(town)
    assert to_tell(town) == ["received"] and gateway.taken == []
    hall = town["township"].center.notices
    hall.record_contact(case_no, PHONE, "", "relative", False, CLERK)
    town.do("township", case_no, "receive")
    town.do("township", case_no, "accept")
    town.heal()
    step(town)
    assert [one["phone"] for one in gateway.taken] == [PHONE] and "已受理" in gateway.texts[0]
    assert to_tell(town) == [], "received no longer stands, accepted was told by SMS"
    found = town["village"].center.notices.of_case(case_no, AGENT)
    assert found["reach"] == "contact" and PHONE not in str(found)


def test_what_came_before_the_number_is_the_villages_to_tell_and_nobody_elses(town: Town, gateway: SmsGateway) -> None:
    case_no, _ = handed_over(town, contact="agent")
    town["township"].center.notices.record_contact(case_no, PHONE, "", "own", False, CLERK)
    town.heal()
    step(town)
    assert to_tell(town) == ["received"] and gateway.taken == []
    assert told(town, "township", case_no) == [("received", "", "dropped")]


@pytest.mark.parametrize(("then", "village", "sms"), [("off", [], 0), ("none", ["accepted"], 0)])
def test_who_wants_none_or_takes_the_number_back(
    town: Town, gateway: SmsGateway, then: str, village: list[str], sms: int
) -> None:
    case_no, _ = handed_over(town, contact="agent")
    hall = town["township"].center.notices
    hall.record_contact(case_no, PHONE, "", "own", False, CLERK)
    hall.record_contact(case_no, "", "", "own", then == "off", CLERK)
    town.do("township", case_no, "receive")
    town.do("township", case_no, "accept")
    town.heal()
    step(town)
    assert to_tell(town) == village and len(gateway.taken) == sms


def test_the_line_down_changes_nothing_of_it(town: Town, gateway: SmsGateway) -> None:
    case_no, _ = handed_over(town, contact="agent")
    town.cut("village")
    town["township"].center.notices.record_contact(case_no, PHONE, "", "own", False, CLERK)
    town.do("township", case_no, "receive")
    town.do("township", case_no, "accept")
    town.world.advance(11 * MINUTE)
    town["township"].center.notices.step()
    assert len(gateway.taken) == 1
    (row,) = town["village"].center.notices.to_tell(AGENT)
    town["village"].center.notices.told_in_person(case_no, row["id"], AGENT)
    town.heal()
    assert to_tell(town) == [] and ("accepted", "sms", "sent") in told(town, "village", case_no)


def test_a_node_that_is_none_of_the_cases_says_nothing_of_its_messages(town: Town, gateway: SmsGateway) -> None:
    """The city knows the case and never had it."""
    case_no, code = handed_over(town)
    facts: Facts = {"marks": (b"\x01" * 32,), "event": "ready", "channel": "sms", "state": "sent"}
    town["city"].center.store.run(lambda tx: tx.journal.append(Draft(DELIVERY, "note", facts, subject=case_no)))
    town.heal()
    assert status(town, "village", case_no, code) == [] == told(town, "village", case_no)


@pytest.mark.parametrize("applicant", [{"phone": "027-85770123"}, {"phone": "027-85770123", "email": "ouyang@example.cn"}])
def test_whom_no_channel_of_the_hall_reaches_somebody_tells(town: Town, gateway: SmsGateway, applicant: dict[str, str]) -> None:
    """A telephone that takes no SMS, an address where there is no mail: once, and nobody waits for a channel that does not come."""
    handed_over(town, **applicant)
    step(town)
    assert to_tell(town) == ["received"] and gateway.taken == []
    step(town)
    assert to_tell(town) == ["received"]


@pytest.mark.parametrize(("recorded", "village", "sms"), [("", ["due_soon"], 0), (PHONE, [], 2)])
def test_who_has_no_telephone_hears_at_the_village_that_the_promise_falls_due(
    town: Town, gateway: SmsGateway, recorded: str, village: list[str], sms: int
) -> None:
    """One of the two tells him: the village, or the hall that has recorded a number."""
    case_no, _ = handed_over(town, contact="agent")
    if recorded:
        town["township"].center.notices.record_contact(case_no, recorded, "", "relative", False, CLERK)
    town.do("township", case_no, "receive")
    town.do("township", case_no, "accept")
    town.heal()
    step(town)
    due = town["township"].center.cases.case(case_no, CLERK)["due"]
    while day_of(town.world.time).isoformat() < str(due):
        town.world.advance(DAY)
        town.heal()
        for name in ("village", "township", "village"):
            step(town, name)
    assert to_tell(town) == village and len(gateway.taken) == sms
    assert [row for row in told(town, "township", case_no) if row[0] == "due_soon" and row[2] != "dropped"] == (
        [("due_soon", "sms", "sent")] if recorded else []
    )
