"""The sentence that says how a deadline comes about, made of its parts (DOMAIN 0.9): one for page, paper, API and public status.

The extension is never added to the limit, and every stop stands with its kind, its working days and its dates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from node.domain.cases.deadlines import Deadline
from node.domain.cases.history import Paused
from node.domain.words.terms import label

SAID = ("P", "S")  # the clocks that have such a sentence


def sentence(one: Deadline, pauses: Sequence[Paused], language: str = "zh") -> str:
    """How P or S comes about; "" for another clock."""
    if one.clock not in SAID or one.since is None:
        return ""
    return _zh(one, pauses) if language == "zh" else _en(one, pauses)


def _zh(one: Deadline, pauses: Sequence[Paused]) -> str:
    word = "承诺" if one.clock == "P" else "法定"
    unit = "个工作日" if one.unit == "workday" else "日"
    parts = [f"自{_day(one.since)}次日起，{word}{one.limit}{unit}" if one.limit else f"自{_day(one.since)}起，{word}当日办结"]
    if one.extension:
        parts.append(f"经批准延长{one.extension}个工作日")
    parts += [
        f"扣除{label(p.kind, 'zh', 'step_kind')}{p.days}个工作日（{_day(p.first)}至{_day(p.until)}）" for p in pauses if p.days
    ]
    return f"{'；'.join(parts)}，应于{_day(one.due)}前办结。" + ("（暂定）" if one.provisional else "")


def _en(one: Deadline, pauses: Sequence[Paused]) -> str:
    word = "promised" if one.clock == "P" else "by law"
    unit = "working days" if one.unit == "workday" else "days"
    parts = [
        f"{one.limit} {unit} {word}, from the day after {one.since}" if one.limit else f"{word} on the day itself, {one.since}"
    ]
    if one.extension:
        parts.append(f"{one.extension} working days of extension")
    parts += [
        f"without {p.days} working days of {label(p.kind, 'en', 'step_kind')} ({p.first} to {p.until})" for p in pauses if p.days
    ]
    return f"{'; '.join(parts)}; due on {one.due}." + (" (provisional)" if one.provisional else "")


def _day(day: dt.date | None) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day is not None else ""
