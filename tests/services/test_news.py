"""What is new for the staff: counted from what they looked at, and by mail as one digest, once (R29, R35)."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.domain.model import Actor, Role
from node.domain.notices.news import CONFIRM, CONFIRM_SUBJECTS, KINDS
from node.domain.words.errors import TongbanError
from node.machine.config import SmtpSection
from node.machine.gateways import Smtp
from node.store import outbox, staff
from tests.support.gateways import MailServer, closed_port
from tests.support.network import AGENT, CLERK, DIRECTOR, Town

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
ADDRESS = "wang.min@example.cn"


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailServer]:
    one = MailServer(tmp_path, encrypted=False)
    yield one
    one.close()


def post(town: Town, port: int, name: str = "township", daily: int = 1000) -> None:
    channel = Smtp(
        SmtpSection(host="127.0.0.1", port=port, starttls=False, sender="hall@example.cn", timeout_s=1), Path("nowhere")
    )
    town[name].center.notices.sending.configure({"smtp": channel}, "21:00-08:00", daily)


def somebody(town: Town, role: str = "clerk", name: str = "township") -> Actor:
    made = town[name].center.staff.add("王敏", role)
    return Actor(made["staff_id"], Role(role), "王敏")


def new(town: Town, by: Actor, name: str = "township") -> dict[str, int]:
    found = town[name].center.news.count(by)
    assert found is not None
    counts = {"back": found["back"], "mine": found["mine"], "asked": found["asked"], "new": found["new"], "soon": found["soon"]}
    counts |= {"changed": found["changed"], "cards": found["cards"]}
    return {kind: counts[kind] for kind in KINDS if counts[kind]}


def code_of(server: MailServer, which: int = -1) -> str:
    """The code in one of the mails that ask to confirm an address."""
    asked = [text for _, subject, text in mails(server) if subject in CONFIRM_SUBJECTS.values()]
    found = re.search(r"\b[A-Z2-9]{10}\b", asked[which])
    assert found is not None
    return found[0]


def wants(town: Town, server: MailServer, address: str, when: str, by: Actor) -> None:
    """A person of the township wants mails, and confirms the address."""
    center = town["township"].center
    center.news.set_mail(address, when, by)
    center.notices.step()
    center.news.confirm_mail(code_of(server), by)
    server.mails.clear()


def looked(town: Town, by: Actor, name: str = "township") -> None:
    news = town[name].center.news
    news.looked(news.page(by)["counts"]["head"], by)


def morning(town: Town) -> None:
    """To nine o'clock of the next day, which the tests begin on a Monday."""
    town.world.advance(DAY)


def mails(server: MailServer) -> list[tuple[str, str, str]]:
    read = [email.message_from_bytes(one.original_content or b"", policy=email.policy.default) for one in server.mails]
    return [(str(one["To"]), str(one["Subject"]), one.get_content()) for one in read]


def states(town: Town, name: str = "township") -> list[tuple[str, str]]:
    with town[name].center.store.reading() as view:
        return [
            (row.state, row.error)
            for row in outbox.page(view.connection)[::-1]
            if row.recipient != "applicant" and row.event != CONFIRM
        ]


# on screen -----------------------------------------------------------------------------------------------------------


def test_what_comes_into_a_persons_turn_is_new_until_it_was_looked_at_and_ones_own_acts_are_not(town: Town) -> None:
    clerk, examiner = somebody(town), somebody(town, "examiner")
    case_no = town.file("township", "ZW007", CLERK)
    assert new(town, clerk) == {"new": 1} and new(town, examiner) == {}
    looked(town, clerk)
    assert new(town, clerk) == {}
    other = town.file("township", "ZW007", clerk)
    assert new(town, clerk) == {}, "who filed it knows"
    town.act("township", case_no, "accept", clerk)
    town.act("township", other, "accept", clerk)
    assert new(town, clerk) == {} and new(town, examiner) == {"new": 2}
    page = town["township"].center.news.page(examiner)
    assert [row["case_no"] for row in page["rows"]["new"]] == [other, case_no]
    assert page["rows"]["new"][0]["applicant"] == "欧阳建国" and page["rows"]["new"][0]["awaits"] == "examine"


def test_what_was_given_to_a_person_sent_back_or_asked_stands_apart(town: Town) -> None:
    clerk = somebody(town)
    case_no = town.file("village", "ZW007")
    town.act("village", case_no, "hand_over", AGENT)
    town.heal()
    town["township"].center.messages.write(case_no, ["all"], "请看一下", DIRECTOR)
    town.act("township", case_no, "receive", DIRECTOR)
    looked(town, clerk)
    town.act("township", case_no, "assign", DIRECTOR, staff_id=clerk.staff_id)
    town.heal()
    assert new(town, clerk) == {"mine": 1}
    agent = somebody(town, "agent", "village")
    assert new(town, agent, "village") == {"asked": 1}
    looked(town, agent, "village")
    town.act("township", case_no, "request_correction", clerk, content="复印件不清", materials="1", due="2026-03-20")
    town.heal()
    assert new(town, agent, "village") == {"asked": 1}
    town.cut("village")
    assert new(town, agent, "village") == {"asked": 1}, "it is the node's own count, line or no line"


def test_what_is_due_soon_is_told_once_a_day(town: Town) -> None:
    clerk = somebody(town)
    town.file("township", "ZW007", CLERK)
    looked(town, clerk)
    for _ in range(5):
        town.world.advance(DAY)
        if new(town, clerk):
            break
    assert new(town, clerk) == {"soon": 1}
    looked(town, clerk)
    assert new(town, clerk) == {}
    town.world.advance(DAY)
    assert new(town, clerk) == {"soon": 1}


def test_a_case_that_is_new_and_due_soon_is_counted_once(town: Town) -> None:
    clerk = somebody(town)
    town.file("township", "ZW007", CLERK)
    for _ in range(5):
        town.world.advance(DAY)
    found = town["township"].center.news.page(clerk)
    assert new(town, clerk) == {"new": 1} and found["counts"]["total"] == 1 == sum(map(len, found["rows"].values()))


def test_who_has_no_turn_in_cases_has_no_news(town: Town) -> None:
    center = town["township"].center
    for role in (Role.ADMIN, Role.AUDITOR, Role.CATALOG_EDITOR):
        assert center.news.count(Actor("s-x", role)) is None
        with pytest.raises(TongbanError, match="forbidden"):
            center.news.page(Actor("s-x", role))


def test_the_count_walks_only_what_is_new(town: Town) -> None:
    with town["township"].center.store.reading() as view:
        plans = [
            row[3]
            for row in view.connection.execute(
                "EXPLAIN QUERY PLAN SELECT case_no FROM cases INDEXED BY cases_turned WHERE awaits='accept' AND awaits IS NOT NULL"
                " AND turned>5 AND turned<=9 ORDER BY turned DESC LIMIT 5"
            )
        ]
    assert plans == ["SEARCH cases USING INDEX cases_turned (awaits=? AND turned>? AND turned<?)"]


# by mail -------------------------------------------------------------------------------------------------------------


def test_a_digest_in_the_morning_holds_surname_and_item_and_nothing_else(town: Town, mail: MailServer) -> None:
    post(town, mail.port)
    clerk = somebody(town)
    news = town["township"].center.news
    wants(town, mail, ADDRESS, "morning", clerk)
    town["township"].center.notices.step()  # nothing of today
    case_no = town.file("township", "ZW007", CLERK)
    assert town["township"].center.notices.step() == 0
    morning(town)
    assert town["township"].center.notices.step() == 1
    ((to, subject, text),) = mails(mail)
    assert (to, subject) == (ADDRESS, "待办提醒")
    assert "新到1件" in text and "欧阳，" in text and "我的设置" in text
    for canary in (case_no, "建国", "15412345678", "420106", "保成社区", "王敏"):
        assert canary not in text + subject
    assert town["township"].center.notices.step() == 0
    morning(town)
    town["township"].center.notices.step()
    assert all("新到" not in text for _, _, text in mails(mail)[1:]), "what a mail told is not told again"
    found = news.settings(clerk)
    assert found is not None and found["last"] is not None and found["last"]["recipient"] == "staff"
    shown = town["township"].center.notices.show(Actor("s-admin", Role.ADMIN))
    assert ADDRESS not in str(shown) and clerk.staff_id not in str(shown)


def test_a_digest_is_in_the_language_of_its_reader_and_goes_to_a_host_of_other_letters(town: Town, mail: MailServer) -> None:
    post(town, mail.port)
    center, clerk = town["township"].center, somebody(town)
    center.store.run(lambda tx: staff.set_language(tx.connection, clerk.staff_id, "en"))
    wants(town, mail, "wang＠某单位。中国", "morning", clerk)
    town.file("township", "ZW007", CLERK)
    morning(town)
    center.notices.step()
    ((to, subject, text),) = mails(mail)
    assert (to, subject) == ("wang@xn--nqq01hn5w.xn--fiqs8s", "Your work at the service center")
    assert "Waiting for you: 1 new" in text and "欧阳，" in text and "您" not in text


def test_a_mail_server_that_fails_is_asked_again_and_two_mornings_are_one_mail(town: Town, mail: MailServer) -> None:
    post(town, mail.port)
    clerk = somebody(town)
    wants(town, mail, ADDRESS, "morning", clerk)
    post(town, closed_port())
    town.file("township", "ZW007", CLERK)
    morning(town)
    town["township"].center.notices.step()
    assert states(town) == [("waiting", "refused")]
    town.file("township", "ZW007", CLERK)
    morning(town)
    town["township"].center.notices.step()
    post(town, mail.port)
    town.world.advance(HOUR)
    assert town["township"].center.notices.step() == 1
    assert len(mails(mail)) == 1 and "新到2件" in mails(mail)[0][2]
    assert states(town) == [("sent", ""), ("sent", "")]


def test_what_is_done_or_no_longer_wanted_is_not_mailed(town: Town, mail: MailServer) -> None:
    post(town, mail.port)
    clerk, other = somebody(town), somebody(town)
    news = town["township"].center.news
    wants(town, mail, ADDRESS, "morning", clerk)
    wants(town, mail, "b@example.cn", "morning", other)
    post(town, closed_port())
    case_no = town.file("township", "ZW007", CLERK)
    morning(town)
    town["township"].center.notices.step()
    news.set_mail(ADDRESS, "none", clerk)
    town.act("township", case_no, "accept", DIRECTOR)
    post(town, mail.port)
    town.world.advance(HOUR)
    assert town["township"].center.notices.step() == 0
    assert sorted(states(town)) == [("dropped", "not_wanted"), ("dropped", "pointless")] and mails(mail) == []


def test_a_digest_that_a_crash_met_reads_unknown_and_is_not_sent_again(town: Town, mail: MailServer) -> None:
    post(town, mail.port)
    clerk = somebody(town)
    wants(town, mail, ADDRESS, "twice", clerk)
    mail.says["DATA"] = "hang"
    town.file("township", "ZW007", CLERK)
    morning(town)
    town["township"].center.notices.step()
    assert [state for state, _ in states(town)] == ["unknown"]
    mail.let_go.set()
    mail.says.clear()
    mail.mails.clear()
    town.world.advance(5 * HOUR)
    town["township"].center.notices.step()
    assert mails(mail) == [] and len(states(town)) == 1, "the second digest of the day has nothing new"


def test_nothing_that_a_mail_may_have_told_is_mailed_again_after_a_restore(town: Town, mail: MailServer, tmp_path: Path) -> None:
    post(town, mail.port)
    clerk = somebody(town)
    wants(town, mail, ADDRESS, "twice", clerk)
    town.heal()
    town["township"].center.upkeep.backup(str(tmp_path / "copy"), None)
    town.file("township", "ZW007", CLERK)
    town.heal()
    morning(town)
    assert town["township"].center.notices.step() == 1
    town.burn("township", tmp_path / "copy")
    town.heal()
    post(town, mail.port)
    town.world.advance(5 * HOUR)
    town["township"].center.notices.step()
    assert len(mails(mail)) == 1
    town.heal()
    morning(town)
    town["township"].center.notices.step()
    assert all("新到" not in text for _, _, text in mails(mail)[1:])


def test_no_mail_at_night_or_on_a_day_off_and_td_ends_it(town: Town, mail: MailServer) -> None:
    post(town, mail.port)
    clerk = somebody(town)
    center = town["township"].center
    wants(town, mail, ADDRESS, "morning", clerk)
    town.world.advance(4 * DAY)  # Friday
    center.notices.step()
    mail.mails.clear()
    town.file("township", "ZW007", CLERK)
    town.world.advance(DAY)
    assert center.notices.step() == 0, "Saturday"
    town.world.advance(2 * DAY - 2 * HOUR)
    assert center.notices.step() == 0, "seven in the morning"
    answered = center.notices.inbound(ADDRESS, "TD", Actor("s-gateway", Role.INTEGRATION))
    assert answered["outcome"] == "off" and center.notices.step() == 0
    town.world.advance(2 * HOUR)
    center.notices.step()
    assert states(town)[-1] == ("dropped", "not_wanted")
    assert [subject for _, subject, _ in mails(mail)] == ["办件进展"], "the answer to TD alone"


def test_the_mails_of_a_day_have_one_limit(town: Town, mail: MailServer) -> None:
    post(town, mail.port)
    clerk, other = somebody(town), somebody(town)
    wants(town, mail, ADDRESS, "morning", clerk)
    wants(town, mail, "b@example.cn", "morning", other)
    post(town, mail.port, daily=1)
    town.file("township", "ZW007", CLERK)
    morning(town)
    assert town["township"].center.notices.step() == 1
    assert sorted(states(town)) == [("sent", ""), ("waiting", "daily_cap")]
    morning(town)
    assert town["township"].center.notices.step() == 1


@pytest.mark.parametrize(
    ("address", "when", "faults"),
    [
        ("wang", "morning", {"email": "not_a_mail"}),
        ("", "morning", {"email": "missing"}),
        ("a b@example.cn", "none", {"email": "not_a_mail_name"}),
        ("wang@localhost", "none", {"email": "not_a_mail_host"}),
        (ADDRESS, "hourly", {"mail": "not_a_choice"}),
    ],
)
def test_an_address_that_is_none_is_refused(town: Town, address: str, when: str, faults: dict[str, str]) -> None:
    with pytest.raises(TongbanError) as refused:
        town["township"].center.news.set_mail(address, when, somebody(town))
    assert refused.value.fields == faults


def test_a_share_of_the_promise_that_runs_out_is_due_soon_long_before_the_case_is(town: Town) -> None:
    """What is no licence, promised in ten days, four of them for the township (T04): on the third the examiner is reminded."""
    examiner = somebody(town, "examiner")
    case = town.file("township", "ZW042")
    town.do("township", case, "accept")
    looked(town, examiner)
    town.world.advance(3 * DAY - HOUR)
    town["township"].center.watching.tick()
    assert "soon" not in new(town, examiner)
    town.world.advance(2 * HOUR)
    town["township"].center.watching.tick()
    town.file("township", "ZW042")  # something came: the count is made anew
    assert new(town, examiner).get("soon") == 1
    assert new(town, somebody(town, "clerk")).get("soon") is None  # not in his turn
