"""One at a time: what looks at a file and then acts on it has the file to itself.

Rows are guarded by the writer's turn; a file is not. `Turns` gives every key (a draft, a material of a case, the hash of an
object) a turn of its own, so that two threads of this process never write one file. One process holds the folder
(`oslayer.DirectoryLock`), so nothing more is needed. Order, where several are taken: a draft's before a material's, both before
the writer's; a command inside the writer's turn never takes one.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager


class Turns:
    """Locks by key; a key that nobody holds or waits for takes no memory."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held: dict[Hashable, tuple[threading.RLock, int]] = {}

    @contextmanager
    def of(self, *key: Hashable) -> Iterator[None]:
        """Wait for the key's turn and hold it inside; the same thread may take it again."""
        lock = self._join(key)
        try:
            with lock:
                yield
        finally:
            self._leave(key)

    def _join(self, key: Hashable) -> threading.RLock:
        with self._guard:
            lock, count = self._held.get(key, (threading.RLock(), 0))
            self._held[key] = (lock, count + 1)
            return lock

    def _leave(self, key: Hashable) -> None:
        with self._guard:
            lock, count = self._held[key]
            if count == 1:
                del self._held[key]
            else:
                self._held[key] = (lock, count - 1)
