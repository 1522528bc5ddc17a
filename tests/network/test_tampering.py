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
from node.domain.words.errors import TongbanError
from node.services.upkeep.backup import backup, restore
from tests.support.network import CLERK, DIRECTOR, Town, fresh


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Path]]:
    """A township that holds a case of its village, decided one of its own, has a clerk and a token, and has been receipted."""
    town = fresh("chain", tmp_path_factory.mktemp("honest"))
    town.heal()
    no = town.file("village")
    town.act("village", no, "hand_over")
    town.heal()
    town.do("township", no, "receive", CLERK)
    town.do("township", no, "accept", CLERK)
    own = town.file("township", "ZW021", CLERK)
    town.do("township", own, "accept")
    while "approve" not in town.offered("township", own, DIRECTOR):
        town.do("township", own, "complete_step")
    town.do("township", own, "approve")
    center = town["township"].center
    center.staff.add("张三", "clerk", username="zhang")
    center.staff.tokens.issue("系统", "integration")
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
    "DELETE FROM items": "catalog_gone",
    "DELETE FROM items WHERE item_id='ZW001'": "catalog_gone",
    "DELETE FROM documents WHERE kind='calendar'": "catalog_gone",
    "DELETE FROM publications": "catalog_gone",
    "DELETE FROM nodes WHERE tier='village'": "node_gone",
    "DELETE FROM nodes WHERE tier='district'": "node_gone",
    "UPDATE nodes SET parent=NULL": "node_altered",
    "DELETE FROM decisions": "query_table",
    "UPDATE rolled SET n=n+1": "query_table",
    "DELETE FROM down": "query_table",
    "DELETE FROM down WHERE n=(SELECT max(n) FROM down)": "query_table",
    "DELETE FROM down WHERE n=1": "queue_gap",
    "DELETE FROM peers WHERE direction='down'": "link_gone",
    "DELETE FROM peers WHERE direction='up'": "link_gone",
    "DELETE FROM tokens": "token_gone",
    "INSERT INTO tokens(digest, id, staff_id, role, name, created_at) SELECT x'01', 't', staff_id, role, name, 0 FROM tokens": "token_unknown",
    "DELETE FROM staff WHERE username='zhang'": "account_gone",
    "UPDATE staff SET role='admin' WHERE username='zhang'": "account_altered",
    "UPDATE staff SET active=0 WHERE username='zhang'": "account_altered",
    "UPDATE staff SET staff_id='s-new' WHERE username='zhang'": "account_unknown",
    f"DELETE FROM objects WHERE hash=(SELECT body_hash FROM entries WHERE NOT {OWN} AND body_hash IS NOT NULL LIMIT 1)": "body_lost",
}
UNREADABLE = (
    "DELETE FROM _sqlite_migrations", "DELETE FROM _sqlite_migrations WHERE id=1", "UPDATE _sqlite_migrations SET name='x' || name",
    "DELETE FROM _sqlite_migrations WHERE name LIKE '0020%'",
)  # fmt: skip


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


@pytest.mark.parametrize("signature", ["signature", "randomblob(64)"])
def test_an_own_entry_that_was_moved_to_the_evidence_is_missed(honest: tuple[Town, Path], tmp_path: Path, signature: str) -> None:
    """The last one, so that it leaves no gap; held as evidence is only what a lost key signed (a disk burnt twice)."""
    town, folder = honest
    shutil.copytree(folder, tmp_path / "node")
    with closing(sqlite3.connect(tmp_path / "node" / "node.db")) as database:
        database.executescript(
            "INSERT INTO evidence(header, signature, reason, author, epoch, seq, via, at_ms)"
            f" SELECT header, {signature}, 'bad_signature', (SELECT node_id FROM authors WHERE id=author), epoch, seq, 1, 0"
            f" FROM entries WHERE {LAST}; DELETE FROM entries WHERE {LAST};"
        )
    center = assemble(tmp_path / "node", SimulatedClock(town.world), threaded=False)
    try:
        outcome = center.upkeep.verify()
    finally:
        center.store.close()
    assert "missing_after_receipt" in {problem["code"] for problem in outcome["problems"]}, outcome["problems"]


@pytest.mark.parametrize("statement", UNREADABLE)
def test_a_changed_record_of_the_tables_is_said_in_one_sentence(
    honest: tuple[Town, Path], tmp_path: Path, statement: str
) -> None:
    """At opening; while the node runs `verify` says it."""
    town, folder = honest
    shutil.copytree(folder, tmp_path / "node")
    center = assemble(tmp_path / "node", SimulatedClock(town.world), threaded=False)
    try:
        center.store.run(lambda tx: tx.connection.execute(statement) and None)
        assert "schema" in {problem["code"] for problem in center.upkeep.verify()["problems"]}
    finally:
        center.store.close()
    with pytest.raises(TongbanError, match=r"^schema_altered"):
        assemble(tmp_path / "node", SimulatedClock(town.world), threaded=False)


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
