"""Chinese words for codes in the sentences of refusals; the glossary itself is `terms`."""

from __future__ import annotations


def word(code: str) -> str:
    return code
