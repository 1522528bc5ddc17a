"""What came back and what came to nothing: which act said so, and in which words. Pure; reads the timeline of a case document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from node.domain.cases.documents import TimelineRow
from node.domain.model import Purpose
from node.domain.words.punctuation import joined

BACK = (str(Purpose.HAND_BACK), str(Purpose.RETURN))
TURNED_DOWN: Mapping[str, str] = {  # status -> the fact that says why
    "not_accepted": "not_accepted", "not_required": "not_required_found", "terminated": "terminated",
}  # fmt: skip
RETURNS_AS = ("with_agent", "submitted", "accepted")  # statuses in which a case that was given back stands


def said_back(status: str, rows: Sequence[TimelineRow]) -> TimelineRow | None:
    """The act that gave the case back or turned it down, while that is how it stands; None otherwise."""
    if status in TURNED_DOWN:
        return next((row for row in reversed(rows) if row["action"] == TURNED_DOWN[status]), None)
    offered = next((row for row in reversed(rows) if row["action"] == "custody_offered"), None)
    back = offered is not None and status in RETURNS_AS and offered["facts"].get("purpose") in BACK
    return offered if back else None


def words_of(row: TimelineRow, language: str) -> str:
    """The reason in words: what the fact says, then what was written."""
    told = [one["value" if language == "zh" else "value_en"] for one in row["told"] if one["name"] == "reason"]
    return joined([*told, row["note"] or ""], language)
