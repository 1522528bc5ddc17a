"""What the pages of supervision share: who may, how a case is said in one line, and the filters."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping, Sequence

from edge_ui.web.base import PageHandler
from edge_ui.web.figures import page_url
from edge_ui.web.oversight.pages import Filters
from node.domain.cases.access import Function
from node.domain.supervision.analysis import NONE
from node.domain.supervision.card_documents import CardDocument, CardsPage
from node.domain.supervision.documents import CaseFigures, Drawn, Fresh, OversightCase, OversightCases, Segment
from node.domain.supervision.filters import CASES, FINDINGS, SIGNALS
from node.domain.supervision.finding_documents import FoundFlaw, FoundFlaws
from node.domain.supervision.unit_documents import UnitFigures, Urgent
from node.domain.words.flaws import where_words

FILTERS = ("under", "item", "department", "kind", "over", "from", "to")  # fields of the form
COLUMNS = ("open", "due_today", "overdue", "yellow", "red")  # of a unit, as its table shows them
COUNTED = (*COLUMNS, "unknown", "on_time", "late", "overdue_open", "findings")  # all that is counted of one, in its files
ON_TOP = ("red", "yellow", "suspected")  # figures of the first row that are no view of cases
SIGNS = {
    "red": ("bad", "■"), "yellow": ("warn", "▲"), "overdue": ("bad", "!"), "suspected": ("dim", "?"), "unanswered_reminders": ("warn", "↩"),
    "transit_long": ("warn", "⇢"), "due_today": ("warn", "△"), "unheard": ("warn", "◐"), "unknown": ("warn", "◐"),
}  # fmt: skip
UNSURE = ("due_today", "overdue", "yellow", "red")  # of who is not heard nobody can say that there is none
GROUPS = {"monitor": ("monitor",), "state": ("finding", "signal"), "data_error": ("data",), "rung": ("rung",)}  # of words
NOBODYS = ("transit", "outage", "special", "applicant")  # kinds of time that no unit is charged with


class SupervisionHandler(PageHandler):
    """A page of supervision: who may, and how its words are said."""

    function = Function.OVERSIGHT

    @property
    def may_open(self) -> bool:
        return self.may(Function.READ_CASE)

    def asked(self, names: tuple[str, ...]) -> dict[str, str]:
        return {name: text for name in names if (text := self.argument(name, 512))}

    async def names(self) -> tuple[dict[str, str], dict[str, str]]:
        """Code -> name, of nodes and of items."""
        nodes, items = [await self.call(self.center.network.names, self.person, by) for by in ("node", "item")]
        return nodes, items

    def silent(self, answer: Fresh, names: Mapping[str, str]) -> list[tuple[str, str | None]]:
        """(name, since) of the silent nodes, the longest silent first."""
        rows = sorted(answer["unknown_since"].items(), key=lambda row: row[1] or "")
        return [(names.get(code) or code, since) for code, since in rows]

    async def filters(
        self, given: Mapping[str, str], found: CaseFigures, nodes: Mapping[str, str], items: Mapping[str, str]
    ) -> Filters:
        """The form, with what can be chosen and what is."""
        units = sorted({*found["units"], *(text for name in ("under", "holder") if (text := given.get(name)))} - {"unknown"})
        things = sorted({*found["items"], *([given["item"]] if "item" in given else [])})
        kept = {name: text for name, text in given.items() if name not in (*FILTERS, "cursor")}
        saved = await self.call(self.center.saved_views.mine, self.person)
        return Filters(
            given, kept, [(one, nodes.get(one) or one) for one in units], [(one, items.get(one) or one) for one in things],
            found["departments"], [(name, "/oversight?" + query) for name, query in saved], self.url(given, ""),
        )  # fmt: skip

    def narrowed(self, given: Mapping[str, str], nodes: Mapping[str, str], items: Mapping[str, str]) -> list[str]:
        """What narrows a list, in words."""
        return [
            self.say(f"oversight.by.{name}", word=self._filter_word(name, text, nodes, items))
            for name, text in given.items()
            if name not in ("view", "measure", "cursor")
        ]

    def _filter_word(self, name: str, text: str, nodes: Mapping[str, str], items: Mapping[str, str]) -> str:
        groups = {"tier": "tier", "status": "status", "kind": "case_type"}
        if name in ("holder", "unit", "under", "filed_at"):
            return self.say("oversight.unknown_unit") if text == "unknown" else nodes.get(text) or text
        if name == "step":
            return self.step_word(text)
        if name == "staff":
            return nodes.get(text) or text
        if name == "unassigned":
            return ""
        if name == "decision" or (name in ("kind", "department") and text == NONE):
            return self.say(f"analysis.{'decision' if name == 'decision' else 'none'}.{text if name == 'decision' else name}")
        return (items.get(text) or text) if name == "item" else self.name_of(text, groups[name]) if name in groups else text

    # one line a case -----------------------------------------------------------------------------------------------------

    def step_text(self, row: OversightCase) -> str:
        """What a case waits for where it lies."""
        return self.step_word(row["step"]) if row["step"] and row["step"] != "transit" else ""

    def split(self, row: OversightCase) -> list[tuple[str, int]]:
        """Whose time it was, in working days: by unit, and by kind where nobody is charged with it."""
        return self.split_of(row["segments"])

    def split_text(self, segments: Sequence[Segment]) -> str:
        return " ".join(f"{name} {days}" for name, days in self.split_of(segments))

    def split_of(self, segments: Sequence[Segment]) -> list[tuple[str, int]]:
        """The same of segments alone."""
        found: dict[str, int] = {}
        for one in segments:
            word = self.say("oversight.time." + one["kind"]) if one["kind"] in NOBODYS else one["name"]
            found[word] = found.get(word, 0) + one["workdays"]
        return [(word, days) for word, days in found.items() if days]

    def before(self, row: OversightCase) -> list[str]:
        """What was done about its time before."""
        said = [self.say("oversight.extended", n=row["extended"])] if row["extended"] else []
        if row["reminded"]:
            said.append(self.say("oversight.reminded_open" if row["unanswered"] else "oversight.reminded", n=row["reminded"]))
        for late in row["was_late"]:
            act = self.outcome(late["ended_by"], row["category"], "kind")
            said.append(self.say("oversight.was_late", due=late["due"], on=late["ended_on"], n=late["over_days"], act=act))
        return said

    def draw_text(self, draw: Drawn) -> str:
        """How files were drawn, so that anybody can draw them again."""
        month = self.say("oversight.month", year=draw["month"][:4], month=int(draw["month"][5:]))
        if draw["seed"] is None:
            return self.say("oversight.draw.none", month=month)
        return self.say(
            "oversight.draw", month=month, of=draw["of"], n=len(draw["cases"]), share=draw["share"],
            done=draw["of_decided"], rate=draw["share_decided"],
            epoch=draw["epoch"], seq=draw["seq"], seed=draw["seed"][:16],
        )  # fmt: skip

    def list_title(self, answer: OversightCases) -> str:
        """What a list is called: its view, or the measure that it is behind."""
        return self.say(f"oversight.view.{answer['view']}" if answer["view"] else f"city.measure.{answer['measure']}")

    def unit_state(self, row: UnitFigures) -> str:
        """Whether a unit and all below it are heard."""
        if row["revoked"]:
            return self.say("city.net.revoked")
        if not row["silent"]:
            return self.say("oversight.heard")
        if row["own"] or not row["below"]:
            return self.say("oversight.unheard", at=row["unknown_since"] or "")
        return self.say("oversight.unheard_below", n=row["silent"], at=row["unknown_since"] or "")

    def what_text(self, row: FoundFlaw) -> str:
        """A finding in words, and where in a chain it was found."""
        said, where = (row["zh"] if self.language == "zh" else row["en"]), where_words(row["detail"], self.language)
        return self.say("oversight.where", what=said, where=where) if where else said

    def rule_code(self, rule: str) -> str:
        """The code of a published rule; what has none is named by its words."""
        return rule if rule[:1].isupper() else ""

    def counted_text(self, answer: FoundFlaws | CardsPage) -> str:
        """How many there are; of a rule that is not in use that nothing is known."""
        known = answer["in_use"] or answer["total"]
        return self.say("oversight.findings_total", n=answer["total"]) if known else self.say("oversight.rule_off")

    def finding_state(self, row: FoundFlaw) -> str:
        """How far a finding is; a line of the watch list accuses nobody."""
        watched = row["monitor"] == "anomaly" and row["state"] == "suspected"
        said = self.say("oversight.finding." + ("listed" if watched else row["state"]))
        if row["confirm_by"] is None:
            return said
        key = "confirm_over" if row["confirm_over"] else "confirm_by"
        return self.say(f"oversight.{key}", state=said, day=self.when(row["confirm_by"]), n=row["confirm_over"])

    def people(self, rows: Sequence[OversightCase]) -> dict[str, str]:
        """Staff id -> name, of who has these cases."""
        return {row["holder"]["staff_id"] or "": row["holder"]["person"] or "" for row in rows}

    def found_by(self, given: Mapping[str, str], nodes: Mapping[str, str], items: Mapping[str, str]) -> list[str]:
        """What narrows a list of findings or of cards, in words."""
        return [
            self.say(f"oversight.by.{name}", word=self._found_word(name, text, nodes, items))
            for name, text in given.items()
            if name != "cursor"
        ]

    def _found_word(self, name: str, text: str, nodes: Mapping[str, str], items: Mapping[str, str]) -> str:
        if name in ("item", "kind", "department", "under"):
            return self._filter_word(name, text, nodes, items)
        said = [f"oversight.{one}.{text}" for one in GROUPS.get(name, ())]
        return next((self.say(key) for key in said if self.application.words.has(self.language, key)), nodes.get(text) or text)

    def out(self, name: str, kind: str) -> str:
        """The table of this page as a file or to print."""
        given = {
            key: text
            for key in dict.fromkeys((*CASES, *SIGNALS, *FINDINGS, "at", "open"))
            if key != "cursor" and (text := self.argument(key, 512))
        }
        if name == "cases" and not {"view", "measure"} & set(given):
            given["view"] = "open"
        return self.url(given, f"/oversight/{name}.{kind}")

    def page_of(self, address: str) -> str:
        """The page with the rows behind a figure."""
        return page_url(address)

    def url(self, given: Mapping[str, str], path: str = "/oversight") -> str:
        return path + ("?" + urllib.parse.urlencode(given) if given else "")


class DeskWords(SupervisionHandler):
    """How the rows are said that stand first."""

    unsure = UNSURE

    def sign_of(self, figure: str) -> tuple[str, str]:
        """The colour of what a row or a figure is about, and the sign that says the same."""
        return SIGNS.get(figure, ("warn", "▲"))

    def words_of(self, row: CardDocument | FoundFlaw) -> str:
        return row["zh"] if self.language == "zh" else row["en"]

    def why_text(self, row: Urgent) -> str:
        """What is urgent about a row, in one word."""
        return self.say(f"oversight.rung.{row['why']}") if row["card"] is not None else self.head_text(row["why"])

    def head_text(self, figure: str) -> str:
        return self.say(f"oversight.head.{figure}" if figure in ON_TOP else f"oversight.view.{figure}")

    def fact_text(self, row: Urgent) -> str:
        """The one fact of a suspicion: how soon it was decided, or the times that were written and that count."""
        found = row["finding"]
        if row["minutes"] is not None:
            return self.say("oversight.fact.minutes", n=row["minutes"])
        if found is not None and (said := found["witnessed"]) is not None and said["claimed"] and said["counted"]:
            return self.say("oversight.fact.times", claimed=self.when(said["claimed"]), counted=self.when(said["counted"]))
        return self.when(found["at"]) if found is not None else ""

    def is_going_on(self, row: OversightCase) -> bool:
        """Whether anybody can still be reminded of a case."""
        return row["step"] not in ("", "none")
