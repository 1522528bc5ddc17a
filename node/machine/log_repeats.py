"""Equal log lines: the first few of a minute are written, the rest are counted and told in one line.

A fault that repeats a thousand times a second would push everything else out of the log (three files of a few MB). Equal are
lines of the same logger, event (whatever numbers it names), exception and peer; of the access log those of the same route and
status, of which more are written. A line that names a ticket is never held back: somebody was told that it
is there. What was held back is told when its minute is over, before the next line that is written, whichever that is.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

from node.machine.log_words import event_of, type_chain

WINDOW_SECONDS = 60.0
AT_ONCE = 10  # equal lines of a window that are written
REQUESTS_AT_ONCE = 300  # of the access log
KINDS_MOST = 500  # kinds of lines that are remembered
REQUEST = "request"  # the event of the access log
TOLD = ("peer", "method", "route", "status")  # fields that tell kinds apart
_NUMBER = re.compile(r"\d+")


@dataclass(slots=True)
class _Kind:
    since: float
    written: int
    held: int
    last: logging.LogRecord


class Repeats:
    """What was written lately. Time is that of the records (seconds); ask `due` before `admit`."""

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, ...], _Kind] = {}

    def admit(self, record: logging.LogRecord) -> bool:
        """Whether the line is written now."""
        fields = getattr(record, "fields", {})
        if fields.get("ticket"):
            return True
        key = _key(record)
        kind = self._kinds.get(key)
        if kind is None:
            self._make_room()
            self._kinds[key] = _Kind(record.created, 1, 0, record)
            return True
        if kind.written < (REQUESTS_AT_ONCE if record.msg == REQUEST else AT_ONCE):
            kind.written += 1
            return True
        kind.held, kind.last = kind.held + 1, record
        return False

    def due(self, now: float | None) -> list[logging.LogRecord]:
        """Lines that tell what was held back and whose minute is over at `now` (None: all)."""
        told = []
        for key, kind in list(self._kinds.items()):
            if now is not None and 0 <= now - kind.since < WINDOW_SECONDS:
                continue
            del self._kinds[key]
            if kind.held:
                told.append(_telling(kind))
        return told

    def _make_room(self) -> None:
        if len(self._kinds) >= KINDS_MOST:
            silent = min(self._kinds, key=lambda key: (self._kinds[key].held > 0, self._kinds[key].since))
            del self._kinds[silent]


def _key(record: logging.LogRecord) -> tuple[str, ...]:
    error = record.exc_info[1] if record.exc_info else None
    fields = getattr(record, "fields", {})
    event = _NUMBER.sub("#", event_of(record))
    told = [str(fields.get(name, "")) for name in TOLD]
    return (record.name, record.levelname, event, type_chain(error) if error is not None else "", *told)


def _telling(kind: _Kind) -> logging.LogRecord:
    """The last of them once more, with how many there were."""
    last = kind.last
    words = f"{event_of(last)} … repeated {kind.held} times"
    found = logging.LogRecord(last.name, last.levelno, "", 0, words, (), None)
    found.created = last.created
    found.fields = {"count": kind.held, **{k: v for k, v in getattr(last, "fields", {}).items() if k in TOLD}}
    return found
