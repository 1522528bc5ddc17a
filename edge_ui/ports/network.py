"""What the web side asks about the network (`center.network`)."""

from __future__ import annotations

from typing import Protocol

from node.domain.supervision.documents import Branch, NetworkTree


class NetworkPort(Protocol):
    """See `node.services.supervision.network.NetworkView`."""

    def tree(self, at: str = "", q: str = "", show: str = "") -> NetworkTree: ...
    def branches(self) -> list[Branch]: ...
    def names(self, by: str) -> dict[str, str]: ...
