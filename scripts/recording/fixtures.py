"""The recorded files: `network.tar.xz` (the folders), `about.json` (what is in them), `frames.json` (what the ends of a line said),
`golden.json` and `shape.json` (`golden.py`)."""

from __future__ import annotations

import base64
import getpass
import io
import json
import lzma
import socket
import sqlite3
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.recording import golden

if TYPE_CHECKING:
    from scripts.recording.story import Told

NETWORK, ABOUT, FRAMES = "network.tar.xz", "about.json", "frames.json"
GOLDEN, SHAPE = "golden.json", "shape.json"
MOST = 1_000_000  # bytes of all of them
_LEFT = ("-wal", "-shm", ".lock", ".log", "control.json")  # of the machine, or empty once a node is closed


def write(target: Path, told: Told) -> None:
    """Put everything into `target`."""
    target.mkdir(parents=True, exist_ok=True)
    pack(told.folders, target / NETWORK)
    _json(target / ABOUT, told.about)
    frames = {
        who: {"frames": [[sender, channel, base64.b64encode(frame).decode()] for sender, channel, frame in told.news[who]],
              "came": told.came[who]}
        for who in told.news
    }  # fmt: skip
    _json(target / FRAMES, frames)
    _json(target / GOLDEN, golden.values())
    _json(target / SHAPE, golden.shape())


def _json(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def pack(folders: Path, target: Path) -> None:
    """All folders as one archive that says nothing of who made it, where or when."""
    for database in sorted(folders.rglob("node.db")):
        settle(database)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in sorted(folders.rglob("*")):
            if path.is_file() and not path.name.endswith(_LEFT):
                entry = tarfile.TarInfo(str(path.relative_to(folders)))
                entry.size, entry.mode = path.stat().st_size, 0o600
                archive.addfile(entry, io.BytesIO(path.read_bytes()))
    target.write_bytes(lzma.compress(buffer.getvalue(), preset=9 | lzma.PRESET_EXTREME))


def settle(database: Path) -> None:
    """Everything in the one file."""
    connection = sqlite3.connect(database)
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM")
    finally:
        connection.close()


def unpack(archive: Path, target: Path) -> None:
    """The folders, into an empty folder."""
    with tarfile.open(archive, mode="r:xz") as packed:
        packed.extractall(target, filter="data")


def faults(target: Path) -> Iterator[str]:
    """What is wrong with the fixtures; nothing when they are whole."""
    missing = [name for name in (NETWORK, ABOUT, FRAMES, GOLDEN, SHAPE) if not (target / name).is_file()]
    if missing:
        yield f"{target.name} lacks {', '.join(missing)}"
        return
    size = sum(path.stat().st_size for path in target.iterdir())
    if size > MOST:
        yield f"{target.name} has {size} bytes, more than {MOST}"
    for place, data in _contents(target):
        yield from (f"{place} names {word}" for word in _of_this_machine() if word.encode() in data)


def _contents(target: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(target / NETWORK, mode="r:xz") as packed:
        for entry in packed.getmembers():
            found = packed.extractfile(entry)
            yield entry.name, found.read() if found is not None else b""
    for name in (ABOUT, FRAMES, GOLDEN, SHAPE):
        yield name, (target / name).read_bytes()


def _of_this_machine() -> list[str]:
    names = [str(Path(__file__).resolve().parents[2]), str(Path.home()), socket.gethostname(), "/dev/shm/", "/tmp/"]
    return [name for name in (*names, f"/{getpass.getuser()}/") if len(name) > 4]
