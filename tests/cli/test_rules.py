"""`tongban rules`: show what is in force, publish a file of one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.cli import support
from node.domain.words.errors import TongbanError
from tests.cli.conftest import CITY, Run, document


def test_rules_are_shown_and_published(tongban: Run, tmp_path: Path) -> None:
    tongban("init", tmp_path / "n", "--tier", "city", "--code", CITY, "--name", "武汉市")
    shipped = document(tongban("rules", "show", tmp_path / "n", "limits", "--json"))
    assert (shipped["name"], shipped["revision"], shipped["document"]["notice_days"]) == ("limits", 1, 5)
    assert set(shipped["document"]) == set(
        "notice_days service_days agent_days receipt_days cure_wd lower_share default_one default_joint immediate_limit gap_pauses".split()
    )
    own = tmp_path / "own.toml"
    own.write_text('kind = "limits"\nnotice_days = 3\n', encoding="utf-8")
    assert document(tongban("rules", "import", tmp_path / "n", own, "--json")) == {"rules": 1, "changed": True, "revision": 2}
    assert "limits\t2\tnotice_days\t3" in tongban("rules", "show", tmp_path / "n").stdout
    shown = tongban("rules", "show", tmp_path / "n", "supervision").stdout
    assert "supervision\t2\trule\tT01\ttime\t签收超时" in shown and "handler,window_head" in shown and "{" not in shown
    own.write_text('kind = "limits"\n\nnotice_days = 9\n', encoding="utf-8")
    refused = tongban("rules", "import", tmp_path / "n", own)
    assert refused.returncode == 1 and "3" in refused.stderr and "5" in refused.stderr and "notice_days" in refused.stderr
    missing = tongban("rules", "show", tmp_path / "n", "moods")
    assert missing.returncode == 1 and "moods" in missing.stderr


def test_a_card_that_is_not_there_and_a_file_that_cannot_be_written(tongban: Run, tmp_path: Path) -> None:
    tongban("init", tmp_path / "n", "--tier", "city", "--code", CITY, "--name", "武汉市")
    for card in ("x", "z" * 64, "0" * 64):
        done = tongban("oversight", "prove", tmp_path / "n", card, tmp_path / "proof.json")
        assert (done.returncode, done.stdout, (tmp_path / "proof.json").exists()) == (1, "", False)
        assert "not found" in done.stderr and card in done.stderr
    with pytest.raises(TongbanError, match="storage_failed"):
        support.write_file(tmp_path / "nowhere" / "proof.json", b"x")
