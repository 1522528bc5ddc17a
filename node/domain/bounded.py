"""Reading JSON from outside within bounds, and telling which text cannot be shown, stored or signed.

`json.loads` alone takes NaN, numbers of a million digits, keys given twice, unpaired surrogates (which no file and no
signature can hold) and nesting up to the recursion limit. Everything that comes from a person, a program or a file is
read here first, so that later code meets only JSON that can be written again. Nothing but TongbanError is raised.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import NoReturn

from node.domain.json_values import Json, JsonObject
from node.domain.words.errors import FieldError, TongbanError, malformed

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_NODES = 5000
MAX_TEXT = 10_000
MAX_KEY = 100
MAX_FLAWS = 20
MAX_INT = 1 << 63
# controls but tab and line ends, C1 controls, unpaired surrogates, non-characters
BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# in a field of one line also tab, line ends, and the marks that turn the order of what is shown
BAD_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def has_any(bad: re.Pattern[str], text: str) -> bool:
    """Whether a text holds a character of BAD or BAD_LINE. None of them is printable, and asking for that first is faster."""
    return not text.isprintable() and bad.search(text) is not None


def loads_bounded(data: bytes | str, *, limit: int = MAX_BYTES, depth: int = MAX_DEPTH) -> Json:
    """Parse JSON. Raises TongbanError: too_large (`limit` bytes), malformed (encoding, syntax, depth, numbers, doubled keys)."""
    if len(data) > limit:
        raise TongbanError("too_large", limit=f"{limit // 1024} KB")
    text = _text(data)
    try:
        value: Json = json.loads(
            text, parse_int=_integer, parse_constant=_no_constant, parse_float=_float, object_pairs_hook=_pairs
        )
    except RecursionError:
        raise malformed("嵌套过深", "nested too deeply") from None
    except ValueError as error:
        raise malformed("不是 JSON", f"not JSON: {str(error)[:80]}") from None
    if "\\u" in text or text.count("[") + text.count("{") > depth:
        _check_tree(value, depth)
    return value


def _text(data: bytes | str) -> str:
    try:
        if isinstance(data, str):
            data.encode()
            return data.removeprefix("\ufeff")
        return data.decode("utf-8-sig")
    except UnicodeError:
        raise malformed("不是 UTF-8 编码", "not UTF-8") from None


def _integer(text: str) -> int:
    value = int(text) if len(text) <= 20 else MAX_INT
    if not -MAX_INT <= value < MAX_INT:
        raise malformed("数值超出范围", "a number is out of range")
    return value


def _float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise malformed("数值超出范围", "a number is out of range")
    return value


def _no_constant(text: str) -> NoReturn:
    raise malformed(f"{text} 不是 JSON 数值", f"{text} is not JSON")


def _pairs(pairs: list[tuple[str, Json]]) -> JsonObject:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise malformed("同一个键出现两次", "a key is given twice")
    return found


def _check_tree(value: Json, most: int) -> None:
    """Depth and unpaired surrogates; level by level, so that no depth can exhaust the stack."""
    level: list[object] = [value]
    depth = 0
    while level:
        depth += 1
        below: list[object] = []
        for one in level:
            if depth > most and isinstance(one, dict | list):
                raise malformed("嵌套过深", "nested too deeply")
            if isinstance(one, dict):
                below += one
                below += one.values()
            elif isinstance(one, list):
                below += one
            elif isinstance(one, str) and _SURROGATE.search(one):
                raise malformed("含有不成对的代理字符", "an unpaired surrogate")
        level = below


# documents that are already parsed --------------------------------------------------------------------------------------


def flaws_of(document: JsonObject) -> list[FieldError]:
    """What in a document cannot be kept whatever it means: too deep, too much, too long, unfit text, numbers, types.

    At most 20. Paths are safe to show: a bad key is named by what holds it.
    """
    return [] if _sound(document) else list(_flaws(document))


def _sound(document: JsonObject) -> bool:
    """Whether `_flaws` would find nothing. Level by level and with one look at all text together, so that the many documents
    with nothing wrong cost little; in doubt False."""
    level: list[object] = [document]
    keys: list[object] = []
    texts: list[str] = []
    seen = depth = 0
    while level and depth <= MAX_DEPTH and seen + len(level) <= MAX_NODES:
        seen, depth = seen + len(level), depth + 1
        below: list[object] = []
        for value in level:
            if type(value) is str:
                texts.append(value)
            elif isinstance(value, dict):
                keys += value
                below += value.values()
            elif isinstance(value, list):
                below += value
            elif _scalar_flaw(value):
                return False
        level = below
    return not level and _good_keys(keys) and max(map(len, texts), default=0) <= MAX_TEXT and not has_any(BAD, "".join(texts))


def _good_keys(keys: list[object]) -> bool:
    names = [key for key in keys if type(key) is str and 0 < len(key) <= MAX_KEY]
    return len(names) == len(keys) and not has_any(BAD_LINE, "".join(names))


def _flaws(document: JsonObject) -> Iterator[FieldError]:
    stack: list[tuple[str, object, int]] = [("", document, 0)]
    seen = found = 0
    while stack and found < MAX_FLAWS:
        path, value, depth = stack.pop()
        seen += 1
        if depth > MAX_DEPTH or seen > MAX_NODES:
            yield FieldError(path or "document", "too_long")
            return
        if type(value) is str:
            code = "too_long" if len(value) > MAX_TEXT else "bad_character" if BAD.search(value) else ""
        elif isinstance(value, Mapping):
            code = "" if all(map(_good_key, value)) else "bad_character"
            prefix = path and path + "."
            if len(value) <= MAX_NODES and not code:
                stack.extend((f"{prefix}{key}", inner, depth + 1) for key, inner in value.items())
            code = code or ("too_long" if len(value) > MAX_NODES else "")
        elif isinstance(value, list):
            code = "too_long" if len(value) > MAX_NODES else ""
            if not code:
                stack.extend((f"{path}[{n}]", inner, depth + 1) for n, inner in enumerate(value))
        else:
            code = _scalar_flaw(value)
        if code:
            found += 1
            yield FieldError(path or "document", code)


def _good_key(key: object) -> bool:
    return isinstance(key, str) and 0 < len(key) <= MAX_KEY and BAD_LINE.search(key) is None


def _scalar_flaw(value: object) -> str:
    if isinstance(value, int):
        return "" if -MAX_INT <= value < MAX_INT else "out_of_range"
    if isinstance(value, float):
        return "" if math.isfinite(value) else "out_of_range"
    return "" if value is None else "wrong_type"
