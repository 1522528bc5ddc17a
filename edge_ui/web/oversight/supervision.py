"""监察: the cases of the subtree by what asks for attention, one line a case, and what was found about its nodes.

Every figure is a link to exactly the rows it was counted from; the same addresses serve the figures of the network and of the
counts. A case is linked only for who may open it here; nothing of an applicant stands on these pages.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from typing import Literal, get_args

from edge_ui.web.base import PageHandler
from edge_ui.web.figures import page_url
from edge_ui.web.oversight.pages import FindingsPage, OversightPage, Tab, UnitRow, UnitsPage
from node.domain.cases.access import Function
from node.domain.supervision.documents import FoundFlaw, Fresh, OversightCase, OversightList, OversightNode
from node.domain.words.errors import TongbanError

ASKED = ("view", "measure", "holder", "unit", "filed_at", "tier", "item", "kind", "status", "from", "to", "cursor")
Column = Literal["open", "due_today", "overdue", "on_time", "late", "overdue_open", "findings"]
COLUMNS: tuple[Column, ...] = get_args(Column)
OVERDUE = COLUMNS.index("overdue")
UNITS = 300  # rows of the table of units


class SupervisionHandler(PageHandler):
    """A page of supervision: who may, and how its words are said."""

    function = Function.OVERSIGHT

    @property
    def may_open(self) -> bool:
        return self.may(Function.READ_CASE)

    def asked(self, names: tuple[str, ...]) -> dict[str, str]:
        return {name: text for name in names if (text := self.argument(name, 512))}

    def silent(self, answer: Fresh, names: Mapping[str, str]) -> list[tuple[str, str | None]]:
        """(name, since) of the silent nodes, the longest silent first."""
        rows = sorted(answer["unknown_since"].items(), key=lambda row: row[1] or "")
        return [(names.get(code) or code, since) for code, since in rows]

    def step_text(self, row: OversightCase) -> str:
        """What a case waits for where it lies."""
        step = row["step"]
        return self.say(f"hall.awaits.{step}") if step and step != "transit" else ""


class OversightHandler(SupervisionHandler):
    """The list."""

    async def on_get(self) -> None:
        given, error, code = self.asked(ASKED), "", 200
        try:
            answer = await self.call(self.center.oversight.listed, given, self.person)
        except TongbanError as refusal:
            if refusal.code != "invalid_input":
                raise
            error, code, given = refusal.sentence(self.language), 422, {}
            answer = await self.call(self.center.oversight.listed, given, self.person)
        self.show("oversight/cases.html", await self._page(given, answer, error), code)

    async def _page(self, given: dict[str, str], answer: OversightList, error: str) -> OversightPage:
        nodes, items = [await self.call(self.center.network.names, self.person, by) for by in ("node", "item")]
        kept = {name: text for name, text in given.items() if name != "cursor"}
        subject = {name: text for name, text in kept.items() if name in ("view", "measure")}
        return OversightPage(
            view=answer["view"], title=self._title(answer), narrowed=self._narrowed(kept, nodes, items), given=kept,
            tabs=[Tab(row["view"], row["value"], page_url(row["list"])) for row in answer["figures"]],
            units=[(one, nodes.get(one) or one) for one in answer["units"]], items=[(one, items.get(one) or one) for one in answer["items"]],
            rows=answer["cases"], total=answer["total"], first_url=self._url(kept) if "cursor" in given else "",
            next_url=self._url({**kept, "cursor": answer["next"]}) if answer["next"] else "", clear_url=self._url(subject),
            as_of=answer["known_until"], silent=self.silent(answer, nodes), may_open=self.may_open, error=error, names=nodes,
        )  # fmt: skip

    def _url(self, given: Mapping[str, str]) -> str:
        return "/oversight" + ("?" + urllib.parse.urlencode(given) if given else "")

    def _title(self, answer: OversightList) -> str:
        if answer["view"]:
            return self.say(f"oversight.view.{answer['view']}")
        return self.say(f"city.measure.{answer['measure']}")

    def _narrowed(self, given: Mapping[str, str], nodes: Mapping[str, str], items: Mapping[str, str]) -> list[str]:
        """What narrows the list, in words."""
        words = {"holder": nodes, "unit": nodes, "filed_at": nodes, "item": items}
        groups = {"tier": "tier", "status": "status", "kind": "case_type"}
        found = []
        for name, text in given.items():
            if name in ("view", "measure"):
                continue
            word = (
                words[name].get(text) or text if name in words else self.name_of(text, groups[name]) if name in groups else text
            )
            word = self.say("oversight.unknown_unit") if name in words and text == "unknown" else word
            found.append(self.say(f"oversight.by.{name}", word=word))
        return found


class UnitsHandler(SupervisionHandler):
    """What each unit has to answer for."""

    async def on_get(self) -> None:
        answer = await self.call(self.center.oversight.nodes, self.person)
        names = await self.call(self.center.network.names, self.person, "node")
        nodes = answer["nodes"]
        rows = sorted((self._row(one) for one in nodes), key=lambda row: (-row.figures[OVERDUE][0], row.code))
        page = UnitsPage(COLUMNS, rows[:UNITS], max(0, len(rows) - UNITS), answer["known_until"], self.silent(answer, names))
        self.show("oversight/units.html", page)

    def _row(self, node: OversightNode) -> UnitRow:
        figures = [(node[one], page_url(node["lists"][one])) for one in COLUMNS]
        of = node["on_time"] + node["late"] + node["overdue_open"]
        return UnitRow(
            node["name"] or node["code"], node["code"], node["tier"], figures, node["in_time_rate"], of, node["unknown_since"], node["revoked"]
        )  # fmt: skip


class FindingsHandler(SupervisionHandler):
    """What was found about the nodes, newest first; with `node` about one."""

    async def on_get(self) -> None:
        given = self.asked(("node", "cursor"))
        answer = await self.call(self.center.findings.listed, given, self.person)
        nodes, items = [await self.call(self.center.network.names, self.person, by) for by in ("node", "item")]
        kept = {"node": given["node"]} if "node" in given else {}
        url = "/oversight/findings?" + urllib.parse.urlencode(kept)
        following = "/oversight/findings?" + urllib.parse.urlencode({**kept, "cursor": answer["next"]}) if answer["next"] else ""
        self.show("oversight/findings.html", FindingsPage(
            nodes.get(given.get("node", "")) or given.get("node", ""), answer["findings"], answer["total"],
            url if "cursor" in given else "", following, answer["known_until"], self.silent(answer, nodes), self.may_open, {**items, **nodes},
        ))  # fmt: skip

    def what_text(self, row: FoundFlaw) -> str:
        """A finding in words: a rule says its own, the flaw of a chain has a sentence here."""
        if row["case_no"]:
            return row["zh"] if self.language == "zh" else row["en"]
        key = f"oversight.flaw.{row['rule']}"
        return self.say(key) if self.application.words.has(self.language, key) else self.say("oversight.flaw.other")
