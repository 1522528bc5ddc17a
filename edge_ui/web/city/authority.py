"""The authority record: in whose name each office acts for each item, a new file as a difference first, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass, field

from edge_ui.settings import FILE_LIMIT
from edge_ui.web.city.base import CityHandler
from node.domain.cases.access import Function
from node.domain.catalog.authority_documents import AuthorityDocument, Preview
from node.domain.words.errors import TongbanError

SHOWN = 300


@dataclass(frozen=True, slots=True)
class AuthorityPage:
    """The record in force, what this office lacks, and for who may publish the form; `preview` of a kept file."""

    found: AuthorityDocument
    may_publish: bool
    key: str = ""
    name: str = ""
    preview: Preview | None = None
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""


class AuthorityHandler(CityHandler):
    """A file is looked at under its key, then published."""

    function = Function.READ_CATALOG
    writes = Function.PUBLISH_RULES
    body_limit = FILE_LIMIT // 5

    async def on_get(self) -> None:
        if self.argument("as", 4) == "csv":
            await self._file()
            return
        done = self.argument("done", 20)
        notice = self.say("authority.done." + done) if done in ("published", "unchanged") else ""
        await self._show(self.argument("file", 24), notice=notice)

    async def on_post(self) -> None:
        if key := self.fields.get("key", "")[:24]:
            await self._publish(key)
            return
        given = next(iter(self.files.get("file", [])), None)
        try:
            name, data = (given.filename, given.body) if given is not None else ("", b"")
            key = await self.call(self.center.authority.put, name, data, self.person)
        except TongbanError as error:
            await self._show(errors=self.refused_fields(error), status=422)
            return
        self.see_other(f"/authority?file={key}")

    async def _publish(self, key: str) -> None:
        _, data = await self.call(self.center.authority.kept, key)
        replace = bool(self.fields.get("removed"))
        try:
            done = await self.call(lambda: self.center.authority.publish(data, self.person, replace=replace))
        except TongbanError as error:
            if error.code not in ("takes_away", "import_failed"):
                raise
            errors = {"removed": self.say("authority.confirm_first")} if error.code == "takes_away" else {}
            await self._show(key, errors=errors, status=422)
            return
        self.see_other("/authority?done=" + ("published" if done["changed"] else "unchanged"))

    async def _show(self, key: str = "", *, errors: dict[str, str] | None = None, notice: str = "", status: int = 200) -> None:
        may = self.may(Function.PUBLISH_RULES) and self.center.place.tier == "city"
        found = await self.call(self.center.authority.document, self.person)
        name, preview = "", None
        if key and may:
            name, data = await self.call(self.center.authority.kept, key)
            preview = await self.call(self.center.authority.preview, data, self.person)
        self.show("city/authority.html", AuthorityPage(found, may, key, name, preview, errors or {}, notice), status)

    async def _file(self) -> None:
        data = await self.call(self.center.authority.file, self.person)
        self.set_header("Content-Type", "text/csv; charset=utf-8")
        self.set_header("Content-Disposition", 'attachment; filename="authority.csv"')
        self.finish(data)

    def about(self, row: dict[str, str]) -> str:
        """What a row is about in words."""
        return row.get("item_id") or row.get("department") or self.say("authority.all")
