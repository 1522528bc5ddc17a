"""Backup of a running node and restore into an empty folder.

A backup is one zip file, readable by its owner only, **with the node's private keys and the residents' documents in it** (one that
leaves through a browser is sealed, see `sealed.py`):
`tongban-backup.json` (what it is, SHA-256 of each file), `node.db` (a consistent copy made in one step beside the running
writer), `keys/`, `objects/` and `config.toml`. Objects never change and are written before the row that names them, so
copying the database first and the files after is consistent.

A restored node does not know what it did after the backup. It opens a new epoch and a new store generation at once, and
what it held before stays frozen until its neighbours have told it everything (`recovery`). Nothing is put in place
before all of the file has been checked. A backup older than a rotation has an old key only: see `renewal`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypedDict, cast

from node.domain.upkeep.documents import BackupMade, Reopened, Restored
from node.domain.words.errors import TongbanError
from node.machine.oslayer import disk_errors, make_private_directory, sync_directory
from node.services.tree.opening import open_store
from node.services.tree.recovery import mark_recovering
from node.services.upkeep.sealed import Sealing, is_sealed, unseal
from node.store import maintenance, sessions
from node.store.journal import chain_head, last_arrival
from node.store.store import Clock, Store, Tx

FORMAT = 1
ABOUT = "tongban-backup.json"
CONTAINS = ["journal", "keys", "objects", "config"]
_NAME = re.compile(r"node\.db|config\.toml|keys/[A-Za-z0-9][A-Za-z0-9._-]{0,100}|objects/[0-9a-f]{2}/[0-9a-f]{64}")
_PIECE = 1 << 20
NOT_WHOLE = "不是 zip 文件，或内容不完整"


class _About(TypedDict):
    """What a backup says of itself, beside the sums of its files."""

    format: int
    node_id: str
    code: str
    tier: str
    epoch: int
    created_at_ms: int
    entries: int
    contains: list[str]


def bad_backup(zh: str, en: str) -> TongbanError:
    """The refusal of a file, with what is wrong with it in both languages."""
    return TongbanError("bad_backup", reason=zh, reason_en=en)


def backup(store: Store, target: Path, public: bytes | None = None) -> BackupMade:
    """Write a backup to `target` (replaced in one step, mode 0600), sealed for the holder of a key when its `public` half is given.

    Answers {file, bytes, entries, contains, warning}."""
    target = target.absolute()
    with disk_errors(target.parent):
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        beside = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                if public is None:
                    entries = _write(store, file)
                else:
                    with Sealing(file, public) as sealing:
                        entries = _write(store, sealing)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, target)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        sync_directory(target.parent)
    return {
        "file": str(target), "bytes": target.stat().st_size, "entries": entries, "contains": CONTAINS,
        "warning": "the file holds private keys and residents' documents: keep it where only you can read it",
        "warning_zh": "备份文件含有私钥和群众材料，请妥善保管",
    }  # fmt: skip


def _write(store: Store, file: IO[bytes] | Sealing) -> int:
    with tempfile.TemporaryDirectory(dir=store.folder, prefix=".backup-") as folder:
        copy = Path(folder) / "node.db"
        maintenance.copy_database(store.folder / "node.db", copy)
        with zipfile.ZipFile(cast("IO[bytes]", file), "w", zipfile.ZIP_DEFLATED, compresslevel=3, allowZip64=True) as archive:
            sums = {"node.db": _add(archive, "node.db", copy)}
            for path in sorted((store.folder / "keys").iterdir()):
                if path.is_file() and _NAME.fullmatch(f"keys/{path.name}"):
                    sums[f"keys/{path.name}"] = _add(archive, f"keys/{path.name}", path)
            if (config := store.folder / "config.toml").exists():
                sums["config.toml"] = _add(archive, "config.toml", config)
            about, files = _describe(store, copy)
            for digest in files:
                path = store.files.path(digest)
                name = f"objects/{path.parent.name}/{path.name}"
                sums[name] = _add(archive, name, path, stored=True)
            archive.writestr(ABOUT, json.dumps({**about, "files": sums}, ensure_ascii=False, indent=1))
    return about["entries"]


def _describe(store: Store, copy: Path) -> tuple[_About, list[bytes]]:
    entries, files = maintenance.contents(copy)
    me = store.identity
    return {
        "format": FORMAT, "node_id": me.node_id.hex(), "code": me.code, "tier": me.tier, "epoch": me.epoch,
        "created_at_ms": store.clock.now(), "entries": entries, "contains": CONTAINS,
    }, files  # fmt: skip


def _add(archive: zipfile.ZipFile, name: str, path: Path, *, stored: bool = False) -> str:
    """Add a file piece by piece; answers its SHA-256."""
    digest = hashlib.sha256()
    info = zipfile.ZipInfo.from_file(path, name)
    info.external_attr = 0o600 << 16
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as sink:
        while piece := source.read(_PIECE):
            digest.update(piece)
            sink.write(piece)
    return digest.hexdigest()


# restore -------------------------------------------------------------------------------------------------------------


def restore(file: Path, folder: Path, clock: Clock, key: str = "", entropy: Callable[[int], bytes] = os.urandom) -> Restored:
    """Put a backup into an empty folder and open a new epoch. Answers {node, code, epoch, entries, backup_of_ms}.

    `key`: the text of the director's backup key, for a sealed one. `entropy`: where the new epoch and generation are drawn.
    Raises already_a_node, not_empty, bad_backup, backup_sealed, bad_backup_key, wrong_backup_key, root_key_lost; then nothing is left behind.
    """
    if (folder / "node.db").exists():
        raise TongbanError("already_a_node", path=str(folder))
    if folder.exists() and any(folder.iterdir()):
        raise TongbanError("not_empty", path=str(folder))
    made = not folder.exists()
    with disk_errors(folder):
        make_private_directory(folder)
        try:
            made_at = _opened(file, folder, key)
            result = _reopen(folder, clock, entropy)
        except BaseException:
            _empty(folder)
            if made:
                folder.rmdir()
            raise
    return {**result, "backup_of_ms": made_at}


def _opened(file: Path, folder: Path, key: str) -> int:
    """The files of a backup put in place, a sealed one through a plain copy that is gone afterwards."""
    if not is_sealed(file):
        return _unpack(file, folder)
    if not key.strip():
        raise TongbanError("backup_sealed")
    plain = folder / ".unsealed"
    descriptor = os.open(plain, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as sink, file.open("rb") as source:
            unseal(source, sink, key)
        return _unpack(plain, folder)
    finally:
        plain.unlink(missing_ok=True)


def _unpack(file: Path, folder: Path) -> int:
    """Put the files in place; answers when the backup was made (ms since 1970)."""
    try:
        with zipfile.ZipFile(file) as archive:
            about = json.loads(archive.read(ABOUT))
            if about.get("format") != FORMAT:
                raise bad_backup(f"格式版本 {about.get('format')}", f"format {about.get('format')}")
            sums: dict[str, str] = about["files"]
            made_at = int(about["created_at_ms"])
            if "node.db" not in sums or set(archive.namelist()) != {ABOUT, *sums}:
                raise bad_backup("文件缺少或多出", "files are missing or added")
            for name, wanted in sums.items():
                _extract(archive, name, wanted, folder)
    except FileNotFoundError:
        raise TongbanError("not_found", what=str(file)) from None
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, EOFError) as error:
        raise bad_backup(NOT_WHOLE, str(error) or type(error).__name__) from error
    for made in {(folder / name).parent for name in sums} | {folder, folder / "objects"}:
        if made.is_dir():
            sync_directory(made)  # names too are on the disk before the restore is told done
    if (flaw := maintenance.integrity(folder / "node.db")) != "ok":
        raise bad_backup(f"数据库不完整({flaw[:100]})", flaw)
    return made_at


def _extract(archive: zipfile.ZipFile, name: str, wanted: str, folder: Path) -> None:
    if not _NAME.fullmatch(name):
        raise bad_backup(f"多出文件 {name[:80]!r}", f"unexpected file {name[:80]!r}")
    target = folder / name
    if not target.parent.exists():
        make_private_directory(target.parent)
    digest = hashlib.sha256()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as sink, archive.open(name) as source:
        while piece := source.read(_PIECE):
            digest.update(piece)
            sink.write(piece)
        sink.flush()
        os.fsync(sink.fileno())
    found = digest.hexdigest()
    if found != wanted or (name.startswith("objects/") and found != target.name):
        raise bad_backup(f"{name} 被改动", f"{name} was altered")


def _reopen(folder: Path, clock: Clock, entropy: Callable[[int], bytes]) -> Reopened:
    store, _ = open_store(folder, clock, threaded=False)
    store.entropy = entropy
    try:
        store.run(mark_restored)
        with store.reading() as view:
            head = chain_head(view, view.identity.node_id)
            return {
                "node": view.identity.name, "code": view.identity.code, "tier": view.identity.tier, "epoch": view.identity.epoch,
                "entries": last_arrival(view), "head": {"epoch": head.epoch, "seq": head.seq},
            }  # fmt: skip
    finally:
        store.close()


def mark_restored(tx: Tx) -> None:
    """This store was restored: new generation, epoch+1 with `epoch_opened`, earlier cases frozen until neighbours confirm."""
    mark_recovering(tx)
    sessions.end_all(tx.connection)


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
