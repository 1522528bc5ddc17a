"""The faults of a file that was refused, by line: what a person at the command line or a page gets to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from node.domain.catalog.line_notes import LineNote
from node.domain.json_values import JsonObject
from node.domain.words.errors import TongbanError

MOST = 1000


def note_document(note: LineNote) -> dict[str, str | int]:
    """One fault or warning as the API says it."""
    return {
        "line": note.line, "column": note.column, "code": note.code, "message": note.message_zh, "message_en": note.message_en
    }  # fmt: skip


def import_failed(errors: Sequence[LineNote]) -> TongbanError:
    """All errors by line; `fields` keeps the first of each line."""
    fields: dict[str, str] = {}
    for note in errors:
        fields.setdefault(f"line {note.line}", note.code)
    return TongbanError("import_failed", fields, count=len(errors), lines=[note_document(note) for note in errors[:MOST]])


def takes_away(lost: Mapping[str, str]) -> TongbanError:
    """The refusal of a file that leaves out published rows, with the rows."""
    rows = [f"{key} {text}".strip() for key, text in lost.items()]
    return TongbanError("takes_away", count=len(rows), example="、".join(rows[:3]), rows=rows[:MOST])


def lines_of(error: TongbanError) -> list[JsonObject]:
    """The faults by line of a refused file. Raises the refusal again where it is none of lines."""
    lines = error.details.get("lines")
    if error.code != "import_failed" or not isinstance(lines, list):
        raise error
    return [line for line in lines if isinstance(line, Mapping)]
