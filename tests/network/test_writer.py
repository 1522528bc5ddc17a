"""The writer's turn with real threads: who comes alone, who comes together, who comes too late."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from node.domain.words.errors import TongbanError
from node.store.database import IDLE_TURNS, TxBase, Writer, connect
from tests.support.processes import wait_for

CALLERS, EACH = 8, 40


class Counting(TxBase):
    """A Tx that remembers in memory what it wrote, and puts work off when told to."""

    def __init__(self, connection: object) -> None:
        super().__init__(connection)  # type: ignore[arg-type]
        self.put_off = False
        self.forgot = 0

    def forget(self) -> None:
        self.forgot += 1

    def idle_work(self) -> bool:
        return self.put_off

    def when_idle(self) -> None:
        self.put_off = False
        self.connection.execute("INSERT INTO t VALUES('idle')")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    connection = connect(tmp_path / "w.db")
    connection.execute("CREATE TABLE t(name TEXT UNIQUE)")
    connection.close()
    return tmp_path / "w.db"


@pytest.fixture
def writer(path: Path) -> Iterator[Writer[Counting]]:
    made: Writer[Counting] = Writer(connect(path), Counting, threaded=True)
    yield made
    made.close()


def names(path: Path) -> set[str]:
    connection = connect(path, read_only=True)
    try:
        return {row[0] for row in connection.execute("SELECT name FROM t")}
    finally:
        connection.close()


def put(name: str, *, fail: bool = False) -> object:
    def command(tx: Counting) -> str:
        tx.connection.execute("INSERT INTO t VALUES(?)", (name,))
        if fail:
            raise TongbanError("guard_failed", rule="no")
        return name

    return command


def test_a_command_that_fails_alone_leaves_nothing_and_the_next_one_counts(writer: Writer[Counting], path: Path) -> None:
    with pytest.raises(TongbanError):
        writer.run(put("bad", fail=True))  # type: ignore[arg-type]
    assert writer.tx.forgot == 1 and names(path) == set()
    assert writer.run(put("good")) == "good"  # type: ignore[arg-type]
    assert names(path) == {"good"}


def test_callers_together_are_each_answered_with_their_own(writer: Writer[Counting], path: Path) -> None:
    """Some run the turn themselves, some find it taken, one in eight fails."""
    answers: dict[str, object] = {}

    def caller(n: int) -> None:
        for k in range(EACH):
            name, submit = f"{n}/{k}", k % 3 == 0
            command = put(name, fail=(n + k) % 8 == 0)
            try:
                answers[name] = writer.submit(command).result() if submit else writer.run(command)  # type: ignore[arg-type]
            except TongbanError as error:
                answers[name] = error.code

    threads = [threading.Thread(target=caller, args=(n,)) for n in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    wanted = {f"{n}/{k}": "guard_failed" if (n + k) % 8 == 0 else f"{n}/{k}" for n in range(CALLERS) for k in range(EACH)}
    assert answers == wanted
    assert names(path) == {name for name, answer in answers.items() if answer == name}


def test_what_a_failing_command_wanted_after_the_commit_is_not_done(writer: Writer[Counting], path: Path) -> None:
    """Neither alone nor in a group; what the others wanted is, and one that fails is nobody's fault."""
    done: list[str] = []

    def command(name: str, *, fail: bool = False) -> object:
        def after() -> None:
            if name == "broken":
                raise ValueError(name)
            done.append(name)

        def act(tx: Counting) -> object:
            tx.after_commit(after)
            return put(name, fail=fail)(tx)  # type: ignore[operator]

        return act

    with pytest.raises(TongbanError):
        writer.run(command("alone", fail=True))  # type: ignore[arg-type]
    futures: list[Future[str]] = [Future() for _ in range(3)]
    acts = (command("first"), command("second", fail=True), command("broken"))
    with writer._turn:
        writer.run_group(list(zip(acts, futures, strict=True)))  # type: ignore[arg-type]
    assert (futures[0].result(), futures[2].result()) == ("first", "broken") and futures[1].exception() is not None
    assert done == ["first"] and names(path) == {"first", "broken"}
    assert writer.submit(put("later")).result(10) == "later"  # type: ignore[arg-type]


def test_a_fault_in_what_was_put_off_takes_nothing_back(
    writer: Writer[Counting], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable() -> bool:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(writer.tx, "idle_work", unreadable)
    assert writer.run(put("one")) == "one"  # type: ignore[arg-type]
    assert writer.submit(put("two")).result(10) == "two"  # type: ignore[arg-type]
    assert names(path) == {"one", "two"}


def test_what_a_caller_put_off_is_done_when_nobody_waits(writer: Writer[Counting], path: Path) -> None:
    def command(tx: Counting) -> None:
        tx.put_off = True

    writer.run(command)
    wait_for(lambda: "idle" in names(path), 10)


def test_without_a_thread_what_never_ends_is_left_after_so_many_turns(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone: Writer[Counting] = Writer(connect(path), Counting, threaded=False)
    turns: list[None] = []
    monkeypatch.setattr(alone.tx, "when_idle", lambda: turns.append(None))
    alone.tx.put_off = True
    assert alone.run(put("one")) == "one"  # type: ignore[arg-type]
    assert (len(turns), alone.restless) == (IDLE_TURNS, True)
    alone.tx.put_off = False
    alone.run(put("two"))  # type: ignore[arg-type]
    assert not alone.restless and names(path) == {"one", "two"}
    alone.close()


def test_who_comes_while_the_node_stops_is_stored_or_refused(writer: Writer[Counting], path: Path) -> None:
    """Nobody waits for ever, and nobody is told that something is saved that is not."""
    stored: set[str] = set()
    refused: list[str] = []
    started = threading.Barrier(CALLERS + 1)

    def caller(n: int) -> None:
        started.wait()
        for k in range(1000):
            name = f"{n}/{k}"
            try:
                (writer.run if k % 2 else lambda command: writer.submit(command).result())(put(name))  # type: ignore[arg-type]
                stored.add(name)
            except TongbanError as error:
                refused.append(error.code)
                return

    threads = [threading.Thread(target=caller, args=(n,)) for n in range(CALLERS)]
    for thread in threads:
        thread.start()
    started.wait()
    wait_for(lambda: len(stored) > 50, 10)
    writer.close()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert refused == ["storage_failed"] * CALLERS
    assert names(path) == stored
