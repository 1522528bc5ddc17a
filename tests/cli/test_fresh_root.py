"""A fresh root counts by the shipped calendar from its first minute, and says what it was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import CITY, Run, document

CHENGDU = "510100000000"


@pytest.fixture(scope="module")
def fresh(tongban: Run, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A root made by `init` alone, and what that printed."""
    folder = tmp_path_factory.mktemp("fresh") / "city"
    done = tongban("init", folder, "--tier", "city", "--code", CITY, "--name", "武汉市")
    assert done.returncode == 0, done.stderr
    return folder, done.stdout


@pytest.mark.parametrize(
    ("accepted", "limit", "due"),
    [
        ("2026-09-30T10:00", 1, "2026-10-08"),  # the seven days of National Day
        ("2026-09-30T10:00", 3, "2026-10-10"),  # the Saturday that is worked for it
        ("2026-09-30T10:00", 5, "2026-10-13"),
        ("2026-09-18T10:00", 1, "2026-09-20"),  # the Sunday that is worked before it
        ("2026-09-24T23:59", 2, "2026-09-29"),  # Mid-autumn
    ],
)
def test_due_dates_over_adjusted_days(tongban: Run, fresh: tuple[Path, str], accepted: str, limit: int, due: str) -> None:
    done = tongban("due", fresh[0], "--accepted-at", accepted, "--limit", limit)
    assert (done.stdout.strip(), done.stderr, done.returncode) == (due, "", 0)


def test_init_says_what_was_loaded_and_the_catalog_is_not_among_it(tongban: Run, fresh: tuple[Path, str]) -> None:
    folder, said = fresh
    rows = [line.split("\t") for line in said.splitlines()]
    assert [row for row in rows if row[0] == "loaded"] == [
        ["loaded", "calendar", "days-2024-2026.csv", "2024-2026", "110"], ["loaded", "divisions", "wuhan-4201.csv", "3702"],
        ["loaded", "limits", "limits.toml", "10"],
    ]  # fmt: skip
    status = document(tongban("status", folder, "--json"))
    assert (status["catalog"]["items"], status["calendar"]["known_until"]) == (0, "2026-12-31")
    assert document(tongban("verify", folder, "--json"))["ok"]


def test_the_table_of_another_city_is_not_loaded(tongban: Run, tmp_path: Path) -> None:
    done = tongban("init", tmp_path / "n", "--tier", "city", "--code", CHENGDU, "--name", "成都市")
    assert "calendar" in done.stdout and "divisions" not in done.stdout


def test_the_catalog_comes_when_it_is_asked_for(tongban: Run, tmp_path: Path) -> None:
    done = tongban("init", tmp_path / "n", "--tier", "city", "--code", CITY, "--name", "武汉市", "--with-catalog")
    assert "loaded\tcatalog\titems-detailed.csv\t153" in done.stdout
    assert len(document(tongban("catalog", "list", tmp_path / "n", "--json"))["items"]) > 100


def test_the_first_file_of_ones_own_is_taken_as_it_is(tongban: Run, fresh: tuple[Path, str], tmp_path: Path) -> None:
    days, places = tmp_path / "days.csv", tmp_path / "places.csv"
    days.write_text("date,kind,name\n2026-11-02,off,local\n2027-01-01,off,New Year's Day\n", encoding="utf-8")
    places.write_text(f"code,name,level,parent_code\n{CITY},武汉市,city,\n", encoding="utf-8")
    assert document(tongban("calendar", "import", fresh[0], days, "--json"))["revision"] == 2
    assert document(tongban("divisions", "import", fresh[0], places, "--json"))["divisions"] == 1


@pytest.fixture
def root(tongban: Run, tmp_path: Path) -> Path:
    """A fresh root of this test alone."""
    tongban("init", tmp_path / "own", "--tier", "city", "--code", CITY, "--name", "武汉市")
    return tmp_path / "own"


def test_a_later_file_that_takes_days_away_is_shown_and_needs_a_word(tongban: Run, root: Path, tmp_path: Path) -> None:
    days = tmp_path / "days.csv"
    days.write_text("date,kind,name\n2026-10-01,off,x\n2026-10-10,makeup_workday,y\n", encoding="utf-8")
    tongban("calendar", "add", root, "2026-12-07", "--name", "local")
    refused = tongban("calendar", "import", root, days)
    assert refused.returncode == 1 and "--replace" in refused.stderr and "- 2026-05-01 off" in refused.stderr
    assert tongban("due", root, "--accepted-at", "2026-04-30", "--limit", 1).stdout.strip() == "2026-05-06"
    replaced = tongban("calendar", "import", root, days, "--replace")
    assert replaced.returncode == 0 and "removed\t" in replaced.stdout
    assert tongban("due", root, "--accepted-at", "2026-04-30", "--limit", 1).stdout.strip() == "2026-05-01"


def test_single_days_are_added_shown_and_removed(tongban: Run, root: Path) -> None:
    added = document(tongban("calendar", "add", root, "2026-12-14", "--kind", "off", "--name", "局庆", "--json"))
    assert (added["added"], added["moved"], added["changed"]) == (1, [], True)
    assert "2026-12-14\toff\t局庆" in tongban("calendar", "show", root, "--year", 2026).stdout
    shown = document(tongban("calendar", "show", root, "--year", 2027, "--json"))
    assert next(one["date"] for one in shown["days"] if one["provisional"]) == "2027-01-01"
    assert document(tongban("calendar", "remove", root, "2026-12-14", "--json"))["removed"] == 1
    again = tongban("calendar", "remove", root, "2026-12-14")
    assert again.returncode == 1 and again.stderr.strip() and "Traceback" not in again.stderr


def test_an_init_that_fails_midway_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from node import app
    from node.domain.words.errors import TongbanError

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    where = ("city", CITY, "武汉市", "127.0.0.1:1", "127.0.0.1:2")
    with monkeypatch.context() as patch:
        patch.setattr("node.machine.config.write_default", full)
        with pytest.raises(TongbanError) as caught:
            app.init_node(tmp_path / "n", *where)
    assert caught.value.code == "disk_full"
    assert app.init_node(tmp_path / "n", *where)["loaded"]
