"""What the pages of a hall ask of a node: the workbench and the files of a case."""

from __future__ import annotations

from typing import Protocol

from node.domain.cases.documents import CasesFound, Desk
from node.domain.model import Actor


class WorkPort(Protocol):
    """`node.services.cases.workbench.Workbench`."""

    def desk(self, actor: Actor, part: str = "", cursor: str | None = None, limit: int = 30) -> Desk: ...
    def search(self, actor: Actor, words: str) -> CasesFound: ...
