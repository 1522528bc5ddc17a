"""The words of the pages: sentences from the locale files, names of statuses, actions and roles from the glossary.

Chinese first, English second. A missing sentence falls back to Chinese, a missing name to its code, so that a page never breaks
on a kind that a newer node wrote.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from node.domain.model import CST
from node.domain.words import terms
from node.domain.words.errors import FIELD_ERRORS
from node.domain.words.punctuation import mended
from node.domain.words.refusals import ERRORS

LOCALES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """All sentences by locale and key."""

    tables: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, folder: Path) -> Words:
        """Reads FOLDER/<locale>/<area>.json. Errors: ValueError for a key that two areas define."""
        return cls({name: _read_all(folder / name) for name in LOCALES})

    def say(self, locale: str, key: str, /, **details: object) -> str:
        """The sentence of `key`, filled with `details`."""
        text = self.tables[locale].get(key) or self.tables["zh"].get(key) or key
        return text.format_map(details) if details else text

    def has(self, locale: str, key: str) -> bool:
        return key in self.tables[locale]

    def name(self, locale: str, code: object, group: str = "") -> str:
        """The name of a status, action, role, tier or field; the code itself when nobody knows a name."""
        text = str(code if code is not None else "")
        for key in (f"{group}.{text}", f"code.{text}"):
            if key in self.tables[locale]:
                return self.tables[locale][key]
        known = (group, text) in terms.BY_GROUP
        return terms.label(text, locale, group if known else None)


def _read_all(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.json")):
        table = json.loads(path.read_text("utf-8"))
        if twice := found.keys() & table.keys():
            raise ValueError(f"{path.name}: defined twice: {sorted(twice)}")
        found |= {key: mended(text) for key, text in table.items()} if folder.name == "zh" else table
    return found


def when(value: object, locale: str = "zh", year: int = 0) -> str:
    """A day or a time as people write it in China Standard Time, from ISO 8601 or milliseconds; the year only when it is not
    `year`, the present one. Empty when there is none; what is no time stays as it is."""
    if value is None or value == "" or isinstance(value, bool):
        return ""
    try:
        moment, clock = _moment(value)
    except (ValueError, OverflowError, OSError):
        return str(value)
    if moment is None:
        return ""
    return _day(moment, locale, moment.year != year) + (f" {moment:%H:%M}" if clock else "")


def when_ended(value: object, locale: str = "zh", year: int = 0) -> str:
    """As `when`, of a moment at which something ends or falls: midnight is 24:00 of the day before, as papers write it."""
    try:
        moment, clock = _moment(value)
    except (ValueError, OverflowError, OSError):
        moment, clock = None, False
    if moment is None or not clock or f"{moment:%H:%M}" != "00:00":
        return when(value, locale, year)
    day = moment - dt.timedelta(days=1)
    return _day(day, locale, day.year != year) + " 24:00"


def clock_text(value: object) -> str:
    """The hour and minute of a time."""
    moment, clock = _moment(value)
    return f"{moment:%H:%M}" if moment is not None and clock else ""


def is_iso(value: object) -> bool:
    """Whether this is a day or a time as machines write it."""
    return isinstance(value, str) and _ISO.fullmatch(value) is not None


_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)?")


def _moment(value: object) -> tuple[dt.datetime | None, bool]:
    """The moment, and whether it has an hour."""
    if isinstance(value, (int, float)):
        return (dt.datetime.fromtimestamp(value / 1000, CST) if value > 0 else None), True
    text = str(value)
    moment = dt.datetime.fromisoformat(text)
    return (moment.replace(tzinfo=CST) if moment.tzinfo is None else moment.astimezone(CST)), len(text) > 10


def _day(moment: dt.datetime, locale: str, with_year: bool) -> str:
    if locale == "zh":
        return f"{moment.year}年{moment.month}月{moment.day}日" if with_year else f"{moment.month}月{moment.day}日"
    return f"{moment.day} {moment:%b %Y}" if with_year else f"{moment.day} {moment:%b}"


def size_text(value: object) -> str:
    """Bytes for people."""
    if not isinstance(value, int) or isinstance(value, bool):
        return ""
    if value < 1000:
        return f"{value} B"
    if value >= 1_000_000_000:
        return f"{value / 1_000_000_000:.1f} GB"
    return f"{value / 1000:.0f} kB" if value < 1_000_000 else f"{value / 1_000_000:.1f} MB"


def fault_text(locale: str, code: str) -> str:
    """What is wrong with a field, by the code of `FIELD_ERRORS` or of a refusal (without its details); else the code."""
    if code in FIELD_ERRORS:
        return FIELD_ERRORS[code][0 if locale == "zh" else 1]
    kind = ERRORS.get(code)
    return (kind.zh if locale == "zh" else kind.en) if kind is not None else code


def faults_text(locale: str) -> str:
    """The sentences that a script says beside a field, as JSON: those of the server for the same faults."""
    return json.dumps({code: fault_text(locale, code) for code in ("missing", "invalid", "out_of_range")}, ensure_ascii=False)
