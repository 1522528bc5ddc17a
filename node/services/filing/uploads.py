"""Uploads under way: the partial file of a person for a material, who may write it now, and how much may be under way.

An upload belongs to the person who sends it (one file each: two people's bytes never meet) and is known by its material, its
length and its name. Of one upload every piece is compared with what is there already: the same bytes again lead on from where
they end, other bytes are refused while the upload is fresh and begin it anew when it is not. So what becomes part of a case is
what one sender sent, whoever else sends at the same moment. Whoever calls holds the material's turn (`store.turns`).

What was never finished is bounded by bytes, not by a clock: a person's oldest uploads give way to new ones, and the sweep takes
what the node, while running, has not seen move for `KEPT_MS`.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from node.domain.model import Actor
from node.domain.words.errors import TongbanError
from node.machine.oslayer import sync_file
from node.store import staff
from node.store.database import storage_error
from node.store.objects import SALT
from node.store.partials import PartialRow
from node.store.store import Store, Tx, View

COMPARED = 1 << 20  # bytes read at once when two files are compared
FRESH_MS = 30_000  # of a monotonic clock: an upload that moved this lately has a sender
PERSON_BYTES = 400_000_000  # announced and not yet whole
NODE_BYTES = 4_000_000_000
KEPT_MS = 14 * 8 * 3_600_000  # of running time: two weeks of a PC that is on in office hours
SWEPT = 50  # uploads that one sweep takes away at most


class Uploads:
    """Partial files of one node."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.folder = store.files.folder / "uploads"
        self._moved: dict[str, int] = {}  # upload -> monotonic ms of its last piece, in this process

    def path(self, part: PartialRow) -> Path:
        return self.folder / part.id

    def held(self, part: PartialRow) -> int:
        """Bytes that have come."""
        try:
            return max(0, self.path(part).stat().st_size - SALT)
        except FileNotFoundError:
            return 0

    def find(
        self, view: View | Tx, case_no: str, material: str, actor: Actor, size: int = 0, name: str = ""
    ) -> PartialRow | None:
        """The person's upload to a material; of this length and name, where they are given."""
        mine = [one for one in view.partials.of_material(case_no, material) if one.staff_id == actor.staff_id]
        return next((one for one in mine if (not size or one.size == size) and (not name or one.file_name == name)), None)

    def is_fresh(self, part: PartialRow) -> bool:
        moved = self._moved.get(part.id)
        return moved is not None and self.store.clock.ticks() - moved < FRESH_MS

    def stopped(self, view: View, case_no: str, material: str, actor: Actor) -> None:
        """The person's sender was stopped by a newer one of the same person: other content may begin at once."""
        for part in view.partials.of_material(case_no, material):
            if part.staff_id == actor.staff_id:
                self._moved.pop(part.id, None)

    def refuse_second(self, view: View, case_no: str, material: str, actor: Actor) -> None:
        """Errors: `upload_taken` while another person sends to the same material."""
        for part in view.partials.of_material(case_no, material):
            if part.staff_id != actor.staff_id and self.is_fresh(part):
                raise taken(view, part.staff_id)

    def begin(self, case_no: str, material: str, actor: Actor, size: int, name: str) -> PartialRow:
        """Announce an upload. Errors: `too_many_uploads`."""
        row = PartialRow(secrets.token_hex(8), case_no, material, actor.staff_id, name, size, self.store.watch.ran)

        def command(tx: Tx) -> list[PartialRow]:
            gone = self._make_room(tx, actor, size)
            tx.partials.add(row)
            return gone

        for one in self.store.run(command):
            self._forget(one)
        return row

    def _make_room(self, tx: Tx, actor: Actor, size: int) -> list[PartialRow]:
        """A person's oldest uploads that nobody sends now give way."""
        gone = []
        for one in tx.partials.of_person(actor.staff_id):
            if tx.partials.under_way(actor.staff_id) + size <= PERSON_BYTES:
                break
            if not self.is_fresh(one):
                tx.partials.remove(one.id)
                gone.append(one)
        check_budget(tx, actor, size)
        return gone

    def append(self, part: PartialRow, data: bytes) -> int:
        """Add a piece; the bytes held after it. Errors: `disk_full` and the like: what was written counts, the sender asks for it."""
        path = self.path(part)
        self._moved[part.id] = self.store.clock.ticks()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with path.open("ab") as file:
                if file.tell() < SALT:
                    file.truncate(0)
                    file.write(os.urandom(SALT))
                file.write(data)
        except OSError as error:
            raise storage_error(error) from error
        return self.held(part)

    def differs(self, part: PartialRow, offset: int, data: bytes) -> bool:
        """Whether a piece says something else than the bytes that stand there already."""
        with self.path(part).open("rb") as file:
            file.seek(SALT + offset)
            stood = file.read(len(data))
        return stood != data[: len(stood)]

    def restart(self, part: PartialRow) -> None:
        self.path(part).unlink(missing_ok=True)

    def synced_head(self, part: PartialRow, length: int) -> bytes:
        """The first bytes of the content, once all of it is on the disk."""
        sync_file(self.path(part))
        with self.path(part).open("rb") as file:
            return file.read(SALT + length)[SALT:]

    def drop(self, parts: list[PartialRow]) -> None:
        """Give uploads up: their rows and bytes."""

        def command(tx: Tx) -> None:
            for one in parts:
                tx.partials.remove(one.id)

        self.store.run(command)
        for one in parts:
            self._forget(one)

    def _forget(self, part: PartialRow) -> None:
        self._moved.pop(part.id, None)
        self.path(part).unlink(missing_ok=True)

    def sweep(self) -> int:
        """Take away uploads that did not move in KEPT_MS of running time, and files that belong to none."""
        with self.store.reading() as view:
            old = view.partials.began_before(self.store.watch.ran - KEPT_MS, SWEPT)
            known = view.partials.ids()
        self.drop(old := [one for one in old if not self.is_fresh(one)])
        return len(old) + self._sweep_strays(known)

    def _sweep_strays(self, known: set[str]) -> int:
        """A file is made after its row, so one without a row was left by a power cut (or by an earlier version)."""
        strays = [path for path in self.folder.iterdir() if path.name not in known] if self.folder.is_dir() else []
        with self.store.reading() as view:
            now_known = view.partials.ids()  # those that began while we looked
        for path in strays[:SWEPT]:
            if path.name not in now_known:
                path.unlink(missing_ok=True)
        return min(len(strays), SWEPT)


def taken(view: View | Tx, staff_id: str) -> TongbanError:
    """The refusal of who comes second, with the name of the first."""
    person = staff.by_id(view.connection, staff_id)
    return TongbanError("upload_taken", by=person.name if person is not None else staff_id)


def check_budget(tx: Tx, actor: Actor, size: int) -> None:
    """Errors: `too_many_uploads` when more would be under way than a person or the node may have."""
    if tx.partials.under_way(actor.staff_id) + size > PERSON_BYTES:
        raise TongbanError("too_many_uploads", limit=f"{PERSON_BYTES // 1_000_000} MB")
    if tx.partials.under_way() + size > NODE_BYTES:
        raise TongbanError("too_many_uploads", limit=f"{NODE_BYTES // 1_000_000} MB")
