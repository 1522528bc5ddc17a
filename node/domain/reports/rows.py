"""Rows of the tables as people read them, made of counts; the balance under them (DOMAIN A7 definitions, A8). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, TypedDict

from node.domain.reports.columns import AGENCY, BALANCE, COLUMNS, SIGNALS, share

Value: TypeAlias = int | float | str | None
Row: TypeAlias = dict[str, Value]


class Check(TypedDict):
    """A sum that must hold. `text`: which, of which unit; `holds`: whether both sides are the same."""

    text: str
    unit: str
    left: int
    right: int
    holds: bool


def case_row(unit: str, counts: Mapping[str, int]) -> Row:
    """表一 of a unit. Shares are of a hundred with one decimal; null where there is nothing to share."""
    of = counts.get
    row: Row = {name: of(name, 0) for name in COLUMNS}
    row |= {
        "unit": unit,
        "in_time_rate": share(of("in_time", 0), of("in_time", 0) + of("late", 0) + of("overdue_open", 0)),
        "promise_gain": share(of("items_saved", 0), of("items_law", 0)),
        "handling_gain": share(of("law_days", 0) - of("law_used", 0), of("law_days", 0)),
        "mean_workdays": round(of("used_days", 0) / of("used_cases", 0), 1) if of("used_cases", 0) else None,
    }
    return row


def signal_row(unit: str, counts: Mapping[str, int]) -> Row:
    """表二 of a unit."""
    row: Row = {name: counts.get(name, 0) for name in SIGNALS}
    return {**row, "unit": unit}


def agency_row(unit: str, counts: Mapping[str, int]) -> Row:
    """表六 of a village. What it keeps of people's documents is not written down yet."""
    row: Row = {name: counts.get(name, 0) for name in AGENCY}
    hours = round(counts.get("outage_ms", 0) / 3_600_000, 1)
    return {**row, "unit": unit, "documents_held": None, "documents_late": None, "outage_hours": hours}


def checks(rows: Iterable[tuple[str, Mapping[str, int]]]) -> list[Check]:
    """The balance of each unit: 上期结转＋受理＋移入＝办结＋撤回＋终止＋作废＋移出＋期末在办."""
    said = "＝".join("＋".join(COLUMNS[name][0].removeprefix("本期") for name in side) for side in BALANCE)
    found: list[Check] = []
    for unit, counts in rows:
        left, right = (sum(counts.get(name, 0) for name in side) for side in BALANCE)
        found.append({"text": said, "unit": unit, "left": left, "right": right, "holds": left == right})
    return found


def columns(named: Mapping[str, tuple[str, str]]) -> list[dict[str, str]]:
    """Their names in both languages."""
    return [{"name": name, "zh": zh, "en": en} for name, (zh, en) in named.items()]


def differences(stated: Mapping[str, int], counted: Mapping[str, int], names: Sequence[str]) -> list[tuple[str, int, int]]:
    """(column, stated, counted) where they are not the same."""
    pairs = [(name, stated.get(name, 0), counted.get(name, 0)) for name in names]
    return [one for one in pairs if one[1] != one[2]]
