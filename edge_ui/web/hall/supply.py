"""Answering a correction, and files of a case that a script sends in pieces.

Without a script the form of the correction carries the chosen files itself; with one they have gone before, in pieces that go on
where the line was cut, as those of a draft (`agent.js`): announced by `POST`, sent by `PUT` with `Upload-Offset`.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Sequence

import tornado.web

from edge_ui.settings import DRAIN_LIMIT, FILE_LIMIT, PIECE
from edge_ui.shared.form_key import form_key
from edge_ui.web.hall.cases import CaseHandler
from edge_ui.web.hall.correction import SUPPLY, supply_fields
from edge_ui.web.hall.forms import action_form, blank_form
from edge_ui.web.hall.materials import MaterialHandler
from edge_ui.web.script import ScriptAnswers
from node.domain.cases.access import Function
from node.domain.cases.material_documents import CorrectionRow
from node.domain.filing.filetypes import HEAD, refuse_unseen
from node.domain.words.errors import TongbanError
from node.domain.words.punctuation import joined


class SupplyHandler(MaterialHandler):
    """The form of a correction, sent: first the files in it, then the supply. What was typed stands again when it is refused."""

    async def on_post(self, no: str, material: str = "") -> None:
        self._buffer.clear()
        case = await self.call(self.center.cases.case, no, self.person)
        view = case["correction"]
        rows = view["rows"] if view is not None else []
        errors = await self.keep_files(no, rows)
        try:
            if errors:
                raise TongbanError("guard_failed", rule=self.say("hall.correction.file_refused"))
            fields = supply_fields(rows, self.fields)
            done = await self.call(self.center.cases.act, no, SUPPLY, fields, self.person, idempotency_key=form_key(self.fields))
        except TongbanError as error:
            if error.status >= 500:
                raise
            await self.show_wanting(no, error, errors)
            return
        mark = "asked" if done.status == 202 else "done"
        self.see_other(f"/cases/{urllib.parse.quote(no, safe='')}?{mark}={SUPPLY}#correction")

    async def keep_files(self, no: str, rows: Sequence[CorrectionRow]) -> dict[str, str]:
        """Keeps the files of the form; the sentence of a refusal for each material that has one."""
        errors: dict[str, str] = {}
        for row in rows:
            material = row["material"]
            chosen = [file for file in self.files.get(f"file-{material}", ()) if file.filename and file.body]
            try:
                for file in chosen[:1]:
                    await self.keep_file(no, material, file)
            except TongbanError as error:
                if error.status >= 500:
                    raise
                reasons = [self.defect(error, name) for name in error.fields]
                errors[material] = joined([error.sentence(self.language), *reasons], self.language)
        return errors

    async def show_wanting(self, no: str, error: TongbanError, errors: dict[str, str]) -> None:
        case = await self.call(self.center.cases.case, no, self.person)
        offer = next((row for row in case["actions"] if row["action"] == SUPPLY), None)
        sentence = joined([error.sentence(self.language), *(self.defect(error, name) for name in error.fields)], self.language)
        if offer is None:
            await self.show_case(case, error=sentence, status=error.status)
            return
        form = action_form(offer, blank_form(offer, case).fields, error=sentence)
        await self.show_case(case, form=form, status=error.status, row_errors=errors)


class ScriptUpload(ScriptAnswers, CaseHandler):
    """What a script sends; a person who comes here is shown the case."""

    writes = Function.SUPPLY

    async def on_get(self, no: str, material: str = "") -> None:
        self.see_other("/cases/" + urllib.parse.quote(no, safe=""))


class UploadHandler(ScriptUpload):
    """Announces a file of a case: where to begin or to go on."""

    body_limit = DRAIN_LIMIT

    async def on_post(self, no: str) -> None:
        material, size = self.fields.get("material", ""), number_of(self.fields.get("size", ""), "size")
        found = await self.call(self.center.materials.offset, no, material, self.person)
        begun = 0 if found.get("whole") else int(found.get("offset") or 0)
        self.send_json({"id": material, "offset": begun if begun < size else 0, "size": size, "whole": False})


class UploadPieceHandler(ScriptUpload):
    """A piece of a file of a case. A gap is answered with the place to go on from."""

    body_limit = 2 * PIECE

    async def on_put(self, no: str, material: str) -> None:
        try:
            self.check_xsrf_cookie()
        except tornado.web.HTTPError:
            raise TongbanError("forbidden", rule=self.say("error.xsrf")) from None
        offset = number_of(self.request.headers.get("Upload-Offset", ""), "Upload-Offset")
        size = number_of(self.request.headers.get("Upload-Length", ""), "Upload-Length")
        name = urllib.parse.unquote(self.request.headers.get("Upload-Name", "")[:600], errors="replace")
        kind = self.request.headers.get("Content-Type", "")[:100]
        if size > FILE_LIMIT:
            raise TongbanError("too_large", limit="50 MB")
        if offset == 0:
            refuse_unseen(self.body[:HEAD])
        try:
            put = self.center.materials.put
            done = await self.call(put, no, material, self.person, offset, self.body, size, name or material, kind)
            held, whole = done["offset"], done["complete"]
        except TongbanError as error:
            standing = error.details.get("offset")
            if error.code != "guard_failed" or not isinstance(standing, int) or standing == offset:
                raise
            held, whole = standing, False
        self.send_json({"id": material, "offset": held, "size": size, "whole": whole})


def number_of(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise TongbanError("invalid_input", {name: "wrong_type"})
    return int(text)
