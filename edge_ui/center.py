"""What the web side asks of a node: the facade `node.services.center.Center`, as a Protocol.

Every method is synchronous and thread-safe, returns JSON-ready values and refuses by raising `TongbanError`; the web side
calls them in a thread pool. Documents are those of the HTTP interface; times in them are ISO 8601 texts or integer
milliseconds since 1970, and the pages show either.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias, runtime_checkable

from edge_ui.ports.agent import AgentPort, DraftsPort
from edge_ui.ports.days import DaysPort
from edge_ui.ports.editor import EditorPort
from edge_ui.ports.guide import GuidePort
from edge_ui.ports.network import NetworkPort
from edge_ui.ports.papers import PapersPort
from edge_ui.ports.people import AdministrationPort, PeoplePort
from edge_ui.ports.work import WorkPort
from node.domain.cases.documents import (
    CaseDocument,
    CasePageOf,
    FileAsked,
    FileInfo,
    FileTaken,
    PieceStored,
    Requested,
    UploadOffset,
)
from node.domain.model import Actor, Place
from node.domain.upkeep.documents import Health, NodeStatus, Pulse, Trying

Document: TypeAlias = dict[str, Any]


class Clock(Protocol):
    def now(self) -> int:
        """Milliseconds since 1970, UTC."""
        ...


class Filed(Protocol):
    """The outcome of a filing; `created` is False when the application number was filed before."""

    @property
    def case_no(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def query_code(self) -> str: ...
    @property
    def created(self) -> bool: ...
    @property
    def warnings(self) -> Any: ...


class Acted(Protocol):
    """The outcome of an action: 200 with the case, or 202 with the request that was sent to the custodian."""

    @property
    def status(self) -> int: ...
    @property
    def document(self) -> CaseDocument | Requested: ...


class Enrolment(Protocol):
    def redeem(self, request: bytes) -> bytes:
        """The sealed answer to a sealed join request (octets both ways)."""
        ...


@runtime_checkable
class CenterPort(Protocol):
    """The part of the facade that the web side uses."""

    @property
    def place(self) -> Place: ...
    @property
    def name(self) -> str: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def test_clock(self) -> bool: ...
    @property
    def drafts(self) -> DraftsPort: ...
    @property
    def agent(self) -> AgentPort: ...
    @property
    def work(self) -> WorkPort: ...
    @property
    def papers(self) -> PapersPort: ...
    @property
    def guide(self) -> GuidePort: ...
    @property
    def editor(self) -> EditorPort: ...
    @property
    def days(self) -> DaysPort: ...
    @property
    def network(self) -> NetworkPort: ...
    @property
    def enrolment(self) -> Enrolment: ...
    @property
    def people(self) -> PeoplePort: ...
    @property
    def administration(self) -> AdministrationPort: ...

    def authenticate_token(self, token: str, client: str = "") -> Actor:
        """Errors: `unauthenticated`, `token_over`."""
        ...

    def token_source(self, token: str) -> str:
        """Of which source alone the token files; "" for any. Errors: `unauthenticated`."""
        ...

    def file_case(
        self, document: object, actor: Actor, *, source: str = "default", draft: bool = False, idempotency_key: str | None = None
    ) -> Filed: ...
    def act(
        self,
        case_no: str,
        action: str,
        fields: Mapping[str, object],
        actor: Actor,
        *,
        expected_version: int | None = None,
        idempotency_key: str | None = None,
    ) -> Acted: ...
    def case(self, case_no: str, actor: Actor) -> CaseDocument:
        """Errors: `forbidden`, `not_found`."""
        ...

    def cases(
        self,
        actor: Actor,
        *,
        status: str | None = None,
        item: str | None = None,
        q: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> CasePageOf: ...
    def request(self, id: str, actor: Actor) -> Requested:
        """Errors: `forbidden`, `not_found`."""
        ...

    def material_offset(self, case_no: str, material: str, actor: Actor) -> UploadOffset:
        """Errors: `forbidden`, `not_found`."""
        ...

    def material_kinds(self, case_no: str, actor: Actor) -> dict[str, str]:
        """Errors: `forbidden`, `not_found`."""
        ...

    def read_material(
        self, case_no: str, material: str, offset: int, length: int, actor: Actor, version: int | None = None
    ) -> tuple[bytes, FileInfo]: ...
    def may_send_material(self, case_no: str, material: str, actor: Actor) -> None: ...
    def material_taken_over(self, case_no: str, material: str, actor: Actor) -> None:
        """The person's former upload to the material was stopped. Errors: `forbidden`, `not_found`."""
        ...

    def put_material(
        self, case_no: str, material: str, actor: Actor, offset: int, data: bytes, total: int, file_name: str, mime: str
    ) -> PieceStored | FileAsked | FileTaken: ...

    def public_case(self, case_no: str, code: str, client: str) -> Document:
        """Errors: `not_found`, also for a wrong code."""
        ...

    def public_items(self, q: str) -> Document: ...
    def items(self, actor: Actor | None) -> list[Document]: ...
    def item(self, item_id: str) -> Document:
        """Errors: `not_found`."""
        ...

    def stats(self, measure: str, by: str, from_: str | None, to: str | None) -> Document:
        """Errors: `invalid_input`."""
        ...

    def oversight_cases(self, given: Mapping[str, str], actor: Actor, figures: bool = False) -> Document:
        """Errors: `forbidden`, `invalid_input`."""
        ...

    def oversight_findings(self, given: Mapping[str, str], actor: Actor) -> Document: ...
    def oversight_nodes(self, actor: Actor) -> Document:
        """Errors: `forbidden`."""
        ...

    def status(self) -> NodeStatus: ...
    def pulse(self) -> Pulse: ...
    def metrics(self) -> bytes: ...
    def health(self) -> Health: ...
    def retry_link(self, peer_code: str) -> Trying: ...
