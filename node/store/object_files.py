"""The folder of large objects: files by hash, and the pieces of those that are still coming."""

from __future__ import annotations

from pathlib import Path

from node.machine.oslayer import move_durably

HASH_SIZE = 32  # bytes; a fact of another length names no object
HEX = frozenset("0123456789abcdef")


class ObjectFiles:
    """The folder of large objects."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, hash: bytes) -> Path:
        name = hash.hex()
        return self.folder / name[:2] / name

    def partial(self, hash: bytes) -> Path:
        return self.folder / "partial" / hash.hex()

    def partial_size(self, hash: bytes) -> int:
        try:
            return self.partial(hash).stat().st_size
        except FileNotFoundError:
            return 0

    def partials(self) -> list[bytes]:
        """The objects of which pieces are here."""
        folder = self.folder / "partial"
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        return [bytes.fromhex(name) for name in names if len(name) == 2 * HASH_SIZE and set(name) <= HEX]

    def append_partial(self, hash: bytes, offset: int, data: bytes) -> int:
        """Write a piece at its offset; a piece that does not continue what is there is dropped. Returns the size held.

        Whoever calls holds the turn of the hash (`turns.of("object", hash)`)."""
        path = self.partial(hash)
        path.parent.mkdir(parents=True, exist_ok=True)
        held = self.partial_size(hash)
        if offset != held:
            return held
        with path.open("ab") as file:
            file.write(data)
        return held + len(data)

    def adopt(self, source: Path, hash: bytes) -> None:
        """Make a complete file durable under its hash: the content, the name and a folder made for it, before anything tells of it."""
        move_durably(source, self.path(hash))

    def give_back(self, source: Path, hash: bytes) -> None:
        """Undo `adopt` when what it belonged to was not stored."""
        if not source.exists() and self.path(hash).exists():
            self.path(hash).replace(source)

    def read(self, hash: bytes, offset: int, length: int) -> bytes:
        with self.path(hash).open("rb") as file:
            file.seek(offset)
            return file.read(length)
