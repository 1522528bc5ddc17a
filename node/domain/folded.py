"""What people type, made comparable: one form for matching, one for the texts that people type as numbers.

`key` is for matching and nothing else: both sides go through it wherever something is looked for or held against something (names,
identity numbers, telephones, case numbers, items, synonyms), and what is shown or printed stays as typed. It is the text without
its width, case, dots, spaces, dashes, quotes and invisible characters; letters, digits and marks remain, and so do characters this
Python does not know yet (rare characters in names).

`typed` is for what a person types into a field of digits: width and invisible characters are mended, the rest stays to be judged.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

_GONE = frozenset("PSZ")  # classes that say nothing of who or what is meant: punctuation, symbols, separators
_HIDDEN = frozenset(("Cf", "Cc"))  # formats and controls; private and unassigned characters may be somebody's name
_BLANKS = re.compile(
    "[\u115f\u1160\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef\u034f\u180b-\u180f]"
)  # letters and marks that show nothing
_DASHES = re.compile(
    "[\u2010-\u2015\u2212\u2043\u00ad\u30fc\uff70\u4e00]"
)  # the last two: what an input method makes of a hyphen
_KEPT_DASH = re.compile("[\u2010-\u2015\u2212\u2043]")
_DATE = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))")
_NAMES = {
    "\u200b": ("零宽空格", "a zero-width space"), "\ufeff": ("字节序标记", "a byte order mark"), "\u00a0": ("不换行空格", "a no-break space"),
    "\u3000": ("全角空格", "a full-width space"), "\t": ("制表符", "a tab"),
}  # fmt: skip


def key(text: str) -> str:
    """The form for matching; "" for a text without a letter or digit."""
    plain = unicodedata.normalize("NFKC", text)
    if plain.isascii() and plain.isalnum():
        return plain.casefold()
    seen = "".join(c for c in _BLANKS.sub("", plain) if not _says_nothing(c))
    return unicodedata.normalize("NFC", seen.casefold())


def _says_nothing(character: str) -> bool:
    category = unicodedata.category(character)
    return category[0] in _GONE or category in _HIDDEN


def is_hidden(character: str) -> bool:
    """Whether a character shows nothing and takes no place."""
    return unicodedata.category(character) in _HIDDEN or _BLANKS.match(character) is not None


def typed(text: str) -> str:
    """Half width, no invisible characters, one space where there were several, hyphens for other dashes."""
    seen = "".join(" " if c.isspace() else c for c in text if c.isspace() or not is_hidden(c))
    return " ".join(_KEPT_DASH.sub("-", unicodedata.normalize("NFKC", seen)).split())


def code(text: str) -> str:
    """A number with letters (identity, passport, credit code) as people type it: capitals, without spaces, dashes and dots."""
    return re.sub(r"[\s.·•・‧∙⋅_-]", "", _DASHES.sub("", typed(text))).upper()


def phone(text: str) -> str:
    """A telephone number as people type it; a mobile number in groups (138-0013-8000) without its hyphens."""
    plain = re.sub(r"[\s.·•()]", "", typed(text))
    return re.sub(r"((?:\+?86-?)?)(1\d{2})-?(\d{4})-?(\d{4})", r"\1\2\3\4", plain)


def phone_key(text: str) -> str:
    """The digits that tell one telephone from another: without the country's number."""
    digits = re.sub(r"\D", "", typed(text))
    return re.sub(r"^(?:00)?86(?=1\d{10}$|0\d{9})", "", digits)


def date(text: str) -> dt.date | None:
    """A day as people write it: 2026-11-29, 2026/11/29, 2026.11.29, 2026年11月29日, 20261129, in any width. None when it is none."""
    found = _DATE.fullmatch(re.sub(r"\s", "", typed(text)))
    if found is None:
        return None
    year, *rest = (part for part in found.groups() if part is not None)
    try:
        return dt.date(int(year), *map(int, rest))
    except ValueError:
        return None


def named(character: str) -> tuple[str, str]:
    """What a character is called (zh, en), so that who typed it can find it: “４”, U+200B (零宽空格)."""
    number = f"U+{ord(character):04X}"
    if character in _NAMES:
        zh, en = _NAMES[character]
        return f"{zh}（{number}）", f"{en} ({number})"
    if is_hidden(character) or character.isspace() or unicodedata.category(character)[0] == "C":
        return f"看不见的字符 {number}", f"an invisible character {number}"
    return f"“{character}”", f"“{character}”"


def mending(text: str, fits: str) -> tuple[str, str]:
    """How to mend a text in which every character should be one of `fits`; ("", "") when every one is. Names the first that is not."""
    for place, character in enumerate(text, 1):
        if character in fits:
            continue
        zh, en = named(character)
        plain = unicodedata.normalize("NFKC", character)
        if len(plain) == 1 and plain in fits:
            return f"第 {place} 个字符{zh}是全角的，请改为半角的 {plain}", f"character {place}, {en}, is full-width: type {plain}"
        return f"第 {place} 个字符是{zh}，请删去后重新输入", f"character {place} is {en}: remove it and type again"
    return "", ""
