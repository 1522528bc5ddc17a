"""A form writes back what the person touched, and nothing else: the merge of what was seen, what was given and what stands now.

A page may stand open while a colleague corrects the same thing. Its form carries, beside its fields, a mark of what it showed
(`seen_of`, a short digest a field). When it comes back, a field that still says what was shown is no wish of its sender and never
replaces a newer value; one that nobody else changed is taken as given; one that both changed is a clash, of which both versions
are shown and the person chooses. Without a mark (a program that sends single fields) what is given counts.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

SEEN = "seen"  # the hidden field of a form
TAKE = "take."  # before a field's name: whose version the person takes, `theirs` or `mine`


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that was changed here and, meanwhile, by somebody else."""

    name: str
    mine: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Merged:
    """`values` to be stored; `clashes` that are not in them; `seen`, the mark for the same page: of what it shows after this."""

    values: dict[str, str]
    clashes: tuple[Clash, ...]
    seen: str

    @property
    def clash_names(self) -> frozenset[str]:
        return frozenset(clash.name for clash in self.clashes)


def seen_of(shown: Mapping[str, str]) -> str:
    """The mark of the fields that a page shows."""
    return ",".join(f"{name}:{_digest(value)}" for name, value in shown.items())


def merge(seen: str, given: Mapping[str, str], stored: Mapping[str, str]) -> Merged:
    """What of `given` is to be stored over `stored`, for a page that showed what `seen` marks. `given` may say whose version is taken."""
    marks = _read(seen)
    values: dict[str, str] = {}
    clashes: list[Clash] = []
    for name, mine in given.items():
        if name.startswith(TAKE) or given.get(TAKE + name) == "theirs":
            continue
        theirs, mark = stored.get(name, ""), marks.get(name)
        if mark is None or _same(mine, theirs) or _digest(theirs) == mark:
            values[name] = mine
        elif _digest(mine) != mark:  # else it was not touched here
            clashes.append(Clash(name, mine, theirs))
    shown = marks | {name: _digest(value) for name, value in values.items() if name in marks}
    return Merged(values, tuple(clashes), ",".join(f"{name}:{mark}" for name, mark in shown.items()))


def _read(seen: str) -> dict[str, str]:
    pairs = (part.rpartition(":") for part in seen.split(",")[:2000] if ":" in part)
    return {name: mark for name, _, mark in pairs}


def _plain(text: str) -> str:
    """As browsers send back what they were given: other line ends, an empty box before ticked ones, no blanks at the ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip(" \t\n,")


def _same(one: str, other: str) -> bool:
    return _plain(one) == _plain(other)


def _digest(text: str) -> str:
    return hashlib.sha256(_plain(text).encode("utf-8", "surrogatepass")).hexdigest()[:12]
