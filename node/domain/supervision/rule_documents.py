"""The rules of supervision as pages are given them: every row in words, and what a new file would change."""

from __future__ import annotations

from typing import TypedDict

from node.domain.json_values import JsonObject


class WatchRule(TypedDict):
    """One rule. `in_use`: switched on, and its facts exist; else it reads 未启用. `own`: not as it ships. `days`, `minutes`, `count`: its
    numbers, 0 where it has none."""

    code: str
    monitor: str
    zh: str
    en: str
    condition: str
    law: str
    ladder: str
    in_use: bool
    card: str
    days: int
    minutes: int
    count: int
    own: bool


class WatchRung(TypedDict):
    """One rung: `at` in the letters of DOMAIN A2 (`due+1wd 24:00`); `to` and `cc` are posts, as codes."""

    rung: str
    zh: str
    at: str
    to: list[str]
    cc: list[str]


class WatchDocument(TypedDict):
    """What is in force. `since`: from which day (ISO) it counts, "" where nothing was published; `revision` 0 then. `confirm_within`: working days
    in which a suspicion is judged."""

    revision: int
    since: str
    confirm_within: int
    rules: list[WatchRule]
    rungs: list[WatchRung]


class WatchDifference(TypedDict):
    """A field of a rule or rung that a file changes; `lost` when it goes back to what ships. Values as texts and codes."""

    key: str
    zh: str
    field: str
    old: str
    new: str
    lost: bool


class WouldFall(TypedDict):
    """How many signals of a rule and rung fell last month, and how many would have by the new file; of a suspicion `rung` is `suspected`, of a line
    of the watch list `listed`."""

    rule: str
    zh: str
    rung: str
    rung_zh: str
    old: int
    new: int


class WatchPreview(TypedDict):
    """What a file would change, or its faults by line. `fell`: where the signals of `month` (YYYY-MM) would have been others; `uncounted`: changed
    rules of which that is not counted; `unseen`: cases that were not looked at for it."""

    differences: list[WatchDifference]
    removed: int
    since: str
    month: str
    fell: list[WouldFall]
    uncounted: list[str]
    unseen: int
    errors: list[JsonObject]
