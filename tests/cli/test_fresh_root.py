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
        ["loaded", "limits", "limits.toml", "9"],
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
