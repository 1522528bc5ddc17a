"""The sentence that says how a deadline comes about, made of its parts (DOMAIN 0.9): one for page, paper, API and public status.

The extension is never added to the limit, and every stop stands with its kind, its working days and its dates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from node.domain.cases.deadlines import Deadline
from node.domain.cases.history import Paused, of_clock
from node.domain.words.terms import label

SAID = ("P", "S")  # the clocks that have such a sentence


def sentence(one: Deadline, pauses: Sequence[Paused], language: str = "zh", other: dt.date | None = None) -> str:
    """How P or S comes about; of another clock only what a calendar changed, else "". `other`: see `deadlines.other_date`."""
    parted = _parted(one, other, language) if other is not None else ""
    if one.clock not in SAID or one.since is None:
        return parted
    stops = [
        stop for stop in of_clock(pauses, one.clock) if stop.first <= one.due
    ]  # one that began when it was over moved nothing
    return (_zh(one, stops) if language == "zh" else _en(one, stops)) + parted


def _parted(one: Deadline, other: dt.date, language: str) -> str:
    """Both dates, where a calendar that came later has parted them. A printed promise stays, the others move."""
    if language != "zh":
        if one.clock == "P":
            return f" The date that was promised stays; by the calendar published since it would be {other}."
        said = f"The working calendar has changed since: the date was {other} before and is {one.due} now."
        return f" {said}" if one.clock in SAID else said
    if one.clock == "P":
        return f"工作日历后来有调整，已告知的承诺日期不变（按调整后的日历为{_day(other)}）。"
    return f"工作日历后来有调整，期限随之由{_day(other)}改为{_day(one.due)}。"


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
