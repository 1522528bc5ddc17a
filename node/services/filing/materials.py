"""Files of a case: uploaded in pieces, resumed, and made part of the case when they are whole.

Right comes first: who may not supply the material now writes no byte. A file collects in `objects/uploads/` behind 16 bytes of
salt, one file a sender (`uploads.py`), under the turn of its material; its hash (of salt and content) names it. When the last byte
is there and the size is what was declared, the file moves to the object folder and one entry names it: an event of the
custodian, or a `supply_material` request when custody has left. A sender that lost the reply finds the whole size as offset;
the same content again gets the same answer and no second entry.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from node.domain.cases.access import Function, require
from node.domain.cases.commands import Command
from node.domain.cases.corrections import piece_since
from node.domain.cases.decisions import decide
from node.domain.cases.documents import FileAsked, FileInfo, FileTaken, PieceStored, UploadOffset
from node.domain.filing.filetypes import HEAD, MAX_FILE, OCTETS, check_content, kind_of, shown_inline
from node.domain.model import Actor, Case
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.cases.corrections import asked_anew, sent_since_notice
from node.services.cases.documents import case_document, request_document
from node.services.cases.handling import ActResult, Asked, Handling, find_case
from node.services.cases.timeline import filing_body
from node.services.filing.uploads import COMPARED, Uploads
from node.services.tree.inbound import file_hash
from node.store import sources
from node.store.database import put_off
from node.store.object_files import HASH_SIZE
from node.store.objects import SALT
from node.store.partials import PartialRow
from node.store.store import Store, Tx, View

NO_GAP = "文件应从已保存的位置接着传"
Stored: TypeAlias = PieceStored | FileAsked | FileTaken


class Materials:
    """Uploads at one node."""

    def __init__(self, store: Store, rules: Rules, handling: Handling) -> None:
        self.store = store
        self.rules = rules
        self.handling = handling
        self.uploads = Uploads(store)

    def index_of(self, case: Case, material: str) -> str:
        """The material's place in the item's list: a number, or the name as the catalog gives it."""
        item = self.rules.item_of(case)
        places = range(len(item.materials) if item is not None else 0)
        known = dict.fromkeys([*(str(place) for place in places), *(index for index, _, _ in case.materials)])
        if material in known:
            return material
        if item is not None or case.repins:
            with self.store.reading() as view:
                document = filing_body(view, case).get("application", {})
            for index in known:
                if self.rules.material_name(case, document, index) == material:
                    return index
        raise TongbanError("not_found", what=material[:100])

    def may_send(self, case_no: str, material: str, actor: Actor) -> None:
        """Whether the person may send this file here and now. Errors in this order: `forbidden`, `not_found`, those of the state."""
        self._check_role(actor)
        with self.store.reading() as view:
            case = find_case(view, case_no)
            self._check_right(view, case, self.index_of(case, material), actor)

    def _check_role(self, actor: Actor) -> None:
        require(Function.SUPPLY, self.store.place.tier, actor.role)

    def _check_right(self, view: View, case: Case, index: str, actor: Actor) -> None:
        """As the entry will be decided when the file is whole."""
        fields = {"material": index, "blob": bytes(HASH_SIZE), "size": 1}
        decide(case, Command("supply_material", fields, actor), self.rules.context(view, case, self.rules.item_of(case, view)))

    def offset(self, case_no: str, material: str, actor: Actor) -> UploadOffset:
        """Bytes held of the person's unfinished upload and the size expected (None for any); the full size when the file is whole.

        Errors: `forbidden`, `not_found`."""
        self._check_role(actor)
        with self.store.reading() as view:
            case = find_case(view, case_no)
            index = self.index_of(case, material)
            sent = None if asked_anew(view, case, index) else view.drafts.upload(case_no, index)
            part = self.uploads.find(view, case_no, index, actor)
            blob, size = _found(view, case, index)
            if sent is not None and index in (material for material, _ in sent_since_notice(view, case)):
                blob, size = sent.blob, sent.size  # the newer one, on its way
        if part is not None and (held := self.uploads.held(part)):
            return {"offset": held, "size": None if blob else size or part.size}
        whole = size if blob else sent.size if sent is not None else 0
        return {"offset": whole, "size": whole or size or None, "whole": bool(whole)}

    def read(
        self, case_no: str, material: str, offset: int, length: int, actor: Actor, version: int | None = None
    ) -> tuple[bytes, FileInfo]:
        """(piece, {size, mime, suffix, picture}) of a material's file as it stands here, or of another version by its number (`FileRow.n`).
        Errors: `forbidden`, `not_found` while it is not here.

        The type is that of the content, never what a sender said."""
        require(Function.READ_CASE, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            case = find_case(view, case_no)
            index = self.index_of(case, material)
            blob = _sent(view, case, index) if version == 0 else _version(case, index, version)
            head = view.objects.read(blob, SALT, HEAD) if blob else None
            found = view.objects.read(blob, SALT + offset, length) if blob else None
        if head is None or found is None:
            raise TongbanError("not_found", what=material[:100])
        if offset == 0:
            self.store.was_read(actor, case_no)
        kind = kind_of(head[0])
        mime, suffix = (kind.mime, "." + kind.suffix) if kind is not None else (OCTETS, "")
        return found[0], {"size": found[1] - SALT, "mime": mime, "suffix": suffix, "picture": shown_inline(mime)}

    def kinds(self, case_no: str, actor: Actor) -> dict[str, str]:
        """The media type of each file that is here, by its place in the list. Errors: `forbidden`, `not_found`."""
        require(Function.READ_CASE, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            blobs = [(index, blob) for index, blob, _ in find_case(view, case_no).materials if blob]
            heads = [(index, view.objects.read(blob, SALT, HEAD)) for index, blob in blobs]
        found = [(index, kind_of(head[0])) for index, head in heads if head is not None]
        return {index: kind.mime if kind is not None else OCTETS for index, kind in found}

    def put(
        self, case_no: str, material: str, actor: Actor, offset: int, data: bytes, total: int, file_name: str, mime: str
    ) -> Stored:
        """Append a piece. The answer has `offset`, and `complete` with the case or the request when the file is whole.

        Bytes that stand there already are compared and not written again, so sending from 0 goes on from the standing `offset`. The
        same file again has no second effect and the same answer. Errors: those of `may_send`; `file_refused` for programs and pages;
        `upload_taken` while somebody else sends to the material, `upload_other` when other content of the same name and length is
        under way, `guard_failed` with the standing `offset` for a gap, `too_many_uploads`.
        """
        self._check_role(actor)
        with self.store.reading() as view:
            case = find_case(view, case_no)
        index = self.index_of(case, material)
        with self.store.turns.of("material", case_no, index):
            with self.store.reading() as view:
                case = find_case(view, case_no)
                self._check_size(case, index, total)
                if not data and (whole := self._whole(view, case, index, offset, total, actor)) is not None:
                    return whole
                self._check_right(view, case, index, actor)
                self.uploads.refuse_second(view, case_no, index, actor)
                part = self.uploads.find(view, case_no, index, actor, total, "" if file_name == material else file_name)
            return self._put(case, index, actor, part, offset, data, total, file_name)

    def taken_over(self, case_no: str, material: str, actor: Actor) -> None:
        """Nobody sends the person's former upload any more: what comes now may be another file. Errors: `forbidden`, `not_found`."""
        self._check_role(actor)
        with self.store.reading() as view:
            case = find_case(view, case_no)
            self.uploads.stopped(view, case_no, self.index_of(case, material), actor)

    def _put(
        self, case: Case, index: str, actor: Actor, part: PartialRow | None, offset: int, data: bytes, total: int, file_name: str
    ) -> Stored:
        held = self.uploads.held(part) if part is not None else 0
        if not 0 <= offset <= held:
            raise TongbanError("guard_failed", rule=NO_GAP, offset=held)
        if offset + len(data) > total:
            raise TongbanError("invalid_input", {"Upload-Offset": "wrong_size"})
        if offset == 0:
            check_content(data[:HEAD])
        if part is None:
            part = self.uploads.begin(case.case_no, index, actor, total, file_name)
        held = self._standing(part, offset, data, held)
        held = self.uploads.append(part, data[held - offset :]) if offset + len(data) > held else held
        if held < total:
            return {"offset": held, "complete": False}
        result = self._finish(case.case_no, index, actor, part)
        if "request" in result.document:
            return {"offset": total, "complete": True, "status": result.status, "request": result.document["request"]}
        return {**result.document, "offset": total, "complete": True}

    def _standing(self, part: PartialRow, offset: int, data: bytes, held: int) -> int:
        """How much stands that this piece agrees with; other content begins anew at 0 once nobody sends the former any more."""
        if offset == held or not self.uploads.differs(part, offset, data):
            return held
        if offset or self.uploads.is_fresh(part):
            raise TongbanError("upload_other", offset=held)
        self.uploads.restart(part)
        return 0

    def _whole(self, view: View, case: Case, index: str, offset: int, total: int, actor: Actor) -> FileAsked | FileTaken | None:
        """The answer to "nothing is left to send" for a file that is whole; None when it is not."""
        if offset != total:
            return None
        sent = None if asked_anew(view, case, index) else view.drafts.upload(case.case_no, index)
        blob, size = _found(view, case, index)
        row = view.requests.get(sent.request) if sent is not None and sent.request and sent.size == total else None
        if row is not None:
            return {"offset": total, "complete": True, "status": 202, "request": request_document(row)}
        if not blob or size != total:
            return None
        return {**case_document(view, self.rules, case, actor), "offset": total, "complete": True}

    def _check_size(self, case: Case, index: str, total: int) -> None:
        if total <= 0:
            raise TongbanError("invalid_input", {"content": "empty"})
        if total > MAX_FILE:
            raise TongbanError("too_large", limit="50 MB")
        declared = {i: size for i, blob, size in case.materials if not blob}.get(index)
        if declared and declared != total and case.status != "awaiting_correction":  # a corrected paper is another paper
            raise TongbanError("invalid_input", {"content": "wrong_size"})

    def _finish(self, case_no: str, index: str, actor: Actor, part: PartialRow) -> ActResult:
        """Nobody writes the file now: what is hashed is what is put under the hash, and its length is what was declared."""
        path, total = self.uploads.path(part), part.size
        mime, digest = self._checked_kind(part), file_hash(path)
        fields = {"material": index, "blob": digest, "size": total, "file_name": part.file_name[:200], "mime": mime}

        def command(tx: Tx) -> ActResult:
            case = find_case(tx, case_no)
            if (known := self._known(tx, case, index, path, total, actor)) is not None:
                return known
            tx.objects.put_file(path, digest, total + SALT)
            tx.objects.refer(digest, case_no, tx.identity.node_id)
            body: Asked = {"case": case_no, "action": "supply_material", "fields": fields, "version": None}
            result = self.handling._act_or_ask(tx, case, body, actor)
            asked = bytes.fromhex(result.asked)
            tx.drafts.note_upload(case_no, index, digest, asked, total)
            return result

        with self.store.taking(path, digest):
            result = self.store.run(command)
        with put_off("upload"), self.store.reading() as view:
            done = [one for one in view.partials.of_material(case_no, index) if one.staff_id == actor.staff_id]
            self.uploads.drop(done)
        return result

    def _checked_kind(self, part: PartialRow) -> str:
        """The type of a file all of which is on the disk; one that is refused is forgotten at once."""
        try:
            return check_content(self.uploads.synced_head(part, HEAD))
        except TongbanError:
            self.uploads.drop([part])
            raise

    def _known(self, tx: Tx, case: Case, index: str, path: Path, total: int, actor: Actor) -> ActResult | None:
        """The answer that the same file got before; None when it is new."""
        if asked_anew(tx, case, index):  # whatever it is, it is the answer to the notice
            return None
        blob, size = {i: (blob, size) for i, blob, size in case.materials}.get(index, (b"", 0))
        sent = tx.drafts.upload(case.case_no, index)
        if sent is not None and sent.request and sent.size == total and self._same(tx, sent.blob, path, total):
            row = tx.requests.get(sent.request)
            if row is not None and (row.state != "declined"):
                return ActResult(202, {"request": request_document(row)})
        if blob and size == total and self._same(tx, blob, path, total):
            return ActResult(200, case_document(tx, self.rules, case, actor))
        return None

    def _same(self, tx: Tx, blob: bytes, path: Path, total: int) -> bool:
        """Whether a stored file has this content; salts differ, so the bytes behind them are compared."""
        with path.open("rb") as file:
            file.seek(SALT)
            for at in range(SALT, total + SALT, COMPARED):
                stored = tx.objects.read(blob, at, COMPARED)
                if stored is None or stored[0] != file.read(COMPARED):
                    return False
        return True


def _sent(view: View, case: Case, index: str) -> bytes:
    """The hash of what was sent after the case since the notice, also when the holder took it a moment ago; empty for none."""
    taken = piece_since(case, index)
    return dict(sent_since_notice(view, case)).get(index, taken.blob if taken is not None else b"")


def _version(case: Case, index: str, version: int | None) -> bytes:
    """The hash of a material's file: the present one, or the n-th that came; empty for none."""
    if version is None:
        return {i: blob for i, blob, _ in case.materials}.get(index, b"")
    came = [one.blob for one in case.pieces if one.material == index]
    return came[version - 1] if 0 < version <= len(came) else b""


def _found(view: View | Tx, case: Case, index: str) -> tuple[bytes, int]:
    """(hash, size) of a material's file; the hash is empty when there is none, also when it was lost with a disk: it may be sent
    again; both when a correction asks for a new one."""
    if asked_anew(view, case, index):
        return b"", 0
    blob, size = {i: (blob, size) for i, blob, size in case.materials}.get(index, (b"", 0))
    return (b"" if blob and view.objects.size(blob) is None and sources.is_lost(view, blob) else blob), size
