"""`tongban case file`: applications from a file to a node, in slices, one answer per line in the order of the file.

A JSONL file is read line by line, so its size does not matter. A line that is no JSON object is answered by its number and
does not stop the others. With `--attachments FOLDER` the declared files of each filed application are sent after it from
FOLDER/APPLICATION_NO/FILE, a megabyte at a time and from where an earlier try ended; a file that is not there can come
later.
"""

from __future__ import annotations

import base64
import itertools
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.progress import Progress

from node.cli.support import Session, print_json_line
from node.domain.filing.application import loads_bounded
from node.domain.words.errors import TongbanError
from node.machine import oslayer
from node.running.operations import application_no, errors_of

SLICE = 50
SLICE_BYTES = 8 << 20
LINE_LIMIT = 1 << 20
PART = 1 << 20


@dataclass(slots=True)
class Entry:
    """One application of the file, or why it cannot be read."""

    line: int
    document: object = None
    error: TongbanError | None = None
    size: int = 0

    def answer(self, error: TongbanError) -> dict[str, Any]:
        return {"line": self.line, "errors": errors_of(error)}


def read_entries(path: Path) -> Iterator[Entry]:
    """The applications of a JSON or JSONL file. Raises TongbanError when the file cannot be read."""
    try:
        with open(path, "rb") as file:
            yield from (_whole(file.read()) if path.suffix.lower() == ".json" else _lines(file))
    except FileNotFoundError:
        raise TongbanError("not_found", what=str(path)) from None
    except OSError as error:
        raise TongbanError("storage_failed", reason=f"{path}: {error.strerror}") from None


def _whole(data: bytes) -> Iterator[Entry]:
    """A JSON file: one application, a list of them, or (by its real content) lines."""
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        yield from _lines(iter(data.splitlines(keepends=True)))
        return
    for number, one in enumerate(document if isinstance(document, list) else [document], 1):
        yield _entry(number, json.dumps(one).encode())


def _lines(lines: IO[bytes] | Iterator[bytes]) -> Iterator[Entry]:
    for number, line in enumerate(_bounded(lines), 1):
        text = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
        if text:
            yield _entry(number, text)


def _bounded(lines: IO[bytes] | Iterator[bytes]) -> Iterator[bytes]:
    """Lines of at most LINE_LIMIT + 1 bytes; the rest of a longer one is skipped."""
    if isinstance(lines, Iterator) and not hasattr(lines, "readline"):
        yield from lines
        return
    while line := lines.readline(LINE_LIMIT + 1):
        piece = line
        while not piece.endswith(b"\n") and (piece := lines.readline(LINE_LIMIT)):
            pass
        yield line


def _entry(number: int, text: bytes) -> Entry:
    try:
        return Entry(number, loads_bounded(text), size=len(text))
    except TongbanError as error:
        return Entry(number, error=error)


def _no_line_is_json(path: Path) -> bool:
    """A file of something else; an empty one is a file without applications."""
    errors = [entry.error is not None for entry in itertools.islice(read_entries(path), 1)]
    return errors == [True] and all(entry.error is not None for entry in read_entries(path))


def slices(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    """Groups of at most SLICE applications and SLICE_BYTES."""
    group: list[Entry] = []
    size = 0
    for entry in entries:
        if group and (len(group) >= SLICE or size + entry.size > SLICE_BYTES):
            yield group
            group, size = [], 0
        group.append(entry)
        size += entry.size
    if group:
        yield group


def file_all(session: Session, path: Path, source: str, attachments: Path | None) -> bool:
    """File everything and print the answers. True when every application was filed."""
    if attachments is not None and not attachments.is_dir():
        raise TongbanError("not_found", what=str(attachments))
    if path.is_file() and _no_line_is_json(path):
        raise TongbanError("no_applications", path=str(path))
    clean = True
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("case file", total=None)
        for group in slices(read_entries(path)):
            clean = _file_slice(session, group, source, attachments) and clean
            progress.advance(task, len(group))
    return clean


def _file_slice(session: Session, group: list[Entry], source: str, attachments: Path | None) -> bool:
    good = [entry for entry in group if entry.error is None]
    outcome = session.call("case_file", documents=[e.document for e in good], source=source) if good else {"results": []}
    answers = dict(zip((e.line for e in good), outcome["results"], strict=False))
    clean = True
    for entry in group:
        answer = entry.answer(entry.error) if entry.error else answers.get(entry.line)
        if answer is None:  # the node had to stop before this one
            break
        if attachments is not None and "case_no" in answer:
            answer.update(send_attachments(session, answer["case_no"], entry.document, attachments))
        print_json_line(answer)
        clean = clean and "errors" not in answer
    if "error" in outcome:
        raise TongbanError(outcome["error"]["code"], **outcome["error"].get("details", {}))
    return clean


# ---- attachments -----------------------------------------------------------------------------------------------------


def send_attachments(session: Session, case_no: str, document: object, folder: Path) -> dict[str, Any]:
    """Send what is there: `{"files_sent": n}` and, for what was refused, `{"errors": […]}`."""
    sent, errors = 0, []
    declared = document.get("attachments") if isinstance(document, dict) else None
    for index, one in enumerate(declared if isinstance(declared, list) else []):
        field = f"attachments[{index}]"
        try:
            sent += _send_one(session, case_no, _material(one, index), one, folder / str(application_no(document)), field)
        except TongbanError as error:
            errors += [{**found, "field": found["field"] or field} for found in errors_of(error)]
    return {"files_sent": sent} | ({"errors": errors} if errors else {})


def _material(declared: Any, index: int) -> str:
    """The material a file belongs to, by name: the item's list may have another order than the application's."""
    name = declared.get("material") if isinstance(declared, dict) else None
    return name.strip() if isinstance(name, str) and name.strip() else str(index)


def _send_one(session: Session, case_no: str, material: str, declared: Any, folder: Path, field: str) -> int:
    name = declared.get("file") if isinstance(declared, dict) else None
    if not isinstance(name, str) or not name:
        return 0
    if name in (".", "..") or any(c in name for c in "/\\:\0"):  # stays inside the application's folder
        raise TongbanError("invalid_input", {f"{field}.file": "invalid"})
    path = folder / name
    if not path.is_file():
        return 0
    with oslayer.disk_errors(path), open(path, "rb") as file:
        _send_parts(session, case_no, material, file, path.stat().st_size, name, str(declared.get("mime") or ""))
    return 1


def _send_parts(session: Session, case_no: str, material: str, file: IO[bytes], total: int, name: str, mime: str) -> None:
    where = {"case_no": case_no, "material": material}
    found = session.call("material_offset", **where)
    offset = int(found.get("offset") or 0)
    if found.get("whole") and offset != total:
        offset = 0  # another file is there: this one is sent beside it
    rest = {"total": total, "file_name": name, "mime": mime}
    while offset < total or total == 0:
        file.seek(offset)
        part = file.read(PART)
        try:
            done = session.call("put_material", **where, offset=offset, data=base64.b64encode(part).decode(), **rest)
        except TongbanError as error:
            standing = error.details.get("offset")
            if error.code != "guard_failed" or not isinstance(standing, int) or standing >= offset:
                raise
            offset = standing  # what stood was of another file
            continue
        offset = int(done["offset"])
        if not part:
            return
