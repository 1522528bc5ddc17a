"""What the pages of papers ask of a node."""

from __future__ import annotations

from typing import Any, Protocol

from node.domain.model import Actor


class PapersPort(Protocol):
    """`node.services.papers.Papers`."""

    def listing(self, case_no: str, actor: Actor) -> list[dict[str, Any]]: ...
    def show(self, case_no: str, paper: str, actor: Actor) -> dict[str, Any]: ...
    def issue(self, case_no: str, paper: str, actor: Actor) -> dict[str, Any]: ...
    def verify(self, text: str) -> dict[str, Any]: ...
