"""The documents of the first run: what a node begins with, and what was made."""

from __future__ import annotations

from typing import TypedDict


class Loaded(TypedDict):
    """One document that was published. `rows`: days, numbers, divisions or items; `years` of a calendar, else empty."""

    kind: str
    file: str
    rows: int
    years: list[int]


class SetupPlace(TypedDict):
    """A row of the division table that comes with the program."""

    code: str
    name: str
    tier: str


class FoundParent(TypedDict):
    """A node that says on the local network where newcomers may join. `node`: the first eight digits of its id."""

    address: str
    node: str


class MadeNode(TypedDict):
    """The node that was made; `username` is "" when it keeps the people of a backup."""

    name: str
    code: str
    tier: str
    username: str
    loaded: list[Loaded]
