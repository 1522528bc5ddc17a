"""The rules of supervision at one node: what is in force, a new file as a difference first, and its publication."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from node.domain.calendar import ONE, day_of, end_of_day_ms
from node.domain.cases.access import Function, require
from node.domain.catalog.faults import lines_of
from node.domain.catalog.revisions import Revision
from node.domain.model import Actor
from node.domain.published import RULES, SUPERVISION
from node.domain.supervision import rulebook
from node.domain.supervision.judging import SUSPECTED
from node.domain.supervision.rows import TIMED
from node.domain.supervision.rule_documents import WatchDifference, WatchDocument, WatchPreview, WatchRule, WatchRung, WouldFall
from node.domain.supervision.rulebook import RULES as SHIPPED_RULES
from node.domain.supervision.rulebook import Rule, Rung, Supervision, Supervisions
from node.domain.supervision.suspicions import BY_ROWS, LISTED
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.catalog.kept_files import ComesAsFile
from node.services.supervision.signals import found_by
from node.store import signals
from node.store.store import Store

COUNTED = frozenset(TIMED) | BY_ROWS  # rules that a preview counts
_RUNG_WORDS = {SUSPECTED: "疑似", LISTED: "列名单"}
LOOKED = 2000  # cases that a preview looks at
RULE_FIELDS = ("zh", "condition", "law", "in_use", "card", "days", "minutes", "count")
JUDGES = ("in_use", "days", "minutes", "count")
RUNG_FIELDS = ("zh", "at", "to", "cc")


class WatchRules(ComesAsFile):
    """The document `supervision` as one node reads and publishes it."""

    def __init__(self, store: Store, rules: Rules) -> None:
        super().__init__(store, rules.catalog, SUPERVISION)
        self._rules = rules

    def document(self, actor: Actor) -> WatchDocument:
        """What is in force. Errors: `forbidden`."""
        require(Function.READ_CATALOG, self._store.place.tier, actor.role)
        now, found = self._published(), self._catalog.snapshot().documents.get(RULES)
        return WatchDocument(
            revision=found.revision if found is not None and SUPERVISION.within(found.document) is not None else 0,
            since=now.since.isoformat() if now.since is not None else "",
            confirm_within=now.confirm_within, rules=[_rule_row(one) for one in now.rules.values()],
            rungs=[_rung_row(one) for one in now.rungs.values()],
        )  # fmt: skip

    def as_file(self) -> bytes:
        return rulebook.as_toml(self._published())

    def preview(self, data: bytes, actor: Actor) -> WatchPreview:
        """What a file would change, or its faults by line. Errors: `forbidden`."""
        require(Function.PUBLISH_RULES, self._store.place.tier, actor.role)
        try:
            then = rulebook.parse(SUPERVISION.read(data))
        except TongbanError as error:
            return WatchPreview(
                differences=[], removed=0, since="", month="", fell=[], uncounted=[], unseen=0, errors=lines_of(error)
            )
        found = list(_differences(self._published(), then))
        first = max(day_of(self._store.now()) + ONE, then.since or day_of(0))
        month, fell, unseen = self._last_month(then) if found else ("", [], 0)
        return WatchPreview(
            differences=found, removed=len({one["key"] for one in found if one["lost"]}), since=first.isoformat(), month=month, fell=fell,
            uncounted=[f"{code} {then.rules[code].zh}" for code in _judging_changed(found) if code not in COUNTED], unseen=unseen, errors=[],
        )  # fmt: skip

    def _last_month(self, then: Supervision) -> tuple[str, list[WouldFall], int]:
        """The month, where its signals would have been others, and how many cases were not looked at."""
        now = self._published()
        with self._store.reading() as view:
            end = end_of_day_ms(day_of(view.now()).replace(day=1) - ONE)
            start = end_of_day_ms(day_of(end - 1).replace(day=1) - ONE)
            case_nos, unseen = signals.changed_since(view.connection, start, LOOKED)
            counts: dict[str, Counter[tuple[str, str]]] = {"old": Counter(), "new": Counter()}
            for name, said in (("old", now), ("new", then)):
                always = Supervisions({Revision(0, b"", 0): replace(said, since=None)})
                for case_no in case_nos:
                    found = found_by(view, self._rules, case_no, always, end)
                    counts[name].update((rule, rung) for rule, rung, at in found if start < at <= end)
        keys = sorted({*counts["old"], *counts["new"]})
        words = _RUNG_WORDS | {rung.name: rung.zh for rung in then.rungs.values()}
        rows = [
            WouldFall(
                rule=rule, zh=then.rules[rule].zh, rung=rung, rung_zh=words[rung], old=counts["old"][rule, rung],
                new=counts["new"][rule, rung],
            )
            for rule, rung in keys
        ]  # fmt: skip
        return day_of(end - 1).isoformat()[:7], [one for one in rows if one["old"] != one["new"]], unseen

    def _published(self) -> Supervision:
        return self._catalog.snapshot().of(SUPERVISION)


def _rule_row(one: Rule) -> WatchRule:
    return WatchRule(
        code=one.code, monitor=one.monitor, zh=one.zh, en=one.en, condition=one.condition, law=one.law, ladder=one.ladder, in_use=one.in_use,
        card=one.card, days=one.days, minutes=one.minutes, count=one.count, own=one != SHIPPED_RULES[one.code],
    )  # fmt: skip


def _rung_row(one: Rung) -> WatchRung:
    return WatchRung(rung=one.name, zh=one.zh, at=rulebook.at(one), to=list(one.to), cc=list(one.cc))


def _differences(now: Supervision, then: Supervision) -> Iterator[WatchDifference]:
    for code, one in now.rules.items():
        lost = one != SHIPPED_RULES[code] and then.rules[code] == SHIPPED_RULES[code]
        yield from _fields(code, one.zh, _rule_row(one), _rule_row(then.rules[code]), RULE_FIELDS, lost)
    if now.confirm_within != then.confirm_within:
        lost = then.confirm_within == rulebook.CONFIRM_WITHIN[0]
        old, new = str(now.confirm_within), str(then.confirm_within)
        yield WatchDifference(key="", zh=rulebook.CONFIRM_WORDS, field="days", old=old, new=new, lost=lost)
    for name, rung in now.rungs.items():
        lost = rung != rulebook.RUNGS[name] and then.rungs[name] == rulebook.RUNGS[name]
        yield from _fields(name, rung.zh, _rung_row(rung), _rung_row(then.rungs[name]), RUNG_FIELDS, lost)


def _judging_changed(found: Sequence[WatchDifference]) -> list[str]:
    """The rules of which more than words, law and card are changed."""
    return list(dict.fromkeys(one["key"] for one in found if one["key"] in SHIPPED_RULES and one["field"] in JUDGES))


def _fields(
    key: str, zh: str, old: WatchRule | WatchRung, new: WatchRule | WatchRung, names: tuple[str, ...], lost: bool
) -> Iterator[WatchDifference]:
    for name in names:
        before, after = _text(old.get(name)), _text(new.get(name))
        if before != after:
            yield WatchDifference(key=key, zh=zh, field=name, old=before, new=after, lost=lost)


def _text(value: object) -> str:
    """Lists of posts as codes with a space between, switches as `on` and `off`."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return " ".join(value) if isinstance(value, list) else str(value)
