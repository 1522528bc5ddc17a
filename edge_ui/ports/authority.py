"""What the web side asks about the authority record (`center.authority`): see `node.services.catalog.authority.AuthorityService`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from node.domain.catalog.authority_documents import AuthorityDocument, Preview
from node.domain.model import Actor


class AuthorityPort(Protocol):
    """The record as one node reads and publishes it."""

    def document(self, actor: Actor) -> AuthorityDocument:
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

    def preview(self, data: bytes, actor: Actor) -> Preview:
        """Errors: `forbidden`."""
        ...

    def publish(self, data: bytes, actor: Actor, *, replace: bool = False) -> Mapping[str, int | list[int]]:
        """Errors: `forbidden`, `wrong_tier`, `import_failed`, `takes_away`."""
        ...
