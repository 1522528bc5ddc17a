"""All projections, in the order in which they take in a batch: a later one may read what an earlier one wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from node.store.projected.applications import Applications
from node.store.projected.base import Compared, Projection
from node.store.projected.cases import Cases
from node.store.projected.decisions import Decisions
from node.store.projected.down import Down
from node.store.projected.marks import Marks
from node.store.projected.papers import Papers
from node.store.projected.people import People
from node.store.projected.references import References
from node.store.projected.requests import Requests
from node.store.projected.wanted import Wanted

PROJECTIONS: tuple[Projection, ...] = (
    Cases(),
    Marks(),
    Decisions(),
    Applications(),
    People(),
    References(),
    Requests(),
    Papers(),
    Wanted(),
    Down(),
)


def copies(chosen: Sequence[Projection] = PROJECTIONS) -> list[Projection]:
    """Those that keep tables which can be made anew."""
    return [one for one in chosen if one.TABLES]


def compared(chosen: Sequence[Projection] = PROJECTIONS) -> Mapping[str, Compared]:
    """By what `verify` compares their tables with rebuilt ones."""
    return {table: by for one in chosen for table, by in one.COMPARED.items()}
