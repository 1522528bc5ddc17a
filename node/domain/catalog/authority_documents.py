"""The documents of the authority record that the service hands to pages and commands."""

from __future__ import annotations

from typing import TypedDict

Row = dict[str, str]


class Missing(TypedDict):
    """An item of an office without a row that holds today; `why`: `none`, `ended` or `not_begun` (the commission)."""

    node: str
    item_id: str
    name: str
    department: str
    why: str


class AuthorityDocument(TypedDict):
    """The record in force. `revision` is 0 while nothing is published; `missing` are items of this office; `names` of the offices and items
    that are known here, by code and id."""

    revision: int
    records: list[Row]
    missing: list[Missing]
    names: dict[str, str]


class Difference(TypedDict):
    """One row that a file adds, changes or takes away; `old` and `new` by column, "" for none."""

    kind: str
    node: str
    about: str
    old: Row
    new: Row


class Preview(TypedDict):
    """What a file would change. `unknown` are offices and items in it that nobody here knows, `names` of the others."""

    rows: int
    differences: list[Difference]
    removed: int
    unknown: list[str]
    names: dict[str, str]
    errors: list[dict[str, str | int]]
