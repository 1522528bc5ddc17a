"""The two channels to residents: mail by SMTP, SMS by an HTTP gateway. One message at a time, blocking, for a thread of its own.

What became of a message is one of four words, and the difference between the last two is the whole point: `sent`, the other side took it;
`rejected`, it refuses this message or this number; `trouble`, the other side cannot be used now and surely has not taken it; `unknown`, it
was handed over and no answer came. What is unknown is never given to it again by itself, unless the gateway sends one id once.
"""

from __future__ import annotations

import contextlib
import email.message
import email.policy
import json
import re
import smtplib
import socket
import ssl
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, Protocol, TypeAlias

from node.domain.words.errors import TongbanError
from node.machine import oslayer
from node.machine.config import NoticesSection, SmsSection, SmtpSection

SECRETS = "secrets"
State: TypeAlias = Literal["sent", "rejected", "trouble", "unknown"]
_NOT_THE_MESSAGE = frozenset({401, 403, 404, 405, 407, 408, 425, 429})  # HTTP: the gateway, not this message
_PLACE = re.compile(r"{(phone|text|id|secret)}")


class Message(NamedTuple):
    """`id` is the same for every try of one message."""

    id: str
    to: str
    subject: str
    text: str


class Outcome(NamedTuple):
    """`error` is a code for people who look after the node: never what the other side said, which may quote the message."""

    state: State
    error: str = ""


class Channel(Protocol):
    """One way to residents."""

    @property
    def name(self) -> str: ...

    @property
    def idempotent(self) -> bool:
        """Whether it sends one id once, however often it is given it."""
        ...

    def send(self, message: Message) -> Outcome:
        """Hand one message over. Never raises."""
        ...


def of(settings: NoticesSection, folder: Path) -> dict[str, Channel]:
    """The channels that are configured, by name."""
    found: dict[str, Channel] = {}
    if settings.sms.url:
        found["sms"] = Sms(settings.sms, folder)
    if settings.smtp.host:
        found["smtp"] = Smtp(settings.smtp, folder)
    return found


def _secret(folder: Path, name: str) -> str:
    """What stands in a file of DIR/secrets, read at every use. Raises TongbanError(bad_config) where others can read it."""
    return oslayer.read_secret(folder / SECRETS / Path(name).name) if name else ""


# mail --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Smtp:
    """Mail over a line that is encrypted, or does not leave the machine."""

    settings: SmtpSection
    folder: Path
    name: str = "smtp"
    idempotent: bool = False
    context: ssl.SSLContext | None = None  # whom to trust; None: as the system does

    def send(self, message: Message) -> Outcome:
        try:
            password = _secret(self.folder, self.settings.password_file)
        except TongbanError:
            return Outcome("trouble", "secret_file")
        try:
            with contextlib.closing(_Mail(self.settings, self.context)) as mail:
                return mail.deliver(message, password)
        except smtplib.SMTPResponseException as error:
            return Outcome("trouble", f"smtp_{error.smtp_code}")
        except ssl.SSLError:
            return Outcome("trouble", "tls")
        except ValueError:
            return Outcome("rejected", "bad_address")
        except (OSError, smtplib.SMTPException) as error:
            return Outcome("trouble", _network(error))


class _Mail:
    """One connection."""

    def __init__(self, settings: SmtpSection, context: ssl.SSLContext | None) -> None:
        self._settings = settings
        self._context = context or ssl.create_default_context()
        self._server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_s)

    def close(self) -> None:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            self._server.close()

    def deliver(self, message: Message, password: str) -> Outcome:
        server, settings = self._server, self._settings
        server.ehlo_or_helo_if_needed()
        if settings.starttls:
            server.starttls(context=self._context)
            server.ehlo()
        elif not oslayer.is_loopback(settings.host):
            return Outcome("trouble", "not_encrypted")
        if settings.user:
            server.login(settings.user, password)
        code, _ = server.mail(settings.sender)
        if code != 250:
            return Outcome("trouble", f"smtp_{code}")
        code, _ = server.rcpt(message.to)
        if code not in (250, 251):
            return Outcome("rejected" if code >= 500 else "trouble", f"smtp_{code}")
        return self._data(_mail_of(message, settings.sender))

    def _data(self, content: bytes) -> Outcome:
        """From the first byte of the message on nobody knows without an answer."""
        code, _ = self._server.docmd("data")
        if code != 354:
            return Outcome("trouble", f"smtp_{code}")
        try:
            self._server.send(re.sub(rb"(?m)^\.", b"..", content) + b"\r\n.\r\n")
            code, _ = self._server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            return Outcome("unknown", _network(error))
        if code == 250:
            return Outcome("sent")
        return Outcome("rejected" if code >= 500 else "trouble", f"smtp_{code}")


def _mail_of(message: Message, sender: str) -> bytes:
    mail = email.message.EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, message.to, message.subject
    mail["Message-ID"] = f"<{message.id}@{sender.rpartition('@')[2] or 'localhost'}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text, cte="base64")
    return mail.as_bytes()


# SMS ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sms:
    """SMS by one HTTP request, as the gateway wants it."""

    settings: SmsSection
    folder: Path
    name: str = "sms"

    @property
    def idempotent(self) -> bool:
        return self.settings.idempotent

    def send(self, message: Message) -> Outcome:
        from tornado.httpclient import HTTPClient, HTTPError, HTTPRequest
        from tornado.simple_httpclient import HTTPStreamClosedError, HTTPTimeoutError, SimpleAsyncHTTPClient

        settings = self.settings
        try:
            secret = _secret(self.folder, settings.secret_file)
        except TongbanError:
            return Outcome("trouble", "secret_file")
        values = {"phone": message.to, "text": message.text, "id": message.id, "secret": secret}
        headers = {name: _put(str(text), values, _one_line) for name, text in settings.headers}
        body = None if settings.method == "GET" else _put(settings.body, values, _escape(headers))
        try:
            with contextlib.closing(HTTPClient(SimpleAsyncHTTPClient)) as client:
                answer = client.fetch(
                    HTTPRequest(
                        _put(settings.url, values, _quoted), settings.method, headers, body, connect_timeout=settings.timeout_s,
                        request_timeout=settings.timeout_s, follow_redirects=False,
                    ),
                    raise_error=False,
                )  # fmt: skip
        except HTTPTimeoutError as error:
            return Outcome("trouble" if "connecting" in str(error) else "unknown", "timeout")
        except HTTPStreamClosedError:
            return Outcome("unknown", "closed")
        except (ValueError, KeyError):
            return Outcome("trouble", "bad_url")
        except (OSError, HTTPError) as error:
            return Outcome("trouble", _network(error))
        return _judged(dict(settings.accepted), answer.code, answer.body or b"")


def _judged(accepted: Mapping[str, object], code: int, body: bytes) -> Outcome:
    """What the gateway's answer means."""
    good = accepted.get("status")
    if isinstance(good, list) and code in good:
        wanted = {pointer: value for pointer, value in accepted.items() if pointer.startswith("/")}
        fits = all(str(_at(body, pointer)) == str(value) for pointer, value in wanted.items())
        return Outcome("sent") if fits else Outcome("rejected", "not_accepted")
    return Outcome("rejected" if 400 <= code < 500 and code not in _NOT_THE_MESSAGE else "trouble", f"http_{code}")


def _at(body: bytes, pointer: str) -> object:
    """A value by its JSON pointer (RFC 6901); None where there is none."""
    try:
        found: object = json.loads(body)
    except ValueError:
        return None
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict):
            found = found.get(key)
        elif isinstance(found, list) and key.isdigit() and int(key) < len(found):
            found = found[int(key)]
        else:
            return None
    return found


def _put(template: str, values: Mapping[str, str], escape: Callable[[str], str]) -> str:
    return _PLACE.sub(lambda found: escape(values[found[1]]), template)


def _escape(headers: Mapping[str, str]) -> Callable[[str], str]:
    """How a value is written into a body of this media type."""
    media = next((text for name, text in headers.items() if name.lower() == "content-type"), "").lower()
    if "json" in media:
        return lambda text: json.dumps(text, ensure_ascii=False)[1:-1]
    return _quoted if "urlencoded" in media else lambda text: text


def _quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _network(error: object) -> str:
    """A code for why there is no line."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, socket.gaierror):
        return "no_such_host"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, ssl.SSLError):
        return "tls"
    return "closed" if isinstance(error, smtplib.SMTPServerDisconnected) else "no_line"
