"""The log of a node: one line of JSON per event in `DIR/tongban.log`, English, without personal data.

Personal data stays out by construction, not by care: a log call may only carry the keys of `SAFE_KEYS`, anything else is
dropped and its *name* is listed under `dropped`. An exception is logged by its type and the places in the code it came
through; its message is left out, because messages quote their input (`invalid literal: '…'`). Records of libraries
arrive through the standard `logging` module: their template is kept, their arguments are not. Tornado's access log,
whose lines carry search words, is not written at all; `/metrics` counts requests.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import logging.handlers
import os
import secrets
import ssl
import tempfile
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

LOG_FILE = "tongban.log"
SAFE_KEYS = frozenset(
    """
    event level logger at node peer code error kind action count size ms seconds address port pid tier state direction
    position epoch seq generation revision version attempt ticket path operation signal rule reason_code exception frames
    dropped status hash method route
    """.split()
)


def configure(directory: Path | None, level: str = "info", max_mb: int = 10) -> None:
    """Send structlog and `logging` to DIR/tongban.log, or nowhere when `directory` is None. May be called again."""
    root = logging.getLogger()
    for old in list(root.handlers):
        if getattr(old, "tongban", False):
            root.removeHandler(old)
            old.close()
    handler: logging.Handler = logging.NullHandler()
    if directory is not None:
        with suppress(OSError):  # a log that cannot be written must not stop a node
            handler = _file_handler(directory / LOG_FILE, max_mb)
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


def _hand_over(_: Any, __: str, event: MutableMapping[str, Any]) -> tuple[tuple[str], dict[str, Any]]:
    """structlog -> one record of `logging`, with the fields beside it."""
    exc_info = event.pop("exc_info", None)
    return (str(event.pop("event", "")),), {"extra": {"fields": dict(event)}, "exc_info": exc_info}


def _file_handler(path: Path, max_mb: int) -> logging.Handler:
    path.touch(mode=0o600, exist_ok=True)
    handler = logging.handlers.RotatingFileHandler(path, maxBytes=max_mb << 20, backupCount=3, encoding="utf-8", delay=True)
    handler.setFormatter(JsonLines())
    handler.handleError = lambda record: None  # type: ignore[method-assign]  # a full disk must not stop a node
    return handler


class JsonLines(logging.Formatter):
    """One record -> one line of ASCII JSON holding safe keys only."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {"at": _iso(record), "level": record.levelname.lower(), "logger": record.name}
        line["event"] = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
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
    return str(value)[:500]


def exception_fields(error: BaseException) -> dict[str, Any]:
    """Type and places of an exception and of what caused it, without messages."""
    chain: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(chain) < 5:
        chain.append(type(seen).__name__)
        seen = seen.__cause__ or seen.__context__
    frames = traceback.extract_tb(error.__traceback__)[-20:]
    places = [f"{os.path.basename(f.filename)}:{f.lineno} {f.name}" for f in frames]
    return {"exception": " <- ".join(chain), "frames": places}


def ticket() -> str:
    """A short number that ties a sentence on a screen to a line in the log."""
    return secrets.token_hex(4)


def record_crash(directory: Path | None, error: BaseException, **fields: Any) -> str:
    """Log an unexpected exception of a command and return its ticket. Never raises.

    It goes to the node's log, or to a file of its own among the machine's temporary files when there is no node."""
    number = ticket()
    line = {"at": dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds"), "level": "error", "logger": "node.cli"}
    line |= {"event": "crash", "ticket": number, **fields, **exception_fields(error)}
    is_node = directory is not None and (directory / "config.toml").is_file()
    path = directory / LOG_FILE if directory and is_node else Path(tempfile.gettempdir()) / f"tongban-crash-{number}.log"
    with suppress(Exception):
        path.touch(mode=0o600, exist_ok=True)
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
    return number
