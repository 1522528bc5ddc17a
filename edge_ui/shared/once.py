"""What is shown once: a first password, a join code. Kept in memory for one look, so that reloading shows it no second time."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import TypeAlias

from node.domain.people import LoginCard, TokenCard
from node.domain.upkeep.documents import JoinCard

Card: TypeAlias = LoginCard | JoinCard | TokenCard
MOST = 100


class ShownOnce:
    """Documents by ticket; a ticket opens once and for its owner alone."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[str, Card]] = OrderedDict()

    def put(self, owner: str, document: Card) -> str:
        ticket = secrets.token_urlsafe(18)
        self._kept[ticket] = (owner, document)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return ticket

    def take(self, owner: str, ticket: str) -> Card | None:
        found = self._kept.get(ticket)
        if found is None or found[0] != owner:
            return None
        del self._kept[ticket]
        return found[1]
