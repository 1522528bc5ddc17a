"""What the web side asks about cases: acting on one and reading it (`center.cases`), the workbench of a hall (`center.work`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from node.domain.cases.desk_documents import CasesFound, Desk, ReceivedRow
from node.domain.cases.documents import CaseDocument, CasePageOf, Requested
from node.domain.cases.messages import MessageList, MessageSent, Partner
from node.domain.model import Actor


class Acted(Protocol):
    """The outcome of an action: 200 with the case, or 202 with the request that was sent to the custodian."""

    @property
    def status(self) -> int: ...
    @property
    def document(self) -> CaseDocument | Requested: ...


class CasesPort(Protocol):
    """`node.services.cases.handling.Handling`."""

    def act(
        self,
        case_no: str,
        action: str,
        fields: Mapping[str, object],
        actor: Actor,
        *,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Acted:
        """Do an action of the lifecycle, or leave the request for it with the case when another node holds it (`Acted.status` 202).

        Example: act(no, "accept", {}, person, expected_version=3). The same `idempotency_key` again gives the same answer.
        Errors: `forbidden`, `not_found`, `illegal_action`, `guard_failed`, `invalid_input`, `version_conflict`, `idempotency_conflict`,
        `not_custodian`, `in_transit`, `frozen`, `frozen_at_root`, `contents_missing`, `needs_upgrade`, `quarantined`, `clock_wrong`, `revoked`."""
        ...

    def case(self, case_no: str, actor: Actor) -> CaseDocument:
        """The case with its timeline, files, requests and the actions offered to the person; the first reader at its holder opens it.

        Errors: `forbidden`, `not_found`."""
        ...

    def listed(
        self,
        actor: Actor,
        *,
        status: str | None = None,
        item: str | None = None,
        q: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> CasePageOf:
        """A page of the cases known here, the newest first. `q` is the beginning of a case number or name, or a whole ID number.

        Example: the page after one is listed(person, cursor=page["next"]), while that is not None.
        Errors: `forbidden`, `invalid_input` for an unknown cursor."""
        ...

    def request(self, id: str, actor: Actor) -> Requested:
        """What became of a request that was made here or is known here. `id` is that of the answer 202. Errors: `forbidden`, `not_found`."""
        ...


class MessagesPort(Protocol):
    """`node.services.cases.messages.Messages`."""

    def write(self, case_no: str, to: object, text: object, actor: Actor, *, idempotency_key: str | None = None) -> MessageSent:
        """Send a message about a case. `to` is `["all"]`, everybody the case concerns, or division codes.

        Example: write(no, ["all"], "请补门牌照片", person).
        Errors: `forbidden`, `not_found`, `invalid_input`, `guard_failed`, `idempotency_conflict`."""
        ...

    def listing(self, case_no: str, actor: Actor, cursor: str | None = None, limit: int = 50) -> MessageList:
        """The messages about a case that this node wrote or was sent, the newest first.

        Errors: `forbidden`, `not_found` where neither the case nor a message about it is known, `invalid_input` for an unknown cursor."""
        ...

    def arrived(self, actor: Actor, cursor: str | None = None, limit: int = 50) -> MessageList:
        """All messages that this node was sent, the newest first. Errors: `forbidden`, `invalid_input` for an unknown cursor."""
        ...

    def partners(self, case_no: str, actor: Actor) -> list[Partner]:
        """The offices that the case concerns, and those that wrote to us about it, without us. Errors: `forbidden`, `not_found`."""
        ...

    def knows(self, case_no: str, actor: Actor) -> bool:
        """Whether the case itself is known here, not only messages about it. Errors: `forbidden`."""
        ...


class ReceivingPort(Protocol):
    """`node.services.cases.receiving.Receiving`."""

    def receive(self, case_nos: list[str], actor: Actor) -> list[ReceivedRow]:
        """Receive many cases that arrived; one that cannot be does not stop the others, and twice is once.

        Errors: `forbidden`."""
        ...


class WorkPort(Protocol):
    """`node.services.cases.workbench.Workbench`."""

    def desk(self, actor: Actor, part: str = "", cursor: str | None = None, limit: int = 30) -> Desk:
        """A part of the work list, the most urgent first, with how many each part holds.

        Example: desk(person) is the person's own cases, or those of nobody when there are none.
        Errors: `forbidden`, `invalid_input` for an unknown part or cursor."""
        ...

    def search(self, actor: Actor, words: str) -> CasesFound:
        """Cases by number or name (exact or by the beginning) or ID number. Errors: `forbidden`."""
        ...
