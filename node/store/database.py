"""One writer, many readers, and commits shared by whoever is waiting.

SQLite allows one writer; so does a node. Every change is a function of a `Tx`, run in the writer's turn. The writer
takes all commands that wait, runs each inside its own SAVEPOINT of one transaction (one alone needs none), commits once
(`synchronous=FULL`) and only then answers the callers. A command that raises undoes itself alone; a COMMIT that fails undoes
all and fails every waiter, and whatever was cached from the database is dropped and read again.

Two drivers run the same `run_group`: in a node in production a caller that finds nobody in the turn runs it itself, with
whatever waits, and a thread runs the rest (handing one command over and back costs two changes of thread, as much as the
command's SQL); in the in-memory network of the tests (`threaded=False`), where a thousand nodes share a process and every step
is chosen by the test, always the caller.

Callbacks registered with `Tx.after_commit` run after COMMIT returned and before the callers are answered: links learn of
an entry only then, because sending before commit plus a crash is a self-made fork.
"""

from __future__ import annotations

import errno
import logging
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

from node.domain.words.errors import TongbanError

T = TypeVar("T")
TxT = TypeVar("TxT", bound="TxBase")

log = logging.getLogger("node.store")
GROUP_LIMIT = 256
IDLE_SECONDS = 0.05  # without a command, until what was put off is done
IDLE_TURNS = 150  # after one command of a node without a thread; 16 cases each, or a slice of what waits
NEXT_SECONDS = 0.005  # the same, when nobody came while a part of it was done


class StorageFailure(TongbanError):
    """Ours: the disk or the database refused. Nothing of the command was saved."""


def storage_error(error: BaseException) -> TongbanError:
    """The plain sentence for a failure of SQLite or the disk."""
    text = str(error)
    if "disk is full" in text or getattr(error, "errno", None) == errno.ENOSPC:
        return StorageFailure("disk_full")
    if "readonly" in text or "read-only" in text or getattr(error, "errno", None) in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StorageFailure("read_only")
    if "locked" in text or "busy" in text:
        return StorageFailure("storage_busy")
    zh, en = next((said for sign, said in _REASONS.items() if sign in text.lower()), ("原因见日志", "the log has the reason"))
    return StorageFailure("storage_failed", reason=zh, reason_en=en)


_REASONS = {
    "i/o error": ("磁盘读写出错", "the disk cannot be read or written"),
    "input/output": ("磁盘读写出错", "the disk cannot be read or written"),
    "unable to open": ("数据文件打不开", "a data file cannot be opened"),
    "malformed": ("数据文件损坏", "a data file is damaged"),
    "not a database": ("数据文件损坏", "a data file is damaged"),
    "too many open files": ("打开的文件太多", "too many files are open"),
}
"""What people are told of a failure, by a sign in its text, which may name a path of this machine and goes to the log only."""


def half_done(done: str, done_en: str) -> TongbanError:
    """The refusal after something was saved: nobody is told that nothing was. `done` is a sentence in Chinese without its full stop."""
    return TongbanError("half_done", done=done, done_en=done_en)


@contextmanager
def put_off(what: str) -> Iterator[None]:
    """What only tidies up after something was saved: its failure is logged, and a later sweep does it."""
    try:
        yield
    except (StorageFailure, OSError, sqlite3.Error) as error:
        log.error("tidying_put_off", extra={"fields": {"what": what}}, exc_info=error)


def _stopped() -> StorageFailure:
    return StorageFailure("storage_failed", reason="程序正在停止", reason_en="the node is stopping")


class _Answer(Generic[T]):
    """The future of who runs his command himself: nobody sleeps until it comes, so it needs no lock."""

    __slots__ = ("_error", "_value", "done")

    def __init__(self) -> None:
        self.done = False
        self._error: BaseException | None = None

    def set_result(self, value: T) -> None:
        self._value, self.done = value, True

    def set_exception(self, error: BaseException) -> None:
        self._error, self.done = error, True

    def result(self) -> T:
        if self._error is not None:
            raise self._error
        return self._value


Asked: TypeAlias = Future[Any] | _Answer[Any]


class TxBase:
    """What a command sees in the writer's turn."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._after: list[Callable[[], None]] = []

    def after_commit(self, callback: Callable[[], None]) -> None:
        if callback not in self._after:
            self._after.append(callback)

    def flush(self) -> None:
        """Write what a command left for its end (called inside its savepoint)."""

    def forget(self) -> None:
        """Drop everything cached from the database: a savepoint or the group was rolled back."""

    def idle_work(self) -> bool:
        """Whether something waits to be done by `when_idle`."""
        return False

    def when_idle(self) -> None:
        """What a command put off, done in a turn of its own when nobody waits."""


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection with the settings every node uses: WAL, FULL, foreign keys off (the journal is the truth)."""
    uri = path.resolve().as_uri() + ("?mode=ro" if read_only else "")
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=5.0, cached_statements=256)
    if not read_only:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA temp_store=MEMORY")  # else the pages a savepoint may have to restore spill into a file
    connection.execute("PRAGMA busy_timeout=5000")
    connection.execute("PRAGMA cache_size=-8000")
    return connection


class Writer(Generic[TxT]):
    """Runs commands one group at a time. `make_tx` builds the Tx of a connection once."""

    def __init__(self, connection: sqlite3.Connection, make_tx: Callable[[sqlite3.Connection], TxT], *, threaded: bool) -> None:
        self._connection = connection
        self.tx = make_tx(connection)
        self._waiting: deque[tuple[Callable[[TxT], Any], Asked]] = deque()
        self._turn = threading.Lock()  # held by who runs a group
        self._bell = threading.Event()  # somebody waits whom no caller serves
        self._thread: threading.Thread | None = None
        self._stopping = False  # nobody new is let in
        self._closed = False  # nobody runs what waits
        self._behind = False  # something was put off, and doing it has not failed since the last command
        self.restless = False  # without a thread: IDLE_TURNS did not suffice for what was put off
        self.prompt = True  # False in tests without a thread: what was put off waits for the next command
        self.fault: Callable[[str], None] | None = None  # the tests' power cuts: called with "before_commit" / "after_commit"
        if threaded:
            self._thread = threading.Thread(target=self._loop, name="tongban-writer", daemon=True)
            self._thread.start()

    def submit(self, command: Callable[[TxT], T]) -> Future[T]:
        """Queue a command; the future answers after COMMIT."""
        future: Future[T] = Future()
        if self._stopping:
            future.set_exception(_stopped())
        elif self._thread is None:
            self.run_group([(command, future)])
            self._behind = self.prompt and self.tx.idle_work()
            self._follow_on()
        else:
            self._wait((command, future))
            self._bell.set()
        return future

    def run(self, command: Callable[[TxT], T]) -> T:
        """Run a command and wait until it is durable."""
        answer: _Answer[T] = _Answer()
        if self._thread is None or self._stopping or not self._turn.acquire(blocking=False):
            return self.submit(command).result()
        try:  # nothing between this and the turn: Ctrl-C would leave it taken for ever
            self._wait((command, answer))
            while not answer.done:
                self._run_waiting()
        finally:
            self._turn.release()
        if self._waiting or self._behind:
            self._bell.set()
        return answer.result()

    def wait_for_disk(self, on: bool) -> None:
        """Whether COMMIT waits for the disk (without a thread only). Off is for making what is thrown away when the making is
        interrupted; turning it on brings all of it onto the disk."""
        assert self._thread is None
        try:
            self._connection.execute(f"PRAGMA synchronous={'FULL' if on else 'OFF'}")
            if on:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error as error:
            raise storage_error(error) from error

    def close(self) -> None:
        """Finish what waits; who comes later is refused."""
        if self._stopping:
            return
        self._stopping = True
        if self._thread is not None:
            self._bell.set()
            self._thread.join()
        with self._turn:
            self._closed = True
            self._connection.close()
            self._refuse()

    def _wait(self, one: tuple[Callable[[TxT], Any], Asked]) -> None:
        self._waiting.append(one)
        if self._closed:  # meanwhile
            self._refuse()

    def _refuse(self) -> None:
        while self._waiting:
            with suppress(IndexError):  # another one refuses too
                self._waiting.popleft()[1].set_exception(_stopped())

    def _loop(self) -> None:
        pause = IDLE_SECONDS
        while True:
            rang = self._bell.wait(pause if self._behind else None)
            self._bell.clear()
            pause = IDLE_SECONDS if rang else NEXT_SECONDS
            with self._turn:
                if not rang:
                    self._do_idle_work()
                while self._waiting:
                    self._run_waiting()
                if self._stopping and not self._waiting:
                    return

    def _run_waiting(self) -> None:
        """One group of those who wait; whoever calls this has the turn."""
        group: list[tuple[Callable[[TxT], Any], Asked]] = []
        while self._waiting and len(group) < GROUP_LIMIT:
            group.append(self._waiting.popleft())
        if not group:
            return
        self.run_group(group)
        self._behind = False
        with suppress(Exception):  # what is stored is stored; the next command meets the fault
            self._behind = self.tx.idle_work()

    def _follow_on(self) -> None:
        """Without a thread: what was put off, in a bounded number of turns. The rest waits for the next command."""
        for _ in range(IDLE_TURNS):
            if not self._behind:
                break
            self._do_idle_work()
        self.restless = self._behind

    def _do_idle_work(self) -> None:
        """A failure is that of the disk; the next command meets it too, and somebody waits for that one."""
        done: Future[None] = Future()
        self.run_group([(lambda tx: tx.when_idle(), done)])
        self._behind = done.exception() is None and self.tx.idle_work()

    def run_group(self, group: Sequence[tuple[Callable[[TxT], Any], Asked]]) -> None:
        """One transaction for all of `group`; see the module's essay."""
        outcomes: list[tuple[Asked, Any, BaseException | None]] = []
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            for command, future in group:
                outcomes.append((future, *self._one(command, alone=len(group) == 1)))
            if self.fault is not None:
                self.fault("before_commit")
            self._connection.execute("COMMIT")
        except BaseException as error:
            failure: BaseException = storage_error(error) if isinstance(error, (sqlite3.Error, OSError)) else error
            try:
                self._undo_all()
            finally:
                for _, future in group:
                    future.set_exception(failure)
            if not isinstance(error, (Exception,)):
                raise
            return
        after, self.tx._after = self.tx._after, []
        if self.fault is not None:
            try:
                self.fault("after_commit")
            except BaseException as error:
                for future, _, _ in outcomes:
                    future.set_exception(error)
                return
        for callback in after:
            try:
                callback()
            except Exception as error:  # what is stored is stored, and everybody is told so
                log.error("after_commit_failed", exc_info=error)
        for future, value, failed in outcomes:
            if failed is None:
                future.set_result(value)
            else:
                future.set_exception(failed)

    def _one(self, command: Callable[[TxT], Any], alone: bool) -> tuple[Any, BaseException | None]:
        """Value and failure of a command. With nobody beside it the transaction is its savepoint."""
        kept = len(self.tx._after)
        if not alone:
            self._connection.execute("SAVEPOINT command")
        try:
            value = command(self.tx)
            self.tx.flush()
        except sqlite3.DatabaseError as error:
            if not self._connection.in_transaction:  # SQLITE_FULL and I/O errors roll everything back
                raise
            self._undo_one(alone, kept)
            return None, error if isinstance(error, sqlite3.IntegrityError) else storage_error(error)
        except Exception as error:
            self._undo_one(alone, kept)
            return None, storage_error(error) if isinstance(error, OSError) else error
        if not alone:
            self._connection.execute("RELEASE command")
        return value, None

    def _undo_one(self, alone: bool, kept: int) -> None:
        """Undo a command, and what it wanted done after COMMIT (all but the first `kept`)."""
        del self.tx._after[kept:]
        for sql in ("ROLLBACK", "BEGIN IMMEDIATE") if alone else ("ROLLBACK TO command", "RELEASE command"):
            self._connection.execute(sql)
        self.tx.forget()

    def _undo_all(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        self.tx._after = []
        self.tx.forget()


class ReadPool:
    """Read connections, handed out one per use and kept for the next."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._free: queue.SimpleQueue[sqlite3.Connection] = queue.SimpleQueue()
        self._all: list[sqlite3.Connection] = []
        self._lock = threading.Lock()

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        """A connection inside one read transaction: everything read in the block is of one moment."""
        try:
            connection = self._free.get_nowait()
        except queue.Empty:
            connection = connect(self._path, read_only=True)
            with self._lock:
                self._all.append(connection)
        try:
            connection.execute("BEGIN")
            yield connection
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            self._free.put(connection)

    def close(self) -> None:
        with self._lock:
            for connection in self._all:
                connection.close()
            self._all.clear()
