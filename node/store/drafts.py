"""Drafts of this node: what was typed and photographed before it is an application, and what an agent's day consists of.

A draft is local: no entry is written for it and no neighbour hears of it. Its text is a row, its files lie in
`objects/drafts/<draft>/<file>` (not part of a backup) until lodging makes them material of a case. `uploads` remembers the
last whole file of each material sent from here, so that the same file again is no second one.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from node.domain.filing.documents import HandedOver
from node.machine.oslayer import sync_directory, sync_file
from node.store.database import storage_error

if TYPE_CHECKING:
    from node.store.ground import Ground, Home

LAST_ENTRIES = 20_000  # how far back the last hand-over is looked for


@dataclass(frozen=True, slots=True)
class DraftRow:
    """`fields` as typed; `application` is frozen when lodging begins; `state` open, lodging, lodged or discarded."""

    id: str
    item_id: str
    staff_id: str
    staff_name: str
    fields: dict[str, str]
    application: dict[str, Any] | None
    state: str
    case_no: str
    created_at: int
    updated_at: int
    aside_at: int | None  # when it was set aside to be removed


@dataclass(frozen=True, slots=True)
class FileRow:
    """One file of a draft. `material` is "" until it is sorted; `size` in bytes as announced; `mime` "" until the content is known."""

    id: str
    draft_id: str
    n: int
    material: str
    file_name: str
    mime: str
    size: int
    whole: bool
    staff_id: str  # whose upload it is


@dataclass(frozen=True, slots=True)
class UploadRow:
    """The last whole file of a material sent from here: the blob, and the request it became ("" when it was an event)."""

    blob: bytes
    request: bytes
    size: int


_DRAFT = (
    "d.id, d.item_id, d.staff_id, COALESCE(s.name, ''), d.fields, d.application, d.state, d.case_no, d.created_at, d.updated_at, d.aside_at"
    " FROM drafts d LEFT JOIN staff s ON s.staff_id=d.staff_id"
)
_FILE = "id, draft_id, n, material, file_name, mime, size, whole, staff_id FROM draft_files"


class Drafts:
    """Drafts of one view or transaction."""

    def __init__(self, view: Ground) -> None:
        self._db = view.connection
        self._view = view

    # drafts ----------------------------------------------------------------------------------------------------------

    def get(self, id: str) -> DraftRow | None:
        row = self._db.execute(f"SELECT {_DRAFT} WHERE d.id=?", (id,)).fetchone()
        return _draft(row) if row else None

    def open_ones(self, before: int, limit: int) -> list[DraftRow]:
        """Drafts that are not finished, the last touched first, those touched before `before` (ms)."""
        rows = self._db.execute(
            f"SELECT {_DRAFT} WHERE d.state IN ('open','lodging') AND d.aside_at IS NULL AND d.updated_at<? ORDER BY d.updated_at DESC, d.id LIMIT ?",
            (before, limit),
        ).fetchall()
        return [_draft(row) for row in rows]

    def count_open(self) -> int:
        sql = "SELECT count(*) FROM drafts WHERE state IN ('open','lodging') AND aside_at IS NULL"
        return int(self._db.execute(sql).fetchone()[0])

    def count_aside(self) -> int:
        sql = "SELECT count(*) FROM drafts WHERE state IN ('open','lodging') AND aside_at IS NOT NULL"
        return int(self._db.execute(sql).fetchone()[0])

    # the bin -----------------------------------------------------------------------------------------------------------

    def aside(self, limit: int) -> list[DraftRow]:
        """Drafts that are set aside, the first to go first."""
        sql = f"SELECT {_DRAFT} WHERE d.state IN ('open','lodging') AND d.aside_at IS NOT NULL ORDER BY d.aside_at, d.id LIMIT ?"
        return [_draft(row) for row in self._db.execute(sql, (limit,))]

    def to_set_aside(self, before: int, ran: int, limit: int) -> list[str]:
        """Open drafts untouched since `before` (ms) and since the node had run for `ran` ms."""
        return self._ids("aside_at IS NULL AND updated_at<? AND touched_ran<?", (before, ran), limit)

    def to_take_back(self, stale: int, now: int, limit: int) -> list[str]:
        """Drafts that the clock of today would not have set aside, or not yet: it went back."""
        return self._ids("aside_at IS NOT NULL AND (updated_at>=? OR aside_at>?)", (stale, now), limit)

    def to_remove(self, aside_before: int, updated_before: int, ran: int, limit: int) -> list[str]:
        """Drafts set aside before a moment (ms) and before the node had run for `ran` ms, and untouched since `updated_before`."""
        return self._ids("aside_at<? AND updated_at<? AND aside_ran<?", (aside_before, updated_before, ran), limit)

    def _ids(self, condition: str, given: tuple[int, ...], limit: int) -> list[str]:
        """Open drafts; the first condition is that of the index."""
        sql = f"SELECT id FROM drafts WHERE state IN ('open','lodging') AND state='open' AND {condition} ORDER BY updated_at LIMIT ?"
        return [row[0] for row in self._db.execute(sql, (*given, limit))]

    def set_aside(self, id: str, at: int, ran: int) -> None:
        self._db.execute("UPDATE drafts SET aside_at=?, aside_ran=? WHERE id=?", (at, ran, id))

    def take_back(self, id: str) -> None:
        """Out of the bin, and as old as before."""
        self._db.execute("UPDATE drafts SET aside_at=NULL, aside_ran=NULL WHERE id=?", (id,))

    def touch(self, id: str) -> None:
        """Somebody works on the draft: it is young again, and in no bin."""
        self._db.execute(
            "UPDATE drafts SET updated_at=?, touched_ran=?, aside_at=NULL, aside_ran=NULL WHERE id=?",
            (self._view.now(), self._view.store.watch.ran, id),
        )

    # rows --------------------------------------------------------------------------------------------------------------

    def of_case(self, case_no: str) -> DraftRow | None:
        """The draft a case was lodged from, if it was made here."""
        row = self._db.execute(f"SELECT {_DRAFT} WHERE d.case_no=?", (case_no,)).fetchone()
        return _draft(row) if row else None

    def add(self, id: str, item_id: str, staff_id: str, fields: dict[str, str]) -> None:
        now = self._view.now()
        self._db.execute(
            "INSERT INTO drafts(id, item_id, staff_id, fields, state, created_at, updated_at, touched_ran) VALUES(?,?,?,?,'open',?,?,?)",
            (id, item_id, staff_id, _text(fields), now, now, self._view.store.watch.ran),
        )

    def save(self, id: str, fields: dict[str, str]) -> None:
        self._db.execute("UPDATE drafts SET fields=? WHERE id=?", (_text(fields), id))
        self.touch(id)

    def settle(self, id: str, state: str, *, application: dict[str, Any] | None = None, case_no: str = "") -> None:
        """The next state; the frozen application and the case number are kept once they are there."""
        text = _text(application) if application is not None else None
        self._db.execute(
            "UPDATE drafts SET state=?, application=COALESCE(?, application), case_no=COALESCE(NULLIF(?, ''), case_no), updated_at=? WHERE id=?",
            (state, text, case_no, self._view.now(), id),
        )

    def forget_text(self, id: str) -> None:
        """What was typed is in the case now (or was thrown away): it is not kept twice."""
        self._db.execute("UPDATE drafts SET fields='{}', application=NULL WHERE id=?", (id,))

    # files -----------------------------------------------------------------------------------------------------------

    def files(self, draft_id: str) -> list[FileRow]:
        rows = self._db.execute(f"SELECT {_FILE} WHERE draft_id=? ORDER BY n", (draft_id,)).fetchall()
        return [_file(row) for row in rows]

    def file(self, draft_id: str, id: str) -> FileRow | None:
        row = self._db.execute(f"SELECT {_FILE} WHERE draft_id=? AND id=?", (draft_id, id)).fetchone()
        return _file(row) if row else None

    def file_of_key(self, draft_id: str, staff_id: str, key: str) -> FileRow | None:
        """The file that a person announced under the sender's own key before."""
        row = self._db.execute(f"SELECT {_FILE} WHERE draft_id=? AND staff_id=? AND key=?", (draft_id, staff_id, key)).fetchone()
        return _file(row) if row else None

    def add_file(self, id: str, draft_id: str, staff_id: str, key: str, material: str, file_name: str, size: int) -> None:
        (n,) = self._db.execute("SELECT COALESCE(max(n), 0) + 1 FROM draft_files WHERE draft_id=?", (draft_id,)).fetchone()
        self._db.execute(
            "INSERT INTO draft_files VALUES(?,?,?,?,?,'',?,0,?,?,?)",
            (id, draft_id, n, material, file_name, size, key, self._view.now(), staff_id),
        )
        self.touch(draft_id)

    def finish_file(self, draft_id: str, id: str, mime: str) -> None:
        self._db.execute("UPDATE draft_files SET whole=1, mime=? WHERE id=?", (mime, id))
        self.touch(draft_id)

    def sort_file(self, draft_id: str, id: str, material: str) -> None:
        self._db.execute("UPDATE draft_files SET material=? WHERE id=?", (material, id))
        self.touch(draft_id)

    def remove_file(self, id: str) -> None:
        self._db.execute("DELETE FROM draft_files WHERE id=?", (id,))

    def remove_files(self, draft_id: str) -> None:
        self._db.execute("DELETE FROM draft_files WHERE draft_id=?", (draft_id,))

    # uploads ---------------------------------------------------------------------------------------------------------

    def upload(self, case_no: str, material: str) -> UploadRow | None:
        row = self._db.execute(
            "SELECT blob, request, size FROM uploads WHERE case_no=? AND material=?", (case_no, material)
        ).fetchone()
        return UploadRow(*row) if row else None

    def note_upload(self, case_no: str, material: str, blob: bytes, request: bytes, size: int) -> None:
        self._db.execute(
            "INSERT OR REPLACE INTO uploads VALUES(?,?,?,?,?,?)", (case_no, material, blob, request, size, self._view.now())
        )

    # the agent's day -------------------------------------------------------------------------------------------------

    def held(self, status: str, limit: int, after: int = 0) -> list[tuple[str, int]]:
        """(case number, position) of cases held here in a status, the longest here first."""
        return self._db.execute(
            "SELECT case_no, first_arrival FROM cases WHERE custodian=? AND status=? AND first_arrival>? ORDER BY first_arrival LIMIT ?",
            (self._view.identity.node_id, status, after, limit),
        ).fetchall()

    def held_newest(self, status: str, limit: int, before: int) -> list[tuple[str, int]]:
        """(case number, position) of cases held here in a status, the newest here first."""
        return self._db.execute(
            "SELECT case_no, first_arrival FROM cases WHERE custodian=? AND status=? AND first_arrival<?"
            " ORDER BY first_arrival DESC LIMIT ?",
            (self._view.identity.node_id, status, before, limit),
        ).fetchall()

    def ended_from_here(self, statuses: Sequence[str], since: int, limit: int) -> list[str]:
        """Cases filed here that ended in these statuses by an act received since a moment (ms), the last first."""
        marks = ",".join("?" * len(statuses))
        rows = self._db.execute(
            f"SELECT case_no FROM cases c WHERE origin=? AND status IN ({marks})"
            " AND (SELECT max(e.received_at) FROM entries e WHERE e.case_no=c.case_no)>=? ORDER BY first_arrival DESC LIMIT ?",
            (self._view.identity.node_id, *statuses, since, limit),
        ).fetchall()
        return [row[0] for row in rows]

    def count_held(self, status: str) -> int:
        return int(
            self._db.execute(
                "SELECT count(*) FROM cases WHERE custodian=? AND status=?", (self._view.identity.node_id, status)
            ).fetchone()[0]
        )

    def from_here(self, statuses: Sequence[str], limit: int) -> list[str]:
        """Cases filed here that are in these statuses, wherever they are: those on the way first, then the oldest."""
        marks = ",".join("?" * len(statuses))
        rows = self._db.execute(
            f"SELECT case_no FROM cases WHERE origin=? AND status IN ({marks}) ORDER BY offered_by IS NULL, first_arrival LIMIT ?",
            (self._view.identity.node_id, *statuses, limit),
        ).fetchall()
        return [row[0] for row in rows]

    def gaps_from_here(self, limit: int) -> list[str]:
        """Cases filed here of which something is to follow (容缺), wherever they are: the nearest day first."""
        sql = "SELECT case_no FROM cases WHERE gap_due IS NOT NULL AND origin=? ORDER BY gap_due, first_arrival LIMIT ?"
        return [row[0] for row in self._db.execute(sql, (self._view.identity.node_id, limit)).fetchall()]

    def count_from_here(self, statuses: Sequence[str]) -> int:
        marks = ",".join("?" * len(statuses))
        sql = f"SELECT count(*) FROM cases WHERE origin=? AND status IN ({marks})"
        return int(self._db.execute(sql, (self._view.identity.node_id, *statuses)).fetchone()[0])

    def last_offered(self) -> str | None:
        """The case that was handed over last from here; None when none was lately."""
        row = self._db.execute(
            "SELECT case_no FROM entries WHERE via=0 AND kind='custody_offered' AND arrival>(SELECT max(arrival) FROM entries)-?"
            " ORDER BY arrival DESC LIMIT 1",
            (LAST_ENTRIES,),
        ).fetchone()
        return str(row[0]) if row else None

    def note_handover(self, id: str, staff_id: str, results: Sequence[HandedOver]) -> None:
        """Keep what one act handed over, for its list."""
        self._db.execute(
            "INSERT INTO handovers VALUES(?,?,?,?)", (id, staff_id, self._view.now(), json.dumps(results, ensure_ascii=False))
        )

    def handover(self, id: str) -> tuple[str, int, list[HandedOver]] | None:
        """(name of who handed over, when in ms, results) of one act."""
        row = self._db.execute(
            "SELECT COALESCE(s.name, h.staff_id), h.at_ms, h.results FROM handovers h LEFT JOIN staff s ON s.staff_id=h.staff_id WHERE h.id=?",
            (id,),
        ).fetchone()
        return (row[0], row[1], json.loads(row[2])) if row else None


class DraftFiles:
    """The folder of drafts' files. A file is its content and nothing else; its length is the offset to go on from."""

    def __init__(self, store: Home) -> None:
        self.folder = store.files.folder / "drafts"

    def path(self, draft_id: str, file_id: str) -> Path:
        return self.folder / draft_id / file_id

    def held(self, draft_id: str, file_id: str) -> int:
        try:
            return self.path(draft_id, file_id).stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return 0

    def append(self, draft_id: str, file_id: str, data: bytes) -> int:
        """Add a piece; the bytes held then. Errors: `disk_full`, `read_only`, `storage_failed`; what was written counts, see `held`.

        Whoever calls holds the draft's turn."""
        path = self.path(draft_id, file_id)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("ab") as file:
                file.write(data)
        except OSError as error:
            raise storage_error(error) from error
        return self.held(draft_id, file_id)

    def settle(self, draft_id: str, file_id: str) -> None:
        """Bring a whole file and its name onto the disk. Errors: those of `append`."""
        path = self.path(draft_id, file_id)
        try:
            sync_file(path)
            for folder in (path.parent, self.folder, self.folder.parent):
                sync_directory(folder)
        except OSError as error:
            raise storage_error(error) from error

    def read(self, draft_id: str, file_id: str, offset: int, length: int) -> bytes:
        try:
            with self.path(draft_id, file_id).open("rb") as file:
                file.seek(offset)
                return file.read(length)
        except (FileNotFoundError, NotADirectoryError):
            return b""

    def remove(self, draft_id: str, file_id: str) -> None:
        self.path(draft_id, file_id).unlink(missing_ok=True)

    def drafts(self) -> list[str]:
        """The drafts that have a folder."""
        return [path.name for path in self.folder.iterdir()] if self.folder.is_dir() else []

    def remove_all(self, draft_id: str) -> None:
        shutil.rmtree(self.folder / draft_id, ignore_errors=True)


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _file(row: Any) -> FileRow:
    id, draft_id, n, material, file_name, mime, size, whole, staff_id = row
    return FileRow(id, draft_id, n, material, file_name, mime, size, bool(whole), staff_id)


def _draft(row: Any) -> DraftRow:
    id, item_id, staff_id, staff_name, fields, application, state, case_no, created_at, updated_at, aside_at = row
    frozen = json.loads(application) if application else None
    return DraftRow(
        id, item_id, staff_id, staff_name, json.loads(fields), frozen, state, case_no, created_at, updated_at, aside_at
    )
