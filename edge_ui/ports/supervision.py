"""What the web side asks about the subtree: figures and the cases behind them (`center.oversight`), findings (`center.findings`),
the nodes and their lines (`center.network`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from edge_ui.ports.published import PublishedPort
from node.domain.cases.explain import Explanation
from node.domain.model import Actor
from node.domain.supervision.analysis_documents import Analysis
from node.domain.supervision.card_documents import CardsPage, CardTold, WarningLetter
from node.domain.supervision.documents import CaseTold, OversightCases, OversightList, Stats
from node.domain.supervision.draw import Examined
from node.domain.supervision.finding_documents import FoundFlaw, FoundFlaws, Judgement
from node.domain.supervision.judging import FindingJudged
from node.domain.supervision.network_documents import Branch, NetworkTree
from node.domain.supervision.rule_documents import WatchDocument, WatchPreview
from node.domain.supervision.share_documents import OfferedItems, Shares
from node.domain.supervision.unit_documents import (
    OversightDesk,
    OversightFront,
    OversightMonitor,
    OversightNodes,
    OversightUnits,
    UnitTold,
)


class OversightPort(Protocol):
    """`node.services.supervision.oversight.Oversight`."""

    def stats(self, actor: Actor, measure: str, by: str, from_: str | None, to: str | None) -> Stats:
        """Counts `measure` grouped `by`, days `from_` to `to` inclusive (YYYY-MM-DD, CST), each row with the address of its cases.

        Example: stats(person, "overdue", "node", None, None). Errors: `forbidden`, `invalid_input`."""
        ...

    def cases(self, given: Mapping[str, str], actor: Actor) -> OversightCases:
        """A page of the cases of a view or behind a figure.

        Example: cases({"view": "overdue", "holder": "420102000000"}, person). Errors: `forbidden`, `invalid_input`."""
        ...

    def listed(self, given: Mapping[str, str], actor: Actor) -> OversightList:
        """The same with how many cases each view holds. Errors: `forbidden`, `invalid_input`."""
        ...

    def desk(self, given: Mapping[str, str], actor: Actor) -> OversightDesk:
        """What is to be seen first: the few cases that matter and how many each view holds. Errors: `forbidden`, `invalid_input`."""
        ...

    def front(self, given: Mapping[str, str], actor: Actor) -> OversightFront:
        """The same with the table of units, `open` of them unfolded. Errors: `forbidden`, `invalid_input`."""
        ...

    def case(self, case_no: str, actor: Actor) -> CaseTold:
        """The way of one case by facts alone: acts, moments, whose time it was. Errors: `forbidden`, `not_found`."""
        ...

    def units(self, given: Mapping[str, str], actor: Actor) -> OversightUnits:
        """A unit (`at`, a division code) by itself and the units below it, each with all below it; `open`: those that are unfolded.

        Errors: `forbidden`, `invalid_input`."""
        ...

    def unit(self, given: Mapping[str, str], actor: Actor) -> UnitTold:
        """The same with line, people, cases, cards and months of the unit. Errors: `forbidden`, `invalid_input`."""
        ...

    def nodes(self, actor: Actor) -> OversightNodes:
        """Every node of the subtree with its figures and their lists. Errors: `forbidden`."""
        ...


class AnalysisPort(Protocol):
    """`node.services.supervision.analysis.Analysing`."""

    def of(self, given: Mapping[str, str], actor: Actor) -> Analysis:
        """A measure by one dimension or by two, with what was before; each figure with the address of its cases.

        Example: of({"measure": "workdays", "by": "item", "across": "month"}, person). Errors: `forbidden`, `invalid_input`."""
        ...


class SharesPort(Protocol):
    """`node.services.supervision.shares.Sharing`."""

    def of(self, given: Mapping[str, str], actor: Actor) -> Shares:
        """Shares of immediate items, by item and by case, of a unit (`at`) and the halls directly below it, from a day to a day.

        Example: of({"from": "2026-01-01"}, person). Errors: `forbidden`, `invalid_input`."""
        ...

    def items(self, given: Mapping[str, str], actor: Actor) -> OfferedItems:
        """A page of the items behind such a figure: `at` a center, a `part` of what it offers. Errors: `forbidden`, `invalid_input`."""
        ...


class ExaminingPort(Protocol):
    """`node.services.supervision.examining.Examining`."""

    def one(self, case_no: str, month: str, actor: Actor) -> Examined:
        """A case drawn by lot and what was found in it. Errors: `forbidden`, `not_found`, `invalid_input`."""
        ...

    def examine(self, case_no: str, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None) -> Examined:
        """Record what was found. Errors: `forbidden`, `not_found`, `invalid_input`, `guard_failed`, `idempotency_conflict`."""
        ...


class FindingsPort(Protocol):
    """`node.services.supervision.findings.Findings`."""

    def listed(self, given: Mapping[str, str], actor: Actor) -> FoundFlaws:
        """A page of findings, the newest first; node, monitor, rule and state narrow it. Errors: `forbidden`, `invalid_input`."""
        ...

    def one(self, id: str, actor: Actor) -> FoundFlaw:
        """A finding of a case. Errors: `forbidden`, `not_found`."""
        ...

    def judgement(self, id: str, actor: Actor) -> Judgement | None:
        """What a supervisor said of it last, None where nobody did. Errors: `forbidden`, `not_found`."""
        ...

    def confirm(
        self, id: str, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None
    ) -> FindingJudged:  # fmt: skip
        """Say of a finding that it is being checked, confirmed or dismissed, with the reason.

        Errors: `forbidden`, `not_found`, `invalid_input`, `guard_failed`, `idempotency_conflict`."""
        ...


class SavedViewsPort(Protocol):
    """`node.services.supervision.saved.SavedViews`."""

    def mine(self, actor: Actor, of: str = "") -> list[tuple[str, str]]:
        """(name, query) of the views that the person saved of lists, or `of` "analysis". Errors: `forbidden`."""
        ...

    def save(self, name: str, given: Mapping[str, str], actor: Actor, of: str = "") -> str:
        """Keep what narrows a list, or what an analysis asks, under a name, for the person alone; answers the query.

        Errors: `forbidden`, `invalid_input`."""
        ...

    def forget(self, name: str, actor: Actor) -> None:
        """Take a view away. Errors: `forbidden`."""
        ...


class MonitorsPort(Protocol):
    """`node.services.supervision.monitors.Monitors`."""

    def monitor(self, name: str, actor: Actor) -> OversightMonitor:
        """The published rules of a monitor (of `figures.MONITORS`), each with the cases and findings it is about now.

        Errors: `forbidden`, `not_found`."""
        ...


class ExplainingPort(Protocol):
    """`node.services.supervision.explaining.Explaining`."""

    def of_case(self, case_no: str, actor: Actor) -> Explanation:
        """The due day of a case with every day counted or skipped. Errors: `forbidden`, `not_found`."""
        ...

    def of_item(self, given: Mapping[str, str]) -> Explanation:
        """The same of an item (`item`) as if received (`received`) and accepted (`accepted`, may be left out) at ISO moments.

        Errors: `invalid_input`, `not_found`."""
        ...


class CardsPort(Protocol):
    """`node.services.supervision.cards.Cards`: reminders, warnings and cards."""

    def listed(self, given: Mapping[str, str], actor: Actor) -> CardsPage:
        """A page of signals, those that fell last first; rung, rule, node and case_no narrow it.

        Example: listed({"rung": "yellow"}, person). Errors: `forbidden`, `invalid_input`."""
        ...

    def one(self, id: str, actor: Actor) -> CardTold:
        """One signal with the time of its case. Errors: `forbidden`, `not_found`."""
        ...

    def letters(self, actor: Actor) -> list[WarningLetter]:
        """提示函: who of this node's people had three warnings or more on different cases this month. Errors: `forbidden`."""
        ...


class ProvingPort(Protocol):
    """`node.services.supervision.proving.Proving`: what proves a card to anybody."""

    def proof(self, card: str, actor: Actor) -> bytes:
        """The proof of a served card as a file (JSON). Errors: `forbidden`, `not_found` also of one that is not served."""
        ...


class WatchRulesPort(PublishedPort[WatchDocument, WatchPreview], Protocol):
    """`node.services.supervision.rules.WatchRules`: the rules of supervision."""


class NetworkPort(Protocol):
    """See `node.services.supervision.network.NetworkView`."""

    def tree(self, actor: Actor, at: str = "", q: str = "", show: str = "") -> NetworkTree:
        """The subtree from node `at` (a code; this node when empty); with `q` (code or name) or `show` a flat list instead.

        Of an unknown code the whole is shown. Errors: `forbidden`."""
        ...

    def branches(self, actor: Actor) -> list[Branch]:
        """How fresh this node's counts are, by branch: itself and each direct child. Errors: `forbidden`."""
        ...

    def names(self, actor: Actor, by: str) -> dict[str, str]:
        """Code to name, of items (`by` is item) or of every node known here (node). Errors: `forbidden`."""
        ...
