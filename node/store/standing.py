"""A case as the entries that are here make it, and one of these entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from node.domain.cases.audit import CLEAR, Judged
from node.domain.model import Case, Event


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """One entry of a case as a reader gets it."""

    arrival: int
    event: Event
    via: int
    received_at: int
    not_before_ms: int
    epoch: int
    seq: int


class Standing(NamedTuple):
    """A case and what of its entries does not count."""

    case: Case
    void: tuple[bytes, ...] = ()
    parked: tuple[bytes, ...] = ()
    first_arrival: int = 0
    judged: Judged = CLEAR  # what the audit makes of it; only known in the writer's turn


class Settled(NamedTuple):
    """A case that changed. `sure` is what stands of it without doubt (`CaseReader.sound`); `fresh`: no table has a row of it yet."""

    standing: Standing
    sure: Case
    fresh: bool = False

    @property
    def case(self) -> Case:
        return self.standing.case
