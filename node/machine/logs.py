"""The log of a node: one line of JSON per event in `DIR/tongban.log`, English, without personal data.

Personal data stays out by construction, not by care: a log call may only carry the keys of `SAFE_KEYS`, anything else is
dropped and its *name* is listed under `dropped`. An exception is logged by its type and the places in the code it came
through (`module:function:line`); its message is left out, because messages quote their input (`invalid literal: '…'`).
Records of libraries arrive through the standard `logging` module: their words are kept; of their arguments numbers, the
types of exceptions and plain words of code, of everything else its type alone (`log_words.py`). Tornado's access log, whose
lines carry search words, is not written at all; `/metrics` counts requests.

A sentence on a screen that names a ticket has a line with this ticket here. Such lines are always written; of other equal
lines the first few of a minute are, then one that says how many more there were (`log_repeats.py`).
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import logging.handlers
import os
import secrets
import ssl
import sys
import tempfile
import threading
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import structlog

from node.domain.words.errors import TongbanError
from node.machine.log_repeats import Repeats
from node.machine.log_words import event_of, type_chain

LOG_FILE = "tongban.log"
SAFE_KEYS = frozenset(
    """
    event level logger at node peer code error kind action count size ms seconds port pid tier state direction
    position epoch seq generation revision version attempt ticket operation signal rule reason_code exception frames
    cause_frames dropped status hash method route
    """.split()
)


def configure(directory: Path | None, level: str = "info", max_mb: int = 10) -> None:
    """Send structlog and `logging` to DIR/tongban.log; when `directory` is None only what a person was given a ticket for, to a
    temporary file. May be called again."""
    root = logging.getLogger()
    for old in list(root.handlers):
        if getattr(old, "tongban", False):
            root.removeHandler(old)
            old.close()
    handler: logging.Handler = LogFile(directory / LOG_FILE, max_mb) if directory is not None else CrashFiles()
    handler.tongban = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(level.upper())
    logging.getLogger("tornado.access").disabled = True
    structlog.configure(
        processors=[structlog.stdlib.add_logger_name, structlog.stdlib.add_log_level, _hand_over],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        cache_logger_on_first_use=False,
    )


def get(name: str) -> Any:
    """A logger: `log.info("link_online", peer=code)`; the event is an English snake_case word."""
    return structlog.get_logger(name)


def catch_strays() -> None:
    """What fails where nobody waits for it (a thread, a finaliser) goes to the log and not, with its message, to stderr."""
    threading.excepthook = _of_thread
    sys.unraisablehook = _unraisable


def _of_thread(failed: threading.ExceptHookArgs) -> None:
    if failed.exc_value is not None:
        logging.getLogger("node.threads").error("thread_failed", exc_info=failed.exc_value)


def _unraisable(failed: sys.UnraisableHookArgs) -> None:
    if failed.exc_value is not None:
        logging.getLogger("node.threads").error("unraisable", exc_info=failed.exc_value)


def _hand_over(_: Any, __: str, event: MutableMapping[str, Any]) -> tuple[tuple[str], dict[str, Any]]:
    """structlog -> one record of `logging`, with the fields beside it."""
    exc_info = event.pop("exc_info", None)
    return (str(event.pop("event", "")),), {"extra": {"fields": dict(event)}, "exc_info": exc_info}


class LogFile(logging.handlers.RotatingFileHandler):
    """DIR/tongban.log and its three predecessors, for the owner's eyes only. A log that cannot be
    written (a full disk, no folder) never stops a node."""

    def __init__(self, path: Path, max_mb: int) -> None:
        super().__init__(path, maxBytes=max_mb << 20, backupCount=3, encoding="utf-8", delay=True)
        self.setFormatter(JsonLines())
        self._repeats = Repeats()
        with suppress(OSError):
            self.stream = self._open()  # now, so that there is a log when no file is left

    def _open(self) -> TextIOWrapper:
        return TextIOWrapper(open(self.baseFilename, "ab", opener=_private), encoding="utf-8")

    def emit(self, record: logging.LogRecord) -> None:
        """Write it, unless it was written often enough; before it, what was held back and is due."""
        for held in self._repeats.due(record.created):
            super().emit(held)
        if self._repeats.admit(record):
            super().emit(record)

    def close(self) -> None:
        with suppress(Exception):
            for held in self._repeats.due(None):
                super().emit(held)
        super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name of the library
        return None


class CrashFiles(logging.Handler):
    """Where there is no node's log (commands, the first run in a browser): each line with a ticket in a file of its own."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        number = getattr(record, "fields", {}).get("ticket")
        if isinstance(number, str) and number.isalnum():
            with suppress(OSError):
                _append(_crash_file(number), self.format(record))


def _crash_file(number: str) -> Path:
    return Path(tempfile.gettempdir()) / f"tongban-crash-{number}.log"


def _append(path: Path, line: str) -> None:
    with open(path, "a", encoding="utf-8", opener=_private) as file:
        file.write(line + "\n")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


class JsonLines(logging.Formatter):
    """One record -> one line of ASCII JSON holding safe keys only."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"at": _iso(record), "level": record.levelname.lower(), "logger": record.name}
        line["event"] = event_of(record)
        line.update(_handshake(record))
        fields: dict[str, Any] = getattr(record, "fields", {})
        dropped = sorted(name for name in fields if name not in SAFE_KEYS)
        line.update({name: _plain(value) for name, value in fields.items() if name in SAFE_KEYS})
        if dropped:
            line["dropped"] = dropped
        if record.exc_info and record.exc_info[1] is not None:
            line.update(exception_fields(record.exc_info[1]))
        return json.dumps(line)


def _handshake(record: logging.LogRecord) -> dict[str, str]:
    """Tornado's word on a failed HTTPS handshake (plain HTTP at that port, an unknown certificate): only OpenSSL's own name of
    the reason is taken from it, never the peer or the message."""
    errors = [one for one in record.args if isinstance(one, ssl.SSLError)] if isinstance(record.args, tuple) else []
    return {"event": "tls_handshake_failed", "reason_code": str(errors[0].reason)[:60]} if errors else {}


def _iso(record: logging.LogRecord) -> str:
    return dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")


def _plain(value: object) -> object:
    if isinstance(value, (int, float, bool)) or value is None:
        return value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return type_chain(value) if isinstance(value, BaseException) else str(value)[:500]


def exception_fields(error: BaseException) -> dict[str, Any]:
    """Type and places of an exception and of what caused it, without messages."""
    found: dict[str, Any] = {"exception": type_chain(error), "frames": places(error)}
    cause = error
    while (deeper := cause.__cause__ or cause.__context__) is not None and deeper is not error:
        cause = deeper
        if len(found.setdefault("cause_frames", [])) < 20:
            found["cause_frames"] += places(cause)[-5:]
        else:
            break
    return found


def places(error: BaseException) -> list[str]:
    """Where an exception came through, outermost first: `module:function:line`. A module has a name, no path of a machine."""
    walked = list(traceback.walk_tb(error.__traceback__))[-20:]
    return [f"{frame.f_globals.get('__name__', '?')}:{frame.f_code.co_qualname}:{line}" for frame, line in walked]


def ticket() -> str:
    """A short number that ties a sentence on a screen to a line in the log."""
    return secrets.token_hex(4)


def internal(error: BaseException | None, event: str, **fields: Any) -> TongbanError:
    """What nobody expected becomes `internal` with a ticket, and a line under this ticket."""
    number = ticket()
    get("node.internal").error(event, ticket=number, exc_info=error, **fields)
    return TongbanError("internal", ticket=number)


def record_crash(directory: Path | None, error: BaseException, **fields: Any) -> str:
    """Log an unexpected exception of a command and return its ticket. Never raises.

    It goes to the node's log; where there is no node, or its log belongs to somebody else, to a file of its own among the
    machine's temporary files."""
    number = ticket()
    line = {"at": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"), "level": "error", "logger": "node.cli.main"}
    line |= {"event": "crash", "ticket": number, **fields, **exception_fields(error)}
    is_node = directory is not None and (directory / "config.toml").is_file()
    for path in [directory / LOG_FILE, _crash_file(number)] if directory and is_node else [_crash_file(number)]:
        with suppress(Exception):
            _append(path, json.dumps(line))
            break
    return number
