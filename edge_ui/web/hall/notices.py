"""What the applicant was told: on the case page his contact and what somebody told him, and the list of whom to tell face to face."""

from __future__ import annotations

from urllib.parse import quote

from edge_ui.web.base import PageHandler
from edge_ui.web.hall.cases import CaseHandler
from edge_ui.web.hall.pages import NewsPage, ToTellPage
from node.domain.cases.access import Function
from node.domain.words.errors import FIELD_ERRORS, TongbanError

TO_TELL_SHOWN = 50


class ContactHandler(CaseHandler):
    """Where the applicant wants to be told, and whether."""

    writes = Function.SUPPLY

    async def on_post(self, no: str) -> None:
        given = [self.fields.get(name, "").strip()[:254] for name in ("phone", "email", "whose")]
        off = bool(self.fields.get("off"))
        try:
            await self.call(
                lambda: self.center.notices.record_contact(no, given[0], given[1], given[2] or "own", off, self.person)
            )
        except TongbanError as error:
            if error.code not in ("invalid_input", "guard_failed"):
                raise
            case = await self.call(self.center.cases.case, no, self.person)
            said = {name: FIELD_ERRORS[code][0 if self.language == "zh" else 1] for name, code in error.fields.items()}
            await self.show_case(
                case, error="" if said else error.sentence(self.language), status=error.status, contact_errors=said,
            )  # fmt: skip
            return
        self.see_other(f"/cases/{quote(no, safe='')}?notices=saved#h-notices-of")


class ToldHandler(CaseHandler):
    """Somebody told the applicant face to face."""

    writes = Function.SUPPLY

    async def on_post(self, no: str) -> None:
        id = self.fields.get("id", "")[:12]
        await self.call(self.center.notices.told_in_person, no, int(id) if id.isdecimal() else 0, self.person)
        back = (
            "/tell?done=told" if self.fields.get("from") == "list" else f"/cases/{quote(no, safe='')}?notices=told#h-notices-of"
        )
        self.see_other(back)


class ToTellHandler(PageHandler):
    """Whom to tell face to face."""

    function = Function.READ_CASE

    async def on_get(self) -> None:
        rows = await self.call(self.center.notices.to_tell, self.person, TO_TELL_SHOWN)
        total = await self.call(self.center.notices.count_to_tell, self.person)
        notice = self.say("notices.told_done") if self.argument("done", 10) == "told" else ""
        self.show("hall/tell.html", ToTellPage(tuple(rows), total, notice))


class NewsHandler(PageHandler):
    """What is new for whoever is logged in: what came back, was given to them or asked, is new in their turn, and falls due soon."""

    function = Function.READ_CASE

    async def on_get(self) -> None:
        found = await self.call(self.center.news.page, self.person)
        notice = self.say("news.looked_done") if self.argument("done", 10) == "looked" else ""
        self.show("hall/news.html", NewsPage(found, notice))

    async def on_post(self) -> None:
        head = self.fields.get("head", "")[:18]
        await self.call(self.center.news.looked, int(head) if head.isascii() and head.isdecimal() else 0, self.person)
        self.see_other("/news?done=looked")
