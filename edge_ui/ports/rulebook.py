"""What the web side asks about the published rules (`center.rulebook`): see `node.services.catalog.rulebook.RulebookService`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from node.domain.catalog.rule_documents import RulebookDocument, RulePreview
from node.domain.model import Actor


class RulebookPort(Protocol):
    """The rules as one node reads and publishes them."""

    def document(self, actor: Actor) -> RulebookDocument:
        """Errors: `forbidden`."""
        ...

    def file(self, actor: Actor) -> bytes:
        """Errors: `forbidden`."""
        ...

    def put(self, name: str, data: bytes, actor: Actor) -> str:
        """Errors: `forbidden`, `wrong_tier`, `invalid_input` (file)."""
        ...

    def kept(self, key: str) -> tuple[str, bytes]:
        """Errors: `not_found`."""
        ...

    def preview(self, data: bytes, actor: Actor) -> RulePreview:
        """Errors: `forbidden`."""
        ...

    def publish(self, data: bytes, actor: Actor, *, replace: bool = False) -> Mapping[str, int | list[int]]:
        """Errors: `forbidden`, `wrong_tier`, `import_failed`, `takes_away`."""
        ...
