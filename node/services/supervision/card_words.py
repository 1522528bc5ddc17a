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
    if rule is None:
        return row.rule, row.rule, ""
    item = rules.catalog.item(row.item_id)
    return rule.zh, rule.en, rule.law_for(item.regime) if item is not None else rule.law
