"""The log: JSON lines, safe keys only."""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from node import logs


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


def test_arguments_and_messages_of_libraries_are_dropped(lines: Path) -> None:
    try:
        int("张三420106")
    except ValueError as error:
        logging.getLogger("tornado.application").error("Uncaught exception %s", "张三420106", exc_info=error)
    logging.getLogger("tornado.access").warning("GET /public/cases?q=420106")
    text = lines.read_text(encoding="utf-8")
    (line,) = read(lines)
    assert line["exception"] == "ValueError"
    assert "420106" not in text
    assert "test_logs.py" in text


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
