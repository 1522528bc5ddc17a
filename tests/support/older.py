"""Nodes of one process that run different versions: an older one is a node whose registries lack some kinds of entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from node.domain.cases import audit, casefold
from node.store import outdated
from node.store.store import Store, View
from tests.support.network import Town

_TABLES = ((casefold, "FOLDS"), (casefold, "STARTS"), (audit, "OF_KIND"), (audit, "_BY_KIND"))


@contextmanager
def without(kinds: frozenset[str]) -> Iterator[None]:
    """A program that does not know these kinds of case events."""
    with pytest.MonkeyPatch.context() as patch:
        for module, register in _TABLES:
            known = getattr(module, register)
            patch.setattr(module, register, {name: one for name, one in known.items() if name not in kinds})
        for one in (casefold, audit):
            patch.setattr(one, "KINDS", one.KINDS - kinds)
        patch.setattr(outdated, "KINDS", 1)
        yield


def run_older(town: Town, name: str, kinds: frozenset[str]) -> None:
    """The node goes on with such a program until it is restarted; whatever it reads or writes, it does with what it knows."""
    with without(kinds):
        town[name].restart()
    _dress(town[name].center.store, kinds)


def _dress(store: Store, kinds: frozenset[str]) -> None:
    def limited(work: Callable[..., Any], *given: Any) -> Any:
        with without(kinds):
            return work(*given)

    reading = store.reading

    @contextmanager
    def looked() -> Iterator[View]:
        with without(kinds), reading() as view:
            yield view

    for way in ("run", "submit", "ledger"):
        setattr(store, way, partial(limited, getattr(store, way)))
    store.reading = looked  # type: ignore[method-assign]
