"""What the web side asks of a node: `node.services.center.Center` as a namespace of ports, one Protocol per service (`ports/`).

Every method of a port is synchronous and thread-safe, answers a document and refuses by raising `TongbanError`; the web side calls
them in a thread pool. Who may is asked by the service itself, so there is no way round it. A method's docstring names its errors;
whatever writes may also meet the disk: `disk_full`, `read_only`, `storage_busy`, `storage_failed`. Times in documents are ISO 8601
texts or integer milliseconds since 1970.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from edge_ui.ports.authority import AuthorityPort
from edge_ui.ports.cases import CasesPort, WorkPort
from edge_ui.ports.catalog import CatalogPort, EditorPort
from edge_ui.ports.days import DaysPort
from edge_ui.ports.filing import AgentPort, DraftsPort, IntakePort, MaterialsPort
from edge_ui.ports.papers import PapersPort
from edge_ui.ports.people import PeoplePort, ReadingsPort, TokensPort
from edge_ui.ports.public import PublicPort
from edge_ui.ports.supervision import ExplainingPort, FindingsPort, NetworkPort, OversightPort
from edge_ui.ports.tree import TreePort
from edge_ui.ports.upkeep import AdministrationPort, UpkeepPort
from node.domain.model import Place


class Clock(Protocol):
    def now(self) -> int:
        """Milliseconds since 1970, UTC. Errors: none."""
        ...


@runtime_checkable
class CenterPort(Protocol):
    """Which node this is, and its ports."""

    @property
    def place(self) -> Place: ...
    @property
    def name(self) -> str: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def test_clock(self) -> bool: ...

    @property
    def cases(self) -> CasesPort: ...
    @property
    def work(self) -> WorkPort: ...
    @property
    def intake(self) -> IntakePort: ...
    @property
    def materials(self) -> MaterialsPort: ...
    @property
    def drafts(self) -> DraftsPort: ...
    @property
    def agent(self) -> AgentPort: ...
    @property
    def catalog(self) -> CatalogPort: ...
    @property
    def editor(self) -> EditorPort: ...
    @property
    def days(self) -> DaysPort: ...

    @property
    def authority(self) -> AuthorityPort: ...
    @property
    def papers(self) -> PapersPort: ...
    @property
    def readings(self) -> ReadingsPort: ...
    @property
    def people(self) -> PeoplePort: ...
    @property
    def tokens(self) -> TokensPort: ...
    @property
    def oversight(self) -> OversightPort: ...
    @property
    def findings(self) -> FindingsPort: ...
    @property
    def explaining(self) -> ExplainingPort: ...
    @property
    def network(self) -> NetworkPort: ...
    @property
    def upkeep(self) -> UpkeepPort: ...
    @property
    def administration(self) -> AdministrationPort: ...
    @property
    def tree(self) -> TreePort: ...
    @property
    def public(self) -> PublicPort: ...
