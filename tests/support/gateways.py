"""A real HTTP server and a real SMTP server in place of the gateways of a telephone company and of a mail provider."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from federation.transport import tls
from node.machine.config import SmsSection
from node.machine.gateways import Sms
from node.services.center import Center


class SmsGateway:
    """Takes messages and answers as `answers` says, one word a request, the last for ever: ok, 200:BODY, a status, hang, close."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []  # what it said yes to
        self.asked: list[dict[str, Any]] = []  # every request: path, headers, body
        self.answers = ["ok"]
        self.let_go = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                outer.asked.append({"path": self.path, "headers": dict(self.headers), "body": body})
                word = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                outer.answer(self, word, body)

            def do_PUT(self) -> None:
                self.do_POST()

            def do_GET(self) -> None:
                self.do_POST()

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler, word: str, body: str) -> None:
        if word == "hang":
            self.let_go.wait(30)
            return
        if word == "close":
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        if word.startswith("taken-then-close"):
            self.taken.append(json.loads(body))
            handler.connection.shutdown(socket.SHUT_RDWR)
            return
        status, _, text = word.partition(":")
        code = 200 if status == "ok" else int(status)
        if code == 200 and body:
            self.taken.append(json.loads(body) if body.startswith("{") else {"body": body})
        data = (text or '{"code": 0}').encode()
        handler.send_response(code)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/send"

    @property
    def texts(self) -> list[str]:
        return [one["text"] for one in self.taken]

    def close(self) -> None:
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()


class MailServer:
    """An SMTP server that wants STARTTLS and a login. `says`: answers in place of its own, by command (RCPT, DATA); `hang` at DATA."""

    def __init__(self, folder: Path, *, encrypted: bool = True) -> None:
        self.mails: list[Envelope] = []
        self.says: dict[str, str] = {}
        self.let_go = threading.Event()
        self.logins: list[tuple[bytes, bytes]] = []
        self.certificate = folder / "mail.pem"
        self.context = self._context(folder) if encrypted else None
        self.controller = Controller(
            self, hostname="127.0.0.1", port=_free_port(), tls_context=self.context, require_starttls=encrypted,
            authenticator=self._login if encrypted else None, auth_required=encrypted,
        )  # fmt: skip
        self.controller.start()

    def _context(self, folder: Path) -> ssl.SSLContext:
        key, certificate = tls.make_web_certificate(["127.0.0.1", "localhost"])
        self.certificate.write_bytes(certificate)
        (folder / "mail-key.pem").write_bytes(key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, folder / "mail-key.pem")
        return context

    def _login(self, server: Any, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"open sesame", handled=False)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]) -> str:
        if "RCPT" in self.says:
            return self.says["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:
        if self.says.get("DATA") == "hang":
            await asyncio.to_thread(self.let_go.wait, 30)
        elif "DATA" in self.says:
            return self.says["DATA"]
        self.mails.append(envelope)
        return "250 taken"

    @property
    def port(self) -> int:
        return int(self.controller.port)

    @property
    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate) if self.context else None)

    def close(self) -> None:
        self.let_go.set()
        self.controller.stop()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def closed_port() -> int:
    """A port at which nobody listens."""
    return _free_port()


@contextmanager
def sms_of(center: Center, quiet: str = "00:00-00:00", daily: int = 1000) -> Iterator[SmsGateway]:
    """A gateway through which a node tells its applicants."""
    with running(SmsGateway()) as one:
        channel = Sms(SmsSection(url=one.url, timeout_s=1), Path("nowhere"))
        center.notices.sending.configure({"sms": channel}, quiet, daily)
        yield one


@contextmanager
def running(one: Any) -> Iterator[Any]:
    try:
        yield one
    finally:
        one.close()
