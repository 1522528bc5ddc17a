"""Files beside what somebody writes in supervision: the evidence of an appeal, the attachments of a reply. Pure.

They stand in the words of the note (base64), so that they go where these go and nowhere else. That is for a few photographs or letters, not
for a case's materials. What only a name stands for lies elsewhere (on paper, in the case).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import TypedDict

from node.domain.bounded import BAD_LINE, has_any

MOST_FILES, MOST_NAME = 20, 100
MOST_BYTES = 2 << 20  # of all files of one act together
NAMED = ("name", "content")
_NO_FILE = re.compile(r"[/\\:]")  # a file is saved under its name, so never a path; what only a name stands for may hold them


class AttachedFile(TypedDict):
    """A file as documents tell of it: `n` counts from 0, `size` in bytes, None where only its name was given."""

    n: int
    name: str
    size: int | None


def read_attached(given: Mapping[str, object], field: str, flaws: dict[str, str]) -> list[dict[str, str]]:
    """Files as the words of a note keep them, from names or {name, content in base64}; a flaw of the field when they cannot be."""
    entries = given.get(field) or []
    if not isinstance(entries, list) or not all(isinstance(one, str | dict) for one in entries):
        flaws[field] = "wrong_type"
        return []
    found = [{"name": one} if isinstance(one, str) else _entry(one) for one in entries]
    kept = [one for one in found if one is not None]
    if len(kept) < len(found):
        flaws[field] = "wrong_type"
    elif len(kept) > MOST_FILES or any(len(one["name"]) > MOST_NAME for one in kept):
        flaws[field] = "too_long"
    elif any(has_any(BAD_LINE, one["name"]) or not one["name"].strip() for one in kept):
        flaws[field] = "bad_character"
    elif any("data" in one and (_NO_FILE.search(one["name"]) or not one["name"].strip(". ")) for one in kept):
        flaws[field] = "invalid"
    elif sum(len(one.get("data", "")) for one in kept) * 3 // 4 > MOST_BYTES:
        flaws[field] = "too_large"
    return [] if field in flaws else kept


def _entry(one: Mapping[str, object]) -> dict[str, str] | None:
    name, content = (one.get(key) for key in NAMED)
    if set(one) - set(NAMED) or not isinstance(name, str) or not isinstance(content, str):
        return None
    try:
        base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        return None
    return {"name": name, "data": content}


def as_given(files: Sequence[tuple[str, bytes]]) -> list[object]:
    """Files of a form (name, bytes) as `read_attached` reads them."""
    return [{"name": name, "content": base64.b64encode(data).decode()} for name, data in files]


def attached_in(body: Mapping[str, object], field: str) -> list[AttachedFile]:
    """The files in words that anybody may have written. Total."""
    return [
        {"n": n, "name": name, "size": len(data) if data is not None else None}
        for n, (name, data) in enumerate(_files(body, field))
    ]


def content_of(body: Mapping[str, object], field: str, n: int) -> tuple[str, bytes] | None:
    """(name, bytes) of one of them; None where there is none, or only its name."""
    files = _files(body, field)
    name, data = files[n] if 0 <= n < len(files) else ("", None)
    return (name, data) if data is not None else None


def _files(body: Mapping[str, object], field: str) -> list[tuple[str, bytes | None]]:
    entries = body.get(field)
    found: list[tuple[str, bytes | None]] = []
    for one in entries[:MOST_FILES] if isinstance(entries, list) else ():
        name = one.get("name") if isinstance(one, dict) else one
        if isinstance(name, str):
            found.append((name[:MOST_NAME], _data(one.get("data")) if isinstance(one, dict) else None))
    return found


def _data(text: object) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        return None
