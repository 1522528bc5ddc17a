"""What people ask by SMS is answered with the state, slowed down, and logged (R96)."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.domain.model import Actor, Role
from node.domain.notices import texts
from node.domain.words.errors import TongbanError
from node.domain.words.resident_words import SENTENCES
from node.machine.config import SmtpSection
from node.machine.gateways import Smtp
from node.services.notices.answers import ADAY
from tests.support.gateways import MailServer, SmsGateway, running, sms_of
from tests.support.network import CLERK, Town

GATEWAY = Actor("s-gateway", Role.INTEGRATION)
ADMIN = Actor("s-admin", Role.ADMIN)
PHONE = "13912345678"


@pytest.fixture
def gateway(town: Town) -> Iterator[SmsGateway]:
    with sms_of(town["township"].center, "00:00-23:59") as one:
        yield one


def ask(town: Town, text: str, sender: str = PHONE) -> tuple[str, str]:
    center = town["township"].center
    answered = center.notices.inbound(sender, text, GATEWAY)
    center.notices.step()
    return answered["outcome"], answered["reply"]


def filed(town: Town) -> tuple[str, str]:
    made = town["township"].center.intake.file(town.application("township"), CLERK)
    return made.case_no, made.query_code or ""


def test_number_and_code_are_answered_with_the_state_at_any_hour(town: Town, gateway: SmsGateway) -> None:
    case_no, code = filed(town)
    for text in (f"{case_no} {code}", f"{case_no.replace('-', '')}，{code.lower()}"):
        outcome, reply = ask(town, text, "+86 " + PHONE)
        assert outcome == "state" and "已收件" in reply and "窗口正在看材料齐不齐，会告诉您收不收。您先等消息。" in reply
        assert "欧阳" not in reply and case_no not in reply and code not in reply
    assert [(one["phone"], one["text"]) for one in gateway.taken] == [(PHONE, reply)] * 2
    log = town["township"].center.notices.show(ADMIN)["answers"]
    assert [(row["sender"], row["outcome"], row["state"]) for row in log] == [("139****5678", "state", "sent")] * 2


def test_anything_else_gets_one_sentence_of_help_and_a_wrong_code_the_same(town: Town, gateway: SmsGateway) -> None:
    case_no, _ = filed(town)
    replies = {ask(town, text) for text in ("你好", case_no, f"{case_no} AAAA-AAAA", "1 2", "")}
    assert len(replies) == 1 and {outcome for outcome, _ in replies} == {"help"}
    assert len(gateway.taken) == 5


def test_guessing_and_chatting_are_slowed_down(town: Town, gateway: SmsGateway) -> None:
    case_no, code = filed(town)
    for n in range(ADAY):
        ask(town, f"{case_no} WR{n:04d}")
    assert ask(town, f"{case_no} {code}") == ("limited", "")
    assert len(gateway.taken) < ADAY + 1
    ask(town, "你好", "13800000000")
    assert gateway.taken[-1]["phone"] == "13800000000"


def test_td_ends_the_messages_of_a_number_and_hf_begins_them_again(town: Town, gateway: SmsGateway) -> None:
    town["township"].center.notices.sending.configure(town["township"].center.notices.sending.channels, "00:00-00:00", 1000)
    assert ask(town, "td", "15412345678")[0] == "off"
    filed(town)
    town.world.advance(11 * 60_000)
    assert town["township"].center.notices.step() == 0
    assert ask(town, " HF ", "15412345678")[0] == "on"
    filed(town)
    town.world.advance(11 * 60_000)
    assert town["township"].center.notices.step() == 1


def test_only_a_gateway_hands_over_and_only_from_a_number(town: Town, gateway: SmsGateway) -> None:
    with pytest.raises(TongbanError, match="forbidden"):
        town["township"].center.notices.inbound(PHONE, "x", CLERK)
    for sender, text in (("12", "x"), (PHONE, "x" * 301)):
        with pytest.raises(TongbanError, match="invalid_input"):
            town["township"].center.notices.inbound(sender, text, GATEWAY)


def test_a_mail_is_answered_by_mail_and_what_it_quotes_is_not_read(town: Town, tmp_path: Path) -> None:
    case_no, code = filed(town)
    with running(MailServer(tmp_path, encrypted=False)) as server:
        settings = SmtpSection(host="127.0.0.1", port=server.port, starttls=False, sender="hall@example.cn", timeout_s=2)
        town["township"].center.notices.sending.configure({"smtp": Smtp(settings, tmp_path)}, "00:00-23:59", 1000)
        outcome, reply = ask(town, f"\r\n{case_no} {code}\r\n> 王敏\r\n" + "> 以前的邮件\r\n" * 500, "Wang.Min@example.cn")
        assert outcome == "state"
        assert ask(town, "请问我的事办得怎么样了？", "wang.min@example.cn")[0] == "help"
        mails = [email.message_from_bytes(one.original_content or b"", policy=email.policy.default) for one in server.mails]
    assert [one["To"] for one in mails] == ["Wang.Min@example.cn", "wang.min@example.cn"]
    assert mails[0].get_content().strip() == reply and code not in reply and case_no not in reply
    assert town["township"].center.notices.show(ADMIN)["answers"][0]["sender"] == "w***@example.cn"


def test_every_answer_in_the_longest_words_fits_into_the_parts_that_were_counted() -> None:
    longest = max(len(zh.replace("{origin}", "字" * 14).replace("{until}", "2027年12月30日")) for zh, _ in SENTENCES.values())
    assert 20 + 1 + 6 + len("，应于2027年12月30日前办结。") + longest <= texts.LONGEST["state"]
    assert texts.parts(texts.longest(texts.SHIPPED["answer"])) <= texts.MOST_PARTS
