"""`tongban papers check`: what a code is worth here."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import CITY, Run


def test_a_code_is_checked_at_the_machine(tongban: Run, tmp_path: Path) -> None:
    tongban("init", tmp_path / "n", "--tier", "city", "--code", CITY, "--name", "武汉市")
    code = "420102002000-260302-TV0-0001-G.AC3.26-1.260302.0000000000"
    unknown = tongban("papers", "check", tmp_path / "n", code, "--json")
    assert unknown.returncode == 1 and json.loads(unknown.stdout)["result"] == "unknown_here"
    assert "result\tunknown_here" in tongban("papers", "check", tmp_path / "n", code).stdout
    none = tongban("papers", "check", tmp_path / "n", "〔2026〕第1号")
    assert none.returncode == 1 and none.stdout == "" and "code" in none.stderr and "Traceback" not in none.stderr
