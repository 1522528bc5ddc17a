"""Who is told of a signal: the posts of its rung, and who holds them (DOMAIN A2). Pure.

Until there is an organisation roles stand for posts: who leads a unit is its director, who supervises its overseer; nobody stands for the
discipline organs. Below a township only who has the case is told, and the director of the township. A post that nobody holds falls to the next
one of the list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from node.domain.supervision.rulebook import Rung

HANDLER, TOWNSHIP_DIRECTOR = "handler", "township_director"
STANDS_FOR: Mapping[str, str] = MappingProxyType(
    {
        "window_head": "director", "dept_leader": "director", "dept_head": "director", "center_director": "director",
        "center_supervision": "overseer",
    }
)  # fmt: skip


class Told(NamedTuple):
    """A post: who holds it (names; None where that is not known here), and to which post it falls where nobody does ("": to none)."""

    post: str
    names: tuple[str, ...] | None
    falls_to: str = ""

    @property
    def state(self) -> str:
        """`held`, `nobody` (无人接收), or `elsewhere`."""
        return "elsewhere" if self.names is None else "held" if self.names else "nobody"


def posts_of(rung: Rung, tier: str) -> tuple[str, ...]:
    """The posts that a rung is told to at a unit of a tier, those for information last."""
    return (HANDLER, TOWNSHIP_DIRECTOR) if tier == "village" else tuple(dict.fromkeys((*rung.to, *rung.cc)))


def told(posts: Sequence[str], holders: Callable[[str], Sequence[str] | None]) -> list[Told]:
    """Each post with who holds it; `holders` names them, None where they are not known here."""
    held = [(post, tuple(names) if (names := holders(post)) is not None else None) for post in posts]
    return [
        Told(post, names, next((later for later, some in held[n + 1 :] if some or some is None), "") if names == () else "")
        for n, (post, names) in enumerate(held)
    ]


def told_to_role(rung: Rung, role: str) -> bool:
    """Whether a role stands for one of the posts of a rung, in a hall."""
    return any(STANDS_FOR.get(post) == role for post in posts_of(rung, "township"))
