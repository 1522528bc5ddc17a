"""The query tables are copies of the journal: however they were made, they say the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from node.domain.model import Actor, Role
from node.services.center import Center
from node.services.tree.opening import open_store
from node.store import projections
from node.store.database import StorageFailure
from node.store.projected.registry import PROJECTIONS, copies
from tests.support.network import CLERK, Town, four_tiers

TABLES = [table for one in copies() for table in one.tables]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Some life: filed, handed over, received, accepted, taken back, asked about."""
    made = four_tiers(tmp_path)
    numbers = [made.file("village", application_no=f"P-{n}") for n in range(4)]
    for no in numbers[:3]:
        made.act("village", no, "hand_over")
    made.heal()
    made.do("township", numbers[0], "receive", CLERK)
    made.do("township", numbers[1], "receive", CLERK)
    made.do("township", numbers[0], "accept", CLERK)
    made.heal()
    made.file("township", actor=CLERK)
    made.heal()
    yield made
    made.close()


def rows(folder: Path, tables: list[str] = TABLES) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the tables, and of which version they are (without what was expected for the catalog and has come)."""
    with closing(sqlite3.connect(folder / "node.db")) as connection:
        connection.execute("DELETE FROM object_refs WHERE case_no='*'")  # never committed
        return {table: sorted(connection.execute(f"SELECT * FROM {table}"), key=repr) for table in [*tables, "projected"]}


def put_back(folder: Path, name: str, harm: str = "") -> None:
    """As an earlier version of the program left it."""
    with closing(sqlite3.connect(folder / "node.db")) as connection:
        connection.execute("UPDATE projected SET version=version-1 WHERE name=?", (name,))
        connection.executescript(harm)
        connection.commit()


def closed(town: Town, name: str) -> Path:
    town.cut()
    town[name].center.store.close()
    return town[name].folder


@pytest.mark.parametrize("name", [one.NAME for one in copies()])
def test_tables_of_an_earlier_version_are_made_anew_at_the_next_opening(town: Town, name: str) -> None:
    town["township"].center.upkeep.rebuild()
    folder = closed(town, "township")
    rebuilt = rows(folder)
    (projection,) = [one for one in PROJECTIONS if name == one.NAME]
    put_back(folder, name, "".join(f"DROP TABLE {table}; CREATE TABLE {table}(was TEXT);" for table in projection.tables))
    town["township"].reopen()
    assert rows(folder) == rebuilt
    assert town["township"].center.upkeep.verify()["ok"]


def test_a_folder_of_before_there_were_versions_is_made_anew(town: Town) -> None:
    town["township"].center.upkeep.rebuild()
    folder = closed(town, "township")
    rebuilt = rows(folder)
    with closing(sqlite3.connect(folder / "node.db")) as connection:
        connection.executescript(
            "DROP TABLE projected; DELETE FROM _sqlite_migrations WHERE name='0016_projected'; DELETE FROM cases;"
        )
    town["township"].reopen()
    assert rows(folder) == rebuilt


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
def test_a_power_cut_while_they_are_made_leaves_it_to_the_next_opening(town: Town, moment: str) -> None:
    town["township"].center.upkeep.rebuild()
    folder = closed(town, "township")
    rebuilt = rows(folder)
    put_back(folder, "cases", "UPDATE cases SET status='delivered';")
    damaged = rows(folder)

    def cut(when: str) -> None:
        if when == moment:
            raise OSError("the power is gone")

    store, keys = open_store(folder, town["township"].clock, threaded=False)
    store.writer.fault = cut
    failure = StorageFailure if moment == "before_commit" else OSError
    with pytest.raises(failure):
        Center(store, keys)
    store.writer.fault = None
    store.close()
    assert rows(folder) == (damaged if moment == "before_commit" else rebuilt)
    town["township"].reopen()
    assert rows(folder) == rebuilt and town["township"].center.upkeep.verify()["ok"]


def test_what_waits_to_be_projected_is_not_taken_in_twice(town: Town) -> None:
    town["township"].center.store.writer.prompt = False
    filed = [town.file("village") for _ in range(3)]
    town.heal()
    folder = closed(town, "township")
    for name in ("cases", "applications", "papers"):
        put_back(folder, name)
    town["township"].reopen()
    assert {row[0] for row in rows(folder)["cases"]}.isdisjoint(filed)
    town["township"].center.store.run(lambda tx: None)
    assert {row[0] for row in rows(folder)["cases"]} >= set(filed)
    assert town["township"].center.upkeep.verify()["ok"]


def test_an_entry_that_cannot_be_read_does_not_keep_a_node_with_old_tables_from_opening(town: Town) -> None:
    folder = closed(town, "township")
    put_back(
        folder, "cases", "UPDATE entries SET header=x'00' WHERE arrival=(SELECT max(arrival) FROM entries WHERE class='case');"
    )
    town["township"].reopen()
    assert rows(folder)["cases"]


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize("name", ["village", "township", "city"])
def test_the_size_of_a_batch_changes_nothing(town: Town, monkeypatch: pytest.MonkeyPatch, size: int, name: str) -> None:
    center, folder = town[name].center, town[name].folder
    before = rows(folder)
    monkeypatch.setattr(projections, "SLICE", size)
    center.upkeep.rebuild()
    assert rows(folder) == before


def test_a_publication_on_its_way_arrives_after_a_rebuild(town: Town) -> None:
    """What is to be fetched for the catalog stays expected."""
    town.scans(False)
    editor, person = town["city"].center.editor, Actor("s-editor", Role.CATALOG_EDITOR, "王敏")
    editor.withdraw("ZW007", "依据已废止", person)
    editor.publish(editor.changes(person)["token"], "2026-03-02", person)
    town.heal()
    township = town["township"].center
    revision = township.catalog.revision()
    township.upkeep.rebuild()
    town.scans(True)
    town.heal()
    assert township.catalog.revision() == revision + 1 == town["city"].center.catalog.revision()


@pytest.mark.parametrize("name", ["township", "district", "city"])
def test_rebuild_tells_the_children_nothing_again(town: Town, name: str) -> None:
    def waiting() -> list[int]:
        return [link["waiting"] for link in town[name].center.upkeep.status()["links"]]

    before = rows(town[name].folder, ["down", "wanted"])
    town.cut()
    assert waiting() == [0] * len(waiting())
    town[name].center.upkeep.rebuild()
    assert waiting() == [0] * len(waiting())
    assert rows(town[name].folder, ["down", "wanted"]) == before


def test_tables_made_anew_have_every_index_of_a_fresh_node(town: Town) -> None:
    """Some are made when the rows are there (`Projection.LATE`)."""
    names = [name for one in copies() for name in one.LATE]
    assert len(names) > 5
    with closing(sqlite3.connect(town["township"].folder / "node.db")) as connection:
        sql = "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"
        fresh = connection.execute(sql).fetchall()
        assert set(names) <= {name for _, name, _ in fresh}
        town["township"].center.upkeep.rebuild()
        assert connection.execute(sql).fetchall() == fresh
