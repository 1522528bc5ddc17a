"""The files of a case: looked at, and sent by a form."""

from __future__ import annotations

import urllib.parse

from tornado.httputil import HTTPFile

from edge_ui.settings import FILE_LIMIT, FORM_LIMIT, PIECE
from edge_ui.shared.file_names import plain_name
from edge_ui.web.download import SentFile, send_file
from edge_ui.web.hall.cases import CaseHandler
from node.domain.cases.access import Function
from node.domain.filing.filetypes import HEAD, refuse_unseen
from node.domain.words.errors import TongbanError
from node.domain.words.punctuation import joined


class FileHandler(CaseHandler):
    """The file of a material, to be looked at; another version by its number (`?n=`)."""

    async def on_get(self, no: str, material: str = "") -> None:
        text = self.argument("n", 5)
        version = int(text) if text.isascii() and text.isdigit() else None
        mark = f"-{version}" if version else ""

        def read(offset: int) -> tuple[bytes, SentFile]:
            data, row = self.center.materials.read(no, material, offset, PIECE, self.person, version)
            return data, {
                "size": row["size"],
                "mime": row["mime"],
                "picture": row["picture"],
                "file_name": f"{no}-{material}{mark}{row['suffix']}",
            }

        await send_file(self, read, material)


class MaterialHandler(CaseHandler):
    """The file of a material, sent by a form. Held in memory (HTML forms cannot be resumed), so few at a time (`bodies.py`)."""

    body_limit = FILE_LIMIT + FORM_LIMIT
    writes = Function.SUPPLY

    async def on_get(self, no: str, material: str = "") -> None:
        self.see_other("/cases/" + urllib.parse.quote(no, safe=""))

    async def on_post(self, no: str, material: str) -> None:
        try:
            asked = await self.store(no, material)
        except TongbanError as error:
            if error.status >= 500:
                raise
            case = await self.call(self.center.cases.case, no, self.person)
            reasons = [self.defect(error, name) for name in error.fields]
            sentence = joined([error.sentence(self.language), *reasons], self.language)
            beside = {material: joined(reasons, self.language) or sentence}
            await self.show_case(case, error=sentence, beside=beside, status=error.status)
            return
        self.see_other(f"/cases/{urllib.parse.quote(no, safe='')}?{'asked' if asked else 'done'}=supply_material")

    async def store(self, no: str, material: str) -> bool:
        """Hands the file over in pieces; True when it became a request. Errors: those of the center, `invalid_input`."""
        found = self.files.get("file")
        if not found or not found[0].body:
            raise TongbanError("invalid_input", {"content": "empty"})
        return await self.keep_file(no, material, found[0])

    async def keep_file(self, no: str, material: str, file: HTTPFile) -> bool:
        data, name, kind = file.body, plain_name(file.filename) or material, file.content_type[:100]
        asked = False
        refuse_unseen(data[:HEAD])
        for offset in range(0, len(data), PIECE):
            piece = data[offset : offset + PIECE]
            done = await self.call(self.center.materials.put, no, material, self.person, offset, piece, len(data), name, kind)
            asked = "request" in done
        return asked
