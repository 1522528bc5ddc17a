"""The published document `supervision`: which rules there are, in which words, and the ladder with its recipients (DOMAIN A1, A2).

A document says only what is its own: a rule or rung that it leaves out is as it ships. It counts from a day on (`since`, else the day
after its publication): what fell before is judged as it was. What a later version or a faulty peer says and nobody here understands is
passed over; the moments of the ladder never come before the limit itself, so nothing here makes a card earlier than the law's day.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

from node.domain.calendar import ONE, day_of
from node.domain.catalog.faults import import_failed
from node.domain.catalog.kind import Document
from node.domain.catalog.limits import line_of, read_toml
from node.domain.catalog.line_notes import LineNote, line_note
from node.domain.catalog.revisions import Revision, in_order
from node.domain.supervision.rows import (
    BUILT,
    BY_ITEM,
    ENGLISH,
    ITEMS_OWN,
    LADDERS,
    LICENSING_LAW,
    NUMBERS,
    PRACTICE,
    RED,
    SHIPPED,
    Bounds,
)
from node.domain.words.punctuation import mended

NAME = "supervision"
MAX_WORDS = 200
CONFIRM_WORDS = "疑似问题的认定期限"
POSTS = (
    "handler", "window_head", "dept_leader", "dept_head", "center_supervision", "center_director", "discipline_group",
    "discipline_secretary",
)  # fmt: skip
SERVED = ("overdue", "yellow", "red")  # by the parent of the charged node; the others are shown where they are derived


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `active`: switched on; it finds nothing unless it is `built` too. `days`, `minutes`, `count`: its own numbers
    (working days, minutes, how many), 0 for none."""

    code: str
    monitor: str
    zh: str
    condition: str
    en: str
    law: str
    active: bool = True
    card: str = ""  # what a confirmed finding comes to
    days: int = 0
    minutes: int = 0
    count: int = 0

    @property
    def ladder(self) -> str:
        return LADDERS[self.monitor]

    def law_for(self, regime: str) -> str:
        """On what it rests for an item of a regime."""
        if regime == "licence" or not self.law.startswith(LICENSING_LAW):
            return self.law
        return ITEMS_OWN if self.code in BY_ITEM else PRACTICE

    @property
    def built(self) -> bool:
        return self.code in BUILT

    @property
    def in_use(self) -> bool:
        return self.active and self.built


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung: `days` working days after the due day (of red: `cure_wd` of the limits after yellow), at `hour` o'clock; who is told."""

    name: str
    zh: str
    days: int
    hour: int
    to: tuple[str, ...]
    cc: tuple[str, ...] = ()


def _shipped() -> Iterator[Rule]:
    english = dict(line.split(" | ") for line in ENGLISH.strip().splitlines())
    for line in SHIPPED.strip().splitlines():
        code, monitor, zh, condition, law = line.split(" | ")
        card = ("red" if code in RED else "yellow") if LADDERS[monitor] == "confirm" else ""
        numbers = {name: bounds.get(code, (0, 0, 0))[0] for name, bounds in NUMBERS.items()}
        rule = Rule(code, monitor, zh, condition, english[code], law, card=card)
        yield replace(rule, **numbers)  # type: ignore[arg-type]


RULES: Mapping[str, Rule] = MappingProxyType({rule.code: rule for rule in _shipped()})
_LEADERS = ("handler", "window_head", "dept_leader")
RUNGS: Mapping[str, Rung] = MappingProxyType(
    {
        one.name: one
        for one in (
            Rung("remind", "到期提醒", -1, 9, ("handler",)),
            Rung("warn", "预警", 0, 9, ("handler", "window_head")),
            Rung("overdue", "超期", 0, 24, ("handler", "window_head")),
            Rung("yellow", "黄牌", 1, 24, _LEADERS, ("center_supervision",)),
            Rung(
                "red", "红牌", 0, 24, ("handler", "dept_leader", "dept_head", "discipline_group", "discipline_secretary"),
                ("center_director",),
            ),
        )
    }
)  # fmt: skip
CONFIRM_WITHIN: Bounds = (3, 1, 30)
# How many days a document may say: remind before the due day, yellow after it; the others are fixed.
RUNG_DAYS: Mapping[str, tuple[int, int]] = MappingProxyType({"remind": (-5, -1), "yellow": (1, 10)})


@dataclass(frozen=True, slots=True)
class Supervision:
    """What a document says, with everything that it leaves out as it ships. `since`: from which day on it counts; `confirm_within`: working days in
    which an overseer says what a suspicion is (A2)."""

    rules: Mapping[str, Rule] = field(default_factory=lambda: RULES)
    rungs: Mapping[str, Rung] = field(default_factory=lambda: RUNGS)
    since: dt.date | None = None
    confirm_within: int = CONFIRM_WITHIN[0]


SHIPS = Supervision()


class Supervisions:
    """Every revision that is here, and which of them counts on a day."""

    def __init__(self, found: Mapping[Revision, Supervision]) -> None:
        self._found = [(_first_day(one, found[one]), found[one]) for one in in_order(found)]
        self._numbers = [one.number for one in in_order(found)]

    def on(self, day: dt.date) -> Supervision:
        """What counts for what falls on a day: the latest whose day has come."""
        return next((said for first, said in reversed(self._found) if first <= day), SHIPS)

    def revision_on(self, day: dt.date) -> int:
        """The number of the revision that counts on a day; 0 for the rules as they ship."""
        pairs = zip(reversed(self._numbers), reversed(self._found), strict=True)
        return next((number for number, (first, _) in pairs if first <= day), 0)

    def off(self) -> Iterator[tuple[str, dt.date, dt.date]]:
        """(rule, first day, first day after) of each time in which a rule is switched off."""
        for at, (first, said) in enumerate(self._found):
            end = min((later for later, _ in self._found[at + 1 :]), default=dt.date.max)
            yield from ((code, first, end) for code, rule in said.rules.items() if not rule.active and first < end)


def _first_day(revision: Revision, said: Supervision) -> dt.date:
    return max(day_of(revision.published) + ONE, said.since or dt.date.min)


# reading -----------------------------------------------------------------------------------------------------------------


class _Part(NamedTuple):
    """A table of the document: by which field its rows are known, which there are, and what else a row may say."""

    name: str
    key: str
    known: Collection[str]
    fields: Sequence[str]


_RULE = _Part("rule", "code", RULES.keys(), ("code", "zh", "condition", "law", "active", "card", *NUMBERS))
_RUNG = _Part("rung", "rung", RUNGS.keys(), ("rung", "zh", "days", "to", "cc"))
_CARDS = ("yellow", "red")


def parse(document: Document) -> Supervision:
    """What counts by a published document. Never refuses a part: what cannot be used is as it ships."""
    rules, rungs = dict(RULES), dict(RUNGS)
    for code, row in _rows(document, _RULE):
        if code in rules:
            rules[code] = _rule(rules[code], row)
    for name, row in _rows(document, _RUNG):
        if name in rungs:
            rungs[name] = _rung(rungs[name], row)
    within = _number_or(document.get("confirm_within"), CONFIRM_WITHIN)
    return Supervision(rules, rungs, _day(document.get("since")), within)


def _rows(document: Mapping[str, object], part: _Part) -> Iterator[tuple[str, Mapping[str, object]]]:
    found = document.get(part.name)
    for row in found if isinstance(found, list) else ():
        if isinstance(row, Mapping) and isinstance(row.get(part.key), str):
            yield str(row[part.key]), row


def _rule(ships: Rule, row: Mapping[str, object]) -> Rule:
    active, card = row.get("active"), row.get("card")
    given = {name: row[name] for name, bounds in NUMBERS.items() if _is_number(row.get(name), bounds.get(ships.code))}
    return replace(
        ships,
        zh=_words(row, "zh") or ships.zh, condition=_words(row, "condition") or ships.condition, law=_words(row, "law") or ships.law,
        active=active if isinstance(active, bool) else ships.active,
        card=str(card) if ships.card and card in _CARDS else ships.card,
        **given,  # type: ignore[arg-type]
    )  # fmt: skip


def _rung(ships: Rung, row: Mapping[str, object]) -> Rung:
    days = row.get("days")
    bound = RUNG_DAYS.get(ships.name)
    usable = bound is not None and isinstance(days, int) and not isinstance(days, bool) and bound[0] <= days <= bound[1]
    return replace(
        ships, zh=_words(row, "zh") or ships.zh, days=days if usable else ships.days,  # type: ignore[arg-type]
        to=_posts(row.get("to")) or ships.to, cc=_posts(row.get("cc")) if isinstance(row.get("cc"), list) else ships.cc,
    )  # fmt: skip


def _is_number(value: object, bound: Bounds | None) -> bool:
    return bound is not None and isinstance(value, int) and not isinstance(value, bool) and bound[1] <= value <= bound[2]


def _number_or(value: object, bound: Bounds) -> int:
    """A number within its bound, else what ships."""
    return value if isinstance(value, int) and _is_number(value, bound) else bound[0]


def _words(row: Mapping[str, object], name: str) -> str:
    found = row.get(name)
    return found if isinstance(found, str) and len(found) <= MAX_WORDS else ""


def _posts(value: object) -> tuple[str, ...]:
    return tuple(one for one in value if one in POSTS) if isinstance(value, list) else ()


def _day(value: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def read(data: bytes) -> Document:
    """A file that people give (TOML). Raises import_failed with every fault by line."""
    document, text = read_toml(data)
    faults = [
        *_top_faults(document, text),
        *_part_faults(document, text, _RULE, _rule_faults),
        *_part_faults(document, text, _RUNG, _rung_faults),
    ]
    if faults:
        raise import_failed(faults)
    found: dict[str, object] = {
        part: [_mended(row) for row in rows] for part in ("rule", "rung") if isinstance(rows := document.get(part), list)
    }
    since = document.get("since")
    found |= {name: document[name] for name in ("confirm_within",) if name in document}
    said = found | ({"since": since.isoformat()} if isinstance(since, dt.date) else {})
    return json.loads(json.dumps(said))  # type: ignore[no-any-return]


def _mended(row: Mapping[str, object]) -> dict[str, object]:
    return {
        name: mended(value) if isinstance(value, str) and name in ("zh", "condition") else value for name, value in row.items()
    }


def _top_faults(document: Mapping[str, object], text: str) -> Iterator[LineNote]:
    for name in document.keys() - {"kind", "since", "confirm_within", "rule", "rung"}:
        yield line_note(line_of(text, name), name, "unknown_key")
    since = document.get("since")
    if since is not None and (not isinstance(since, dt.date) or isinstance(since, dt.datetime)):
        yield line_note(line_of(text, "since"), "since", "invalid")
    if "confirm_within" in document and not _is_number(document["confirm_within"], CONFIRM_WITHIN):
        yield line_note(line_of(text, "confirm_within"), "confirm_within", "out_of_range")
    for part in ("rule", "rung"):
        if part in document and not isinstance(document[part], list):
            yield line_note(line_of(text, part), part, "not_a_table")


def _each(document: Mapping[str, object], text: str, part: str) -> Iterator[tuple[Mapping[str, object], int]]:
    """Each row with the line on which its table begins."""
    lines = [n for n, line in enumerate(text.splitlines(), 1) if re.match(rf"[ \t]*\[\[[ \t]*{part}[ \t]*\]\]", line)]
    rows = document.get(part)
    for n, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, Mapping):
            yield row, lines[n] if n < len(lines) else 1


def _part_faults(
    document: Document, text: str, part: _Part, own_faults: Callable[[str, Mapping[str, object], int], Iterator[LineNote]]
) -> Iterator[LineNote]:
    """The faults of each row of a part; `own_faults` of what only such a row has."""
    seen: dict[str, int] = {}
    for row, line in _each(document, text, part.name):
        key = row.get(part.key)
        if not isinstance(key, str) or key not in part.known:
            yield line_note(line, part.key, "not_a_choice" if key else "missing", value=str(key)[:20])
            continue
        if key in seen:
            yield line_note(line, part.key, "duplicate", value=key, other=seen[key])
        seen[key] = line
        yield from _row_faults(row, line, part.fields)
        yield from own_faults(key, row, line)


def _rule_faults(code: str, row: Mapping[str, object], line: int) -> Iterator[LineNote]:
    if not isinstance(row.get("active", True), bool):
        yield line_note(line, "active", "invalid")
    if "card" in row and (not RULES[code].card or row["card"] not in _CARDS):
        yield line_note(line, "card", "not_a_choice", value=str(row["card"])[:20])
    for name, bounds in NUMBERS.items():
        if name in row and not _is_number(row[name], bounds.get(code)):
            yield line_note(line, name, "out_of_range")


def _rung_faults(name: str, row: Mapping[str, object], line: int) -> Iterator[LineNote]:
    if "days" in row and _rung(RUNGS[name], row).days != row["days"]:
        yield line_note(line, "days", "out_of_range")
    for field_name in ("to", "cc"):
        given = row.get(field_name, [])
        wrong = [one for one in given if one not in POSTS] if isinstance(given, list) else [given]
        if wrong or (field_name == "to" and field_name in row and not given):
            yield line_note(line, field_name, "not_a_choice" if wrong else "missing", value=str(next(iter(wrong), ""))[:20])


def _row_faults(row: Mapping[str, object], line: int, fields: Sequence[str]) -> Iterator[LineNote]:
    for name in row:
        if name not in fields:
            yield line_note(line, name, "unknown_key")
    for name in ("zh", "condition", "law"):
        value = row.get(name)
        if name in row and name in fields and (not isinstance(value, str) or not value.strip()):
            yield line_note(line, name, "missing")
        elif isinstance(value, str) and len(value) > MAX_WORDS:
            yield line_note(line, name, "too_long")


# telling -----------------------------------------------------------------------------------------------------------------


def own(document: Document) -> Mapping[str, str]:
    """The rules and rungs that a document changes: what is lost when a later file leaves them out."""
    said = parse(document)
    rules = {one.code: one.zh for one in said.rules.values() if one != RULES[one.code]}
    rungs = {one.name: one.zh for one in said.rungs.values() if one != RUNGS[one.name]}
    return rules | rungs | ({"confirm_within": CONFIRM_WORDS} if said.confirm_within != CONFIRM_WITHIN[0] else {})


def shown(document: Document) -> Document:
    """Every rule and rung that counts."""
    said = parse(document)
    return {
        **({"since": said.since.isoformat()} if said.since is not None else {}), "confirm_within": said.confirm_within,
        "rule": [
            {
                "code": one.code, "monitor": one.monitor, "zh": one.zh, "condition": one.condition, "law": one.law, "ladder": one.ladder,
                "active": one.in_use, **({"card": one.card} if one.card else {}), **numbers(one),
            }
            for one in said.rules.values()
        ],
        "rung": [{"rung": one.name, "zh": one.zh, "at": at(one), "to": list(one.to), "cc": list(one.cc)} for one in said.rungs.values()],
    }  # fmt: skip


def numbers(one: Rule) -> dict[str, int]:
    """The numbers that a rule has, by name."""
    return {name: value for name in NUMBERS if (value := int(getattr(one, name)))}


def at(rung: Rung) -> str:
    """The moment of a rung, in the letters of DOMAIN A2."""
    if rung.name == "red":
        return "yellow+cure 24:00"
    days = f"{rung.days:+d}wd" if rung.days else ""
    return f"due{days} {rung.hour:02d}:00"


def as_toml(said: Supervision) -> bytes:
    """What counts as a file that `read` takes."""
    lines = [f'kind = "{NAME}"', *([f"since = {said.since.isoformat()}"] if said.since is not None else [])]
    lines += [f"confirm_within = {said.confirm_within}  # {CONFIRM_WITHIN[1]}–{CONFIRM_WITHIN[2]}", ""]
    for one in said.rules.values():
        lines += [
            "[[rule]]",
            f'code = "{one.code}"  # {one.en}',
            *(f"{name} = {_toml(getattr(one, name))}" for name in ("zh", "condition", "law")),
        ]
        lines += [f"active = {str(one.active).lower()}" + ("" if one.built else "  # 未启用：这一版程序还没有它所依据的事实")]
        lines += [f'card = "{one.card}"'] if one.card else []
        lines += [*(f"{name} = {value}" for name, value in numbers(one).items()), ""]
    for rung in said.rungs.values():
        lines += ["[[rung]]", f'rung = "{rung.name}"  # {at(rung)}', f"zh = {_toml(rung.zh)}"]
        lines += [f"days = {rung.days}"] if rung.name in RUNG_DAYS else []
        lines += [f"to = {json.dumps(rung.to)}", f"cc = {json.dumps(rung.cc)}", ""]
    return "\n".join(lines).encode()


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
