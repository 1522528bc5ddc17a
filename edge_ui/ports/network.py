"""What the web side asks about the network (`center.network`)."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

Document: TypeAlias = dict[str, Any]


class NetworkPort(Protocol):
    """See `node.services.supervision.network.NetworkView`."""

    def tree(self, at: str = "", q: str = "", show: str = "") -> Document: ...
    def branches(self) -> list[Document]: ...
    def names(self, by: str) -> dict[str, str]: ...
