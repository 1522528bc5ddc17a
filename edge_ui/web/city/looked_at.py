"""A published document that comes as a file: looked at under its key as a difference, then published."""

from __future__ import annotations

from dataclasses import dataclass, field

from edge_ui.ports.published import PublishedPort
from edge_ui.settings import FILE_LIMIT
from edge_ui.web.city.base import CityHandler
from node.domain.cases.access import Function
from node.domain.words.errors import TongbanError


@dataclass(frozen=True, slots=True)
class LookedAtPage:
    """The document in force (`found`), and for who may publish the form; `preview` of a kept file."""

    found: object
    may_publish: bool
    key: str = ""
    name: str = ""
    preview: object = None
    errors: dict[str, str] = field(default_factory=dict)
    notice: str = ""


class LookedAtHandler(CityHandler):
    """The page of one document: everybody reads it, the editor at the root publishes. `address` is the page's own, and `words` the prefix
    of its sentences; the file that leaves has the media type `media` and the ending `ending`."""

    function = Function.READ_CATALOG
    writes = Function.PUBLISH_RULES
    body_limit = FILE_LIMIT // 5
    address = words = media = ending = ""

    @property
    def port(self) -> PublishedPort[object, object]:
        """The service behind the page."""
        raise NotImplementedError

    async def on_get(self) -> None:
        if self.argument("as", 4) == self.ending:
            await self._file()
            return
        done = self.argument("done", 20)
        notice = self.say(f"{self.words}.done.{done}") if done in ("published", "unchanged") else ""
        await self.show_document(self.argument("file", 24), notice=notice)

    async def on_post(self) -> None:
        if key := self.fields.get("key", "")[:24]:
            await self._publish(key)
            return
        given = next(iter(self.files.get("file", [])), None)
        try:
            name, data = (given.filename, given.body) if given is not None else ("", b"")
            key = await self.call(self.port.put, name, data, self.person)
        except TongbanError as error:
            await self.show_document(errors=self.refused_fields(error), status=422)
            return
        self.see_other(f"{self.address}?file={key}")

    async def _publish(self, key: str) -> None:
        _, data = await self.call(self.port.kept, key)
        replace = bool(self.fields.get("removed"))
        try:
            done = await self.call(lambda: self.port.publish(data, self.person, replace=replace))
        except TongbanError as error:
            if error.code not in ("takes_away", "import_failed"):
                raise
            errors = {"removed": self.say(f"{self.words}.confirm_first")} if error.code == "takes_away" else {}
            await self.show_document(key, errors=errors, status=422)
            return
        self.see_other(f"{self.address}?done=" + ("published" if done["changed"] else "unchanged"))

    async def show_document(
        self, key: str = "", *, errors: dict[str, str] | None = None, notice: str = "", status: int = 200
    ) -> None:
        """The page, with the kept file of that key as a difference."""
        found = await self.call(self.port.document, self.person)
        name, preview = "", None
        if key and self.may_publish:
            name, data = await self.call(self.port.kept, key)
            preview = await self.call(self.port.preview, data, self.person)
        page = LookedAtPage(found, self.may_publish, key, name, preview, errors or {}, notice)
        self.show(f"city/{self.words}.html", page, status)

    @property
    def may_publish(self) -> bool:
        return self.may(Function.PUBLISH_RULES) and self.center.place.tier == "city"

    async def _file(self) -> None:
        data = await self.call(self.port.file, self.person)
        self.set_header("Content-Type", self.media)
        self.set_header("Content-Disposition", f'attachment; filename="{self.words}.{self.ending}"')
        self.finish(data)
