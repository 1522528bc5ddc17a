"""The backups of a node in DIR/backups: made, checked, listed, handed out by an administrator.

They are sealed for the director's backup key (`sealed.py`), because they hold keys and residents' documents, which the
administrator may not see.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from datetime import datetime
from pathlib import Path

from node.domain.calendar import DAY_MS
from node.domain.cases.access import Function, require
from node.domain.model import CST, Actor
from node.domain.upkeep.documents import BackupFile, BackupKey, BackupRow, Backups
from node.domain.words.errors import TongbanError
from node.machine.oslayer import disk_errors, make_private_directory, write_private
from node.services.times import iso
from node.services.tree.keys import KeyFiles
from node.services.upkeep import backup, sealed
from node.services.upkeep.long_work import Job, LongWork
from node.store import audit
from node.store.store import Store

OLD_BACKUP_DAYS = 7
BACKUP_KEY = "backup-key.pub"  # in DIR/keys: the public half
_NAME = re.compile(r"tongban-[0-9A-Za-z-]{1,40}-\d{8}-\d{6}\.(zip|sealed)")


class KeptBackups(LongWork):
    """The folder of backups and its key."""

    def __init__(self, store: Store, keys: KeyFiles) -> None:
        super().__init__()
        self._store, self._keys = store, keys

    def _require(self, function: Function, by: Actor) -> None:
        require(function, self._store.place.tier, by.role)

    def backups(self, by: Actor) -> Backups:
        """The backups there are and the long work under way. Errors: `forbidden`."""
        self._require(Function.BACKUP, by)
        listed = self._backup_files()
        days = self._days_old(listed)
        return {
            "folder": str(self._folder), "node_folder": str(self._store.folder), "files": listed, "days": days,
            "old": days is None or days > OLD_BACKUP_DAYS, "job": self._job_document(), "has_key": self._keys.has(BACKUP_KEY),
        }  # fmt: skip

    def make_backup_key(self, by: Actor) -> BackupKey:
        """A new backup key; its private half is answered this once. Backups made before need the key of their time. Errors: `forbidden`."""
        self._require(Function.BACKUP, by)
        key = sealed.new_key()
        public = sealed.public_of(key)
        self._keys.put(BACKUP_KEY, public)
        self._store.run(lambda tx: audit.note(tx.connection, tx.now(), by.staff_id, "backup_key_made"))
        return {"key": key, "public": sealed.public_text(public)}

    def _public_half(self) -> bytes:
        if not self._keys.has(BACKUP_KEY):
            raise TongbanError("no_backup_key")
        return self._keys.get(BACKUP_KEY)

    @property
    def _folder(self) -> Path:
        return self._store.folder / "backups"

    def _backup_files(self) -> list[BackupRow]:
        found = [path for path in self._folder.glob("tongban-*") if _NAME.fullmatch(path.name)]
        rows = [(_moment(path.name), path) for path in found]
        rows.sort(key=lambda row: (row[0], row[1].name), reverse=True)
        return [
            {"name": path.name, "bytes": path.stat().st_size, "at": iso(at), "at_ms": at, "sealed": path.suffix == ".sealed"}
            for at, path in rows
        ]

    def backup_file(self, name: str, by: Actor) -> BackupFile:
        """A sealed backup that is about to be downloaded; goes on record. Errors: `forbidden`, `not_found`, `no_backup_key`."""
        self._require(Function.BACKUP, by)
        path = self._known(name)
        if path.suffix != ".sealed":
            raise TongbanError("no_backup_key")
        self._store.run(lambda tx: audit.note(tx.connection, tx.now(), by.staff_id, "backup_downloaded", name))
        return {"path": str(path), "bytes": path.stat().st_size}

    def _known(self, name: str) -> Path:
        path = self._folder / name
        if not _NAME.fullmatch(name) or not path.is_file():
            raise TongbanError("not_found", what=name[:80])
        return path

    def start_backup(self, by: Actor) -> None:
        """Write a sealed backup into DIR/backups. Raises no_backup_key, busy while other long work runs."""
        self._require(Function.BACKUP, by)
        public = self._public_half()
        stamp = datetime.fromtimestamp(self._store.clock.now() / 1000, CST).strftime("%Y%m%d-%H%M%S")
        name = f"tongban-{self._store.identity.code}-{stamp}.sealed"
        self._start(Job("backup", name, self._store.clock.now()), lambda job: self._make(job, name, public, by))

    def _make(self, job: Job, name: str, public: bytes, by: Actor) -> None:
        with disk_errors(self._folder):
            make_private_directory(self._folder)
        made = backup.backup(self._store, self._folder / name, public)
        write_private(self._folder / f"{name}.sum", _sum_of_file(self._folder / name).encode())
        job.result = {"name": name, "bytes": made["bytes"], "entries": made["entries"]}
        size = made["bytes"]
        self._store.run(lambda tx: audit.note(tx.connection, tx.now(), by.staff_id, "backup_made", name, {"bytes": size}))

    def start_check(self, name: str, by: Actor) -> None:
        """Read a backup to its end and compare every sum. Raises not_found, storage_busy."""
        self._require(Function.BACKUP, by)
        path = self._known(name)
        self._start(Job("check", name, self._store.clock.now()), lambda job: self._check(job, path, by))

    def _check(self, job: Job, path: Path, by: Actor) -> None:
        ok = True
        try:
            if path.suffix == ".sealed":
                ok = (self._folder / f"{path.name}.sum").read_text() == _sum_of_file(path)
                job.done = job.total = 1
                return
            with zipfile.ZipFile(path) as archive:
                sums: dict[str, str] = json.loads(archive.read(backup.ABOUT))["files"]
                job.total = len(sums)
                for name, wanted in sums.items():
                    ok = ok and _sum(archive, name) == wanted
                    job.done += 1
        except (zipfile.BadZipFile, FileNotFoundError, KeyError, ValueError, TypeError, EOFError) as error:
            raise backup.bad_backup(backup.NOT_WHOLE, str(error) or type(error).__name__) from error
        finally:
            good = ok and job.done == job.total and job.total > 0
            self._store.run(
                lambda tx: audit.note(tx.connection, tx.now(), by.staff_id, "backup_checked", path.name, {"ok": int(good)})
            )
            job.result = {"ok": good, "files": job.done}

    def _days_old(self, listed: list[BackupRow]) -> int | None:
        return max(0, self._store.clock.now() - int(listed[0]["at_ms"])) // DAY_MS if listed else None


def _sum_of_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sum(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as source:
        while piece := source.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def _moment(name: str) -> int:
    """When a backup was begun, ms, from its name."""
    day, moment = name.rpartition(".")[0][-15:].split("-")  # not strptime: it asks the machine's locale
    parts = [int(text) for text in (day[:4], day[4:6], day[6:], moment[:2], moment[2:4], moment[4:])]
    try:
        return int(datetime(*parts, tzinfo=CST).timestamp() * 1000)  # type: ignore[misc,arg-type]
    except ValueError:
        return 0
