"""The published rules as pages are given them: each number with its bound, and what a new file would change."""

from __future__ import annotations

from typing import TypedDict

from node.domain.json_values import JsonObject


class RuleValue(TypedDict):
    """One number that counts. Days are working days, a share lies between 0 and 1 (`unit`: `workdays` or `share`). `default` counts
    where nothing is published; a document may say `least` to `most`; `law` is a code: an article, or `practice`."""

    name: str
    value: int | float
    unit: str
    default: int | float
    least: int | float
    most: int | float
    law: str


class RulebookDocument(TypedDict):
    """What is in force. `revision` is the number entries cite, 0 while nothing is published; `day` (ISO) is that of its publication, ""
    then; `later` names rule documents of a later version, which are kept and passed on."""

    revision: int
    day: str
    values: list[RuleValue]
    later: list[str]


class RuleDifference(TypedDict):
    """A number that a file changes; `lost` when a promise that was published goes back to what counts without one."""

    name: str
    unit: str
    old: int | float
    new: int | float
    lost: bool


class RulePreview(TypedDict):
    """What a file would change, or its faults by line."""

    differences: list[RuleDifference]
    removed: int
    errors: list[JsonObject]
