"""What is wrong with a password.

Refused are passwords that are guessed first: short ones, those of a list of common words (`configs/passwords/common.txt`) with a few
figures or signs around them or with look-alike signs in them, walks over the keyboard, runs and repeats, dates, and the own name, also
in pinyin. What is left is slowed down by `throttle`; a rule that wants capitals and signs is not set, because people answer it with
`Password1!`.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import configs

LEAST, MOST = 8, 200
_AROUND = 8  # figures and signs around a word that do not make it better
_FILE = Path(configs.__file__).parent / "passwords" / "common.txt"
_ALIKE = str.maketrans("@4013$5+7", "aaoiesstt")
_LINES = (
    "1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "abcdefghijklmnopqrstuvwxyz", "01234567890",
    "1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/",
    "741852963", "789456123", "147258369", "159", "357", "951", "753",
)  # fmt: skip
_SHIFTED = str.maketrans("!@#$%^&*()_+", "1234567890-=")


def password_flaw(password: str, *own: str) -> str:
    """What is wrong as an error code of a field; empty when nothing is. `own`: the person's name and username."""
    if len(password) > MOST:
        return "too_long"
    if len(password) < LEAST or len(set(password)) < 4:
        return "short_password"
    plain = "".join(c for c in unicodedata.normalize("NFKC", password).casefold() if not c.isspace())
    if any(_is(plain, word) for word in _own_words(own)):
        return "own_name"
    return "common_password" if _common(plain) else ""


def _common(plain: str) -> bool:
    if _walk(plain) or _walk(plain.translate(_SHIFTED)) or _repeats(plain) or _date(plain):
        return True
    halves = (plain[::2], plain[1::2])
    if all(len(half) >= 4 and _walk(half) for half in halves):
        return True
    return any(core in _words() for core in _cores(plain) if len(plain) - len(core) <= _AROUND)


def _cores(plain: str) -> Iterator[str]:
    """The password without figures and signs around it, as it is and with look-alike signs read as letters."""
    yield from (plain, _strip(plain), _strip(plain.translate(_ALIKE)), _strip(plain).translate(_ALIKE))


def _strip(text: str) -> str:
    return re.sub(r"^[^a-z\u4e00-\u9fff]+|[^a-z\u4e00-\u9fff]+$", "", text)


def _is(plain: str, word: str) -> bool:
    """Whether a password is that word with little around it, or the word twice."""
    rest = plain.replace(word, "", 2)
    return word in plain and len(rest) <= _AROUND and not re.search(r"[a-z\u4e00-\u9fff]{4}", rest)


def _walk(text: str) -> bool:
    """Whether it is made of pieces of three and more that lie side by side on a keyboard, in the alphabet or in a row of figures."""
    at = 0
    while at < len(text):
        step = max((n for n in range(3, len(text) - at + 1) if _beside(text[at : at + n])), default=0)
        if step == 0:
            return len(text) - at <= 1 and at >= 6
        at += step
    return True


def _beside(piece: str) -> bool:
    return len(set(piece)) == 1 or any(piece in line or piece[::-1] in line for line in _LINES)


def _repeats(text: str) -> bool:
    """The same one to four signs again and again."""
    return any(text == (text[:n] * len(text))[: len(text)] for n in range(1, 5))


def _date(text: str) -> bool:
    """A day of the last 120 years, with nothing but a few letters beside it."""
    digits = re.sub(r"[-./年月日]", "", text)
    found = re.fullmatch(r"[a-z]{0,3}(\d{8})[a-z]{0,3}", digits)
    if found is None:
        return False
    for year, month, day in ((found[1][:4], found[1][4:6], found[1][6:]), (found[1][4:], found[1][2:4], found[1][:2])):
        try:
            if 1905 <= dt.date(int(year), int(month), int(day)).year <= 2099:
                return True
        except ValueError:
            continue
    return False


def _own_words(own: tuple[str, ...]) -> Iterator[str]:
    for text in own:
        word = "".join(unicodedata.normalize("NFKC", text).casefold().split())
        if len(word) >= (2 if any(c > "\u2e80" for c in word) else 4):
            yield word
        if any("\u4e00" <= c <= "\u9fff" for c in word):
            from pypinyin import lazy_pinyin  # a tenth of a second, for who changes a password only

            syllables = lazy_pinyin(word)
            yield "".join(syllables)
            yield "".join([*syllables[1:], syllables[0]])


@cache
def _words() -> frozenset[str]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))
