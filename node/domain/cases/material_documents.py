"""What a case document says of materials: the checklist, the versions of a file, a correction, what is to follow (times as in `documents.py`)."""

from __future__ import annotations

from typing import TypedDict


class FileRow(TypedDict):
    """One version of a material's file, or originals on paper; `n` numbers the versions of the material from 1, 0 is what this node
    sent after the case and is not answered yet. `mime` is that of the content, "" while it is not here."""

    n: int
    mime: str
    hash: str | None
    size: int | None
    copies: int
    at: str | None
    state: str


class CorrectionRow(TypedDict):
    """One ticked material: the notice's words, what was there before, what came since, what is under way from here."""

    material: str
    name: str
    problem: str
    before: FileRow | None
    since: FileRow | None
    sent: FileRow | None
    said: str


class CorrectionView(TypedDict):
    """The correction of a case. `state`: awaited; asked (the supply is on its way to the holder); supplied."""

    state: str
    content: str
    due: str | None
    again: bool
    rows: list[CorrectionRow]
    lacking: list[str]
    declined: str
    said: str


class GapRow(TypedDict):
    """One material that is to follow. `state`: missing; sent (from here, on its way to the holder); here (it waits to be looked at)."""

    material: str
    name: str
    state: str


class GapView(TypedDict):
    """What is to follow after an acceptance with a gap (容缺): until when, the numbers of the materials, those that did not come yet;
    `lapsed_at`: since when it is known that they did not come in time; `pauses`: the promise stands until they come."""

    due: str | None
    materials: list[str]
    lacking: list[str]
    lapsed_at: str | None
    postponed: bool
    pauses: bool
    rows: list[GapRow]


class Held(TypedDict):
    """How a material is held: `paper`, `file` …; `copies` on paper."""

    held: str
    copies: int


class MaterialRow(Held):
    """A row of the checklist against what was declared and what is here. `material` is its place in the list; `size` in bytes."""

    material: str
    name: str
    required: bool
    size: int | None
    hash: str | None
    state: str
    files: list[FileRow]
