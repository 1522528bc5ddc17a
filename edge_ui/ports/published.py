"""What the web side asks about a document that is published as a file (the authority record, the rules): one port for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from node.domain.model import Actor

Found_co = TypeVar("Found_co", covariant=True)
Seen_co = TypeVar("Seen_co", covariant=True)


class PublishedPort(Protocol[Found_co, Seen_co]):
    """The document as one node reads and publishes it; `Seen` is what a file would change."""

    def document(self, actor: Actor) -> Found_co:
        """What is in force. Errors: `forbidden`."""
        ...

    def file(self, actor: Actor) -> bytes:
        """What is in force, as a file that `publish` takes. Errors: `forbidden`."""
        ...

    def put(self, name: str, data: bytes, actor: Actor) -> str:
        """Keep a file between looking and publishing; its key. Errors: `forbidden`, `wrong_tier`, `invalid_input` (file)."""
        ...

    def kept(self, key: str) -> tuple[str, bytes]:
        """Name and content of a kept file. Errors: `not_found`."""
        ...

    def preview(self, data: bytes, actor: Actor) -> Seen_co:
        """What a file would change. Errors: `forbidden`."""
        ...

    def publish(self, data: bytes, actor: Actor, *, replace: bool = False) -> Mapping[str, int | list[int]]:
        """The file as the next revision. Errors: `forbidden`, `wrong_tier`, `import_failed`, `takes_away`."""
        ...
