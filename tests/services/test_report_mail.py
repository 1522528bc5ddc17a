"""A monthly report goes by mail, once and in words, to the addresses that the director chose (R44)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.domain.calendar import day_of
from node.domain.model import Actor, Role
from node.domain.words.errors import TongbanError
from node.store import report_mail
from tests.services.test_news import code_of, mails, post
from tests.support.gateways import MailServer
from tests.support.network import DAY, DIRECTOR, Town

OVERSEER = Actor("s-overseer", Role.OVERSEER, "周督察")


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailServer]:
    one = MailServer(tmp_path, encrypted=False)
    yield one
    one.close()


def refused(town: Town, address: str, code: str) -> str:
    with pytest.raises(TongbanError) as error:
        town["village"].center.report_mail.confirm(address, code, DIRECTOR)
    return error.value.fields["code"]


def next_month(town: Town) -> None:
    days = (dt.date(2026, 4, 1) - day_of(town.world.time)).days
    town.world.advance(days * DAY)
    town.heal()


def send(town: Town) -> None:
    for _ in range(3):
        town.world.advance(DAY // 2)
        town["village"].center.notices.sending.step()


def test_what_is_signed_or_frozen_is_mailed_once_to_who_was_chosen_and_confirmed(town: Town, mail: MailServer) -> None:
    center = town["village"].center
    post(town, mail.port, "village")
    with pytest.raises(TongbanError, match="invalid_input"):
        center.report_mail.choose(["no address"], DIRECTOR)
    for refusal in (
        lambda: center.report_mail.choose(["a@example.cn"], OVERSEER), lambda: center.report_mail.confirm("a@example.cn", "x", OVERSEER),
    ):  # fmt: skip
        with pytest.raises(TongbanError, match="forbidden"):
            refusal()
    next_month(town)
    center.report_mail.choose(["a@example.cn", "a@example.cn"], DIRECTOR)
    center.notices.sending.step()
    code = code_of(mail)
    assert [(to, subject) for to, subject, _ in mails(mail)] == [("a@example.cn", "确认邮箱")] and "月报" in mails(mail)[0][2]
    center.report_mail.choose(["a@example.cn", "b@example.cn"], DIRECTOR)
    center.notices.sending.step()
    assert refused(town, "b@example.cn", code) == "wrong_mail_code", "the code of another address"
    assert refused(town, "c@example.cn", code) == "wrong_mail_code", "nobody chose it"
    center.report_mail.confirm("a@example.cn", code.lower(), DIRECTOR)
    assert [(one["address"], one["proof"]) for one in center.report_mail.addresses(DIRECTOR)] == [
        ("a@example.cn", "confirmed"), ("b@example.cn", "asked"),
    ]  # fmt: skip
    center.reports.submit("2026-03", {"filled_by": "甲", "checked_by": "乙"}, OVERSEER)
    send(town)
    sent = [one for one in mails(mail) if one[1] != "确认邮箱"]
    assert [(to, subject) for to, subject, _ in sent] == [("a@example.cn", "政务服务运行情况月报")]
    assert "已签报" in sent[0][2] and "3月，本中心共收件0件" in sent[0][2]
    center.report_mail.ask_again("b@example.cn", DIRECTOR)  # the day of the first code is over
    center.notices.sending.step()
    center.report_mail.confirm("b@example.cn", code_of(mail), DIRECTOR)
    send(town)
    assert [to for to, subject, _ in mails(mail) if subject != "确认邮箱"] == ["a@example.cn", "b@example.cn"]


def test_codes_for_the_report_are_few_and_hold_a_day(town: Town, mail: MailServer) -> None:
    center = town["village"].center
    post(town, mail.port, "village")
    center.report_mail.choose(["a@example.cn"], DIRECTOR)
    center.notices.sending.step()
    town.world.advance(DAY)
    assert refused(town, "a@example.cn", code_of(mail)) == "mail_code_over"
    for _ in range(5):
        center.report_mail.ask_again("a@example.cn", DIRECTOR)
    with pytest.raises(TongbanError) as error:
        center.report_mail.ask_again("a@example.cn", DIRECTOR)
    assert error.value.fields == {"addresses": "too_many_mails"}
    for n in range(2):
        center.report_mail.choose([f"x{n}.{one}@example.cn" for one in range(17)], DIRECTOR)
    with pytest.raises(TongbanError) as error:
        center.report_mail.choose([f"y{one}@example.cn" for one in range(17)], DIRECTOR)
    assert error.value.fields == {"addresses": "too_many_mails"}, (
        "nor does a list that is changed again and again fill the boxes of a city"
    )


def test_addresses_of_before_go_on_and_read_as_not_confirmed(town: Town, mail: MailServer) -> None:
    center = town["village"].center
    post(town, mail.port, "village")
    center.report_mail.choose(["a@example.cn"], DIRECTOR)
    center.store.run(lambda tx: report_mail.prove(tx.connection, "a@example.cn", "before"))
    next_month(town)
    center.reports.submit("2026-03", {"filled_by": "甲", "checked_by": "乙"}, OVERSEER)
    send(town)
    assert "政务服务运行情况月报" in [subject for _, subject, _ in mails(mail)]
    assert center.report_mail.addresses(DIRECTOR)[0]["proof"] == "before"
