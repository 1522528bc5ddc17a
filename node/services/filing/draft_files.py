"""Photographs of a draft: announced, sent in pieces by the one person they belong to, sorted, removed.

Everything that touches a draft's files has the draft's turn (`store.turns`), so a file is never written by two. Pieces are compared
with what stands there already: the same bytes again are answered with where to go on, others are refused.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping

from node.domain.cases.access import Function, require
from node.domain.catalog.item import Item
from node.domain.filing.documents import DraftFileRow
from node.domain.filing.draft import MANDATE_PAPER
from node.domain.filing.filetypes import HEAD, MAX_FILE, check_upload, shown_inline
from node.domain.model import Actor
from node.domain.touched import Clash, merge
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.filing.uploads import check_budget, taken
from node.store.drafts import DraftFiles, DraftRow, FileRow
from node.store.store import Store, Tx, View

MAX_FILES = 100
CLOSED = "草稿正在提交、已提交或已删除"
_ID = re.compile(r"[0-9a-f]{16}")
_KEY = re.compile(r"[A-Za-z0-9._-]{1,80}")


class DraftUploads:
    """Files of the drafts of one node."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self.store = store
        self.rules = rules
        self.folder = DraftFiles(store)

    def add_file(self, id: str, key: str, file_name: str, size: int, material: str, actor: Actor) -> DraftFileRow:
        """Announce a file; the same `key` of the same person again is the same file, to be resumed.

        Errors: `invalid_input`, `too_large`, `too_many_uploads`.
        """
        self._may(actor)
        if size <= 0:
            raise TongbanError("invalid_input", {"file": "empty"})
        if size > MAX_FILE:
            raise TongbanError("too_large", limit="50 MB")
        if not _KEY.fullmatch(key):
            raise TongbanError("invalid_input", {"key": "invalid"})

        def command(tx: Tx) -> FileRow:
            row = self._open(tx, id)
            known = tx.drafts.file_of_key(id, actor.staff_id, key)
            if known is not None and known.size == size:
                return known
            if len(tx.drafts.files(id)) >= MAX_FILES:
                raise TongbanError("invalid_input", {"file": "too_many_files"})
            check_budget(tx, actor, size)
            new = secrets.token_hex(8)
            unique, name = key if known is None else new, file_name[-120:] or "file"
            tx.drafts.add_file(new, id, actor.staff_id, unique, self._material(row.item_id, material), name, size)
            found = tx.drafts.file(id, new)
            assert found is not None
            return found

        return self._file(self.store.run(command))

    def put_file(self, id: str, file_id: str, offset: int, data: bytes, actor: Actor) -> DraftFileRow:
        """Append a piece. A piece that does not continue what is held changes nothing; the answer says where to go on.

        Errors: `file_refused` by the content, `upload_taken` when it is a colleague's upload, `upload_other` when other bytes stand
        there, `disk_full`, `not_found`, `guard_failed` when the draft is closed.
        """
        self._may(actor)
        self._mine(id, file_id, actor)
        with self.store.turns.of("draft", id):
            row = self._mine(id, file_id, actor)  # as it is now that the file is ours alone
            held = self.folder.held(id, file_id)
            if row.whole or offset != held or offset + len(data) > row.size:
                self._check_same(row, offset, data)
                return self._file(row)
            if offset == 0:
                self._check_head(id, file_id, data)
            if self.folder.append(id, file_id, data) == row.size:
                self._finish_file(row)
        return self._file(self._file_row(id, file_id))

    def _mine(self, id: str, file_id: str, actor: Actor) -> FileRow:
        """The file, while its draft is open and it is the person's own upload."""
        row = self._file_row(id, file_id)
        with self.store.reading() as view:
            self._open(view, id)
            if row.staff_id != actor.staff_id:
                raise taken(view, row.staff_id)
        return row

    def _check_same(self, row: FileRow, offset: int, data: bytes) -> None:
        """Errors: `upload_other` when the piece says something else than what stands at its place."""
        stood = self.folder.read(row.draft_id, row.id, offset, len(data))
        if stood != data[: len(stood)]:
            raise TongbanError("upload_other", offset=self.folder.held(row.draft_id, row.id))

    def _finish_file(self, row: FileRow) -> None:
        """All of the file is there: durable, looked into, whole."""
        self.folder.settle(row.draft_id, row.id)
        mime = check_upload(self.folder.read(row.draft_id, row.id, 0, HEAD)).mime
        self.store.run(lambda tx: tx.drafts.finish_file(row.draft_id, row.id, mime))

    def _check_head(self, id: str, file_id: str, data: bytes) -> None:
        """A file that is refused is forgotten at once, so that it does not stand in the way."""
        try:
            check_upload(data[:HEAD])
        except TongbanError:
            self.store.run(lambda tx: tx.drafts.remove_file(file_id))
            raise

    def sort_files(self, id: str, sorted_: Mapping[str, str], actor: Actor, seen: str = "") -> tuple[Clash, ...]:
        """Give files to materials: {file: material}; "" takes a file back to the unsorted ones.

        Only what was touched counts (`domain.touched`; `seen` is the form's mark); answers the files that a colleague sorted
        otherwise meanwhile, which stay as they are."""
        self._may(actor)

        def command(tx: Tx) -> tuple[Clash, ...]:
            row = self._open(tx, id)
            stood = {file.id: file.material for file in tx.drafts.files(id)}
            merged = merge(seen, {one: material for one, material in sorted_.items() if one in stood}, stood)
            for file_id, material in merged.values.items():
                tx.drafts.sort_file(id, file_id, self._material(row.item_id, material))
            return merged.clashes

        return self.store.run(command)

    def remove_file(self, id: str, file_id: str, actor: Actor) -> None:
        self._may(actor)
        self._file_row(id, file_id)

        def command(tx: Tx) -> None:
            self._open(tx, id)
            tx.drafts.remove_file(file_id)

        with self.store.turns.of("draft", id):
            self.store.run(command)
            self.folder.remove(id, file_id)

    def read_file(self, id: str, file_id: str, offset: int, length: int, actor: Actor) -> tuple[bytes, DraftFileRow]:
        """(piece, the file's row). Errors: `not_found`."""
        self._may(actor)
        row = self._file_row(id, file_id)
        return self.folder.read(id, file_id, offset, length), self._file(row)

    def _file(self, row: FileRow) -> DraftFileRow:
        offset = row.size if row.whole else self.folder.held(row.draft_id, row.id)
        return {
            "id": row.id, "n": row.n, "material": row.material, "file_name": row.file_name, "mime": row.mime, "size": row.size,
            "whole": row.whole, "offset": offset, "picture": row.whole and shown_inline(row.mime),
        }  # fmt: skip

    def _material(self, item_id: str, name: str) -> str:
        item = self._shown(item_id)
        names = {material.name for material in item.materials} if item is not None else set()
        return name if name in names or name == MANDATE_PAPER else ""

    def _file_row(self, id: str, file_id: str) -> FileRow:
        with self.store.reading() as view:
            self._found(view, id)
            row = view.drafts.file(id, file_id) if _ID.fullmatch(file_id) else None
        if row is None:
            raise TongbanError("not_found", what="file")
        return row

    # who and what ------------------------------------------------------------------------------------------------------

    def _may(self, actor: Actor) -> None:
        require(Function.DRAFT, self.store.place.tier, actor.role)

    def _item(self, item_id: str) -> Item:
        item = self.rules.catalog.item(item_id)
        if item is None:
            raise TongbanError("not_found", what=item_id[:60])
        return item

    def _shown(self, item_id: str) -> Item | None:
        """The item of a draft, also when it is no longer offered: what was typed stays readable, lodging says why it cannot be."""
        snapshot = self.rules.catalog.snapshot()
        return snapshot.items.get(item_id) or snapshot.withdrawn.get(item_id)

    def _found(self, view: View | Tx, id: str) -> DraftRow:
        row = view.drafts.get(id) if _ID.fullmatch(id) else None
        if row is None:
            raise TongbanError("not_found", what="draft")
        return row

    def _open(self, tx: View | Tx, id: str) -> DraftRow:
        """A draft that may still be changed."""
        row = self._found(tx, id)
        if row.state != "open":
            raise TongbanError("guard_failed", rule=CLOSED)
        return row
