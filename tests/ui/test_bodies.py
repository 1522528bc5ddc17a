"""Bodies under way: who may send a large one, how many at a time, and that nothing of them stays when the line breaks."""

from __future__ import annotations

import contextlib
import socket
import threading
import urllib.parse

import pytest

from tests.ui.real import Site
from tests.ui.wire import Client

MB = 1 << 20


def wait(condition) -> None:
    pause = threading.Event()
    for _ in range(500):
        if condition():
            return
        pause.wait(0.02)
    raise AssertionError("waited too long")


def begin(client: Client, path: str, sent: int, length: int, kind: str = "multipart/form-data; boundary=B") -> socket.socket:
    """A form of `length` bytes, of which only `sent` come."""
    one = socket.create_connection(("127.0.0.1", client.port), timeout=20)
    cookies = "; ".join(f"{k}={v}" for k, v in client.cookies.items())
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookies}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    one.sendall(head.encode() + b"x" * sent)
    return one


def test_few_large_bodies_at_a_time_and_none_is_kept_when_the_line_breaks(site: Site) -> None:
    client = site.client("township", "clerk")
    no = site.town.file("township")
    bodies = site.served["township"].app.bodies[True]
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(begin(client, f"/cases/{no}/materials/0", 3 * MB, 40 * MB)) for _ in range(4)]
        wait(lambda: bodies.held >= 12 * MB)
        with begin(client, f"/cases/{no}/materials/0", 3 * MB, 3 * MB) as fifth:
            answer = fifth.recv(65536).decode("utf-8", "replace")
        assert answer.startswith("HTTP/1.1 503") and "Retry-After: 10" in answer
        assert client.get(f"/cases/{no}").status == 200
        lines[0].close()
        wait(lambda: bodies.held < 10 * MB)
        sent = client.upload(f"/cases/{no}", f"/cases/{no}/materials/0", "a.png", b"\x89PNG\r\n\x1a\n" + bytes(4 * MB))
        assert sent.status == 422  # received whole: another size was declared
    wait(lambda: bodies.held == 0)


@pytest.mark.parametrize(("role", "status"), [("", 303), ("overseer", 403), ("admin", 403)])
def test_a_large_body_of_who_may_not_send_it_is_answered_as_a_small_one(site: Site, role: str, status: int) -> None:
    client = site.client("township", role)
    no = site.town.file("township")
    with begin(client, f"/cases/{no}/materials/0", 3 * MB, 3 * MB) as line:
        assert line.recv(4096).decode("utf-8", "replace").split()[1] == str(status)
    assert site.served["township"].app.bodies[False].held == 0


def test_a_form_of_a_stranger_ends_at_64_kib(site: Site) -> None:
    client = site.client("township")
    page = client.get("/login").text
    token = urllib.parse.quote(page.split('name="_xsrf" value="')[1].split('"')[0])
    kind = "application/x-www-form-urlencoded"
    small = f"_xsrf={token}&username=x&password=".encode()
    assert client.ask("POST", "/login", small + b"p" * 1000, Content_Type=kind).status == 401
    assert client.ask("POST", "/login", small + b"p" * 70_000, Content_Type=kind).status == 413
    assert client.ask("POST", "/api/v1/cases", b"{}" + b" " * 900_000, Content_Type="application/json").status == 401


def test_a_locked_screen_takes_no_large_body(site: Site) -> None:
    client = site.client("village", "agent")
    client.form("/agent", "/lock/now")
    with begin(client, "/drafts/x/files", 3 * MB, 3 * MB) as line:
        answer = line.recv(4096).decode("utf-8", "replace")
    assert answer.split()[1] in ("303", "413")
