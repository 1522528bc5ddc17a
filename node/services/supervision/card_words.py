"""What the rule of a signal is called, for lists of signals and of appeals."""

from __future__ import annotations

import datetime as dt

from node.domain.supervision.orders import ORDER_RULE, ORDER_WORDS
from node.services.cases.context import Rules
from node.store.signals import Row


def rule_words(rules: Rules, row: Row) -> tuple[str, str, str]:
    """(zh, en, law) of the rule of a signal, as it was published for its day."""
    if row.rule == ORDER_RULE:
        return ORDER_WORDS
    rule = rules.catalog.snapshot().supervisions.on(dt.date.fromisoformat(row.due)).rules.get(row.rule)
    return (rule.zh, rule.en, rule.law) if rule is not None else (row.rule, row.rule, "")
