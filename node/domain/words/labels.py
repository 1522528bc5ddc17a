"""Chinese words for codes in the sentences of refusals, from the one glossary (`terms`)."""

from __future__ import annotations

from node.domain.words.terms import BY_GROUP, label


def flaw_words(kind: str, locale: str = "zh") -> str:
    """What a finding is called, a flaw of a chain or a flag of the audit; of a kind of a later version that it is something else."""
    group = next((one for one in ("flaw", "flag") if (one, kind) in BY_GROUP), "")
    return label(kind if group else "other", locale, group or "flaw")


def word(code: str) -> str:
    return label(code, "zh")
