"""Running `tongban` as people do: in a process of its own; a city, and one with an item, made once and copied for each test."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node.machine import config
from tests.support.commands import run_command
from tests.support.processes import free_ports

ROOT = Path(__file__).resolve().parents[2]
CITY, DISTRICT = "420100000000", "420106000000"
Run = Callable[..., "subprocess.CompletedProcess[str]"]
MATERIALS = [{"name": "申请表", "form": "original", "copies": 1, "required": True}]
ROW = {
    "item_id": "T001", "item_code_basic": "", "item_code_real": "", "real_name": "", "real_category": "",
    "name": "户口迁移审批", "department": "公安局", "category": "行政许可", "approval_level": "city", "accept_levels": "city",
    "case_type": "commitment", "statutory_limit": "20", "statutory_unit": "workday", "promised_limit_workdays": "10",
    "legal_basis": "《户口登记条例》第十条", "legal_text_version": "1958-01-09", "conditions": "无",
    "materials": json.dumps(MATERIALS, ensure_ascii=False), "fee": "不收费", "special_steps": "[]", "result": "准迁证",
    "co_departments": "", "agent_allowed": "yes",
}  # fmt: skip


@pytest.fixture(scope="session")
def tongban() -> Run:
    """`tongban("status", DIR, LANG="zh_CN.UTF-8")`: upper-case keywords are environment variables."""

    def run(*args: object, timeout: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "", **environment}
        return run_command([str(one) for one in args], env, ROOT, timeout)

    return run


def document(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def write_csv(path: Path, rows: list[dict[str, str]]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="session")
def made_city(tongban: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "city"
    done = tongban("init", folder, "--tier", "city", "--code", CITY, "--name", "武汉市")
    assert (done.returncode, done.stderr) == (0, "")
    assert "password\t" in done.stdout
    return folder


@pytest.fixture(scope="session")
def made_center(tongban: Run, made_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "center"
    shutil.copytree(made_city, folder)
    divisions = [
        {"code": CITY, "name": "武汉市", "level": "city", "parent_code": "", "kind": "city"},
        {"code": DISTRICT, "name": "武昌区", "level": "district", "parent_code": CITY, "kind": "district"},
    ]
    for command, rows in (("catalog", [ROW]), ("divisions", divisions)):
        write_csv(folder.parent / "rows.csv", rows)
        done = tongban(command, "import", folder, folder.parent / "rows.csv")
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def city(made_city: Path, tmp_path: Path) -> Path:
    """A root with nothing published, at ports of its own."""
    return at_free_ports(made_city, tmp_path / "city")


@pytest.fixture
def center(made_center: Path, tmp_path: Path) -> Path:
    """A city with one item and its division table."""
    return at_free_ports(made_center, tmp_path / "city")


def at_free_ports(made: Path, folder: Path) -> Path:
    shutil.copytree(made, folder)
    web, grpc = free_ports(2)
    config.write(folder, config.with_addresses(config.load_dir(folder), web=f"127.0.0.1:{web}", grpc=f"127.0.0.1:{grpc}"))
    return folder
