"""The monitors of supervision (过程 时限 逻辑 异常, 收费, 公开): each published rule with the cases and findings it is about now.

A rule that is switched off or whose facts nobody writes yet reads 未启用 and counts nothing. What was found and belongs to no published rule
(flaws of chains, acts of somebody who may not) stands below them under its own code.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from node.domain.cases.access import Function, require
from node.domain.figures import MONITORS
from node.domain.model import Actor
from node.domain.published import RULES, SUPERVISION
from node.domain.supervision.monitors import CLOCKS, ENDS, OF_CASES, view_of
from node.domain.supervision.rulebook import Rule
from node.domain.supervision.unit_documents import MonitorRow, OversightMonitor
from node.domain.words.errors import TongbanError
from node.domain.words.flags import FLAGS
from node.domain.words.labels import flaw_words
from node.services.supervision import query as asked
from node.services.supervision.findings import CHAIN
from node.services.supervision.looked import on_the_day, start_of
from node.services.tree.freshness import freshness
from node.store import findings, measures
from node.store.measures import VIEWS, Day, Narrow
from node.store.store import Store, View

if TYPE_CHECKING:
    from node.services.cases.context import Rules as CaseRules


class Monitors:
    """Reads of one node."""

    def __init__(self, store: Store, rules: CaseRules) -> None:
        self._store, self._rules = store, rules

    def monitor(self, name: str, actor: Actor) -> OversightMonitor:
        """The rules of a monitor at work. Errors: `forbidden` first, then `not_found`."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        if name not in MONITORS:
            raise TongbanError("not_found", what=name[:64])
        snapshot = self._rules.catalog.snapshot()
        document, published = snapshot.documents.get(RULES), snapshot.of(SUPERVISION)
        with self._store.reading() as view:
            fresh = freshness(view, self._rules.calendar)
            day, found = on_the_day(view, self._rules.calendar, fresh), _by_rule(view, name)
            rows = [
                self._row(view, day, rule, found.pop(rule.code, 0)) for rule in published.rules.values() if rule.monitor == name
            ]
            others = [_other(name, code, value) for code, value in sorted(found.items())]
            revision = document.revision if document is not None and SUPERVISION.within(document.document) is not None else 0
            return {**fresh.document(), "monitor": name, "revision": revision, "rules": [*rows, *others]}

    def _row(self, view: View, day: Day, rule: Rule, found: int) -> MonitorRow:
        of_cases = rule.code in OF_CASES and rule.active
        since = day.today.replace(day=1) if rule.code in ENDS else None
        narrow = Narrow(clock=CLOCKS.get(rule.code, ""), hows=ENDS.get(rule.code, ()))
        if since is not None:
            narrow = Narrow(hows=narrow.hows, first_ms=start_of(since))
        name = view_of(rule.code)
        lists = {"findings": asked.findings_list(monitor=rule.monitor, rule=rule.code)}
        if of_cases:
            lists["cases"] = asked.address(view=name, rule=rule.code, from_=since.isoformat() if since is not None else None)
        return {
            "rule": rule.code, "zh": rule.zh, "en": rule.en, "condition": rule.condition, "law": rule.law,
            "in_use": rule.in_use or of_cases or found > 0,
            "cases": measures.total(view.connection, VIEWS[name], narrow, day) if of_cases else None, "findings": found, "lists": lists,
        }  # fmt: skip


def _by_rule(view: View, monitor: str) -> Counter[str]:
    """Rule -> findings of a monitor; a flaw of a chain stands under its own code."""
    count: Counter[str] = Counter()
    for (kind, flagged), value in findings.by_kind_of(view.connection).items():
        flag = FLAGS.get(kind) if flagged else None
        if (flag.monitor if flag is not None else CHAIN) == monitor:
            count[flag.rule if flag is not None else kind] += value
    return count


def _other(monitor: str, code: str, found: int) -> MonitorRow:
    """What belongs to no published rule."""
    flag = next((flag for flag in FLAGS.values() if flag.rule == code), None)
    zh, en = (flag.zh, flag.en) if flag is not None else (flaw_words(code, "zh"), flaw_words(code, "en"))
    return {
        "rule": code, "zh": zh, "en": en, "condition": "", "law": "", "in_use": True, "cases": None, "findings": found,
        "lists": {"findings": asked.findings_list(monitor=monitor, rule=code)},
    }  # fmt: skip
