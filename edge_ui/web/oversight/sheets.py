"""The tables of supervision as files and to print: the lists, the units, the findings, each with its filter and "as of" in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote

from edge_ui.shared.sheets import Cell, Linked, Sheet
from edge_ui.web.figures import page_url
from edge_ui.web.oversight.base import COUNTED, DeskWords, SupervisionHandler
from edge_ui.web.oversight.card import CardBase
from edge_ui.web.oversight.units import UnitTables
from edge_ui.web.sheets import SheetHandler
from node.domain.supervision.card_documents import CardDocument
from node.domain.supervision.documents import Fresh, OversightCase, OversightCases
from node.domain.supervision.filters import CASES, DESK, FINDINGS, SIGNALS
from node.domain.supervision.finding_documents import FoundFlaw
from node.domain.supervision.unit_documents import MonitorRow, UnitFigures, Urgent

MOST = 5000  # rows of a file
PAGE = "200"
HEAD = (
    "case.no", "case.item", "case.state", "oversight.holder", "oversight.post", "oversight.person", "hall.turn", "case.due",
    "oversight.light", "oversight.over", "oversight.split", "oversight.since", "oversight.before", "oversight.unheard_h",
)  # fmt: skip


class SupervisionSheet(SheetHandler, SupervisionHandler):
    """What every table of supervision says of itself."""

    def about(self, answer: Fresh, nodes: Mapping[str, str], narrowed: Sequence[str], more: str = "") -> list[str]:
        """What narrows it, as of when, and who is not heard since when."""
        silent = [
            self.say("oversight.silent_one", name=name, at=since) if since else name for name, since in self.silent(answer, nodes)
        ]
        said = [
            self.say("oversight.title", name=self.center.name),
            self.say("city.comma").join(narrowed) or self.say("oversight.all_of_it"),
        ]
        said.append(self.say("oversight.as_of", at=answer["known_until"] or ""))
        if silent:
            said.append(self.say("oversight.silent", n=len(silent)) + self.say("city.comma").join(silent))
        return [*said, more] if more else said


class CasesSheet(SupervisionSheet):
    """The rows of a list, the ones due first at the top."""

    named, page = "cases", "/oversight"

    async def sheet(self) -> Sheet:
        given = self.asked(CASES)
        given.pop("cursor", None)
        answer, rows = await self._all(given)
        nodes, items = await self.names()
        more = self.say("oversight.cut", n=answer["total"], shown=len(rows)) if len(rows) < answer["total"] else ""
        draw = [self.draw_text(answer["draw"])] if answer["draw"] else []
        head = [self.say(key) for key in HEAD]
        return Sheet(
            f"{self.list_title(answer)} · {self.say('oversight.total', n=answer['total'])}",
            [*self.about(answer, nodes, self.narrowed(given, {**self.people(rows), **nodes}, items), more), *draw], head,
            [self._line(row, nodes) for row in rows],
        )  # fmt: skip

    async def _all(self, given: dict[str, str]) -> tuple[OversightCases, list[OversightCase]]:
        """Page by page, up to MOST rows."""
        answer = first = await self.call(self.center.oversight.cases, {**given, "limit": PAGE}, self.person)
        rows = list(first["cases"])
        while answer["next"] is not None and len(rows) < MOST:
            answer = await self.call(self.center.oversight.cases, {**given, "limit": PAGE, "cursor": answer["next"]}, self.person)
            rows += answer["cases"]
        return first, rows[:MOST]

    def _line(self, row: OversightCase, nodes: Mapping[str, str]) -> list[Cell]:
        holder, transit = row["holder"], row["transit"]
        turn = self.step_text(row)
        if transit is not None:
            turn = self.say("oversight.on_the_way", to=nodes.get(transit["to"] or "") or transit["to"] or "")
        state = (
            self.name_of("doubted", "case_type")
            if row["doubted"]
            else self.outcome("checking" if row["unjudged"] else row["status"], row["category"])
        )
        return [
            Linked(row["case_no"], "/oversight/cases/" + row["case_no"]), row["item"], state, holder["name"] or self.say("oversight.unknown_unit"),
            self.name_of(holder["post"], "role") if holder["post"] else "", holder["person"] or "", turn, row["due"] or "",
            self.say("light." + row["light"]) if row["light"] != "none" else "", row["over_days"] or None,
            " ".join(f"{name} {days}" for name, days in self.split(row)), self.when(str(row["since"] or "")[:10]),
            self.say("city.comma").join(self.before(row)), self.when(row["unknown_since"]) if row["unknown_since"] else "",
        ]  # fmt: skip


class UnitsSheet(SupervisionSheet, UnitTables):
    """A unit by itself and those below it."""

    named = "units"

    async def sheet(self) -> Sheet:
        given = self.asked(("at", "open"))
        answer = await self.call(self.center.oversight.units, given, self.person)
        days = await self.days_used(given.get("at", ""), answer["units"])
        nodes, _ = await self.names()
        head = [self.say("oversight.unit"), self.say("oversight.tier"), self.say("oversight.scope")]
        head += [self.say("oversight.column." + one) for one in COUNTED]
        head += [
            self.say("city.measure.in_time"),
            self.say("oversight.of_h"),
            self.say("oversight.days_used"),
            self.say("oversight.n_days"),
        ]
        head += [self.say("oversight.state")]
        title = self.say("oversight.units_at", name=answer["path"][-1]["name"])
        return Sheet(
            title,
            self.about(answer, nodes, [one["name"] for one in answer["path"]]),
            head,
            [self._line(row, days.get((row["code"], row["own"]))) for row in answer["units"]],
        )

    def _line(self, row: UnitFigures, used: tuple[float, int, str] | None) -> list[Cell]:
        scope = self.say("oversight.own") if row["own"] or not row["below"] else self.say("oversight.with_below", n=row["below"])
        figures: list[Cell] = [Linked(row["figures"][one], page_url(row["lists"][one])) for one in COUNTED]
        name = Linked("　" * row["depth"] + row["name"], "/oversight/units?at=" + row["code"])
        timed: list[Cell] = [used[0], Linked(used[1], used[2])] if used is not None else [None, None]
        return [
            name,
            self.name_of(row["tier"], "tier"),
            scope,
            *figures,
            row["in_time_rate"],
            row["of"],
            *timed,
            self.unit_state(row),
        ]


class FindingsSheet(SupervisionSheet):
    """What was found, the newest first."""

    named = "findings"

    async def sheet(self) -> Sheet:
        given = self.asked(FINDINGS)
        given.pop("cursor", None)
        answer = first = await self.call(self.center.findings.listed, {**given, "limit": PAGE}, self.person)
        rows = list(first["findings"])
        while answer["next"] is not None and len(rows) < MOST:
            answer = await self.call(self.center.findings.listed, {**given, "limit": PAGE, "cursor": answer["next"]}, self.person)
            rows += answer["findings"]
        nodes, items = await self.names()
        more = self.say("oversight.cut", n=first["total"], shown=MOST) if first["total"] > MOST else ""
        head = [self.say(key) for key in (
            "oversight.found_at", "oversight.unit", "oversight.rule", "oversight.what", "case.no", "case.item", "oversight.finding_state",
        )]  # fmt: skip
        title = f"{self.say('oversight.findings')} · {self.counted_text(first)}"
        about = self.about(first, nodes, self.found_by(given, nodes, items), more)
        return Sheet(title, about, head, [self._line(row, nodes, items) for row in rows[:MOST]])

    def _line(self, row: FoundFlaw, nodes: Mapping[str, str], items: Mapping[str, str]) -> list[Cell]:
        charged, case_no = row["charged"]["node"] or "", row["case_no"]
        case = Linked(case_no, "/oversight/cases/" + case_no) if case_no else ""
        return [
            self.when(row["at"]), nodes.get(charged) or charged or self.say("oversight.unknown_unit"), self.rule_code(row["rule"]),
            self.what_text(row), case,
            items.get(row["item_id"] or "") or row["item_id"] or "", self.finding_state(row),
        ]  # fmt: skip


class SignalsSheet(SupervisionSheet, CardBase):
    """Signals, those that fell last first."""

    named = "signals"

    async def sheet(self) -> Sheet:
        given = self.asked(SIGNALS)
        given.pop("cursor", None)
        answer = first = await self.call(self.center.cards.listed, {**given, "limit": PAGE}, self.person)
        rows = list(first["cards"])
        while answer["next"] is not None and len(rows) < MOST:
            answer = await self.call(self.center.cards.listed, {**given, "limit": PAGE, "cursor": answer["next"]}, self.person)
            rows += answer["cards"]
        nodes, items = await self.names()
        more = self.say("oversight.cut", n=first["total"], shown=MOST) if first["total"] > MOST else ""
        head = [self.say(key) for key in (
            "oversight.fell", "oversight.rung", "oversight.rule", "oversight.unit", "case.no", "case.item", "case.due", "oversight.over",
            "oversight.signal_state",
        )]  # fmt: skip
        title = f"{self.say('oversight.signals')} · {self.counted_text(first)}"
        about = self.about(first, nodes, self.found_by(given, nodes, items), more)
        return Sheet(title, about, head, [self._line(row, nodes, items) for row in rows[:MOST]])

    def _line(self, row: CardDocument, nodes: Mapping[str, str], items: Mapping[str, str]) -> list[Cell]:
        no, unit = row["case_no"], row["unit"] or ""
        return [
            self.when(row["fired_day"]), Linked(self.rung_of(row["rung"]), "/oversight/signals/" + row["signal_id"]), self.rule_text(row),
            nodes.get(unit) or unit or self.say("oversight.nobody"), Linked(no, "/oversight/cases/" + no) if no else "",
            items.get(row["item_id"]) or row["item_id"], self.when(row["due"]) if row["clock"] else "", row["over_days"] or None,
            self.card_state(row),
        ]  # fmt: skip


class MonitorSheet(SupervisionSheet):
    """The rules of a monitor at work."""

    named = "monitor"

    async def on_get(self, kind: str, monitor: str = "") -> None:
        self.monitor, self.page = monitor, "/oversight/monitors/" + quote(monitor, safe="")
        await super().on_get(kind)

    async def sheet(self) -> Sheet:
        answer = await self.call(self.center.monitors.monitor, self.monitor, self.person)
        nodes, _ = await self.names()
        head = [self.say(key) for key in (
            "oversight.rule", "oversight.what", "oversight.law", "oversight.state", "oversight.cases_now", "oversight.findings",
        )]  # fmt: skip
        name = self.say("oversight.monitor." + self.monitor)
        return Sheet(name, self.about(answer, nodes, [name]), head, [self._line(row) for row in answer["rules"]])

    def _line(self, row: MonitorRow) -> list[Cell]:
        cases = Linked(row["cases"], page_url(row["lists"]["cases"])) if row["cases"] is not None else None
        found = Linked(row["findings"], page_url(row["lists"]["findings"])) if row["in_use"] else None
        state = self.say("oversight.in_use" if row["in_use"] else "oversight.not_in_use")
        return [self.rule_code(row["rule"]), row["zh" if self.language == "zh" else "en"], row["law"], state, cases, found]


class DeskSheet(SupervisionSheet, DeskWords):
    """The figures of the first row, the rows that stand first, and the figures of the views."""

    named, page = "desk", "/oversight"

    async def sheet(self) -> Sheet:
        given = self.asked(DESK)
        answer = await self.call(self.center.oversight.desk, given, self.person)
        nodes, items = await self.names()
        heads = [one["figure"] for one in answer["heads"]]
        rows: list[list[Cell]] = [
            [self.head_text(one["figure"]), Linked(one["value"], page_url(one["list"])) if one["value"] is not None else None]
            for one in answer["heads"]
        ]
        rows += [
            [self.say("oversight.view." + one["view"]), Linked(one["value"], page_url(one["list"]))]
            for one in answer["figures"] if one["view"] not in heads
        ]  # fmt: skip
        head = [self.say("oversight.views"), self.say("city.count.n")]
        return Sheet(
            self.say("oversight.title", name=self.center.name),
            self.about(answer, nodes, self.narrowed(given, nodes, items)),
            head,
            rows,
            [[self.say("oversight.first")], *(self._urgent(row, {**items, **nodes}) for row in answer["first"])],
        )

    def _urgent(self, row: Urgent, names: Mapping[str, str]) -> list[Cell]:
        case, said = row["case"], row["finding"] or row["card"]
        unit = case["holder"]["name"] if case is not None else ""
        charged = said["charged"]["node"] or "" if said is not None else ""
        words = said["zh" if self.language == "zh" else "en"] if said is not None else ""
        over = self.say("oversight.over_days", n=case["over_days"]) if case is not None and case["over_days"] else ""
        return [
            self.why_text(row), case["case_no"] if case is not None else "", case["item"] if case is not None else "",
            unit or names.get(charged) or charged, over, words, self.fact_text(row),
        ]  # fmt: skip
