"""Photographs of a draft: many at once, in pieces that go on where the line was cut, or by a plain form without a script.

A script announces a file (`POST …/files` with its name, size and a key of its own), sends pieces with `Upload-Offset`, and after
a break announces it again to learn where to go on. What may be a file is decided by its content, in the service.
"""

from __future__ import annotations

import secrets

import tornado.web

from edge_ui.settings import DRAIN_LIMIT, PIECE
from edge_ui.web.agent.drafts import DraftBase
from edge_ui.web.download import SentFile, send_file
from node.domain.touched import SEEN, Clash
from node.domain.words.errors import TongbanError

PIECE_LIMIT = 2 * PIECE
REFUSALS = ("file_refused", "heic_refused", "too_large", "invalid_input")


class FilesHandler(DraftBase):
    """Announces one file (script), or takes the files of a plain form."""

    body_limit = DRAIN_LIMIT

    async def on_post(self, id: str) -> None:
        if self.from_script:
            await self.announce(id)
            return
        material = self.fields.get("material", "")
        for file in [one for several in self.files.values() for one in several if one.filename]:
            problem = await self.take(id, file.filename, file.body, material)
            if problem:
                await self.show_draft(id, [("materials", problem)], status=422)
                return
        self.see_other(f"/drafts/{id}#materials")

    async def announce(self, id: str) -> None:
        text = self.fields.get("size", "")
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise TongbanError("invalid_input", {"size": "wrong_type"})
        name, material = self.fields.get("name", "")[:255], self.fields.get("material", "")
        add = self.center.drafts.add_file
        self.send_json(await self.call(add, id, self.fields.get("key", ""), name, int(text), material, self.person))

    async def take(self, id: str, name: str, data: bytes, material: str) -> str:
        """One file of a plain form; answers the sentence of a refusal."""
        try:
            made = await self.call(self.center.drafts.add_file, id, secrets.token_hex(8), name, len(data), material, self.person)
            await self.call(self.center.drafts.put_file, id, made["id"], 0, data, self.person)
        except TongbanError as error:
            if error.code not in REFUSALS:
                raise
            return f"{name[:60]}{'：' if self.language == 'zh' else ': '}{self.sentence(error)}"
        return ""


class FileHandler(DraftBase):
    """One file: shown as a picture or saved; a piece more; sorted to a material or removed."""

    body_limit = PIECE_LIMIT

    async def on_get(self, id: str, file: str) -> None:
        def read(offset: int) -> tuple[bytes, SentFile]:
            data, row = self.center.drafts.read_file(id, file, offset, PIECE, self.person)
            shown: SentFile = {
                "size": row["size"], "mime": row["mime"], "picture": row["picture"], "file_name": row["file_name"],
            }  # fmt: skip
            return (data if row["whole"] else b""), shown

        await send_file(self, read, self.say("agent.files.what"))

    async def on_put(self, id: str, file: str) -> None:
        try:
            self.check_xsrf_cookie()
        except tornado.web.HTTPError:
            raise TongbanError("forbidden", rule=self.say("error.xsrf")) from None
        text = self.request.headers.get("Upload-Offset", "")
        if not (text.isascii() and text.isdigit() and len(text) < 16):
            raise TongbanError("invalid_input", {"Upload-Offset": "wrong_type"})
        self.send_json(await self.call(self.center.drafts.put_file, id, file, int(text), self.body, self.person))

    async def on_post(self, id: str, file: str) -> None:
        await self.call(self.center.drafts.remove_file, id, file, self.person)
        self.see_other(f"/drafts/{id}#materials")


class SortHandler(DraftBase):
    """Sorts files to materials: one choice for each file, all sent together."""

    async def on_post(self, id: str) -> None:
        chosen = {name.removeprefix("file-"): value for name, value in self.fields.items() if name.startswith("file-")}
        clashes = await self.call(self.center.drafts.sort_files, id, chosen, self.person, self.fields.get(SEEN, ""))
        if not clashes:
            self.see_other(f"/drafts/{id}#materials")
            return
        shown = {one["id"]: one["file_name"] for one in (await self.draft(id))["files"]}
        told = [("materials", self.clashed(shown[clash.name], clash)) for clash in clashes]
        await self.show_draft(id, told, status=200 if "HX-Request" in self.request.headers else 409)

    def clashed(self, file_name: str, clash: Clash) -> str:
        """The sentence about a file that a colleague sorted otherwise meanwhile."""
        none = self.say("agent.files.unsorted")
        return self.say("agent.files.clash", name=file_name, mine=clash.mine or none, theirs=clash.theirs or none)
