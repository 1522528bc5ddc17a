"""Every act of the table, room by room; here the rooms become the registries that the rest of the rules reads.

`lifecycle.TABLE` says what is lawful; a room says how it is done. Adding a row is a line there, an `Act` and a `Kind` in one room,
and their words. What is missing is said when this module is imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from node.domain.cases.acts import (
    acceptance,
    correction,
    custody,
    decision,
    filing,
    gap,
    pause,
    receipt,
    repair,
    requests,
    service,
    statement,
    steps,
    version,
)
from node.domain.cases.acts.act import Act, Fold, Guard, Kind, Room
from node.domain.cases.commands import Context
from node.domain.cases.events import Builder
from node.domain.cases.fields import FieldSpec, only_note
from node.domain.cases.lifecycle import BUILT, KINDS, REQUESTS
from node.domain.model import Actor, Case, Event

_MODULES = (
    filing,
    receipt,
    correction,
    acceptance,
    gap,
    steps,
    pause,
    statement,
    decision,
    service,
    custody,
    repair,
    version,
)
_ROOMS = tuple(module.ROOM for module in _MODULES)
ROOMS: tuple[Room, ...] = (*_ROOMS, requests.with_answers(_ROOMS))
NO_EVENTS = frozenset({"requested"})  # what is no event of the case, but stands beside it

ACTS: Mapping[str, Act] = MappingProxyType({act.action: act for room in ROOMS for act in room.acts})
OF_KIND: Mapping[str, Kind] = MappingProxyType({kind.name: kind for room in ROOMS for kind in room.kinds})
GUARDS: Mapping[str, Guard] = MappingProxyType({name: guard for room in ROOMS for name, guard in room.guards.items()})
BUILDERS: Mapping[str, Builder] = MappingProxyType({name: act.build for name, act in ACTS.items() if act.build is not None})
FOLDS: Mapping[str, Fold] = MappingProxyType({name: kind.fold for name, kind in OF_KIND.items() if name in KINDS})

RAW_FIELDS = frozenset(name for name, act in ACTS.items() if act.fields is None)
IN_DOUBT = frozenset(name for name, act in ACTS.items() if act.in_doubt)
WITHOUT_CONTENTS = frozenset(name for name, act in ACTS.items() if act.without_contents)
UNDOABLE = frozenset(name for name, kind in OF_KIND.items() if kind.undo)
ISSUES: Mapping[str, str] = MappingProxyType({name: kind.issues for name, kind in OF_KIND.items() if kind.issues})
SCHEMAS: Mapping[str, int] = MappingProxyType({name: kind.schema for name, kind in OF_KIND.items() if kind.schema > 1})
FEATURE_OF: Mapping[str, str] = MappingProxyType({name: kind.feature for name, kind in OF_KIND.items() if kind.feature})
# What this program knows, for others to see (`node_runs`, Status): its rooms, and what was added to them after 1.0.
FEATURES = tuple(sorted({*FEATURE_OF.values(), *(module.__name__.rpartition(".")[2] for module in (*_MODULES, requests))}))
STARTS: Mapping[str, tuple[str, ...]] = MappingProxyType({name: kind.starts for name, kind in OF_KIND.items() if kind.starts})
STILL = frozenset(name for name, kind in OF_KIND.items() if kind.still)
QUIET = frozenset(name for name, kind in OF_KIND.items() if kind.quiet)
INTERNAL_KINDS = frozenset(name for name, kind in OF_KIND.items() if kind.internal)


def fields_of(action: str, case: Case, ctx: Context, actor: Actor) -> tuple[FieldSpec, ...]:
    """The fields of an action for this case now."""
    act = ACTS.get(action)
    return (act.fields if act is not None and act.fields is not None else only_note)(case, ctx, actor)


def may_be_undone(event: Event) -> bool:
    """Whether a person may take an act back (row 45): not one whose paper went out with it."""
    return event.kind in UNDOABLE and not (event.kind in ISSUES and event.schema >= SCHEMAS[event.kind])


def faults() -> Iterable[str]:
    """What a built row lacks, and what stands in a room without a row; empty when the rooms and the table fit."""
    actions, kinds = {row.action for row in BUILT}, set(OF_KIND) - NO_EVENTS
    for row in BUILT:
        if row.action not in BUILDERS:
            yield f"no room builds {row.action}"
        yield from (f"no room has the guard {name} of {row.action}" for name in row.guards if name not in GUARDS)
    yield from (f"no room knows the fact {kind}" for kind in sorted(KINDS - kinds))
    yield from (f"no room answers {action}" for action in REQUESTS if action not in ACTS or ACTS[action].answer is None)
    yield from (f"no row takes {action}" for action in sorted(set(ACTS) - actions - set(REQUESTS)))
    yield from (f"no row leaves {kind}" for kind in sorted(kinds - KINDS))
    yield from (f"no row names the guard {name}" for name in sorted(set(GUARDS) - {one for row in BUILT for one in row.guards}))
    yield from _twice("act", [act.action for room in ROOMS for act in room.acts])
    yield from _twice("fact", [kind.name for room in ROOMS for kind in room.kinds])


def _twice(what: str, names: list[str]) -> Iterable[str]:
    return (f"the {what} {name} stands in two places" for name in sorted(set(names)) if names.count(name) > 1)


if _found := list(faults()):
    raise ImportError("; ".join(_found))
