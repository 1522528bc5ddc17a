"""The pending publication, catalog files, and what was published."""

from __future__ import annotations

import urllib.parse

from edge_ui.settings import FILE_LIMIT
from edge_ui.web.city.base import CityHandler
from edge_ui.web.city.pages import ChangesPage, HistoryPage, ImportPage, PublicationPage
from node.domain.cases.access import Function
from node.domain.touched import SEEN
from node.domain.words.errors import TongbanError

SHOWN = 100  # changes shown in full; all of them with ?all=1
DONE = ("dropped", "clash", "taken", "clashes", "imported", "unchanged")


class ChangesHandler(CityHandler):
    """The difference, the day, the cases it touches; publishing is the form at its end."""

    function = Function.EDIT_CATALOG

    async def on_get(self) -> None:
        done = self.argument("done", 20)
        bad = done in ("clash", "clashes")
        text = self.say("city.done." + done) if done in DONE else ""
        if done == "published":
            text = self.say(
                "city.published",
                revision=self.argument("revision", 8),
                count=self.argument("count", 8),
                day=self.argument("day", 10),
            )
        await self._show("", {}, notice="" if bad else text, warning=text if bad else "")

    async def on_post(self) -> None:
        effective = self.fields.get("effective", "").strip()
        try:
            done = await self.call(self.center.editor.publish, self.fields.get("token", "")[:64], effective, self.person)
        except TongbanError as error:
            await self._show(effective, self.refused_fields(error), status=422)
            return
        if done["state"] == "published":
            said = {"done": "published", "revision": done["revision"], "count": done["count"], "day": done["effective"]}
            self.see_other("/catalog/changes?" + urllib.parse.urlencode(said))
            return
        await self._show(effective, {}, warning=self.say("city.publish." + done["state"]), status=409)

    async def _show(
        self, effective: str, errors: dict[str, str], *, notice: str = "", warning: str = "", status: int = 200
    ) -> None:
        changes = await self.call(self.center.editor.changes, self.person)
        day = effective if errors or effective else changes["default"]
        items = sorted(changes["items"], key=lambda one: (not one["moved"], not one["doubts"]))  # what wants a look first
        shown = items if self.argument("all", 1) else items[:SHOWN]
        self.show("city/changes.html", ChangesPage(changes, shown, day, errors, notice, warning), status)


class ImportHandler(CityHandler):
    """A catalog file: first chosen, then looked at under its key, then put among the pending changes."""

    function = Function.EDIT_CATALOG
    body_limit = FILE_LIMIT // 5

    async def on_get(self) -> None:
        key = self.argument("file", 64)
        preview = await self.call(self.center.editor.imports.preview, key, self.person) if key else None
        self.show("city/import.html", ImportPage(preview, {}))

    async def on_post(self) -> None:
        if key := self.fields.get("key", "")[:64]:
            await self._take(key)
            return
        given = next(iter(self.files.get("file", [])), None)
        try:
            name, data = (given.filename, given.body) if given is not None else ("", b"")
            key = await self.call(self.center.editor.imports.put, name, data, self.person)
        except TongbanError as error:
            self.show("city/import.html", ImportPage(None, self.refused_fields(error)), 422)
            return
        self.see_other(f"/catalog/import?file={key}")

    async def _take(self, key: str) -> None:
        over, seen = bool(self.fields.get("over")), self.fields.get(SEEN, "")
        known = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 16 else None
        try:
            done = await self.call(self.center.editor.imports.take, key, over, self.person, known)
        except TongbanError as error:
            if error.code != "import_failed":
                raise
            done = {"state": "failed", "count": 0}
        if done["state"] == "taken":
            self.see_other("/catalog/changes?done=" + ("imported" if done["count"] else "unchanged"))
            return
        preview = await self.call(self.center.editor.imports.preview, key, self.person)
        self.show("city/import.html", ImportPage(preview, {}, done["state"] == "clash"), 409 if done["state"] == "clash" else 422)


class HistoryHandler(CityHandler):
    """Publications of this layer and of those above."""

    function = Function.EDIT_CATALOG

    async def on_get(self) -> None:
        history = await self.call(self.center.editor.views.history, self.person, self.number("page"))
        page = history["page"]
        following = f"/catalog/history?page={page + 1}" if history["more"] else ""
        self.show("city/history.html", HistoryPage(history, following, f"/catalog/history?page={page - 1}" if page > 1 else ""))


class PublicationHandler(CityHandler):
    """What one revision changed, to be printed."""

    function = Function.EDIT_CATALOG

    async def on_get(self, layer: str, revision: str) -> None:
        number = int(revision) if revision.isdigit() and len(revision) < 10 else 0
        found = await self.call(self.center.editor.views.publication, layer, number, self.person)
        self.show("city/publication.html", PublicationPage(found))
