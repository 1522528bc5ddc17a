"""What is counted of a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from node.domain.reports.columns import FORMAT
from node.domain.reports.cut import Cut
from node.domain.reports.tally import Month


@dataclass(frozen=True, slots=True)
class Asked:
    """A month of some units, until a moment (ms), by the cuts that count for each of them and those of the report before. A unit without a
    cut counts all that is here; one without a `base` was not reported before. `format` and `base_format`: by the meaning of which format of
    the columns this month is counted, and was the one before."""

    month: Month
    until: int
    units: frozenset[bytes]
    cuts: Mapping[bytes, Cut]
    base: Mapping[bytes, Cut]
    format: int = FORMAT
    base_format: int = FORMAT
