"""The two channels against real servers: what is sent, what is refused, what is trouble, and what nobody knows."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.machine import config
from node.machine.config import SmsSection, SmtpSection
from node.machine.gateways import Message, Outcome, Sms, Smtp
from node.machine.oslayer import WINDOWS
from tests.support.gateways import MailServer, SmsGateway, closed_port

MESSAGE = Message("420102002000-7", "15412345678", "办件进展", '【大智街道】王您好，您的“老年证”已办结\n请带"身份证"领取。')


@pytest.fixture
def sms() -> Iterator[SmsGateway]:
    gateway = SmsGateway()
    yield gateway
    gateway.close()


@pytest.fixture
def mail(tmp_path: Path) -> Iterator[MailServer]:
    server = MailServer(tmp_path)
    yield server
    server.close()


def secret(folder: Path, text: str, mode: int = 0o600) -> None:
    (folder / "secrets").mkdir(exist_ok=True)
    (folder / "secrets" / "key").write_text(text + "\n")
    (folder / "secrets" / "key").chmod(mode)


def by_sms(gateway: SmsGateway, folder: Path, **said: Any) -> Outcome:
    return Sms(SmsSection(url=gateway.url, **{"timeout_s": 1, **said}), folder).send(MESSAGE)


def by_mail(server: MailServer, folder: Path, **said: Any) -> Outcome:
    settings = SmtpSection(
        **{
            "host": "127.0.0.1",
            "port": server.port,
            "user": "hall",
            "password_file": "key",
            "sender": "hall@example.cn",
            "timeout_s": 1,
            **said,
        }
    )
    return Smtp(settings, folder, context=server.trusting).send(MESSAGE._replace(to="wang@example.cn"))


# SMS ---------------------------------------------------------------------------------------------------------------------


def test_an_sms_goes_as_the_gateway_wants_it(sms: SmsGateway, tmp_path: Path) -> None:
    secret(tmp_path, "s3cret")
    headers = (("Content-Type", "application/json"), ("Authorization", "Bearer {secret}"))
    assert by_sms(sms, tmp_path, headers=headers, secret_file="key") == Outcome("sent")
    (asked,) = sms.asked
    assert asked["headers"]["Authorization"] == "Bearer s3cret"
    assert json.loads(asked["body"]) == {"phone": MESSAGE.to, "text": MESSAGE.text, "id": MESSAGE.id}


def test_a_gateway_of_forms_and_one_of_addresses(sms: SmsGateway, tmp_path: Path) -> None:
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    assert by_sms(sms, tmp_path, headers=form, body="to={phone}&msg={text}") == Outcome("sent")
    assert "%E3%80%90" in sms.asked[0]["body"] and "\n" not in sms.asked[0]["body"]
    settings = SmsSection(url=sms.url + "?to={phone}&msg={text}", method="GET", headers=(), timeout_s=1)
    assert Sms(settings, tmp_path).send(MESSAGE) == Outcome("sent")
    assert sms.asked[1]["path"].startswith("/send?to=15412345678&msg=%E3%80%90")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("500", Outcome("trouble", "http_500")), ("429", Outcome("trouble", "http_429")), ("401", Outcome("trouble", "http_401")),
        ("400", Outcome("rejected", "http_400")), ("302", Outcome("trouble", "http_302")),
        ('200:{"code": 7}', Outcome("rejected", "not_accepted")), ("200:no json", Outcome("rejected", "not_accepted")),
        ('200:{"code": 0}', Outcome("sent")), ("hang", Outcome("unknown", "timeout")), ("close", Outcome("unknown", "closed")),
    ],
)  # fmt: skip
def test_what_an_answer_means(sms: SmsGateway, tmp_path: Path, answer: str, outcome: Outcome) -> None:
    sms.answers = [answer]
    assert by_sms(sms, tmp_path, accepted=(("status", [200]), ("/code", 0))) == outcome


def test_nobody_listens_or_there_is_no_such_host(sms: SmsGateway, tmp_path: Path) -> None:
    assert Sms(SmsSection(url=f"http://127.0.0.1:{closed_port()}/", timeout_s=1), tmp_path).send(MESSAGE).state == "trouble"
    assert Sms(SmsSection(url="http://gateway.invalid/", timeout_s=1), tmp_path).send(MESSAGE).state == "trouble"
    assert Sms(SmsSection(url="no address", timeout_s=1), tmp_path).send(MESSAGE).state == "trouble"


# mail --------------------------------------------------------------------------------------------------------------------


def test_a_mail_goes_encrypted_after_a_login(mail: MailServer, tmp_path: Path) -> None:
    secret(tmp_path, "open sesame")
    assert by_mail(mail, tmp_path) == Outcome("sent")
    (sent,) = mail.mails
    found = email.message_from_bytes(sent.original_content or b"", policy=email.policy.default)
    assert (found["To"], found["Subject"], found["Message-ID"]) == ("wang@example.cn", "办件进展", "<420102002000-7@example.cn>")
    assert found.get_content().splitlines() == MESSAGE.text.splitlines()
    assert mail.logins == [(b"hall", b"open sesame")]


@pytest.mark.parametrize(
    ("command", "says", "outcome"),
    [
        ("RCPT", "550 no such mailbox", Outcome("rejected", "smtp_550")), ("RCPT", "451 later", Outcome("trouble", "smtp_451")),
        ("DATA", "452 full", Outcome("trouble", "smtp_452")), ("DATA", "554 no", Outcome("rejected", "smtp_554")),
        ("DATA", "hang", Outcome("unknown", "closed")),
    ],
)  # fmt: skip
def test_what_a_mail_server_says(mail: MailServer, tmp_path: Path, command: str, says: str, outcome: Outcome) -> None:
    secret(tmp_path, "open sesame")
    mail.says = {command: says}
    assert by_mail(mail, tmp_path) == outcome


def test_a_wrong_password_a_stranger_and_a_closed_port_are_trouble(mail: MailServer, tmp_path: Path) -> None:
    secret(tmp_path, "wrong")
    assert by_mail(mail, tmp_path) == Outcome("trouble", "smtp_535")
    secret(tmp_path, "open sesame")
    settings = SmtpSection(host="127.0.0.1", port=mail.port, sender="a@b.cn", timeout_s=1)
    assert Smtp(settings, tmp_path).send(MESSAGE) == Outcome("trouble", "tls")  # nobody trusts its certificate
    assert by_mail(mail, tmp_path, port=closed_port()) == Outcome("trouble", "refused")
    assert mail.mails == []


def test_without_encryption_nothing_leaves_the_machine(tmp_path: Path) -> None:
    server = MailServer(tmp_path, encrypted=False)
    try:
        settings = SmtpSection(host="127.0.0.1", port=server.port, starttls=False, sender="a@b.cn", timeout_s=1)
        assert Smtp(settings, tmp_path).send(MESSAGE._replace(to="w@example.cn")) == Outcome("sent")
    finally:
        server.close()


@pytest.mark.skipif(WINDOWS, reason="modes are those of Linux")
def test_a_secret_that_others_can_read_is_not_used(sms: SmsGateway, tmp_path: Path) -> None:
    secret(tmp_path, "s3cret", 0o644)
    assert by_sms(sms, tmp_path, secret_file="key") == Outcome("trouble", "secret_file")
    assert by_sms(sms, tmp_path, secret_file="nothing") == Outcome("trouble", "secret_file")
    assert sms.asked == []


def test_no_secret_stands_in_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="secret"):
        config.parse({"notices": {"sms": {"url": "http://x/", "headers": {"Authorization": "Bearer abc"}}}})
    with pytest.raises(Exception, match="21:00-08:00"):
        config.parse({"notices": {"quiet": "at night"}})
    written = config.parse({"notices": {"sms": {"accepted": {"status": [200], "/code": "0"}}}})
    config.write(tmp_path, written)
    assert config.load_dir(tmp_path) == written
