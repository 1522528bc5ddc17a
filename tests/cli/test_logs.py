"""The log: JSON lines, safe keys only."""

from __future__ import annotations

import json
import logging
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.machine import logs


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Path]:
    logs.configure(tmp_path, "debug")
    yield tmp_path / logs.LOG_FILE
    logs.configure(None)


def read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_an_event_is_one_line_of_json(lines: Path) -> None:
    logs.get("node.test").info("link_online", peer="420106006003", count=3)
    (line,) = read(lines)
    assert line.pop("at")
    assert line == {"level": "info", "logger": "node.test", "event": "link_online", "peer": "420106006003", "count": 3}


def test_unknown_keys_are_dropped_by_name(lines: Path) -> None:
    logs.get("node.test").info("filed", applicant="张三", phone="13800000000")
    (line,) = read(lines)
    assert line["dropped"] == ["applicant", "phone"]
    assert "138" not in lines.read_text(encoding="utf-8")


def test_of_arguments_of_libraries_types_and_words_of_code_are_kept(lines: Path) -> None:
    logging.getLogger("lib").error("%s at %s for %s in %d ms (%r)", ValueError("张三"), "tornado.web", "13800000000", 17, "张三")
    (line,) = read(lines)
    assert line["event"] == "ValueError at tornado.web for <str> in 17 ms (<str>)"


@pytest.mark.parametrize(
    "text",
    [
        "Task exception was never retrieved\nfuture: <Task exception=ValueError('张三 420106198604299997')>",
        "Exception in callback deliver('420106198604299997', '张三')",
        "Unexpected [ValueError] raised by servicer method [/tongban.v1.Link/Exchange] 420106198604299997",
        "/home/zhang/tongban/node.py: 10.1.2.3 asked for 420106198604299997",
    ],
)
def test_what_libraries_write_into_their_text_themselves_is_cut(lines: Path, text: str) -> None:
    logging.getLogger("asyncio").error(text)
    written = lines.read_text(encoding="utf-8")
    assert all(secret not in written for secret in ("420106", "\\u5f20", "zhang", "10.1.2.3"))
    assert str(read(lines)[0]["event"])[:4] == text[:4] or "<path>" in written


def test_messages_of_exceptions_and_the_access_log_stay_out(lines: Path) -> None:
    try:
        int("张三420106")
    except ValueError as error:
        logging.getLogger("tornado.application").error("Uncaught exception %s", "张三420106", exc_info=error)
    logging.getLogger("tornado.access").warning("GET /public/cases?q=420106")
    text = lines.read_text(encoding="utf-8")
    (line,) = read(lines)
    assert line["exception"] == "ValueError"
    assert "420106" not in text
    frames = line["frames"]
    assert isinstance(frames, list) and frames[0].startswith(
        "tests.cli.test_logs:test_messages_of_exceptions_and_the_access_log_stay_out:"
    )


def test_the_places_of_a_cause_are_there_too(lines: Path) -> None:
    def deep() -> None:
        raise KeyError("420106")

    try:
        try:
            deep()
        except KeyError as error:
            raise RuntimeError("outer") from error
    except RuntimeError as error:
        logs.get("node.test").error("broke", exc_info=error)
    (line,) = read(lines)
    assert line["exception"] == "RuntimeError <- KeyError"
    assert any("deep" in place for place in line["cause_frames"])  # type: ignore[attr-defined]


def record(event: str, at: float, **fields: object) -> logging.LogRecord:
    found = logging.LogRecord("lib", logging.ERROR, "", 0, event, (), None)
    found.created, found.fields = at, fields
    return found


def test_equal_lines_are_written_a_few_times_and_then_counted(lines: Path) -> None:
    for n in range(5000):
        logging.getLogger().handle(record("accept failed", 1000 + n / 100))
    logging.getLogger().handle(record("other", 1061))
    logging.getLogger().handle(record("accept failed", 1062))
    found = [line["event"] for line in read(lines)]
    assert found == ["accept failed"] * 10 + ["accept failed … repeated 4990 times", "other", "accept failed"]


def test_numbers_do_not_tell_lines_apart_and_the_access_log_is_bounded_by_route(lines: Path) -> None:
    for n in range(500):
        logging.getLogger("tornado.general").warning("SSL Error on %s %s: %s", n, ("10.1.2.3", n), OSError("x"))
        logging.getLogger("tongban.web").info("request", extra={"fields": {"route": "static", "status": 200, "ms": n}})
    logging.getLogger("tongban.web").info("request", extra={"fields": {"route": "/work", "status": 200}})
    logs.configure(None)
    found = read(lines)
    assert len([line for line in found if line["logger"] == "tornado.general"]) == 11
    assert len([line for line in found if line.get("route") == "static"]) == 301
    assert found[-1]["count"] == 200 and found[-1]["route"] == "static"
    assert any(line.get("route") == "/work" for line in found)


def test_what_was_held_back_is_told_at_the_end(lines: Path) -> None:
    for _ in range(30):
        logs.get("node.test").warning("full", peer="420106000000")
    logs.configure(None)
    assert read(lines)[-1]["event"] == "full … repeated 20 times"


def test_a_line_with_a_ticket_is_never_held_back(lines: Path) -> None:
    for n in range(50):
        logs.get("node.test").error("request_failed", ticket=f"{n:08x}")
    assert [line["ticket"] for line in read(lines)] == [f"{n:08x}" for n in range(50)]


def test_the_log_and_what_was_put_aside_are_for_the_owner_alone(tmp_path: Path) -> None:
    logs.configure(tmp_path, "debug", 1)
    for n in range(3000):
        logs.get("node.test").error("x", ticket=str(n), rule="y" * 400)
    logs.configure(None)
    files = list(tmp_path.glob("tongban.log*"))
    assert len(files) > 1
    assert sys.platform == "win32" or {path.stat().st_mode & 0o777 for path in files} == {0o600}


def test_a_failed_handshake_is_told_by_its_reason_alone(lines: Path) -> None:
    error = ssl.SSLError(1, "[SSL: HTTP_REQUEST] http request (_ssl.c:1006)")
    error.reason = "HTTP_REQUEST"
    logging.getLogger("tornado.general").warning("SSL Error on %s %s: %s", 17, ("10.1.2.3", 4711), error)
    (line,) = read(lines)
    assert (line["event"], line["reason_code"]) == ("tls_handshake_failed", "HTTP_REQUEST")
    assert "10.1.2.3" not in lines.read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    logs.configure(tmp_path / "none")
    logs.get("node.test").info("started")
    logs.configure(None)
