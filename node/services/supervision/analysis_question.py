"""What can be asked of an analysis, read from the texts of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from node.domain.supervision.analysis import DECIDED_ONLY, DIMENSIONS, FILED, MEASURES, NOW
from node.domain.words.errors import TongbanError
from node.services.supervision import query as asked

NAMES = ("measure", "by", "across", "under", "item", "department", "kind", "from", "to")
FILTERS = ("under", "item", "department", "kind")
Period: TypeAlias = "tuple[str, str]"  # first and last day, "" for open


@dataclass(frozen=True, slots=True)
class Question:
    """A measure by a dimension and perhaps `across` another, with the filters, from a day to a day (ISO, "" for open)."""

    measure: str
    by: str
    across: str
    filters: Mapping[str, str]
    period: Period


def read(given: Mapping[str, str]) -> Question:
    """What was asked. Errors: `invalid_input` naming each field."""
    flaws = {name[:64]: "unknown_field" for name in given if name not in NAMES}
    measure, by, across = given.get("measure") or "decided", given.get("by") or "unit", given.get("across", "")
    asked.chosen(flaws, "measure", measure, MEASURES)
    asked.chosen(flaws, "by", by, DIMENSIONS)
    asked.chosen(flaws, "across", across, DIMENSIONS)
    if across == by:
        flaws["across"] = "not_both"
    for name, dimension in (("by", by), ("across", across)):
        if dimension in DECIDED_ONLY and (measure in FILED | NOW or measure == "in_time"):
            flaws[name] = "not_a_choice"
    period = given.get("from", ""), given.get("to", "")
    asked.days(*period, flaws)
    if flaws:
        raise TongbanError("invalid_input", flaws)
    return Question(measure, by, across, {name: text for name in FILTERS if (text := given.get(name, ""))}, period)
