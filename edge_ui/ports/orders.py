"""What the web side asks about orders of supervision (督办单, `center.orders`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from node.domain.model import Actor
from node.domain.papers.documents import PaperDocument
from node.domain.supervision.order_documents import OrderDocument, OrderList, OrderMade
from node.domain.supervision.prompts import PromptDocument, PromptList, PromptsSent


class OrdersPort(Protocol):
    """`node.services.supervision.orders.Orders`."""

    def listed(self, given: Mapping[str, str], actor: Actor) -> OrderList:
        """A page of orders, the newest first; `box` (sent, received, below), `state`, `unit` and `case_no` narrow it.

        Example: listed({"box": "received"}, person). Errors: `forbidden`, `invalid_input`."""
        ...

    def one(self, id: str, actor: Actor) -> OrderDocument:
        """An order with its acts, and what this person may do. Errors: `forbidden`, `not_found`."""
        ...

    def paper(self, id: str, actor: Actor) -> PaperDocument:
        """The order as paper, with what was written on it so far. Errors: `forbidden`, `not_found`, `no_such_paper`."""
        ...

    def attachment(self, id: str, version: int, n: int, actor: Actor) -> tuple[str, bytes]:
        """(name, bytes) of a file beside the reply to a version. Errors: `forbidden`, `not_found`."""
        ...

    def waiting(self) -> int:
        """How many wait for this node, to be received or answered. Errors: none."""
        ...

    def draft(self, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None) -> OrderMade:
        """Draft an order to this node's own hall or a node below.

        Errors: `forbidden`, `invalid_input`, `not_found`, `guard_failed`, `idempotency_conflict`."""
        ...

    def act(
        self, id: str, action: str, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None
    ) -> OrderDocument:  # fmt: skip
        """sign, receive, reply, close, return or circulate.

        Errors: `forbidden`, `not_found`, `invalid_input`, `guard_failed`, `idempotency_conflict`."""
        ...


class PromptsPort(Protocol):
    """`node.services.supervision.prompts.Prompts`."""

    def listed(self, given: Mapping[str, str], actor: Actor) -> PromptList:
        """A page, the newest first; `box`, `what`, `case_no` and `answered` (yes, no) narrow it.

        Example: listed({"box": "sent", "answered": "no"}, person). Errors: `forbidden`, `invalid_input`."""
        ...

    def waiting(self) -> int:
        """How many wait for this node's answer. Errors: none."""
        ...

    def send(self, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None) -> PromptsSent:
        """Reminders of many cases, or what a volunteer found; what became of each.

        Errors: `forbidden`, `invalid_input`, `idempotency_conflict`."""
        ...

    def answer(self, id: str, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None) -> PromptDocument:
        """What the unit says to it (`text`), once. Errors: `forbidden`, `not_found`, `invalid_input`, `guard_failed`, `idempotency_conflict`."""
        ...
