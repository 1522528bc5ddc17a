"""What all tests stand on: folders in memory where there is room, and `town`, the network that many of them use."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from node.services.people import staff
from tests.support.network import Town, fresh

MEMORY = Path("/dev/shm")
ROOM = 3 << 30  # bytes that must be free: a run of the suite leaves less than a third of it


def in_memory() -> None:
    """Put temporary folders, also those of processes that a test starts, into memory: the same SQLite with the same COMMITs, which
    wait for no disk. Whoever names a folder in TMPDIR gets that one."""
    with suppress(OSError):
        if not os.environ.get("TMPDIR") and shutil.disk_usage(MEMORY).free > ROOM and os.access(MEMORY, os.W_OK):
            os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


in_memory()
# Nodes in the tests' own process: what guessing a password costs is no matter of theirs (`cli/` has it as it is).
setattr(staff, "PasswordHasher", partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1))  # noqa: B010


def pytest_collection_finish() -> None:
    """What is loaded stays: nobody need look again and again which of it is garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    """City, district, township, village, furnished and settled; in a module that says LAYOUT = "tree" the seven nodes of that."""
    town = fresh(getattr(request.module, "LAYOUT", "chain"), tmp_path / "town")
    town.heal()
    yield town
    town.close()
