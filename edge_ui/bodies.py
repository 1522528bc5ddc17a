"""How much of request bodies may be in memory at one time, over all connections.

Each handler has a limit for one body; what many connections hold together is limited here, for strangers and for known
persons apart, so that nobody without a password can use up what a clerk needs for a photograph. Few large bodies are under
way at once. What is beyond is refused with a sentence that says to try again; nothing of it was kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from node.domain.words.errors import TongbanError

STRANGER_LIMIT = 64 << 10  # bytes of one body of somebody unknown: a login, a query, a join
LARGE = 2 << 20  # bytes from which a body counts as large
RETRY_SECONDS = 10


def new_bodies() -> dict[bool, Bodies]:
    """Of strangers (False) and of known persons and machines (True)."""
    return {False: Bodies(16 << 20, 0), True: Bodies(128 << 20, 4)}


@dataclass(slots=True, eq=False)
class Share:
    """What one request holds, bytes."""

    size: int = 0


@dataclass
class Bodies:
    """All bodies of one kind of sender: at most `most` bytes together, at most `large` large ones."""

    most: int
    large: int
    held: int = 0
    _large: set[Share] = field(default_factory=set)

    def add(self, share: Share, size: int) -> None:
        """`size` bytes more. Errors: `receiving_much` (with `retry_after` seconds)."""
        is_large = share.size + size > LARGE and share not in self._large
        if self.held + size > self.most or (is_large and len(self._large) >= self.large):
            raise TongbanError("receiving_much", retry_after=RETRY_SECONDS)
        if is_large:
            self._large.add(share)
        share.size += size
        self.held += size

    def drop(self, share: Share) -> None:
        """The request is over or its body was thrown away."""
        self.held -= share.size
        share.size = 0
        self._large.discard(share)
