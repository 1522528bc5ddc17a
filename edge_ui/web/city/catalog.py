"""The editor's list, one item, its form."""

from __future__ import annotations

import urllib.parse
from dataclasses import replace

from edge_ui.web.city.base import CityHandler
from edge_ui.web.city.forms import document_of, flat, merged, parts_of, rearranged, rows_of
from edge_ui.web.city.pages import CatalogItemPage, CatalogListPage, EditPage
from node.domain.cases.access import Function
from node.domain.catalog.csv import CASE_TYPES, CATEGORIES, FORMS
from node.domain.catalog.documents import EditClash
from node.domain.catalog.item import KINDS, LISTS, PAPER_AT
from node.domain.catalog.remedy import REMEDIES
from node.domain.model import TIERS
from node.domain.touched import SEEN, seen_of
from node.domain.words.errors import TongbanError

SHOWS = ("", "pending", "own", "scheduled", "withdrawn")
RESERVED = frozenset({"new", "changes", "import", "history"})  # addresses of this area


class CatalogListHandler(CityHandler):
    """Items by name, code or department; whoever is no editor is led to the guide."""

    function = None

    async def on_get(self) -> None:
        if not self.may(Function.EDIT_CATALOG):
            self.see_other("/guide")
            return
        q, level, show = self.argument("q", 100), self.argument("level", 20), self.argument("show", 20)
        level, show = level if level in TIERS else "", show if show in SHOWS else ""
        listing = await self.call(self.center.editor.views.listing, self.person, q, level, show, self.number("page"))
        page, pages = listing["page"], listing["pages"]
        notice = self.say("city.done." + done) if (done := self.argument("done", 20)) in ("dropped", "saved", "unchanged") else ""
        self.show("city/catalog.html", CatalogListPage(
            q, level, show, listing, self._url(q, level, show, page - 1) if page > 1 else "",
            self._url(q, level, show, page + 1) if page < pages else "", notice,
        ))  # fmt: skip

    def _url(self, q: str, level: str, show: str, page: int) -> str:
        given = [("q", q), ("level", level), ("show", show), ("page", str(page))]
        return "/catalog?" + urllib.parse.urlencode([(key, text) for key, text in given if text])


class CatalogItemHandler(CityHandler):
    """One item: what it says, its versions, its open cases; 停用 is a form here. Whoever is no editor is led to the guide."""

    function = None

    async def on_get(self, id: str) -> None:
        item_id = id
        if not self.may(Function.EDIT_CATALOG):
            self.see_other("/guide/" + urllib.parse.quote(item_id, safe=""))
            return
        found = await self.call(self.center.editor.views.item, item_id, self.person)
        done = self.argument("done", 20)
        notice = self.say("city.done." + done) if done in ("saved", "unchanged", "dropped", "taken") else ""
        self.show("city/item.html", CatalogItemPage(item_id, found, notice))


class WithdrawHandler(CityHandler):
    """停用 with a reason, or back into the offer with none; becomes a pending change."""

    function = Function.EDIT_CATALOG

    async def on_post(self, id: str) -> None:
        item_id = id
        reason = self.fields.get("reason", "") if self.fields.get("do") == "withdraw" else ""
        try:
            done = await self.call(self.center.editor.withdraw, item_id, reason, self.person)
        except TongbanError as error:
            errors = self.refused_fields(error)
            found = await self.call(self.center.editor.views.item, item_id, self.person)
            self.show("city/item.html", CatalogItemPage(item_id, found, "", errors.get("reason", ""), reason), 422)
            return
        self.see_other(f"/catalog/{self._quoted(item_id)}?done={done['state']}")

    def _quoted(self, text: str) -> str:
        return urllib.parse.quote(text, safe="")


class DiscardHandler(CityHandler):
    """Drops a pending change that was seen."""

    function = Function.EDIT_CATALOG

    async def on_post(self, id: str) -> None:
        item_id, n = id, self.fields.get("n", "")
        done = await self.call(self.center.editor.discard, item_id, int(n) if n.isdigit() else 0, self.person)
        self.see_other(f"/catalog/changes?done={done['state']}")


class TakeOverHandler(CityHandler):
    """Puts a pending change on the version that came meanwhile."""

    function = Function.EDIT_CATALOG

    async def on_post(self, id: str) -> None:
        item_id = id
        done = await self.call(self.center.editor.take_over, item_id, self.person)
        state = "clashes" if done["clashes"] else "taken"
        self.see_other(f"/catalog/changes?done={state}#i-{urllib.parse.quote(item_id, safe='')}")


class EditHandler(CityHandler):
    """The form of an item; a new one when the address names none. Row buttons only draw the form anew."""

    function = Function.EDIT_CATALOG

    async def on_get(self, id: str = "") -> None:
        form = await self.call(self.center.editor.form, id, self.person)
        self._show(EditPage(form, form["document"], {}, form["n"], form["base"], seen=seen_of(flat(form["document"]))))

    async def on_post(self, id: str = "") -> None:
        item_id, document = id, document_of(self.fields)
        n, base, seen = self.fields.get("n", ""), self.fields.get("base", ""), self.fields.get(SEEN, "")
        form = await self.call(self.center.editor.form, item_id, self.person)
        if form["overlay"]:
            document = {**form["document"], **{k: document[k] for k in ("promised_limit", "contact") if k in document}}
        page = EditPage(form, document, {}, int(n) if n.isdigit() and len(n) < 10 else 0, base, seen=seen)
        if rearranged(document, self.fields.get("do", "")):
            self._show(page)
            return
        if not item_id and str(document.get("item_id", "")).strip() in RESERVED:
            self._show(replace(page, errors=self.fault_texts({"item_id": "taken"})), 422)
            return
        try:
            done = await self.call(self.center.editor.save, item_id, document, page.n, base, self.person)
        except TongbanError as error:
            kept_out = error.status in (503, 507)  # a full disk, a locked database: what was typed stays in the form
            errors, notice = ({}, error.sentence(self.language)) if kept_out else (self.refused_fields(error), "")
            self._show(replace(page, errors=errors, notice=notice), error.status)
            return
        if done["state"] == "clash":
            theirs = done["theirs"] or {}
            document, mark = merged(document, theirs, seen), seen_of(flat(theirs))
            self._show(EditPage(form, document, {}, done["n"], done["base"], done, self._theirs(done), seen=mark), 409)
            return
        self.see_other(f"/catalog/{urllib.parse.quote(done['item_id'], safe='')}?done={done['state']}")

    def _theirs(self, clash: EditClash) -> list[dict[str, str]]:
        """What the other one has in the fields that differ, in words."""
        theirs = clash["theirs"] or {}
        found = []
        for field in clash["differs"]:
            name, _, key = field.partition(".")
            rows = rows_of(theirs, name) if name in LISTS else []
            value = parts_of(theirs, name).get(key) if key else theirs.get(name)
            text = "\n".join(self.row_text(name, row) for row in rows) if rows else self.value_text(name, value)
            found.append({"label": self.field_text(field), "text": text})
        return found

    def _show(self, page: EditPage, status: int = 200) -> None:
        self.show("city/edit.html", page, status)

    # choices of the form -------------------------------------------------------------------------------------------

    def choices(self, field: str) -> list[tuple[str, str]]:
        if field == "category":
            return [(one, one) for one in sorted(CATEGORIES, key=lambda one: (one != "行政许可", one))]
        if field == "case_type":
            return [
                (one, self.name_of(one, "case_type"))
                for one in ("immediate", "commitment", "joint", "referral")
                if one in CASE_TYPES
            ]
        if field in ("approval_level", "accept_levels"):
            return [(tier, self.name_of(tier, "tier")) for tier in reversed(TIERS)]
        if field == "form":
            return [(one, self.coded("form", one)) for one in ("original", "copy", "electronic") if one in FORMS]
        if field == "remedy":
            return [(one, self.coded("remedy", one)) for one in REMEDIES]
        if field == "kind":
            return [(one, self.coded("step_kind", one)) for one in KINDS]
        if field == "paper_required_at":
            return [(one, self.coded("paper_at", one)) for one in PAPER_AT]
        return [(one, self.coded("unit", one)) for one in ("workday", "calendar")]
