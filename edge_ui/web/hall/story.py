"""What people read of a case's way: whose turn it is, and one line an event. Pure.

The journal has more lines than there were events: the draft, the mechanical half of a hand-over, that somebody looked. Here a lodging is one
line, a hand-over is one line with the time of its arrival, and nothing of the machine is told. The whole record is in the document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from node.domain.cases.documents import CaseDocument, TimelineRow, ToldFact

FILED = frozenset({"lodged", "submitted"})
QUIET = frozenset({"draft_saved", "opened"})  # the machine's, not an event of the case
APPLICANT = frozenset({"applicant"})


@dataclass(frozen=True, slots=True)
class Told:
    """One event: `row` of the timeline, `arrived` when what was handed over had come, `files` that came with a lodging."""

    row: TimelineRow
    arrived: str | None = None
    files: int = 0
    told: Sequence[ToldFact] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is: the unit by name, its person or post ("" unknown), what it waits for, since when, by when and why."""

    unit: str
    person: str
    post: str
    stage: Mapping[str, Any]
    since: str | None
    due: str | None
    deadline: Mapping[str, Any] | None


def story(rows: Sequence[TimelineRow]) -> list[Told]:
    """The events of a case, the oldest first."""
    found: list[Told] = []
    for row in rows:
        if row["action"] in QUIET:
            continue
        last = found[-1] if found else None
        merged = _merged(last, row) if last is not None else None
        if merged is None:
            found.append(Told(row, told=tuple(row["told"])))
        else:
            found[-1] = merged
    return found


def _merged(last: Told, row: TimelineRow) -> Told | None:
    """The event of before with what belongs to it; None for an event of its own."""
    before = last.row
    if before["action"] == "custody_offered" and row["action"] == "custody_taken" and last.arrived is None:
        return Told(before, row["dated"], last.files, last.told)
    if before["action"] in FILED and row["node"] == before["node"] and before["staff"] == row["staff"]:
        if row["action"] == "material_added":
            return Told(before, last.arrived, last.files + 1, last.told)
        if row["action"] == "submitted":
            return Told(row, last.arrived, last.files, (*last.told, *row["told"]))
    return None


def turn_of(case: CaseDocument) -> Turn | None:
    """Whose turn it is; None when the case is over."""
    stage = next((row for row in case["tracker"] if row["state"] in ("now", "stuck")), None)
    if stage is None or not stage["why"] or stage["step"] == "ended":
        return None
    transit, owner, step = case["transit"], case["owner"], case["step"]
    unit = transit["to_name"] if transit is not None else case["custodian_name"]
    person = owner["name"] if owner is not None and owner["name"] else ""
    waits = stage["why"] in APPLICANT
    due = case["deadlines"][0] if case["deadlines"] else None
    since = transit["since"] if transit is not None else case["moved_at"]
    return Turn(
        "" if waits else unit, "" if waits else person, step["post"] if step is not None and not waits else "", stage, since,
        due["due"] if due is not None else case["due"], due,
    )  # fmt: skip
