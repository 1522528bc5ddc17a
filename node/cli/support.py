"""What the commands share: reaching a node, saying what went wrong, printing.

A command reaches a node through a `Session`. When a node runs in the directory, every operation goes to it; otherwise the
session takes the directory's lock, opens the node and runs the same operations here (reading commands too: one way is
simpler to be sure of, and the lock is held for a moment only). Two commands at once wait for each other up to ten seconds.

Errors are one plain sentence on stderr, in Chinese when LANG says so, otherwise in English, and exit status 1. What nobody
expected is recorded in DIR/tongban.log under a number that the sentence names.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TextIO

from node.cli import usage as cli_usage
from node.cli.words import SENTENCES
from node.domain.words.errors import FIELD_ERRORS, TongbanError
from node.machine import logs
from node.running import control
from node.running.operations import OPERATIONS

if TYPE_CHECKING:
    from node.app import Node

LOCK_SECONDS = 10.0
current_directory: list[Path] = []  # the node a command works on, for the log of a crash


class Session:
    """A way to run operations at the node in `directory`, running or not."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._node: Node | None = None
        current_directory[:] = [directory]

    def __enter__(self) -> Self:
        deadline = time.monotonic() + LOCK_SECONDS
        while not control.answers(self.directory):
            try:
                self._node = self._open()
                break
            except TongbanError as error:
                if error.code != "already_running" or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        return self

    def _open(self) -> Node:
        from node.app import open_node

        return open_node(self.directory)

    def __exit__(self, *_: object) -> None:
        if self._node is not None:
            self._node.close()

    @property
    def running(self) -> bool:
        """Whether it is a running node that answers."""
        return self._node is None

    def call(self, operation: str, /, **args: Any) -> Any:
        """Run one operation. Raises TongbanError."""
        if self._node is not None:
            return OPERATIONS[operation](self._node.center, args)
        try:
            return control.call(self.directory, operation, args)
        except control.NoEndpointError:
            raise TongbanError(
                "unreachable", address=str(self.directory), reason="节点已停止", reason_en="the node stopped"
            ) from None


def ask(directory: Path, operation: str, /, **args: Any) -> Any:
    """One operation in a session of its own."""
    with Session(directory) as session:
        return session.call(operation, **args)


# ---- printing --------------------------------------------------------------------------------------------------------


def locale() -> str:
    """`zh` when the environment's language is Chinese, else `en`."""
    chosen = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if chosen.lower().startswith("zh") else "en"


def words(name: str, **details: object) -> str:
    """A sentence of `cli_words` in the language of the environment."""
    return SENTENCES[name][locale() == "en"].format(**details)


def told(fact: Mapping[str, Any]) -> tuple[str, str]:
    """(name, value) of a fact of an event (`node.domain.cases.telling`) in the language of the environment."""
    suffix = "_en" if locale() == "en" else ""
    return fact[f"label{suffix}"], fact[f"value{suffix}"]


def prepare_output() -> None:
    """Characters that a terminal cannot show become escapes instead of an exception."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]


def say(text: str = "") -> None:
    """One line on stdout, flushed, so that a pipe's reader sees it now."""
    print(text, flush=True)


def visible(text: str) -> str:
    """One line in which nothing steers the terminal: what came over a line may hold escapes."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in " ".join(text.split()))


def warn(text: str) -> None:
    print(visible(text), file=sys.stderr, flush=True)


def print_json(document: object) -> None:
    """One JSON document; Chinese stays readable where the terminal can show it."""
    say(json.dumps(document, ensure_ascii=not _unicode_output(), indent=2, default=str))


def print_json_line(document: object) -> None:
    say(json.dumps(document, ensure_ascii=not _unicode_output(), default=str))


def _unicode_output() -> bool:
    return (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "").startswith("utf8")


def table(rows: Iterable[Iterable[object]], file: TextIO | None = None) -> None:
    """Rows separated by tabs: for people and for `cut`; on stdout unless told otherwise."""
    for row in rows:
        print("\t".join("" if cell is None else visible(str(cell)) for cell in row), file=file, flush=True)


def lines_of(document: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    """A document of names and values as rows of a table: of a list one row each, its parts behind its name."""
    for name, value in document.items():
        for one in value if isinstance(value, list) else [value]:
            parts = one.values() if isinstance(one, dict) else [one]
            yield (name, *(",".join(part) if isinstance(part, list) else part for part in parts))


def write_file(path: Path, data: bytes) -> None:
    """What a command makes. Errors: `storage_failed` when it cannot be written there."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise TongbanError("storage_failed", reason=f"{path}: {error.strerror}") from None


def link_row(link: Mapping[str, Any], running: bool) -> tuple[object, ...]:
    """One link in words; a node that does not run says what it knew last."""
    online = link["state"] == "online"
    state = link["state"] if running or not online else words("last_known", state=link["state"])
    contact = words("since" if online else "contact", at=link["last_contact"] or "-")
    error = [words("error", error=link["last_error"])] if link["last_error"] else []
    return ("link", link["peer"], words(link["direction"]), state, words("waiting", count=link["waiting"]), contact, *error)


def serving(web: str, link: str) -> str:
    """Where a node that runs now is reached; without a link listener the web address alone."""
    return words("serving_both" if link else "serving", web=web, link=link)


# ---- errors ----------------------------------------------------------------------------------------------------------


def report(error: TongbanError) -> None:
    """One plain sentence; a refused import also lists its lines."""
    details = detail_lines(error)
    if error.code in ("import_failed", "takes_away"):
        warn(error.sentence(locale()))
        for line in details:
            warn(line)
    else:
        place = f"{_colon()}{error.details['path']}" if error.code == "read_only" and error.details.get("path") else ""
        warn(error.sentence(locale()) + place + (_in_brackets(details) if details else ""))


def _in_brackets(details: list[str]) -> str:
    return f"（{'；'.join(details)}）" if locale() == "zh" else f" ({'; '.join(details)})"


def detail_lines(error: TongbanError) -> list[str]:
    """One line per defect."""
    notes = error.details.get("lines")
    if isinstance(notes, list) and notes:
        return [note_line(note) for note in notes]
    if isinstance(rows := error.details.get("rows"), list):
        return [f"- {row}" for row in rows]
    index = 0 if locale() == "zh" else 1
    return [f"{_place(path)}{_colon()}{FIELD_ERRORS.get(code, (code, code))[index]}" for path, code in error.fields.items()]


def note_line(note: Mapping[str, Any]) -> str:
    message = note["message"] if locale() == "zh" else note.get("message_en", note["message"])
    column = f" {note['column']}" if note.get("column") else ""
    return f"{_place('line ' + str(note['line']))}{column}{_colon()}{message}"


def _colon() -> str:
    return "：" if locale() == "zh" else ": "


def _place(path: str) -> str:
    """`line 3`, `column name` or the path of a field, for people."""
    if locale() == "zh" and (found := re.fullmatch(r"(line|column) (\S+)", path)):
        return f"第 {found[2]} 行" if found[1] == "line" else f"列 {found[2]}"
    return path


def guarded(command: Callable[[], object]) -> int:
    """Run the whole program: its exit status (what `command` answers, when that is a number); never a traceback."""
    try:
        prepare_output()
        logs.configure(None)  # libraries do not talk on a command's stderr
        answer = command()
        status = answer if isinstance(answer, int) else 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except TongbanError as error:
        report(error)
        status = 1
    except cli_usage.UsageError as error:
        print(cli_usage.sentence(error, locale()), file=sys.stderr)
        status = 2
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        status = 1
    except Exception as error:
        directory = current_directory[0] if current_directory else None
        report(TongbanError("internal", ticket=logs.record_crash(directory, error)))
        status = 1
    return _close_output(status)


def _close_output(status: int) -> int:
    """Flush; a reader who has gone away (`| head`) is no reason for a message."""
    try:
        sys.stdout.flush()
    except (BrokenPipeError, ValueError, OSError):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return status or 1
    return status
