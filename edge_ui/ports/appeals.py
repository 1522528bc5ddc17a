"""What the web side asks about appeals against cards (申诉, `center.appeals`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from node.domain.model import Actor
from node.domain.supervision.appeal_documents import AppealDocument, AppealList, AppealMade, OpenCards


class AppealsPort(Protocol):
    """`node.services.supervision.appeals.Appeals`."""

    def listed(self, given: Mapping[str, str], actor: Actor) -> AppealList:
        """A page, the newest first; `box` (sent, received, below), `state` and `case_no` narrow it.

        Example: listed({"box": "received"}, person). Errors: `forbidden`, `invalid_input`."""
        ...

    def one(self, id: str, actor: Actor) -> AppealDocument:
        """An appeal with its acts, and what this person may do. Errors: `forbidden`, `not_found`."""
        ...

    def evidence(self, id: str, n: int, actor: Actor) -> tuple[str, bytes]:
        """(name, bytes) of a file beside it. Errors: `forbidden`, `not_found`."""
        ...

    def waiting(self) -> int:
        """How many wait for this node, to be decided or reviewed. Errors: none."""
        ...

    def open_cards(self, actor: Actor, cursor: str = "", only: str = "") -> OpenCards:
        """The cards of this unit against which it may still appeal, the most urgent first. Errors: `forbidden`."""
        ...

    def file(self, card: str, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None) -> AppealMade:
        """Appeal against a card of this unit.

        Errors: `forbidden`, `not_found`, `invalid_input`, `guard_failed`, `idempotency_conflict`."""
        ...

    def act(
        self, id: str, action: str, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None
    ) -> AppealDocument:  # fmt: skip
        """decide, apply (for the review) or review.

        Errors: `forbidden`, `not_found`, `invalid_input`, `guard_failed`, `idempotency_conflict`."""
        ...
