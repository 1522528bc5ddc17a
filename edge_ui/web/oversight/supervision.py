"""监察: the cases of the subtree by what asks for attention, one line a case, and what was found about its nodes.

Every figure is a link to exactly the rows it was counted from; the same addresses serve the figures of the network and of the
counts. Nothing of an applicant stands on these pages.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Sequence

from edge_ui.web.figures import page_url
from edge_ui.web.oversight.base import SupervisionHandler
from edge_ui.web.oversight.pages import CasePage, DeskPage, FindingsPage, Head, MonitorPage, OversightPage, Tab
from edge_ui.web.oversight.units import UnitTables
from node.domain.cases.access import Function
from node.domain.cases.documents import ToldFact
from node.domain.figures import MONITORS
from node.domain.supervision.documents import ActTold, CaseFigures, OversightList
from node.domain.supervision.filters import CASES, DESK, FINDINGS
from node.domain.words.errors import TongbanError

QUIET = ("draft_saved", "opened")  # nothing was done to the case


class OversightHandler(UnitTables):
    """What a supervisor sees first; with a view, a measure or what only a list can be narrowed by (days, a status) the list."""

    async def on_get(self) -> None:
        await self.show_asked(self.asked(CASES))

    async def show_asked(self, given: dict[str, str], error: str = "", code: int = 200) -> None:
        await (self._list if set(given) - set(DESK) else self._desk)(given, error, code)

    async def _desk(self, given: dict[str, str], error: str = "", code: int = 200) -> None:
        opened = self.argument("open", 700)
        try:
            answer = await self.call(self.center.oversight.front, {**given, "open": opened}, self.person)
        except TongbanError as refusal:
            error, code, given = self.wrongly_asked(refusal), 422, {}
            answer = await self.call(self.center.oversight.front, {"open": opened}, self.person)
        nodes, items = await self.names()
        heads = [Head(one["figure"], one["value"], page_url(one["list"]) if one["list"] else "") for one in answer["heads"]]
        self.show("oversight/desk.html", DeskPage(
            heads=heads, tabs=self._tabs(answer, [one.figure for one in heads]), urgent=answer["first"],
            table=self.table_of(answer["table"], "", opened, None), filters=await self.filters(given, answer, nodes, items),
            narrowed=self.narrowed(given, nodes, items), here_url=self.url(given), clear_url="/oversight", as_of=answer["known_until"],
            silent=self.silent(answer, nodes), names={**items, **nodes}, error=error,
        ), code)  # fmt: skip

    async def _list(self, given: dict[str, str], error: str = "", code: int = 200) -> None:
        try:
            answer = await self.call(self.center.oversight.listed, given, self.person)
        except TongbanError as refusal:
            error, code, given = self.wrongly_asked(refusal), 422, {}
            answer = await self.call(self.center.oversight.listed, given, self.person)
        self.show("oversight/cases.html", await self._page(given, answer, error), code)

    async def _page(self, given: dict[str, str], answer: OversightList, error: str) -> OversightPage:
        nodes, items = await self.names()
        kept = {name: text for name, text in given.items() if name != "cursor"}
        subject = {name: text for name, text in kept.items() if name in ("view", "measure")}
        return OversightPage(
            view=answer["view"], title=self.list_title(answer), narrowed=self.narrowed(kept, {**self.people(answer["cases"]), **nodes}, items),
            tabs=self._tabs(answer),
            filters=await self.filters(kept, answer, nodes, items), rows=answer["cases"], total=answer["total"], here_url=self.url(given),
            first_url=self.url(kept) if "cursor" in given else "",
            next_url=self.url({**kept, "cursor": answer["next"]}) if answer["next"] else "", clear_url=self.url(subject),
            draw=answer["draw"], as_of=answer["known_until"], silent=self.silent(answer, nodes), may_open=self.may_open, error=error,
            names=nodes,
        )  # fmt: skip

    def _tabs(self, answer: CaseFigures, without: Sequence[str] = ()) -> list[Tab]:
        return [Tab(row["view"], row["value"], page_url(row["list"])) for row in answer["figures"] if row["view"] not in without]


class SavedViewsHandler(OversightHandler):
    """Keep what narrows a list under a name, or take a view away; refused, the list stands there with the reason."""

    writes = Function.OVERSIGHT

    async def on_get(self) -> None:
        self.see_other("/oversight")

    async def on_post(self) -> None:
        name, query = self.fields.get("name", ""), self.fields.get("query", "")[:2000]
        if self.fields.get("forget"):
            await self.call(self.center.saved_views.forget, name, self.person)
            self.see_other("/oversight")
            return
        given = {key: text for key, text in urllib.parse.parse_qsl(query.lstrip("?")) if key in CASES}
        try:
            kept = await self.call(self.center.saved_views.save, name, given, self.person)
        except TongbanError as refusal:
            await self.show_asked(given, self.wrongly_asked(refusal), refusal.status)
            return
        self.see_other("/oversight?" + kept)


class CaseHandler(SupervisionHandler):
    """The way of one case."""

    async def on_get(self, no: str) -> None:
        found = await self.call(self.center.oversight.case, no, self.person)
        nodes, _ = await self.names()
        self.show("oversight/case.html", CasePage(
            found, [one for one in reversed(found["acts"]) if one["action"] not in QUIET], found["known_until"], self.silent(found, nodes),
            self.may_open, nodes,
        ))  # fmt: skip

    def act_name(self, act: ActTold, category: str) -> str:
        """What an act is called; a step by its own name."""
        step = next((one["value" if self.language == "zh" else "value_en"] for one in act["told"] if one["name"] == "step"), "")
        if act["action"] == "step_completed" and step:
            return self.say("hall.step_done", step=step)
        return self.outcome(act["action"], category, "kind")

    def in_words(self, rows: Sequence[ToldFact]) -> list[tuple[str, str]]:
        """(name, value) of the facts of an act."""
        return [(one["label"], one["value"]) if self.language == "zh" else (one["label_en"], one["value_en"]) for one in rows]


class MonitorHandler(SupervisionHandler):
    """A monitor: its published rules, each with the cases and findings it is about."""

    async def on_get(self, monitor: str) -> None:
        answer = await self.call(self.center.monitors.monitor, monitor, self.person)
        nodes, _ = await self.names()
        tabs = [("overall", "/oversight"), *((one, "/oversight/monitors/" + one) for one in MONITORS)]
        later = not any(row["in_use"] for row in answer["rules"])
        self.show("oversight/monitor.html", MonitorPage(
            monitor, tabs, answer["rules"], later, answer["known_until"], self.silent(answer, nodes)
        ))  # fmt: skip


class FindingsHandler(SupervisionHandler):
    """What was found about the nodes, newest first; of one unit, of it and all below, of a monitor, of a rule."""

    async def on_get(self) -> None:
        given = self.asked(FINDINGS)
        answer = await self.call(self.center.findings.listed, given, self.person)
        nodes, items = await self.names()
        kept, path = {name: text for name, text in given.items() if name != "cursor"}, "/oversight/findings"
        following = self.url({**kept, "cursor": answer["next"]}, path) if answer["next"] else ""
        self.show("oversight/findings.html", FindingsPage(
            self.found_by(given, nodes, items), answer["findings"], self.counted_text(answer), answer["in_use"],
            self.url(kept, path) if "cursor" in given else "", following,
            answer["known_until"], self.silent(answer, nodes), self.may_open, {**items, **nodes},
        ))  # fmt: skip
