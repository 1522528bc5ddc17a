"""Full-width punctuation in Chinese sentences: the one place that decides it. Pure.

A sentence of ours (locale, refusal, term, wording of a paper) is mended before it is filled, so that a name in braces counts as Chinese and
what people typed stays as they typed it. A printed paper, which is one text whoever wrote its parts, is mended between Chinese characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_HAN = "\u2e80-\u2fdf\u3001-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uffe5\U00020000-\U0003ffff“”‘’…—①-⑳"
_WIDE = str.maketrans(",;:?!()", "，；：？！（）")
_HAN_ONLY = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_ANY_HAN = re.compile(f"[{_HAN_ONLY}]")

# between, or at the side of, what is Chinese; a name in braces counts. A colon before a digit, a slash or a brace may be a time or an address.
_STOP = re.compile(rf"(?<=[{_HAN}}}])([,;?!]) ?|(?<=[{_HAN}])(:) ?|([,;?!:]) ?(?=[{_HAN_ONLY}“《])")
_PAIR = re.compile(r"\(([^()]*)\)")
_BESIDE = re.compile(rf"[{_HAN_ONLY}”》}}]$")

FAULT = re.compile(rf"[{_HAN_ONLY}”》）] ?[,;:?!(] ?(?=[{_HAN_ONLY}“《（])|[{_HAN_ONLY}”》）] ?\)|\( ?[{_HAN_ONLY}“《（]")
_BETWEEN = re.compile(rf"(?<=[{_HAN}])([,;:?!]) ?(?=[{_HAN}]|$)")


def mended(sentence: str) -> str:
    """A Chinese sentence, or its template, with its punctuation full-width. What holds no Chinese character stays as it is."""
    if not _ANY_HAN.search(sentence):
        return sentence
    text, last = sentence, ""
    while text != last:  # brackets in brackets
        last, text = text, _PAIR.sub(_bracket, text)
    return _STOP.sub(lambda found: found.group(0).strip().translate(_WIDE), text)


def mended_between(text: str) -> str:
    """Only what stands between two Chinese characters; for text that people wrote, on paper."""
    return _BETWEEN.sub(lambda found: found.group(1).translate(_WIDE), text)


def _bracket(found: re.Match[str]) -> str:
    inner, before = found.group(1), found.string[: found.start()]
    wide = _ANY_HAN.search(inner) or _BESIDE.search(before) or inner.startswith("{")
    return f"（{inner}）" if wide else found.group(0)


def joined(sentences: Iterable[str], locale: str = "zh") -> str:
    """Several sentences as one: never a full stop before a semicolon."""
    said = [sentence.rstrip("。. ；;") for sentence in sentences if sentence]
    return ("；" if locale == "zh" else "; ").join(said)
