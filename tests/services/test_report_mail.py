"""A monthly report goes by mail, once and in words, to the addresses that the director chose (R44)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.domain.calendar import day_of
from node.domain.model import Actor, Role
from node.domain.words.errors import TongbanError
from tests.services.test_news import mails, post, states
from tests.support.gateways import MailServer
from tests.support.network import DAY, DIRECTOR, Town

OVERSEER = Actor("s-overseer", Role.OVERSEER, "周督察")


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailServer]:
    one = MailServer(tmp_path, encrypted=False)
    yield one
    one.close()


def test_what_is_signed_or_frozen_is_mailed_once_to_who_was_chosen(town: Town, mail: MailServer) -> None:
    center = town["village"].center
    post(town, mail.port, "village")
    with pytest.raises(TongbanError, match="invalid_input"):
        center.report_mail.choose(["no address"], DIRECTOR)
    with pytest.raises(TongbanError, match="forbidden"):
        center.report_mail.choose(["a@example.cn"], OVERSEER)
    center.report_mail.choose(["a@example.cn", "b@example.cn", "a@example.cn"], DIRECTOR)
    days = (dt.date(2026, 4, 1) - day_of(town.world.time)).days
    town.world.advance(days * DAY)
    town.heal()
    center.reports.submit("2026-03", {"filled_by": "甲", "checked_by": "乙"}, OVERSEER)
    center.report_mail.choose(["a@example.cn", "c@example.cn"], DIRECTOR)
    for _ in range(3):
        town.world.advance(DAY // 2)
        center.notices.sending.step()
    sent = mails(mail)
    assert [(to, subject) for to, subject, _ in sent] == [("a@example.cn", "政务服务运行情况月报")]
    assert "已签报" in sent[0][2] and "3月，本中心共收件0件" in sent[0][2]
    assert states(town, "village") == [("sent", "")]
