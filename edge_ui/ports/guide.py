"""What the resident's pages ask of a node: the service guide."""

from __future__ import annotations

from typing import Any, Protocol


class GuidePort(Protocol):
    """`node.services.public.guide.GuideService`."""

    def about(self) -> dict[str, Any]: ...
    def page(self, q: str, page: int = 1) -> dict[str, Any]: ...
    def item(self, item_id: str) -> dict[str, Any]: ...
