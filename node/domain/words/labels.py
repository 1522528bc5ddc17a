"""Chinese words for codes in the sentences of refusals, from the one glossary (`terms`)."""

from __future__ import annotations

from node.domain.words.terms import label


def word(code: str) -> str:
    return label(code, "zh")
