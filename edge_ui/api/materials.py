"""The file of one material: sent in one PUT or resumed after a broken line.

The body is never held whole: each `PIECE` is stored by the center, at its offset, before more is read from the line, so memory
per upload is bounded and what arrived before a break is not sent again. `HEAD` says how much is stored (`Upload-Offset`) and how
much is expected (`Upload-Length`); `PUT` with `Upload-Offset` goes on from there, without it (or with 0) starts again. A body
that names its offset may end before the file does: then it is a piece, and the next one goes on.
Right comes first: who may not send the file is refused before a byte is read. A new upload of a person takes over from an older one
of the same material that still hangs on a dead connection; another person's is left alone, and the center decides who is second.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any

from edge_ui.api.base import ApiHandler
from edge_ui.api.operations import Answer, Operation, Param
from edge_ui.settings import FILE_LIMIT, PIECE
from edge_ui.shared.file_names import disposition_name, header_text, plain_name
from node.domain.cases.access import Function
from node.domain.cases.documents import FileAsked, FileTaken, PieceStored
from node.domain.words.errors import TongbanError, malformed

_MIME = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,80}")
_OFFSET = Param("Upload-Offset", "Bytes stored so far; where this body begins (0).", kind="integer", most=FILE_LIMIT)
_LENGTH = Param("Upload-Length", "Bytes of the whole file, when known.", kind="integer", most=FILE_LIMIT)
UPLOAD_SECONDS = 6 * 3600.0


@dataclass(slots=True)
class Upload:
    """A file on its way in: where it goes, how far it is, how long it will be (bytes)."""

    case_no: str
    material: str
    offset: int
    total: int
    file_name: str
    mime: str


class MaterialHandler(ApiHandler):
    """The file of a material."""

    body_limit = FILE_LIMIT
    body_seconds = UPLOAD_SECONDS
    operations = {
        "HEAD": Operation(
            "How much of the file is stored",
            {200: Answer("Offset and length are in the headers.", headers=(_OFFSET, _LENGTH))},
            errors=("not_found",),
            function=Function.SUPPLY,
        ),
        "PUT": Operation(
            "Send or resume the file",
            {
                200: Answer("Stored; `complete` when the file is whole, and the case beside it.", "Stored", headers=(_OFFSET,)),
                202: Answer("The case has moved on: the file goes after it as a request.", "Asked"),
            },
            query=(Param("name", "The file's name, when there is no Upload-Name."),),
            headers=(_OFFSET, _LENGTH, Param("Upload-Name", "The file's name, percent-encoded UTF-8.", most=600)),
            function=Function.SUPPLY,
            body="Octets",
            body_type="application/octet-stream",
            errors=(
                "not_found",
                "file_refused",
                "guard_failed",
                "upload_taken",
                "upload_other",
                "too_many_uploads",
                "illegal_action",
                "not_custodian",
                "in_transit",
                "frozen",
                "contents_missing",
                "quarantined",
            ),
        ),
    }

    def initialize(self, route: str = "") -> None:
        super().initialize(route)
        self.upload: Upload | None = None
        self.stored: PieceStored | FileAsked | FileTaken | None = None
        self.lock = asyncio.Lock()

    @property
    def key(self) -> tuple[str, str, str]:
        return self.path_kwargs["no"], self.path_kwargs["material"], self.actor.staff_id

    # --- HEAD ----------------------------------------------------------------------------------------------------

    async def on_head(self, no: str, material: str) -> None:
        if (running := self.application.uploads.get(self.key)) is not None:
            async with running.lock:
                pass
        found = await self.call(self.center.materials.offset, no, material, self.actor)
        self.set_header("Upload-Offset", str(found.get("offset", 0)))
        if found.get("size") is not None:
            self.set_header("Upload-Length", str(found["size"]))
        self.finish()

    # --- PUT -----------------------------------------------------------------------------------------------------

    async def prepare(self) -> None:
        await super().prepare()
        if self.request.method != "PUT" or self.early is not None:
            return
        try:
            await self.admit()
            self.check_path(self.path_kwargs)
            self.args = self.operation.read_query(self.query_texts())
            if self.declared_length() != 0:  # "nothing is left to send" of a file that is whole may be said later too
                await self.call(self.center.materials.may_send, *self.key[:2], self.actor)
            self.upload = await self.open_upload(*self.key[:2])
        except TongbanError as error:
            self.refuse_body(error)

    async def open_upload(self, no: str, material: str) -> Upload:
        """Checks sizes before a byte is read. Errors: `too_large`, `guard_failed` (another offset), `invalid_input`."""
        older = self.application.uploads.get(self.key)
        self.application.uploads[self.key] = self
        if older is not None:
            await older.stop()
            await self.call(self.center.materials.taken_over, no, material, self.actor)
        known = await self.call(self.center.materials.offset, no, material, self.actor)
        begins, length, coming = self.header_number("Upload-Offset"), self.header_number("Upload-Length"), self.declared_length()
        offset = begins or 0
        expected: int | None = None if known.get("whole") else known.get("size")  # a better copy may have another size
        piece_of = expected if begins is not None else None  # who names the offset may send the file in pieces
        told = (length, piece_of, None if coming is None else offset + coming, expected)
        total = next((size for size in told if size is not None), None)
        if total is None:
            raise malformed("缺少 Content-Length 或 Upload-Length", "Content-Length or Upload-Length")
        self.check_sizes(offset, coming, total, expected)
        if offset and offset != known.get("offset", 0):
            raise TongbanError("guard_failed", rule="文件应从已保存的位置接着传", offset=int(known.get("offset", 0)))
        return Upload(no, material, offset, total, self.file_name(material), self.mime())

    def check_sizes(self, offset: int, coming: int | None, total: int, expected: int | None) -> None:
        if total > FILE_LIMIT:
            raise TongbanError("too_large", limit="50 MB")
        if total == 0:
            raise TongbanError("invalid_input", {"content": "empty"})
        if expected is not None and total != expected:
            raise TongbanError("invalid_input", {"content": "wrong_size"}, declared=expected, size=total)
        if offset + (coming or 0) > total:
            raise TongbanError("invalid_input", {"content": "wrong_size"}, declared=total, size=offset + (coming or 0))

    async def data_received(self, chunk: bytes) -> None:
        if self.early is not None or self.upload is None:
            super().data_received(chunk)
            return
        try:
            self.hold(chunk)
        except TongbanError as error:
            self.refuse_body(error)
            return
        if self.upload.offset + len(self._buffer) > self.upload.total:
            self.early = TongbanError("invalid_input", {"content": "wrong_size"}, declared=self.upload.total)
        elif len(self._buffer) >= PIECE:
            try:
                await self.store_piece()
            except TongbanError as error:
                self.refuse_body(error)

    async def store_piece(self) -> None:
        """Hands the buffer to the center; the line is not read meanwhile."""
        async with self.lock:
            if self.upload is None or self.early is not None:
                return
            up, data = self.upload, bytes(self._buffer)
            self.let_go()
            put = self.center.materials.put
            self.stored = await self.call(
                put, up.case_no, up.material, self.actor, up.offset, data, up.total, up.file_name, up.mime
            )
            up.offset += len(data)

    async def stop(self) -> None:
        """Another upload of the same material took over: what is in flight is finished, nothing follows."""
        self.early = self.early or TongbanError("upload_taken", by=self.actor.name or self.actor.staff_id)
        async with self.lock:
            self.let_go()

    async def on_put(self, no: str, material: str) -> None:
        await self.store_piece()
        if self.early is not None:
            raise self.early
        assert self.upload is not None
        nothing_left: PieceStored = {"offset": self.upload.offset, "complete": self.upload.offset == self.upload.total}
        answer = self.stored or nothing_left
        self.set_header("Upload-Offset", str(answer["offset"]))
        self.send_json(answer, 202 if "request" in answer else 200)

    def drop_body(self) -> None:
        """The line broke: keep what arrived, so that it need not be sent again."""
        if self.upload is not None and self._buffer and self.early is None:
            self.application.spawn(self.store_piece())
        else:
            super().drop_body()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self._forget()

    def on_finish(self) -> None:
        super().on_finish()
        self._forget()

    def _forget(self) -> None:
        async def after() -> None:
            async with self.lock:
                if self.application.uploads.get(self.key) is self:
                    del self.application.uploads[self.key]

        if self.upload is not None:
            self.application.spawn(after())

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = (kwargs.get("exc_info") or (None, None))[1]
        if isinstance(error, TongbanError) and isinstance(error.details.get("offset"), int):
            self.set_header("Upload-Offset", str(error.details["offset"]))
        super().write_error(status_code, **kwargs)

    # --- headers -------------------------------------------------------------------------------------------------

    def header_number(self, name: str) -> int | None:
        text = self.request.headers.get(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 20):
            raise TongbanError("invalid_input", {name: "wrong_type"})
        return int(text)

    def mime(self) -> str:
        kind = self.request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return kind if _MIME.fullmatch(kind) and kind != "application/x-www-form-urlencoded" else "application/octet-stream"

    def file_name(self, fallback: str) -> str:
        """From Upload-Name, Content-Disposition or ?name=, without folders and control characters; at most 120 characters."""
        given = self.request.headers.get("Upload-Name") or disposition_name(self.request.headers.get("Content-Disposition", ""))
        return plain_name(header_text(given) if given else self.args.get("name", "")) or plain_name(fallback)
