"""Facts about work, as they stand in a header: one JSON object in plain ASCII, its keys sorted.

    code    "ZW007"                 number   5               flag    true
    hash    {"hash": "…"}           hashes   {"hashes": […]}     (base64url without padding)
    date    {"date": "2026-03-02"}  instant  {"ms": 0}       codes   ["a", "b"]

There is no free text. A code holds [A-Za-z0-9._:;+-]{0,128}; outside of codes only the signs of JSON may stand, and no escapes,
so one look at the packed text (`could_hide_text`) is enough to let it in and pass it on. What it says is read when somebody
asks (`unpack`). That is total: facts that two readers could understand differently (a name given twice, a date that is none)
are `Unreadable`, an empty mapping that the audit flags; a value of a type this version does not know is left out.
"""

from __future__ import annotations

import datetime as dt
import json
import string
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias

FactValue: TypeAlias = str | int | bool | bytes | dt.date | dt.datetime | tuple[str, ...] | tuple[bytes, ...]

MAX_CODE = 128  # characters
_CODE = (string.ascii_letters + string.digits + "._:;+-").encode()
_PACKED = _CODE + b'{}[]",'
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MS = dt.timedelta(milliseconds=1)
_FAR = 1 << 63
_URL, _BASE64 = bytes.maketrans(b"+/", b"-_"), bytes.maketrans(b"-_", b"+/")
_PADDING = (b"", b"===", b"==", b"=")  # by the characters over a multiple of four


class Unreadable(dict[str, FactValue]):
    """Facts that nobody can read: none. `reason` says why."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


def could_hide_text(packed: str) -> bool:
    """Whether packed facts hold anything but codes and the signs of JSON."""
    return not _only(packed, _PACKED)


def all_codes(texts: Collection[str]) -> bool:
    """Whether each of these is a code. One look over all of them together, because every entry that comes is asked."""
    joined = "".join(texts)
    return _only(joined, _CODE) and (len(joined) <= MAX_CODE or max(map(len, texts)) <= MAX_CODE)


def _only(text: str, allowed: bytes) -> bool:
    return not text.encode("utf-8", "replace").translate(None, allowed)  # three times as fast as a pattern


# writing -----------------------------------------------------------------------------------------------------------------


def pack(facts: Mapping[str, FactValue]) -> str:
    """Facts as they are signed. Raises ValueError for what is no fact."""
    if not facts:
        return ""
    texts = list(facts)
    told = ",".join([f'"{key}":{_packed(key, facts[key], texts)}' for key in sorted(facts)])
    if not all(facts) or not all_codes(texts):
        raise ValueError(f"not a code: {next((one for one in texts if not all_codes([one])), '')[:32]!r}")
    return "{" + told + "}"


def _packed(key: str, value: FactValue, texts: list[str]) -> str:
    """A value in JSON. What must be a code, and then needs no escapes, is added to `texts`."""
    if isinstance(value, str):
        texts.append(value)
        return '"' + value + '"'  # not formatted: a subclass may format itself otherwise
    if isinstance(value, bytes):
        return f'{{"hash":"{_text(value)}"}}'
    if isinstance(value, int) and -_FAR <= value < _FAR:
        return int.__repr__(value) if not isinstance(value, bool) else "true" if value else "false"
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return f'{{"ms":{(value - _EPOCH) // _MS}}}'
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return f'{{"date":"{value.isoformat()}"}}'
    if isinstance(value, tuple):
        if len(codes := [one for one in value if isinstance(one, str)]) == len(value):
            texts += codes
            return '["' + '","'.join(codes) + '"]' if codes else "[]"
        if len(hashes := [_text(one) for one in value if isinstance(one, bytes)]) == len(value):
            return '{"hashes":[' + ",".join([f'"{one}"' for one in hashes]) + "]}"
    raise ValueError(f"fact {key!r} is neither a code nor of another type of fact: {type(value).__name__}")


def _text(octets: bytes) -> str:
    return b2a_base64(octets, newline=False).translate(_URL, b"=").decode()


# reading -----------------------------------------------------------------------------------------------------------------


def unpack(packed: str) -> dict[str, FactValue]:
    """What packed facts say. Never raises."""
    if not packed:
        return {}
    try:
        stated = _stated(packed)
        texts = list(stated)
        facts = dict[str, FactValue]()
        for key, told in stated.items():
            if told.__class__ is str:  # nearly all are; the same as `_value` says, without asking it
                texts.append(told)
                facts[key] = told
            elif (value := _value(told, texts)) is not None:
                facts[key] = value
        if not all(texts[: len(stated)]) or not all_codes(texts):
            raise ValueError("not a code")
        return facts
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        return Unreadable(str(error)[:100])


def _stated(packed: str) -> dict[str, Any]:
    """The object of the text. Where there may be another name than are seen in it, it is read once more, by who tells of doubled ones."""
    stated = _READER.decode(packed)
    if not isinstance(stated, dict):
        raise ValueError("not an object")
    seen = len(stated) + sum([len(one) for one in stated.values() if one.__class__ is dict])
    if packed.count('":') != seen or " " in packed or not packed.isprintable():
        _STRICT.decode(packed)
    return stated


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a fact is given twice")
    return found


_READER, _STRICT = (
    json.JSONDecoder(),
    json.JSONDecoder(object_pairs_hook=_once),
)  # made once: every entry that is projected is read


def _value(told: object, texts: list[str]) -> FactValue | None:
    """None for a type that this version does not know. What must be a code is added to `texts`."""
    if isinstance(told, str):
        texts.append(told)
        return told
    if isinstance(told, dict) and len(told) == 1:
        ((kind, value),) = told.items()
        return _READ[kind](value) if kind in _READ else None
    if isinstance(told, list):
        texts += told
        return tuple(told)
    if isinstance(told, int):
        if not -_FAR <= told < _FAR:
            raise ValueError("a number is out of range")
        return told
    if isinstance(told, float):
        raise ValueError("a number with a fraction")
    return None


def _octets(told: object) -> bytes:
    text = _plain(told)
    octets = a2b_base64(text.encode("ascii").translate(_BASE64) + _PADDING[len(text) % 4])
    if _text(octets) != text:  # the decoder passes over what is no base64
        raise ValueError("not a hash")
    return octets


def _date(told: object) -> dt.date:
    day = dt.date.fromisoformat(_plain(told))
    if day.isoformat() != told:  # fromisoformat also takes 20260102 and 2026-W01-5
        raise ValueError("not a date")
    return day


def _instant(told: object) -> dt.datetime:
    if not isinstance(told, int) or isinstance(told, bool):
        raise ValueError("not an instant")
    return _EPOCH + dt.timedelta(milliseconds=told)


def _plain(told: object) -> str:
    if not isinstance(told, str):
        raise ValueError("not a text")
    return told


def _several(told: object) -> tuple[bytes, ...]:
    if not isinstance(told, list):
        raise ValueError("not a list")
    return tuple(map(_octets, told))


_READ: Mapping[str, Callable[[object], FactValue]] = {
    "hash": _octets,
    "hashes": _several,
    "date": _date,
    "ms": _instant,
}
