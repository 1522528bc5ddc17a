"""即办件占比: per center the share of immediate items, by item and by case, and what of the other items has one window and a limit."""

from __future__ import annotations

from edge_ui.shared.sheets import Cell, Linked, Sheet
from edge_ui.web.figures import page_url
from edge_ui.web.oversight.base import SupervisionHandler
from edge_ui.web.oversight.pages import ItemsPage, SharesPage
from edge_ui.web.oversight.sheets import SupervisionSheet
from node.domain.supervision.share_documents import CenterShares, OfferedItem

ITEM_PARTS, CASES = ("all", "immediate", "other", "routed", "unrouted"), ("filed", "immediate_cases")


class SharesHandler(SupervisionHandler):
    """The page."""

    async def on_get(self) -> None:
        given = self.asked(("at", "from", "to"))
        answer = await self.call(self.center.shares.of, given, self.person)
        nodes, _ = await self.names()
        self.show("oversight/shares.html", SharesPage(
            answer, given.get("from", ""), given.get("to", ""), self.url(given, ""), answer["known_until"], self.silent(answer, nodes)
        ))  # fmt: skip


class SharesSheet(SupervisionSheet):
    """The table as a file or to print."""

    named = "shares"

    async def sheet(self) -> Sheet:
        given = self.asked(("at", "from", "to"))
        answer = await self.call(self.center.shares.of, given, self.person)
        nodes, items = await self.names()
        head = [
            self.say("oversight.unit"),
            self.say("oversight.tier"),
            *(self.say("shares.part." + one) for one in ITEM_PARTS[:2]),
        ]
        head += [self.say("shares.by_item"), *(self.say("shares." + one) for one in CASES), self.say("shares.by_case")]
        head += [*(self.say("shares.part." + one) for one in ITEM_PARTS[2:]), self.say("shares.routed")]
        days = {name: text for name, text in given.items() if name != "at"}
        narrowed = [self.say("shares.at", name=answer["path"][-1]["name"]), *self.narrowed(days, nodes, items)]
        about = [*self.about(answer, nodes, narrowed), self.say("shares.note"), self.say("shares.note_routed")]
        return Sheet(self.say("shares.title"), about, head, [self._line(row) for row in answer["centers"]])

    def _line(self, row: CenterShares) -> list[Cell]:
        items: list[Cell] = [Linked(row["items"][one], page_url(row["lists"][one])) for one in ITEM_PARTS]
        filed, immediate = row["cases"]["filed"], row["cases"]["immediate"]
        cases: list[Cell] = [
            Linked(filed, page_url(row["lists"]["filed"])),
            Linked(immediate, page_url(row["lists"]["immediate_cases"])),
        ]
        return [
            row["name"],
            self.name_of(row["tier"], "tier"),
            *items[:2],
            row["by_item"],
            *cases,
            row["by_case"],
            *items[2:],
            row["routed"],
        ]


class Offered(SupervisionHandler):
    """What the list of items and its files share."""

    def limit_text(self, row: OfferedItem) -> str:
        """The limit of an item in words; "" without one."""
        if row["promised_limit"] is not None:
            return self.say("item.workdays", n=row["promised_limit"]) if row["promised_limit"] else self.say("item.at_once")
        if row["statutory_limit"] is None:
            return ""
        return self.say(
            "shares.calendar_days" if row["statutory_unit"] == "calendar" else "item.workdays", n=row["statutory_limit"]
        )


class ItemsHandler(Offered):
    """The items behind a figure."""

    async def on_get(self) -> None:
        given = self.asked(("at", "part", "cursor"))
        answer = await self.call(self.center.shares.items, given, self.person)
        nodes, _ = await self.names()
        kept, path = {name: text for name, text in given.items() if name != "cursor"}, "/oversight/items"
        self.show("oversight/items.html", ItemsPage(
            answer, self.url(kept, ""), self.url(kept, path) if "cursor" in given else "",
            self.url({**kept, "cursor": answer["next"]}, path) if answer["next"] else "", answer["known_until"], self.silent(answer, nodes),
        ))  # fmt: skip


class ItemsSheet(Offered, SupervisionSheet):
    """The same as a file or to print."""

    named = "items"

    async def sheet(self) -> Sheet:
        given = self.asked(("at", "part"))
        answer = await self.call(self.center.shares.items, given, self.person)
        rows, following = list(answer["items"]), answer["next"]
        while following is not None:
            more = await self.call(self.center.shares.items, {**given, "cursor": following}, self.person)
            rows, following = [*rows, *more["items"]], more["next"]
        nodes, _ = await self.names()
        title = f"{self.say('shares.part.' + answer['part'])} · {self.say('shares.total', n=answer['total'])}"
        head = [self.say("shares." + one) for one in ("item_id", "item", "department", "kind", "limit", "received_here")]
        about = self.about(answer, nodes, [answer["name"], self.say("shares.part." + answer["part"])])
        return Sheet(title, about, head, [self._line(row) for row in rows])

    def _line(self, row: OfferedItem) -> list[Cell]:
        received = self.say("yes" if row["received_here"] else "no")
        return [
            row["item_id"],
            row["item"],
            row["department"],
            self.name_of(row["kind"], "case_type"),
            self.limit_text(row),
            received,
        ]
