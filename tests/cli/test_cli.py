"""The program as a script meets it: streams, exit status, no tracebacks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from node.cli import filing as cli_file
from node.cli import main as cli
from node.cli import support as cli_support
from node.cli.support import guarded
from node.domain.words.errors import TongbanError
from node.machine import logs
from tests.cli.conftest import ROOT, Run

NEEDS_A_NODE = [
    ["status"],
    ["run"],
    ["verify"],
    ["catalog", "list"],
    ["case", "list"],
    ["staff", "list"],
    ["rotate-key"],
]


@pytest.mark.parametrize("command", NEEDS_A_NODE, ids=" ".join)
def test_a_folder_that_is_no_node_is_one_sentence(tongban: Run, tmp_path: Path, command: list[str]) -> None:
    for folder in (tmp_path / "none", tmp_path):
        done = tongban(*command, folder)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.count("\n") == 1
        assert str(folder) in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "status", "begins"),
    [
        ("420106198604299997", 0, "valid"),
        ("420106198604299998", 1, "invalid: check_digit"),
        ("", 1, "invalid: "),
        ("张三", 1, "invalid: "),
    ],
)
def test_check_id(tongban: Run, number: str, status: int, begins: str) -> None:
    done = tongban("check-id", number)
    assert done.returncode == status
    assert done.stdout.startswith(begins)
    assert done.stderr == ""


@pytest.mark.parametrize(
    "arguments",
    [
        ["no-such-command"],
        ["check-id"],
        ["check-id", "1", "--type", "passport"],
        ["init", "DIR", "--tier", "county"],
        ["due", "DIR", "--accepted-at", "2026-03-02"],
        ["due", "DIR", "--accepted-at", "2026-03-02", "--limit", "-1"],
        ["due", "DIR", "--accepted-at", "2026-03-02", "--limit", "5", "--pause", "2026-03-05"],
        ["due", "DIR", "--accepted-at", "2026-03-02", "--limit", "5", "--pause", "2026-03-05..2026-03-04"],
        ["token", "DIR", "--name", "x", "--role", "emperor"],
        ["case", "list", "DIR", "--status", "open"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_status_2(tongban: Run, arguments: list[str]) -> None:
    """One sentence, in the language of the environment, which names where the usage is explained."""
    for language, pointer in (("C", "; see tongban"), ("zh_CN.UTF-8", "；用法见 tongban")):
        done = tongban(*arguments, LANG=language)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
        assert pointer in done.stderr and done.stderr.endswith("--help\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["no-such-command"], "没有命令 no-such-command；用法见 tongban --help"),
        (["check-id"], "缺少 NUMBER；用法见 tongban check-id --help"),
        (["check-id", "1", "2"], "多出的参数：2；用法见 tongban check-id --help"),
        (["check-id", "1", "--kind", "x"], "没有选项 --kind；用法见 tongban check-id --help"),
        (["init", "DIR", "--tier"], "--tier 缺少值；用法见 tongban --help"),
        (["verify", "DIR", "--json=1"], "--json 不带值；用法见 tongban --help"),
        (
            ["init", "DIR", "--tier", "county"],
            "--tier 的值不对：只能是 village、township、district、city；用法见 tongban init --help",
        ),
        (["due", "DIR", "--accepted-at", "2026-03-02", "--limit", "x"], "--limit 的值不对：应为整数；用法见 tongban due --help"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_in_chinese(tongban: Run, arguments: list[str], told: str) -> None:
    assert tongban(*arguments, LANG="zh_CN.UTF-8").stderr == told + "\n"


@pytest.mark.parametrize(
    ("language", "skew", "direction", "told"),
    [
        ("zh_CN.UTF-8", 365 * 86_400_000, "up", "本机时钟与上级 420100000000 相差约 365 天，请校准本机时间\n"),
        ("C", -7_300_000, "up", "this clock differs from that of 420100000000 by about 2 hours: set it\n"),
        ("zh_CN.UTF-8", 360_000, "down", "下级节点 420100000000 的时钟与本机相差约 6 分钟，请在该节点校准\n"),
        ("C", 360_000, "down", "the clock of 420100000000 differs from this one by about 6 minutes: set it there\n"),
        ("C", 300_000, "up", ""),
    ],
)
def test_status_names_the_clock_that_is_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str, skew: int, direction: str, told: str
) -> None:
    link = {
        "peer": "420100000000",
        "direction": direction,
        "state": "online",
        "waiting": 0,
        "last_contact": None,
        "last_error": None,
    }
    node = {"code": "420102000000", "name": "江岸区", "tier": "district", "parent": "420100000000", "key": "ok", "revoked": False}
    document: Any = {"node": node, "links": [{**link, "clock_skew_ms": skew}], "cases": {}}
    monkeypatch.setenv("LC_ALL", language)
    cli.print_status(document, running=True)
    assert capsys.readouterr().err == told


@pytest.mark.parametrize(
    ("language", "told"),
    [("zh_CN.UTF-8", "本节点已被上级注销，请联系上级管理员\n"), ("C", "this node was revoked by its parent\n")],
)
def test_status_of_a_revoked_node_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], language: str, told: str
) -> None:
    node = {"code": "420102000000", "name": "江岸区", "tier": "district", "parent": "420100000000", "key": "ok", "revoked": True}
    monkeypatch.setenv("LC_ALL", language)
    document: Any = {"node": node, "links": [], "cases": {}}
    cli.print_status(document, running=True)
    assert capsys.readouterr().err == told


def test_bundles_are_not_yet_available(tongban: Run, tmp_path: Path) -> None:
    for arguments in (["export", tmp_path, "--to", "420106000000", "f"], ["import", tmp_path, "f"]):
        done = tongban("bundle", *arguments, LANG="zh_CN.UTF-8")
        assert (done.returncode, done.stdout, done.stderr) == (1, "", "此功能尚未提供\n")


def test_the_language_follows_the_environment(tongban: Run, tmp_path: Path) -> None:
    assert "is not a Tongban node directory" in tongban("status", tmp_path).stderr
    assert "不是通办节点目录" in tongban("status", tmp_path, LANG="zh_CN.UTF-8").stderr
    assert "不是通办节点目录" in tongban("status", tmp_path, LC_ALL="zh_CN.UTF-8", LANG="en_US.UTF-8").stderr


def test_an_output_without_chinese_gets_escapes(tmp_path: Path) -> None:
    env = {**os.environ, "LANG": "zh_CN.UTF-8", "LC_ALL": "", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "node.cli", "status", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"\\u8282\\u70b9" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_reader_who_goes_away_is_no_reason_for_a_message(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "node.cli", "--help"]
    done = subprocess.run(command, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert b"Traceback" not in done.stderr
    assert b"BrokenPipe" not in done.stderr


def test_what_nobody_expected_is_a_ticket_in_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.toml").touch()
    cli_support.current_directory[:] = [tmp_path]

    def broken() -> None:
        raise KeyError("张三")

    try:
        assert guarded(broken) == 1
    finally:
        cli_support.current_directory.clear()
        logs.configure(None)
    (line,) = map(json.loads, (tmp_path / "tongban.log").read_text(encoding="utf-8").splitlines())
    assert line["ticket"] in capsys.readouterr().err
    assert line["exception"] == "KeyError"


def test_import_errors_are_listed_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    note: dict[str, int | str] = {
        "line": 7,
        "column": "name",
        "code": "blank",
        "message": "不能为空白",
        "message_en": "must not be blank",
    }

    def refused() -> None:
        raise TongbanError("import_failed", {"line 7": "blank"}, count=1, lines=[note])

    assert guarded(refused) == 1
    assert "line 7 name: " in capsys.readouterr().err


# ---- reading applications --------------------------------------------------------------------------------------------


def entries(tmp_path: Path, name: str, data: bytes) -> list[tuple[int, Any]]:
    (tmp_path / name).write_bytes(data)
    return [(e.line, e.error.code if e.error else e.document) for e in cli_file.read_entries(tmp_path / name)]


def test_jsonl_with_bad_lines_blank_lines_and_a_bom(tmp_path: Path) -> None:
    data = b'\xef\xbb\xbf{"a":1}\r\n\n{"a":\n"text"\n\xff\xfe\n{"a":2}'
    found = entries(tmp_path, "x.jsonl", data)
    assert found == [(1, {"a": 1}), (3, "malformed"), (4, "text"), (5, "malformed"), (6, {"a": 2})]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"a":\n 1}', [(1, {"a": 1})]),
        (b'[{"a":1},{"a":2}]', [(1, {"a": 1}), (2, {"a": 2})]),
        (b'{"a":1}\n{"a":2}\n', [(1, {"a": 1}), (2, {"a": 2})]),
        (b"", []),
        (b"[]", []),
    ],
)
def test_a_json_file_may_hold_one_a_list_or_lines(tmp_path: Path, data: bytes, expected: list[tuple[int, Any]]) -> None:
    assert entries(tmp_path, "x.json", data) == expected


def test_an_endless_line_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    data = b'{"a":"' + b"x" * (3 << 20) + b'"}\n{"a":2}\n'
    (first, second) = entries(tmp_path, "x.jsonl", data)
    assert first[0] == 1 and isinstance(first[1], str)
    assert second == (2, {"a": 2})


def test_slices_are_bounded_by_count_and_by_size() -> None:
    small = [cli_file.Entry(n, {}, size=10) for n in range(120)]
    assert [len(group) for group in cli_file.slices(iter(small))] == [50, 50, 20]
    large = [cli_file.Entry(n, {}, size=3 << 20) for n in range(5)]
    assert [len(group) for group in cli_file.slices(iter(large))] == [2, 2, 1]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TongbanError) as caught:
        list(cli_file.read_entries(tmp_path / "none.jsonl"))
    assert caught.value.code == "not_found"
