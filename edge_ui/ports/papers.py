"""What the pages of papers ask of a node."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from node.domain.model import Actor
from node.domain.papers.documents import Issued, PaperDocument, PaperListed, Verification


class PapersPort(Protocol):
    """`node.services.papers.papers.Papers`."""

    def listing(self, case_no: str, actor: Actor) -> list[PaperListed]:
        """Every paper of the case: issued, possible, or why there is none. Errors: `forbidden`, `not_found`."""
        ...

    def show(self, case_no: str, paper: str, actor: Actor) -> PaperDocument:
        """The issued paper, or what it would say; writes nothing. Errors: `forbidden`, `not_found`, `no_such_paper`, `not_yet_available`."""
        ...

    def issue(self, case_no: str, paper: str, actor: Actor, *, idempotency_key: str | None = None) -> Issued:
        """The paper with its number, frozen from now on. Only for who may do the act it rests on, at the node that did it.

        Errors: `forbidden`, `not_found`, `no_such_paper` with the reason, `not_yet_available`, `guard_failed` while the case is in doubt,
        `frozen`, `frozen_at_root`, `idempotency_conflict`, `clock_wrong`, `revoked`."""
        ...

    def verify(self, text: str) -> Verification:
        """What the code of a paper (typed, or the text of its QR) is worth here; public. Errors: `invalid_input` for no code."""
        ...


class PaperChangesPort(Protocol):
    """`node.services.papers.changing.PaperChanges`."""

    def correct(
        self, case_no: str, paper: str, fields: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None
    ) -> Issued:
        """Issue a notice that corrects a paper: what was wrong in it, and what is right.

        Errors: `forbidden`, `not_found`, `no_such_paper` with the reason, `invalid_input`, `guard_failed`, `frozen`, `frozen_at_root`,
        `idempotency_conflict`, `clock_wrong`, `revoked`."""
        ...

    def revoke(
        self, case_no: str, paper: str, fields: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None
    ) -> Issued:
        """Issue a decision that revokes one: the ground of the law, the reason, the instrument it rests on.

        Errors: `forbidden`, `not_found`, `no_such_paper` with the reason, `invalid_input`, `guard_failed`, `frozen`, `frozen_at_root`,
        `idempotency_conflict`, `clock_wrong`, `revoked`."""
        ...
