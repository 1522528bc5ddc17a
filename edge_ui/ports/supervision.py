"""What the web side asks about the subtree: figures and the cases behind them (`center.oversight`), findings (`center.findings`),
the nodes and their lines (`center.network`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from node.domain.cases.explain import Explanation
from node.domain.model import Actor
from node.domain.supervision.documents import (
    Branch,
    FoundFlaws,
    NetworkTree,
    OversightCases,
    OversightList,
    OversightNodes,
    Stats,
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

    def nodes(self, actor: Actor) -> OversightNodes:
        """Every node of the subtree with its figures and their lists. Errors: `forbidden`."""
        ...


class FindingsPort(Protocol):
    """`node.services.supervision.findings.Findings`."""

    def listed(self, given: Mapping[str, str], actor: Actor) -> FoundFlaws:
        """A page of findings, the newest first; node, monitor, rule and state narrow it. Errors: `forbidden`, `invalid_input`."""
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
