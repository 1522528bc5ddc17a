"""What a person is told when something is refused: in one language, with what to do next and no word too many."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from federation.transport.enrol_client import JoinUnreachableError
from node.app import join_failure
from node.cli import support as cli_support
from node.domain.catalog.divisions import Division, Divisions, doubts, fits_tier
from node.domain.words.errors import TongbanError
from node.machine import config
from node.running.operations import OPERATIONS
from tests.cli.conftest import CITY, DISTRICT, Run
from tests.cli.test_nodes import running
from tests.support.network import FOUR, Town, four_tiers
from tests.support.processes import free_ports

ZH = {"LANG": "zh_CN.UTF-8"}
NAMED = ("--name", "x", "--tier")


def told(tongban: Run, *arguments: object, **environment: str) -> str:
    """The one line of a refusal."""
    done = tongban(*arguments, **environment)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    return done.stderr.strip()


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (
            ["setup", "NEW", "--web", "0.0.0.0:8800"],
            "首次设置页面只在本机打开：请用 --web 127.0.0.1:PORT，不能用 0.0.0.0:8800",
            "setup is served on this machine alone: use --web 127.0.0.1:PORT instead of 0.0.0.0:8800",
        ),
        (["restore", "LETTER", "NEW"],
         "备份文件损坏或不是通办备份：不是 zip 文件，或内容不完整", "the backup is damaged or not ours: File is not a zip file"),
        (
            ["init", "NEW", "--tier", "city", "--code", "4201", "--name", "x"],
            "填写内容有误，请按提示修改（code：应为 12 位数字（分厅可加后缀，如 -1））",
            "the input has errors (code: must be 12 digits (a branch hall may add a suffix, as -1))",
        ),
        (["init", "FULL", "--tier", "city", "--code", CITY, "--name", "x"], "FULL 不是空目录", "FULL is not an empty directory"),
        (
            ["invite", "CITY", DISTRICT, *NAMED, "city"],
            "层级不正确：下级的层级应低于本节点：市政务服务中心不低于市政务服务中心",
            "wrong tier: a child's tier is below this node's: city is not below city",
        ),
        (["invite", "CITY", CITY, *NAMED, "district"], f"区划代码 {CITY} 已有在用节点：请换一个代码；原节点不再使用的，请先将它注销",
             f"code {CITY} already has a node in use: choose another code, or revoke that node first if it is gone for good"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else "",
)  # fmt: skip
def test_a_refusal_is_one_sentence_in_one_language(
    tongban: Run, city: Path, tmp_path: Path, arguments: list[str], zh: str, en: str
) -> None:
    letter = tmp_path / "full" / "letter.md"
    letter.parent.mkdir()
    letter.write_text("hello", encoding="utf-8")
    places = {"NEW": tmp_path / "new", "FULL": letter.parent, "LETTER": letter, "CITY": city}
    given = [places.get(one, one) for one in arguments]
    for environment, sentence in ((ZH, zh), ({}, en)):
        assert told(tongban, *given, **environment) == sentence.replace("FULL", str(letter.parent))
    assert not (tmp_path / "new").exists() or not any((tmp_path / "new").iterdir())
    assert [path.name for path in letter.parent.iterdir()] == ["letter.md"]


def test_one_sentence_names_both_addresses_that_an_invitation_needs(tongban: Run, city: Path) -> None:
    config.write(city, config.with_addresses(config.load_dir(city), web="0.0.0.0:8800", grpc="0.0.0.0:8801"))
    asked = ("invite", city, DISTRICT, *NAMED, "district")
    said = told(tongban, *asked)
    assert (
        said.startswith("say with --address HOST:PORT --grpc-address HOST:PORT where children reach this node")
        and "config" not in said
    )
    assert "--grpc-address" in told(tongban, *asked, "--address", "10.0.0.1:8800", **ZH)
    for addresses in (("hall", "10.0.0.1:8801"), ("10.0.0.1:8800", "hall")):  # no child could dial that
        done = tongban(*asked, "--address", addresses[0], "--grpc-address", addresses[1], **ZH)
        assert (done.returncode, done.stdout) == (2, "") and "hall 应为地址加端口，例如 127.0.0.1:8800" in done.stderr
    given = tongban(*asked, "--address", "10.0.0.1:8800", "--grpc-address", "10.0.0.1:8801")
    assert (given.returncode, given.stderr, len(given.stdout.split())) == (0, "", 1)


def test_a_parent_that_does_not_answer_is_named_once(tongban: Run, city: Path, tmp_path: Path) -> None:
    (port,) = free_ports(1)
    here = f"127.0.0.1:{port}"
    code = tongban("invite", city, DISTRICT, *NAMED, "district", "--address", here).stdout.strip()
    if sys.platform != "win32":
        assert told(tongban, "join", tmp_path / "a", code) == f"cannot reach {here}: Connection refused"
    assert told(tongban, "join", tmp_path / "a", code, **ZH) == f"无法连接 {here}：对方没有运行，或地址、端口不对"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["keys"]  # asked again, it is the same node


@pytest.mark.parametrize(
    ("reason", "zh"),
    [("Timeout while connecting", "对方没有应答"), ("Name or service not known", "没有这个主机"), ("Network is unreachable", "本机没有连网"),
     ("the other side answered 404: it is no Tongban node", "对方不是通办节点"), ("weather", "weather")],
)  # fmt: skip
def test_why_a_parent_is_not_reached(reason: str, zh: str) -> None:
    error = join_failure(JoinUnreachableError(reason), ("a:1",))
    assert (error.sentence("zh"), error.sentence("en")) == (f"无法连接 a:1：{zh}", f"cannot reach a:1: {reason}")


# codes that are doubtful ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "tier", "fits"),
    [
        (CITY, "city", True),
        ("110000000000", "city", True),
        (DISTRICT, "city", False),
        (DISTRICT, "district", True),
        ("420106006000", "township", True),
        ("420106006003", "village", True),
        ("420106006003", "township", False),
        (f"{DISTRICT}-1", "township", True),
    ],
)
def test_the_zeros_of_a_code(code: str, tier: str, fits: bool) -> None:
    assert fits_tier(code, tier) is fits


@pytest.mark.parametrize(
    ("parent", "code", "tier", "found"),
    [
        (CITY, DISTRICT, "district", []),
        (CITY, f"{CITY}-2", "district", []),
        (CITY, DISTRICT, "township", ["other_tier"]),
        (CITY, "420199000000", "district", ["unknown_division"]),
        (DISTRICT, "420102002000", "township", ["not_below"]),
    ],
)
def test_what_speaks_against_a_new_child(parent: str, code: str, tier: str, found: list[str]) -> None:
    rows = (
        (CITY, "city", ""),
        (DISTRICT, "district", CITY),
        ("420102000000", "district", CITY),
        ("420102002000", "township", "420102000000"),
    )
    table = Divisions({one: Division(one, "x", level, above, "") for one, level, above in rows})
    assert doubts(table, parent, code, tier) == found
    assert doubts(Divisions(), CITY, DISTRICT, "township") == ["tier_by_code"]


def test_a_doubt_is_told_beside_the_join_code(tongban: Run, center: Path, tmp_path: Path) -> None:
    done = tongban("invite", center, "420199000000", *NAMED, "district")
    assert done.returncode == 0 and len(done.stdout.split()) == 1
    assert done.stderr == "note: 420199000000 is not in the division table; check it\n"
    made = tongban("init", tmp_path / "x", "--tier", "city", "--code", DISTRICT, "--name", "x", **ZH)
    assert made.returncode == 0 and made.stderr.startswith(f"提示：代码 {DISTRICT} 末尾的零与所填层级不符")


# status, verify, backup, imports, filing ----------------------------------------------------------------------------------


@pytest.fixture
def linked(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("link", "running", "row"),
    [
        ({}, True, ("link", "1", "child", "online", "waiting 2", "connected now")),
        ({}, False, ("link", "1", "child", "online (last known)", "waiting 2", "connected now")),
        (
            {"direction": "up", "state": "offline", "last_error": "cut"},
            False,
            ("link", "1", "parent", "offline", "waiting 2", "last contact now", "error cut"),
        ),
        ({"state": "never", "last_contact": None}, True, ("link", "1", "child", "never", "waiting 2", "last contact -")),
    ],
)
def test_a_link_in_words(monkeypatch: pytest.MonkeyPatch, link: dict[str, Any], running: bool, row: tuple[object, ...]) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    whole = {"peer": "1", "direction": "down", "state": "online", "waiting": 2, "last_contact": "now", "last_error": None}
    assert cli_support.link_row(whole | link, running) == row
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    zh = cli_support.link_row(whole | link, running)
    assert zh[2] == ("上级" if link.get("direction") == "up" else "下级")


def test_a_node_that_does_not_run_says_so(tongban: Run, city: Path) -> None:
    assert "running\tno: the states of links are the last known\n" in tongban("status", city).stdout
    assert "running\t否：以下连接状态是停止前最后所知\n" in tongban("status", city, **ZH).stdout


def test_verify_tells_findings_by_kind_and_problems_in_words(tongban: Run, city: Path) -> None:
    with contextlib.closing(sqlite3.connect(city / "node.db")) as database, database:
        for kind in ("fork", "gap", "gap"):
            database.execute("INSERT INTO findings(at_ms, kind, detail) VALUES(1, ?, 'x')", (kind,))
        database.execute("UPDATE entries SET signature=zeroblob(64) WHERE arrival=1")
    done = tongban("verify", city)
    assert done.returncode == 1
    assert "finding\tgap\t2\tentries of its journal are missing\nfinding\tfork\t1\ttwo entries with one number;" in done.stdout
    assert done.stderr.startswith("unknown_author\tarrival 1\tthe author does not hang on the root\n")
    document = json.loads(tongban("verify", city, "--json").stdout)
    assert (document["findings"], document["finding_kinds"]) == (3, {"gap": 2, "fork": 1})


def test_a_backup_names_its_path_and_tells_what_it_replaces(tongban: Run, city: Path, tmp_path: Path) -> None:
    assert told(tongban, "backup", city, tmp_path / "none" / "x") == f"not found: {tmp_path / 'none'}"
    assert "replacing" not in tongban("backup", city, tmp_path / "x").stderr
    again = tongban("backup", city, tmp_path / "x")
    assert again.returncode == 0 and again.stderr.startswith(f"replacing the file {tmp_path / 'x'} that was there\n")


@pytest.mark.parametrize(
    ("command", "data", "zh", "en"),
    [
        ("calendar", "day,kind\n", ["导入失败，没有写入任何内容：1 处错误", "列 date：缺少这一列"],
         ["nothing was imported: 1 error", "column date: the column is missing"]),
        ("divisions", "code,name,level\n", ["导入失败，没有写入任何内容：1 处错误", "列 parent_code：缺少这一列"],
         ["nothing was imported: 1 error", "column parent_code: the column is missing"]),
        ("calendar", "date,kind\n1,off\n2,off\n", ["导入失败，没有写入任何内容：2 处错误", "第 2 行：格式不正确", "第 3 行：格式不正确"],
         ["nothing was imported: 2 errors", "line 2: not valid", "line 3: not valid"]),
    ],
    ids=["calendar", "divisions", "lines"],
)  # fmt: skip
def test_a_wrong_table_names_its_columns(
    tongban: Run, city: Path, tmp_path: Path, command: str, data: str, zh: list[str], en: list[str]
) -> None:
    (tmp_path / "x.csv").write_text(data, encoding="utf-8")
    for environment, expected in ((ZH, zh), ({}, en)):
        done = tongban(command, "import", city, tmp_path / "x.csv", **environment)
        assert (done.returncode, done.stdout, done.stderr.splitlines()) == (1, "", expected)


def test_a_file_of_something_else_is_one_sentence(tongban: Run, city: Path, tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Tongban\n\nhello\n", encoding="utf-8")
    assert told(tongban, "case", "file", city, tmp_path / "README.md").endswith(
        "README.md is no file of applications: not one line is JSON"
    )
    (tmp_path / "some.jsonl").write_text('# Tongban\n{"application_no": "A-1"}\n', encoding="utf-8")
    done = tongban("case", "file", city, tmp_path / "some.jsonl")
    assert (done.returncode, len(done.stdout.splitlines()), done.stderr) == (1, 2, "")


# commands at the wrong node -----------------------------------------------------------------------------------------------


def test_run_knows_a_slip_from_a_new_node(tongban: Run, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    assert told(tongban, "run", tmp_path / "full") == f"{tmp_path / 'full'} is not a Tongban node directory"
    slip = told(tongban, "run", tmp_path / "vilage")
    assert (
        slip
        == f"{tmp_path / 'vilage'} does not exist or is empty: correct the path, or make a node there with tongban setup {tmp_path / 'vilage'}"
    )


def test_revoke_retry_and_renew_say_why_not(linked: Town) -> None:
    city, village = linked["city"].center, linked["village"].center
    child = FOUR["district"]
    rows = [
        ("not_running", lambda: OPERATIONS["retry_link"](village, {"code": FOUR["township"]})),
        ("child_dials", lambda: OPERATIONS["retry_link"](city, {"code": child})),
        ("unknown_node", lambda: OPERATIONS["retry_link"](city, {"code": "420199000000"})),
        ("root_not_renewed", lambda: city.renewal.begin("TB1-ANY")),
        ("unknown_node", lambda: city.tree.revoke("420199000000", "other")),
    ]
    city.tree.revoke(child, "other")
    for code, command in [*rows, ("already_revoked", lambda: city.tree.revoke(child, "other"))]:
        with pytest.raises(TongbanError, match=f"^{code}\\b"):
            command()


def test_a_running_node_says_where_it_is(city: Path) -> None:
    settings = config.load_dir(city)
    with running(city) as process:
        assert process.stdout is not None
        line = process.stdout.readline().decode()
    assert f"http://{settings.web.address}/" in line and settings.grpc.address in line


def test_the_command_is_always_called_tongban(tongban: Run) -> None:
    assert tongban("demo", "--port-base", "abc").stderr.endswith("see tongban demo --help\n")
    assert tongban("--help").stdout.split()[:2] == ["Usage:", "tongban"]


def test_what_was_not_found_is_named_or_the_sentence_ends() -> None:
    assert TongbanError("not_found", what="/api/v1/x").sentence() == "没有找到：/api/v1/x"
    draft = TongbanError("not_found", what="draft")
    assert (draft.sentence("zh"), draft.sentence("en")) == ("没有找到：草稿", "not found: draft")
    assert (TongbanError("not_found").sentence(), TongbanError("not_found", what="").sentence("en")) == ("没有找到", "not found")
