"""The signals of one case as a node derives them."""

from __future__ import annotations

from node.domain.supervision.signals import Derived, derive
from node.services.cases.context import Rules
from node.services.supervision.signals import Knows, basis_of, sound_events
from node.store.store import Tx


def derived_of(tx: Tx, rules: Rules, case_no: str, knows: Knows, published: int) -> Derived:
    """By what is here."""
    basis = basis_of(tx, rules, rules.catalog.snapshot().supervisions)
    return derive(sound_events(tx, case_no), basis, knows.until, published, tx.now())
