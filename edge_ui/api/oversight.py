"""Statistics and oversight over the subtree, by facts only (promise 5): no applicant's data in any answer."""

from __future__ import annotations

from edge_ui.api.base import ApiHandler
from edge_ui.api.operations import (
    CURSOR,
    GROUPS,
    KINDS,
    LIMIT,
    MEASURES,
    MONITORS,
    STATES,
    STATUSES,
    STEPS,
    TIERS,
    VIEWS,
    Answer,
    Operation,
    Param,
)
from node.domain.cases.access import Function
from node.domain.supervision.analysis import NONE
from node.domain.supervision.appeals import CARD_STATES
from node.domain.supervision.monitors import FOUND_UNDER, OF_CASES
from node.domain.supervision.orders import ORDER_RULE
from node.domain.supervision.rulebook import RULES, RUNGS
from node.domain.words.errors import TongbanError

LATER = ("scores", "acceptance")
FIRST, LAST = Param("from", "First day, CST.", kind="date"), Param("to", "Last day, CST.", kind="date")

OF_ITEMS = (
    Param("item", "Item code."),
    Param("department", "The department that the item belongs to, by name (`none`: of none)."),
    Param("kind", "Kind of item (`none`: of an item that is not known here).", choices=(*KINDS, NONE)),
)


class StatsHandler(ApiHandler):
    """Counts over the subtree."""

    operations = {
        "GET": Operation(
            "Counts over the subtree, each row with the address of exactly the cases behind it",
            {200: Answer("Rows, and until when each node is known.", "Stats")},
            function=Function.STATS,
            query=(
                Param("measure", "What is counted (cases). `overdue_open`: undecided and past due.", choices=MEASURES),
                Param(
                    "by",
                    "How it is grouped (status). `node`, `tier`: the holder for `overdue`, the deciding node for what was decided or"
                    " concluded (of what was `late` the unit that answers for it), the filing node for `cases` and `filed`. `filed_at`: the"
                    " place of filing.",
                    choices=GROUPS,
                ),
                FIRST,
                LAST,
            ),
        )
    }

    async def on_get(self) -> None:
        start, end = self.args.get("from"), self.args.get("to")
        if start and end and start > end:
            raise TongbanError("invalid_input", {"to": "before_from"})
        measure, by = self.args.get("measure", "cases"), self.args.get("by", "status")
        self.send_json(await self.call(self.center.oversight.stats, self.actor, measure, by, start, end))


class OversightCasesHandler(ApiHandler):
    """The cases of a view, or behind a figure of `/stats`, the ones due first at the top."""

    operations = {
        "GET": Operation(
            "Cases of the subtree for whoever supervises it",
            {200: Answer("A page of cases; `total` counts them all.", "OversightCases")},
            function=Function.OVERSIGHT,
            query=(
                Param("view", "What is looked at (open).", choices=VIEWS),
                Param("measure", "Instead of a view: the cases that this measure counts.", choices=MEASURES, not_with="view"),
                Param("holder", "Division code of the node that answers for them (`unknown`: a node no longer in the tree)."),
                Param("unit", "The unit that answers for them; without an organisation the code of its node."),
                Param("under", "Division code of a unit: it and all below it answer for them."),
                Param("filed_at", "Division code of the place of filing."),
                Param("tier", "Tier of the node that answers for them.", choices=TIERS),
                *OF_ITEMS,
                Param("decision", "How they were decided.", choices=("approved", "refused")),
                Param("unassigned", "Only open cases that are given to nobody and not on their way.", choices=("1",)),
                Param("staff", "Staff id of whose cases they are, at this node or one directly below it."),
                Param("step", "What they wait for where they lie (`transit` on the way, `none` when it is over).", choices=STEPS),
                Param("over", "At least so many working days past due.", kind="integer", most=999),
                Param(
                    "rule",
                    "A rule of supervision that cases show: of time by its clock, a watch line by the end.",
                    choices=OF_CASES,
                ),
                Param("month", "Of the view `drawn`: which month (YYYY-MM) was drawn of; the last that is over.", most=7),
                Param(
                    "status",
                    "Status; `checking` for what is in doubt, whatever its entries say.",
                    choices=(*STATUSES, "checking"),
                ),
                FIRST,
                LAST,
                CURSOR,
                LIMIT,
            ),
        )
    }

    async def on_get(self) -> None:
        self.send_json(await self.call(self.center.oversight.cases, self.args, self.actor))


class OversightNodesHandler(ApiHandler):
    """The nodes of the subtree: what is known of each, and its figures with their lists."""

    operations = {
        "GET": Operation(
            "Nodes of the subtree for whoever supervises it",
            {200: Answer("Every node with its figures.", "OversightNodes")},
            function=Function.OVERSIGHT,
        )
    }

    async def on_get(self) -> None:
        self.send_json(await self.call(self.center.oversight.nodes, self.actor))


class OversightCaseHandler(ApiHandler):
    """One case as a supervisor reads it."""

    operations = {
        "GET": Operation(
            "The way of a case by facts alone: acts, moments, whose time it was, nothing of the applicant",
            {200: Answer("The case.", "CaseTold")},
            function=Function.OVERSIGHT,
            errors=("not_found",),
        )
    }

    async def on_get(self, no: str) -> None:
        self.send_json(await self.call(self.center.oversight.case, no, self.actor))


class OversightUnitsHandler(ApiHandler):
    """A unit by itself and the units directly below it, each with all below it."""

    operations = {
        "GET": Operation(
            "Units of the subtree level by level, with the posts of one",
            {200: Answer("A unit and those below it, with their figures.", "OversightUnits")},
            function=Function.OVERSIGHT,
            query=(
                Param("at", "Division code of the unit; this node when it is left out."),
                Param("open", "Division codes, with commas between: units whose own rows follow theirs.", most=700),
            ),
        )
    }

    async def on_get(self) -> None:
        self.send_json(await self.call(self.center.oversight.units, self.args, self.actor))


class OversightDeskHandler(ApiHandler):
    """What a supervisor sees first."""

    operations = {
        "GET": Operation(
            "The few cases, cards and suspicions that matter, the worst first, and how many cases each view holds",
            {200: Answer("At most seven rows, the figures of the first row and those of the views.", "OversightDesk")},
            function=Function.OVERSIGHT,
        )
    }

    async def on_get(self) -> None:
        self.send_json(await self.call(self.center.oversight.desk, self.args, self.actor))


class OversightFindingsHandler(ApiHandler):
    """What was found about the nodes of the subtree: by the audit of legality in their cases, and in their chains."""

    operations = {
        "GET": Operation(
            "Findings, newest first; the watch list (anomaly) only where its monitor or rule is asked for",
            {200: Answer("A page of findings; `total` counts them all.", "Findings")},
            function=Function.OVERSIGHT,
            query=(
                Param("node", "Division code of the node charged."),
                Param("under", "Division code of a unit: it and all below it are charged."),
                Param("monitor", "The monitor that the rule belongs to.", choices=MONITORS),
                Param(
                    "rule", "Rule; of what belongs to none the code of the flag or of the flaw of a chain.", choices=FOUND_UNDER
                ),
                Param(
                    "state", "`suspected` as long as nobody looked at it; what a signature proves is `confirmed`.", choices=STATES
                ),
                Param(
                    "data_error",
                    "Only what is more likely typed wrong than done wrong, or all but that.",
                    choices=("true", "false"),
                ),
                *OF_ITEMS,
                CURSOR,
                LIMIT,
            ),
        )
    }

    async def on_get(self) -> None:
        self.send_json(await self.call(self.center.findings.listed, self.args, self.actor))


class CardsHandler(ApiHandler):
    """Reminders, warnings and cards of the subtree."""

    operations = {
        "GET": Operation(
            "Signals, those that fell last first",
            {200: Answer("A page of signals; `total` counts them all.", "Cards")},
            function=Function.OVERSIGHT,
            query=(
                Param("rung", "Which rung.", choices=tuple(RUNGS)),
                Param("rule", "Rule; `order`: an order that was not answered in time.", choices=(*RULES, ORDER_RULE)),
                Param("state", "What became of it.", choices=CARD_STATES),
                Param("node", "Division code of the node that answers."),
                Param("under", "Division code of a unit: it or one below it answers."),
                *OF_ITEMS,
                Param("case_no", "Of one case."),
                CURSOR,
                LIMIT,
            ),
        )
    }

    async def on_get(self) -> None:
        self.send_json(await self.call(self.center.cards.listed, self.args, self.actor))


class CardHandler(ApiHandler):
    """One signal."""

    operations = {
        "GET": Operation(
            "A signal with the time of its case",
            {200: Answer("The signal.", "Card")},
            function=Function.OVERSIGHT,
            errors=("not_found",),
        )
    }

    async def on_get(self, id: str) -> None:
        self.send_json(await self.call(self.center.cards.one, id, self.actor))


class OversightMonitorHandler(ApiHandler):
    """The rules of a monitor at work."""

    operations = {
        "GET": Operation(
            "The published rules of a monitor, each with the cases and findings it is about now",
            {200: Answer("The rules; one that is not in use counts nothing.", "OversightMonitor")},
            function=Function.OVERSIGHT,
            errors=("not_found",),
        )
    }

    async def on_get(self, monitor: str) -> None:
        self.send_json(await self.call(self.center.monitors.monitor, monitor, self.actor))


ITEM = (
    Param("item", "Item code."),
    Param("received", "When it is received, ISO date or moment (CST where no zone is named)."),
    Param("accepted", "When it is accepted; without it the answer to the receipt is explained."),
)


class ExplainHandler(ApiHandler):
    """How a due day comes about, by the rules that decide."""

    operations = {
        "GET": Operation(
            "The due day of a case, or of an item as if received and accepted then, with every day counted or skipped",
            {200: Answer("The deadline and its days.", "Explanation")},
            function=Function.OVERSIGHT,
            query=(Param("case_no", "A case, instead of an item."), *ITEM),
            errors=("not_found", "invalid_input"),
        )
    }

    async def on_get(self) -> None:
        if number := self.args.get("case_no"):
            self.send_json(await self.call(self.center.explaining.of_case, number, self.actor))
            return
        self.send_json(await self.call(self.center.explaining.of_item, self.args))


class LaterHandler(ApiHandler):
    """What else supervision will be reached by: not built yet."""

    operations = {
        "GET": Operation(
            "Not yet available",
            {200: Answer("Nothing yet.", "Anything")},
            function=Function.OVERSIGHT,
            errors=("not_yet_available",),
        )
    }

    async def on_get(self) -> None:
        raise TongbanError("not_yet_available")
