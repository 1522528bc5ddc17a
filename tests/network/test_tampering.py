"""Somebody changes the database or an object file behind the node's back: `verify` says what, and never stumbles over it."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from node.app import assemble
from node.demo.memory_network import SimulatedClock, World
from node.services.upkeep.backup import backup, restore
from tests.support.network import CLERK, Town, fresh


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Path]]:
    """A township that holds a case of its village, has concluded nothing, and has been receipted."""
    town = fresh("chain", tmp_path_factory.mktemp("honest"))
    town.heal()
    no = town.file("village")
    town.act("village", no, "hand_over")
    town.heal()
    town.do("township", no, "receive", CLERK)
    town.do("township", no, "accept", CLERK)
    town.heal()
    town.cut()
    folder = town["township"].folder
    town["township"].center.store.close()
    yield town, folder
    town["township"].reopen()
    town.close()


OWN = "author=(SELECT a.id FROM authors a, meta WHERE key='identity' AND lower(hex(a.node_id))=json_extract(value,'$.node_id'))"
ONE = f"arrival=(SELECT arrival FROM entries WHERE {OWN} AND class='case' ORDER BY arrival LIMIT 1 OFFSET 1)"
LAST = f"arrival=(SELECT max(arrival) FROM entries WHERE {OWN})"
TRUST = "arrival=(SELECT max(arrival) FROM entries WHERE class='node')"
BODY = "hash=(SELECT body_hash FROM entries WHERE version=1 LIMIT 1)"

DONE = {
    f"UPDATE entries SET header=x'0102' WHERE {ONE}": "wrong_hash",
    f"UPDATE entries SET header='abc' WHERE {ONE}": "wrong_hash",
    f"UPDATE entries SET header=5 WHERE {ONE}": "wrong_hash",
    f"UPDATE entries SET header='abc' WHERE {TRUST}": "wrong_hash",
    f"UPDATE entries SET header=x'0102' WHERE {TRUST}": "wrong_hash",
    f"UPDATE entries SET signature=(SELECT signature FROM entries WHERE {LAST}) WHERE {ONE}": "bad_signature",
    f"DELETE FROM entries WHERE {ONE}": "gap",
    f"DELETE FROM entries WHERE {LAST}": "missing_after_receipt",
    f"UPDATE entries SET standing=2 WHERE {LAST}": "missing_after_receipt",
    f"UPDATE entries SET kind='x' WHERE {ONE}": "wrong_columns",
    "DELETE FROM receipts": "receipt_gone",
    "UPDATE receipts SET receipt='x'": "bad_receipt",
    "UPDATE receipts SET signature=randomblob(64)": "bad_receipt",
    "UPDATE receipts SET head=randomblob(32)": "altered_after_receipt",
    f"UPDATE objects SET data='x' WHERE {BODY}": "object_altered",
    f"UPDATE objects SET hash='x' WHERE {BODY}": "object_altered",
    f"DELETE FROM objects WHERE {BODY}": "body_lost",
    "UPDATE cases SET status='delivered'": "query_table",
    "UPDATE people SET name='x'": "query_table",
    "UPDATE items SET document='{}'": "catalog_altered",
    "UPDATE documents SET document='{}' WHERE kind='calendar'": "catalog_altered",
    "UPDATE meta SET value=x'00' WHERE key='root'": "no_root",
}


@pytest.mark.parametrize("statement", DONE)
def test_what_was_changed_is_told(honest: tuple[Town, Path], tmp_path: Path, statement: str) -> None:
    town, folder = honest
    shutil.copytree(folder, tmp_path / "node")
    with closing(sqlite3.connect(tmp_path / "node" / "node.db")) as database:
        assert database.execute(statement).rowcount > 0
        database.commit()
    center = assemble(tmp_path / "node", SimulatedClock(town.world), threaded=False)
    try:
        outcome = center.upkeep.verify()
    finally:
        center.store.close()
    assert not outcome["ok"] and DONE[statement] in {problem["code"] for problem in outcome["problems"]}, outcome["problems"]


def test_nothing_is_told_of_an_honest_node_nor_of_one_just_restored(honest: tuple[Town, Path], tmp_path: Path) -> None:
    town, folder = honest
    shutil.copytree(folder, tmp_path / "node")
    center = assemble(tmp_path / "node", SimulatedClock(town.world), threaded=False)
    try:
        assert center.upkeep.verify()["problems"] == []
        backup(center.store, tmp_path / "copy")
    finally:
        center.store.close()
    restore(tmp_path / "copy", tmp_path / "again", SimulatedClock(World(town.world.time)))
    center = assemble(tmp_path / "again", SimulatedClock(town.world), threaded=False)
    try:
        assert center.upkeep.verify()["problems"] == []
    finally:
        center.store.close()
