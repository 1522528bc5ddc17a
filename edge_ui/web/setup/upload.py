"""A large upload without a copy in memory: the body goes to a file, and the one file in it is taken out of that.

The form has its small fields first and the file last, as browsers send what stands so in the page.
"""

from __future__ import annotations

import re
from pathlib import Path

HEAD = 64 << 10  # bytes in which the small fields and the file's own header must lie
PIECE = 1 << 20
_BOUNDARY = re.compile(r'boundary="?([^";,]{1,70})"?', re.IGNORECASE)
_NAME = re.compile(rb'name="([^"]*)"')


def take_file(body: Path, content_type: str, target: Path, field: str) -> dict[str, str]:
    """Writes the file of `field` to `target` and answers the other fields. Raises ValueError when the body is no such form."""
    found = _BOUNDARY.search(content_type)
    if found is None:
        raise ValueError("no boundary")
    mark = b"--" + found.group(1).encode("latin-1")
    with body.open("rb") as source:
        head = source.read(HEAD)
        fields, start = _small_fields(head, mark, field.encode())
        source.seek(0, 2)
        end = _end(source.tell(), body, b"\r\n" + mark + b"--")
        source.seek(start)
        with target.open("wb") as sink:
            while start < end and (piece := source.read(min(PIECE, end - start))):
                sink.write(piece)
                start += len(piece)
    return fields


def _small_fields(head: bytes, mark: bytes, wanted: bytes) -> tuple[dict[str, str], int]:
    """The fields before the file, and where the file's bytes begin."""
    fields: dict[str, str] = {}
    at = head.find(mark)
    while at >= 0:
        body = head.find(b"\r\n\r\n", at)
        name = _NAME.search(head[at:body]) if body > 0 else None
        if name is None:
            break
        if name.group(1) == wanted:
            return fields, body + 4
        end = head.find(b"\r\n" + mark, body)
        if end < 0:
            break
        fields[name.group(1).decode("utf-8", "replace")] = head[body + 4 : end].decode("utf-8", "replace")
        at = end + 2
    raise ValueError("no file in the form")


def _end(size: int, body: Path, closing: bytes) -> int:
    with body.open("rb") as source:
        source.seek(max(0, size - 1024))
        at = source.read().rfind(closing)
    if at < 0:
        raise ValueError("the upload was cut off")
    return max(0, size - 1024) + at
