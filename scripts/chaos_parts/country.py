"""The network of twelve processes, and what was confirmed to its people."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.processes import Process, ProcessNetwork

LAYOUT = (
    ("city", None, "420100000000"), ("district", "city", "420102000000"), ("district2", "city", "420103000000"),
    ("township", "district", "420102002000"), ("township2", "district", "420102003000"), ("township3", "district2", "420103001000"),
    ("village", "township", "420102002003"), ("village2", "township", "420102002004"), ("village3", "township2", "420102003001"),
    ("village4", "township2", "420102003002"), ("village5", "township3", "420103001002"), ("village6", "township3", "420103001004"),
)  # fmt: skip
NAMES = tuple(name for name, _, _ in LAYOUT)
PARENT = {name: above for name, above, _ in LAYOUT}
CODE = {name: code for name, _, code in LAYOUT}
ROLES = {"city": "director", "district": "director", "township": "director", "village": "agent"}
INSIDE = "node"  # the folder of a node on its disk
DISK_MB = 96


def path_up(name: str) -> list[str]:
    """The node and all above it."""
    found = [name]
    while (above := PARENT[found[-1]]) is not None:
        found.append(above)
    return found


@dataclass
class Kept:
    """What people were told is saved: cases by application, the version each reached at a node, files."""

    cases: dict[tuple[str, str], str] = field(default_factory=dict)  # (node, application number) -> case number
    acts: dict[tuple[str, str], int] = field(default_factory=dict)  # (node, case number) -> version
    files: dict[tuple[str, str], str] = field(default_factory=dict)  # (node, SHA-256 of the file) -> case number
    counts: Counter[str] = field(default_factory=Counter)
    odd: Counter[str] = field(default_factory=Counter)  # answers that nobody expected
    lock: threading.Lock = field(default_factory=threading.Lock)


class Country:
    """The processes of one seed. `held[name]` is taken for every call to a node together with the note of its answer, so that a disk
    does not burn between the two."""

    def __init__(self, template: Path, folder: Path) -> None:
        self.folder = folder
        self.kept = Kept()
        self.held = {name: threading.Lock() for name in NAMES}
        self.stack = ExitStack()
        self.disks = self._mount()
        self.network = ProcessNetwork.copy(template, folder, LAYOUT, INSIDE)
        self.down: set[str] = set()  # killed, and not to be started yet
        self.killed: set[str] = set()  # whose end is no news

    def __getitem__(self, name: str) -> Process:
        return self.network[name]

    def _mount(self) -> bool:
        """A small disk for each node; False where that is not allowed (then no disk is ever full)."""
        if not sys.platform.startswith("linux") or os.geteuid() != 0:
            return False
        for name in NAMES:
            place = self.folder / name
            place.mkdir(parents=True, exist_ok=True)
            command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tongban-chaos", str(place)]
            if subprocess.run(command, capture_output=True, check=False).returncode:
                return False
            self.stack.callback(subprocess.run, ["umount", "-l", str(place)], capture_output=True, check=False)
        return True

    def close(self, keep: Path | None) -> None:
        """Everything stops; `keep`: where a copy of the folders goes."""
        self.network.__exit__()
        if keep is not None:
            shutil.copytree(self.folder, keep, dirs_exist_ok=True, ignore_dangling_symlinks=True)
        self.stack.close()

    def revive(self) -> list[str]:
        """Start what does not run; those that had ended by themselves, with what they said last."""
        ended = []
        for name in NAMES:
            node = self[name]
            if name not in self.down | self.killed and node.popen is not None and node.popen.poll() is not None:
                ended.append(f"{name} ended by itself ({node.popen.returncode}): {node.output().strip()[-300:]}")
            if name not in self.down:
                node.start()
                self.killed.discard(name)
        return ended

    # disks ---------------------------------------------------------------------------------------------------------

    def fill(self, name: str) -> None:
        """No room any more on the node's disk."""
        with suppress(OSError), (self.folder / name / "ballast").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(1 << 16))

    def drain(self, name: str) -> None:
        (self.folder / name / "ballast").unlink(missing_ok=True)

    def known(self, name: str) -> dict[str, int]:
        """Case -> version as stored at a node whose process may run or not."""
        return versions(self[name].folder / "node.db")

    def ask(self, name: str, sql: str) -> list[tuple[object, ...]]:
        """A question to the database of a node."""
        return read(self[name].folder / "node.db", sql)


def read(database: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        return connection.execute(sql).fetchall()


def versions(database: Path) -> dict[str, int]:
    """Case -> version."""
    sql = "SELECT case_no, max(version) FROM entries WHERE class='case' AND standing=0 GROUP BY case_no"
    return {str(no): int(str(version)) for no, version in read(database, sql)}
