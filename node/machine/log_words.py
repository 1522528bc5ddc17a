"""What of a log record may be written: the words of the code, never what people gave it.

A template (`"Uncaught exception %s"`) is code; its arguments are not. Of them numbers stand, an exception stands as its
type, a plain word of code (`tornado.httpserver`, `ValueError`) as itself, and everything else as its type (`<str>`). Some
libraries put their arguments into the text themselves (asyncio, gRPC); so whatever the text came to, only its first line is
kept, without what stands in quotes, paths, long numbers and characters that are not ASCII.
"""

from __future__ import annotations

import logging
import re

MOST = 200  # characters of an event
_WORD = re.compile(r"[A-Za-z_]+(\.[A-Za-z_]+)*")
_UNFIT = (
    (re.compile(r"'[^']*'?|\"[^\"]*\"?"), "'…'"),
    (re.compile(r"\S*[/\\]\S*"), "<path>"),
    (re.compile(r"\d{5,}"), "#"),
    (re.compile(r"(?:\d{1,3}\.){3}\d{1,3}"), "<address>"),
    (re.compile(r"[^\x20-\x7e…]+"), "?"),
)


def event_of(record: logging.LogRecord) -> str:
    """The text of a record that may be written."""
    if not isinstance(record.msg, str):
        return type_chain(record.msg) if isinstance(record.msg, BaseException) else type(record.msg).__name__
    return _fit(_filled(record.msg, record.args))


def type_chain(error: BaseException) -> str:
    """Types of an exception and of what caused it: `RuntimeError <- KeyError`."""
    chain: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(chain) < 5:
        chain.append(type(seen).__name__)
        seen = seen.__cause__ or seen.__context__
    return " <- ".join(chain)


def _filled(template: str, args: object) -> str:
    """The template with what may stand of its arguments; alone when they do not fit it."""
    if not args:
        return template
    one_line = template.partition("\n")[0]
    try:
        if isinstance(args, dict):
            return one_line % {name: _Shown(value) for name, value in args.items()}
        given = [_Shown(one) for one in args] if isinstance(args, tuple) else [_Shown(args)]
        return one_line % tuple(given[: _places(one_line)])
    except (TypeError, ValueError, KeyError):
        return one_line


def _places(template: str) -> int:
    """How many arguments a template takes."""
    return len(re.findall(r"%[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]", template.replace("%%", "")))


class _Shown:
    """An argument that can be put wherever a template wants it and shows what may be shown."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __str__(self) -> str:
        value = self._value
        if isinstance(value, (bool, int, float)) or value is None:
            return str(value)
        if isinstance(value, BaseException):
            return type_chain(value)
        if isinstance(value, type):
            return value.__name__
        return value if isinstance(value, str) and len(value) <= 60 and _WORD.fullmatch(value) else f"<{type(value).__name__}>"

    __repr__ = __str__

    def __int__(self) -> int:
        return int(self._value) if isinstance(self._value, (int, float)) else 0

    __index__ = __int__

    def __float__(self) -> float:
        return float(self._value) if isinstance(self._value, (int, float)) else 0.0


def _fit(text: str) -> str:
    text = text.partition("\n")[0][: 4 * MOST]
    for pattern, mark in _UNFIT:
        text = pattern.sub(mark, text)
    return text[:MOST]
