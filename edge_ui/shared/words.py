"""The words of the pages: sentences from the locale files, names of statuses, actions and roles from the glossary.

Chinese first, English second. A missing sentence falls back to Chinese, a missing name to its code, so that a page never breaks
on a kind that a newer node wrote.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from node.domain.model import CST
from node.domain.words import terms
from node.domain.words.punctuation import mended

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


def joined(sentences: Iterable[str], locale: str) -> str:
    """Several sentences as one: never a full stop before a semicolon."""
    said = [sentence.rstrip("。. ；;") for sentence in sentences if sentence]
    return ("；" if locale == "zh" else "; ").join(said)


def _read_all(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.json")):
        table = json.loads(path.read_text("utf-8"))
        if twice := found.keys() & table.keys():
            raise ValueError(f"{path.name}: defined twice: {sorted(twice)}")
        found |= {key: mended(text) for key, text in table.items()} if folder.name == "zh" else table
    return found


def when(value: object) -> str:
    """A time as people write it in China Standard Time, from ISO 8601 or milliseconds; empty when there is none."""
    if value is None or value == "" or isinstance(value, bool):
        return ""
    try:
        if isinstance(value, (int, float)):
            moment = dt.datetime.fromtimestamp(value / 1000, CST) if value > 0 else None
        else:
            text = str(value)
            if len(text) <= 10:
                return text
            moment = dt.datetime.fromisoformat(text)
            moment = moment.replace(tzinfo=CST) if moment.tzinfo is None else moment.astimezone(CST)
    except (ValueError, OverflowError, OSError):
        return str(value)
    return moment.strftime("%Y-%m-%d %H:%M") if moment else ""


def size_text(value: object) -> str:
    """Bytes for people."""
    if not isinstance(value, int) or isinstance(value, bool):
        return ""
    if value < 1000:
        return f"{value} B"
    if value >= 1_000_000_000:
        return f"{value / 1_000_000_000:.1f} GB"
    return f"{value / 1000:.0f} kB" if value < 1_000_000 else f"{value / 1_000_000:.1f} MB"
