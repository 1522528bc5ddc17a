"""What goes wrong at a real node is one plain sentence, exit code 1, and nothing that was confirmed is lost."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.cli.support import report, table
from node.domain.words.errors import TongbanError
from tests.cli.conftest import DISTRICT, ROOT, Run, document
from tests.cli.test_case_file import application, lines, write_lines
from tests.cli.test_nodes import running
from tests.support.network import AGENT, CLERK, Town, four_tiers
from tests.support.processes import free_ports, wait_for


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_parent_that_does_not_run_or_a_code_with_a_slip(tongban: Run, city: Path, tmp_path: Path) -> None:
    with running(city):
        code = tongban("invite", city, DISTRICT, "--name", "武昌区", "--tier", "district").stdout.strip()
    place = tmp_path / "district"
    assert "127.0.0.1" in sentence(tongban("join", place, code)) or "parent" in sentence(tongban("join", place, code))
    middle = len(code) // 2
    slip = code[:middle] + ("A" if code[middle] != "A" else "B") + code[middle + 1 :]
    for wrong in (slip, "", "TB1-", "你好", code + code, "x" * 10_000):
        assert sentence(tongban("join", place, wrong))
    assert not (place / "node.db").exists()
    web, grpc = free_ports(2)
    with running(city):  # the code is still good: nothing was used up
        joined = tongban("join", place, code, "--web", f"127.0.0.1:{web}", "--grpc", f"127.0.0.1:{grpc}")
        assert joined.returncode == 0, joined.stderr


def test_a_locked_database_is_told_and_works_again(tongban: Run, city: Path) -> None:
    other = sqlite3.connect(city / "node.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        assert sentence(tongban("token", city, "--name", "x", "--role", "clerk"))
    finally:
        other.close()
    assert tongban("token", city, "--name", "x", "--role", "clerk").returncode == 0


def test_a_database_that_is_no_database(tongban: Run, city: Path) -> None:
    for suffix in ("-wal", "-shm"):
        (city / f"node.db{suffix}").unlink(missing_ok=True)
    (city / "node.db").write_bytes(b"this is not a database" * 500)
    assert sentence(tongban("status", city))


@pytest.mark.parametrize("file", ["nothing.csv", "broken.csv", "folder"])
def test_a_file_that_cannot_be_imported(tongban: Run, city: Path, tmp_path: Path, file: str) -> None:
    (tmp_path / "broken.csv").write_bytes(b"\xff\xfe\x00\x01 not a table")
    (tmp_path / "folder").mkdir()
    for command in ("catalog", "calendar", "divisions", "papers", "rules"):
        done = tongban(command, "import", city, tmp_path / file)
        assert done.returncode in (1, 2) and done.stderr and "Traceback" not in done.stderr, (command, done.stderr)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize("victim", ["node", "command"])
def test_a_file_whose_filing_was_killed_is_filed_again_with_the_same_numbers(
    tongban: Run, center: Path, tmp_path: Path, victim: str
) -> None:
    file = write_lines(tmp_path / "a.jsonl", [application(f"K-{n}") for n in range(400)])
    command = [sys.executable, "-m", "node.cli", "case", "file", str(center), str(file)]
    with running(center) as node:
        filing = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        database = sqlite3.connect(f"file:{center / 'node.db'}?mode=ro", uri=True)
        wait_for(lambda: database.execute("SELECT count(*) FROM cases").fetchone()[0] > 20 or filing.poll() is not None)
        os.kill(node.pid if victim == "node" else filing.pid, signal.SIGKILL)
        out, error = filing.communicate(timeout=60)
        database.close()
        assert b"Traceback" not in error
    before = {row["application_no"]: row["case_no"] for row in map(json.loads, out.splitlines()) if "case_no" in row}
    done = tongban("case", "file", center, file)
    again = {row["application_no"]: row["case_no"] for row in lines(done)}
    assert len(again) == len(set(again.values())) == 400 and before.items() <= again.items()
    assert document(tongban("verify", center, "--json"))["ok"] is True


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path)
    yield made
    made.close()


def test_a_full_disk_refuses_the_next_filing_and_keeps_the_last(town: Town) -> None:
    hall = town["township"].center
    kept = town.file("township", actor=CLERK)

    def pages(most: int) -> None:
        hall.store.run(lambda tx: tx.connection.execute(f"PRAGMA max_page_count={most}") and None)

    pages(1)  # SQLite takes it for "no more than there are now"
    refused = []
    for _ in range(200):
        try:
            town.file("township", actor=CLERK)
        except Exception as error:
            refused.append(error)
            break
    assert refused and getattr(refused[0], "code", "") == "disk_full", refused
    assert hall.cases.case(kept, CLERK)["status"] == "submitted"
    pages(1_000_000)
    assert town.file("township", actor=CLERK) and hall.upkeep.verify()["ok"]


@pytest.mark.parametrize("wrong", [0, 1_000, 4_102_444_800_000])
def test_a_wrong_clock_locks_nobody_out_and_travels_nowhere(town: Town, wrong: int) -> None:
    town["village"].clock.skew = wrong - town.world.time
    no = town.file("village")
    town.act("village", no, "hand_over")
    town.heal()
    case = town["township"].center.cases.case(no, CLERK)
    town.do("township", no, "receive", CLERK)
    town.heal()
    assert case["case_no"] == no and town["village"].center.cases.case(no, AGENT)["status"] == "submitted"
    assert all(town[name].center.upkeep.verify()["ok"] for name in ("village", "township", "district", "city"))


def test_nothing_that_came_over_a_line_steers_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    report(TongbanError("unreachable", address="a", reason="\x1b[2J\x1b]0;x\x07好", reason_en="\x1b[31mred\x9b1m\u202e"))
    table([("link", "\x1b[1mx", "武汉")], sys.stderr)
    said = capsys.readouterr().err
    assert not any(c in said for c in "\x1b\x07\x9b\u202e") and "武汉" in said
