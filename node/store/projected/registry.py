"""All projections, in the order in which they take in a batch: a later one may read what an earlier one wrote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from node.domain.notes import NOTES, NoteKind
from node.store.maintenance import Compared
from node.store.projected.appeals import Appeals
from node.store.projected.applications import Applications
from node.store.projected.base import Projection
from node.store.projected.cases import Cases
from node.store.projected.decisions import Decisions
from node.store.projected.down import GOES, Down
from node.store.projected.ends import Ends
from node.store.projected.facts import Facts
from node.store.projected.hearings import Hearings
from node.store.projected.judged import Judged
from node.store.projected.marks import Marks
from node.store.projected.notes import Notes
from node.store.projected.orders import Orders
from node.store.projected.outbox import Outbox
from node.store.projected.papers import Papers
from node.store.projected.people import People
from node.store.projected.prompts import Prompts
from node.store.projected.references import NAMES, References
from node.store.projected.reports import Reports
from node.store.projected.requests import Requests
from node.store.projected.rollups import Rollups
from node.store.projected.signals import Signals
from node.store.projected.wanted import WORDS, Wanted

PROJECTIONS: tuple[Projection, ...] = (
    Cases(),
    Marks(),
    Decisions(),
    Ends(),
    Facts(),
    Rollups(),
    Applications(),
    People(),
    References(),
    Requests(),
    Papers(),
    Notes(),
    Orders(),
    Prompts(),
    Judged(),
    Hearings(),
    Signals(),
    Appeals(),
    Reports(),
    Wanted(),
    Down(),
    Outbox(),
)


def copies(chosen: Sequence[Projection] = PROJECTIONS) -> list[Projection]:
    """Those that keep tables which can be made anew."""
    return [one for one in chosen if one.TABLES]


def compared(chosen: Sequence[Projection] = PROJECTIONS, *, followed: bool = False) -> Mapping[str, Compared]:
    """By what `verify` compares their tables with rebuilt ones. `followed`: they have followed all that is published."""
    return {table: by.all() if followed else by for one in chosen for table, by in one.COMPARED.items()}


def faults(rows: Iterable[NoteKind] = NOTES) -> Iterable[str]:
    """What the store has no way for, of the kinds of notes; empty when it can serve all."""
    names = {one.NAME for one in PROJECTIONS}
    for row in rows:
        yield from () if row.kept in names else (f"no projection {row.kept} keeps {row.name}",)
        yield from () if row.goes in GOES else (f"nothing takes {row.name} down",)
        yield from () if row.words in WORDS and row.words in NAMES else (f"nobody gets the words of {row.name}",)


if _found := list(faults()):
    raise ImportError("; ".join(_found))
