"""The text of a Chinese page with full-width punctuation, whoever wrote it: our sentences, a city's catalog, a remark.

Only what is shown changes. What stands in a field to be edited, in code and in an attribute stays as it was typed, and papers have
their own rule (`node.domain.words.punctuation`).
"""

from __future__ import annotations

import re

from node.domain.words.punctuation import FAULT, mended

_PARTS = re.compile(
    r"<(textarea|script|style|pre|code)\b.*?</\1>|<[^>]*>|&#?\w+;|(?P<text>[^<&]+)",
    re.DOTALL,
)
_WORTH = re.compile(r"[,;:?!()]")


def full_width(html: str) -> str:
    """A page, or a part of one, with the punctuation of its Chinese text mended."""
    return _PARTS.sub(_part, html) if FAULT.search(html) else html


def _part(found: re.Match[str]) -> str:
    text = found["text"]
    return mended(text) if text and _WORTH.search(text) else found.group(0)
