"""The control endpoint: a real server and the real client, over a small table of operations."""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from node.domain.json_values import JsonObject
from node.domain.words.errors import TongbanError
from node.machine import logs
from node.running import control
from node.running.control import ControlServer, NoEndpointError


def _refuse(subject: Any, args: JsonObject) -> Any:
    raise TongbanError("application_conflict", {"application_no": "duplicate"}, application_no="A-1", case_no="C-1", at=object())  # type: ignore[arg-type]


def _break(subject: Any, args: JsonObject) -> Any:
    raise ValueError("张三 420106198604299997")


TABLE: dict[str, control.Operation[object]] = {
    "echo": lambda subject, args: {"subject": subject, **args},
    "refuse": _refuse,
    "break": _break,
}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ControlServer]:
    async with ControlServer(tmp_path, TABLE, "center") as running:
        yield running


async def call(server: ControlServer, name: str, **args: Any) -> Any:
    return await asyncio.to_thread(control.call, server.directory, name, args)


async def test_an_operation_answers(server: ControlServer) -> None:
    assert await call(server, "echo", word="通办", big=2**60) == {"subject": "center", "word": "通办", "big": 2**60}


async def test_a_refusal_arrives_as_it_was_raised(server: ControlServer) -> None:
    with pytest.raises(TongbanError) as caught:
        await call(server, "refuse")
    assert caught.value.code == "application_conflict"
    assert caught.value.fields == {"application_no": "duplicate"}
    assert caught.value.details == {"application_no": "A-1", "case_no": "C-1"}


async def test_a_bug_is_a_ticket_and_the_log_has_no_personal_data(server: ControlServer) -> None:
    logs.configure(server.directory)
    try:
        with pytest.raises(TongbanError) as caught:
            await call(server, "break")
    finally:
        logs.configure(None)
    text = (server.directory / logs.LOG_FILE).read_text(encoding="utf-8")
    line = next(one for one in map(json.loads, text.splitlines()) if one["event"] == "operation_failed")
    assert line["ticket"] == caught.value.details["ticket"]
    assert line["exception"] == "ValueError"
    assert "420106198604299997" not in text


@pytest.mark.parametrize("name", ["", "no_such", "__class__"])
async def test_an_unknown_operation_is_refused(server: ControlServer, name: str) -> None:
    with pytest.raises(TongbanError) as caught:
        await call(server, name)
    assert caught.value.code == "malformed"


async def test_calls_run_beside_each_other(tmp_path: Path) -> None:
    import threading

    both = threading.Barrier(2, timeout=20)
    async with ControlServer(tmp_path, {"meet": lambda subject, args: both.wait() >= 0}, None) as server:
        assert list(await asyncio.gather(call(server, "meet"), call(server, "meet"))) == [True, True]


async def test_without_the_token_nothing_is_done(server: ControlServer) -> None:
    port = json.loads((server.directory / "control.json").read_bytes())["port"]
    request = urllib.request.Request(f"http://127.0.0.1:{port}/op", b'{"name":"echo","args":{}}')
    with pytest.raises(urllib.error.HTTPError) as caught:
        await asyncio.to_thread(urllib.request.urlopen, request, timeout=10)
    assert caught.value.code == 401
    caught.value.close()


async def test_the_file_is_its_owners_and_goes_with_the_server(tmp_path: Path) -> None:
    path = tmp_path / "control.json"
    async with ControlServer(tmp_path, TABLE, None):
        assert control_answers(await asyncio.to_thread(control.answers, tmp_path))
        if sys.platform != "win32":
            assert path.stat().st_mode & 0o777 == 0o600
    assert not path.exists()


def control_answers(found: bool) -> bool:
    return found


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"port":"x","token":1,"pid":2}', '{"port":1,"token":"t","pid":1}'])
def test_a_stale_or_broken_file_means_nobody_answers(tmp_path: Path, content: str) -> None:
    (tmp_path / "control.json").write_text(content, encoding="utf-8")
    assert not control.answers(tmp_path)
    with pytest.raises(NoEndpointError):
        control.call(tmp_path, "echo", {})


async def test_a_stranger_on_the_port_is_not_sent_the_request(
    server: ControlServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The file names a port that another program (here: another node) has by now."""
    other = tmp_path_factory.mktemp("other")
    document = json.loads((server.directory / "control.json").read_bytes())
    (other / "control.json").write_text(json.dumps({**document, "token": "0" * 64}), encoding="utf-8")
    assert not await asyncio.to_thread(control.answers, other)
    with pytest.raises(NoEndpointError):
        await asyncio.to_thread(control.call, other, "echo", {"name": "张三"})
