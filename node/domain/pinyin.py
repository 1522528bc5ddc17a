"""How names and words are read: initials and syllables without tones, for those who type them.

The readings of characters come from pypinyin, as data. As a surname a character may be read otherwise (单 shàn); who does not know
that types the common reading, so a name has both. Of other characters with several readings the first counts.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping
from functools import lru_cache

MOST = 12  # characters of a name that are read
SURNAMES: Mapping[str, str] = {  # those whose reading is not the common one; of two characters one after the other
    "单": "shan", "仇": "qiu", "查": "zha", "曾": "zeng", "解": "xie", "朴": "piao", "区": "ou", "繁": "po", "盖": "ge", "缪": "miao",
    "乐": "yue", "种": "chong", "折": "she", "黑": "he", "秘": "bi", "洗": "xian", "员": "yun", "召": "shao", "覃": "qin", "翟": "zhai",
    "句": "gou", "会": "gui", "佴": "nai", "祭": "zhai", "隗": "wei", "重": "chong", "薄": "bo", "都": "du", "阚": "kan", "牟": "mu",
    "卜": "bu", "藏": "zang", "粘": "nian", "适": "kuo", "乜": "nie", "尉迟": "yu chi", "万俟": "mo qi", "澹台": "tan tai",
    "单于": "chan yu", "长孙": "zhang sun",
}  # fmt: skip


@lru_cache(maxsize=1)
def _readings() -> Mapping[int, str]:
    """Loaded when first needed, without the phrases: they are most of the library's memory."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
    from pypinyin.constants import PINYIN_DICT

    return PINYIN_DICT


@lru_cache(maxsize=8192)
def syllables(character: str) -> tuple[str, ...]:
    """The readings of one character without tones, the most common first; a letter or digit is read as itself."""
    found = _readings().get(ord(character))
    if not found:
        return (character.lower(),) if character.isascii() and character.isalnum() else ()
    return tuple(dict.fromkeys(_toneless(one) for one in found.split(",")))


def _toneless(syllable: str) -> str:
    plain = unicodedata.normalize("NFD", syllable.replace("ü", "v"))
    return "".join(c for c in plain if c.isascii() and c.isalpha()) or syllable


def read(text: str) -> str:
    """All syllables in one word (`shebaoka`), each character by its most common reading."""
    return "".join(syllables(c)[0] for c in text if syllables(c))


def of_name(name: str) -> tuple[str, ...]:
    """What somebody types who means this person: initials and whole syllables, with the reading as a surname and the common one.
    `name` as a key of `folded`; nothing for a name without Chinese characters."""
    if not any(ord(c) > 0x2E7F for c in name):
        return ()
    common = [one for c in name[:MOST] for one in syllables(c)[:1]]
    surname = next((SURNAMES[name[:n]].split() for n in (2, 1) if len(name) > n and name[:n] in SURNAMES), [])
    ways = (common, [*surname, *common[len(surname) :]])
    return tuple(dict.fromkeys(text for way in ways for text in ("".join(one[0] for one in way), "".join(way)) if text))


def fits_initials(typed: str, text: str) -> bool:
    """Whether letters are the initials of neighbouring characters of a text, by any of their readings."""
    heads = [frozenset(one[0] for one in syllables(c)) for c in text]
    return any(all(c in heads[at + n] for n, c in enumerate(typed)) for at in range(len(heads) - len(typed) + 1))
