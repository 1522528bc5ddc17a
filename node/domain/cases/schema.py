"""What facts may hold: those of a case event as its room says (`acts`), those of a note as its row (`node.domain.notes`), each of its
type (DESIGN "The journal": no free text).

`check_facts` is what keeps personal data out of headers: a fact that is not listed, is of another type, or is a code with
any character outside `[A-Za-z0-9._:;+-]` is named. `decide` refuses to produce such an event. `audit` flags one from elsewhere
whose listed facts are of another type (`wrong_facts`). A fact or a kind that is not listed is of a later version, and is not judged.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from node.domain.cases.acts import NO_EVENTS, OF_KIND
from node.domain.cases.acts.act import CODE, CODES, DATE, FLAG, HASH, HASHES, NUMBER, NUMBERED, PROOFS, Kind
from node.domain.model import Facts
from node.domain.notes import NOTES

MAX_CODES = 200

_CODE = re.compile(r"[A-Za-z0-9._:;+\-]{0,128}")


def _numbered(kind: Kind) -> Mapping[str, str]:
    return NUMBERED if kind.issues else {}


# Any event may answer a request.
SCHEMA: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        **{
            name: MappingProxyType(dict(kind.facts) if name in NO_EVENTS else {**kind.facts, **_numbered(kind), "request": HASH})
            for name, kind in OF_KIND.items()
        },
        **{row.name: MappingProxyType(dict(row.facts)) for row in NOTES},
    }
)


def _is_code(value: object) -> bool:
    if not isinstance(value, str):
        return False
    plain = value.isascii() and value.isalnum() and len(value) <= 128  # most are, and this is quicker to see
    return plain or _CODE.fullmatch(value) is not None


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_TESTS: Mapping[str, Callable[[object], bool]] = {
    CODE: _is_code,
    NUMBER: _is_number,
    FLAG: lambda value: isinstance(value, bool),
    HASH: lambda value: isinstance(value, bytes) and len(value) <= 32,
    DATE: lambda value: isinstance(value, dt.date) and not isinstance(value, dt.datetime),
    CODES: lambda value: isinstance(value, tuple) and len(value) <= MAX_CODES and all(map(_is_code, value)),
    HASHES: lambda value: isinstance(value, tuple) and all(isinstance(one, bytes) and len(one) <= 32 for one in value),
    PROOFS: lambda value: isinstance(value, tuple) and all(isinstance(one, bytes) and len(one) <= 512 for one in value),
}


def check_facts(kind: str, facts: Facts) -> list[str]:
    """Names of the facts that this kind may not carry, or not so; empty when all is well or the kind is unknown."""
    allowed = SCHEMA.get(kind)
    if allowed is None:
        return []
    return [key for key, value in facts.items() if key not in allowed or not _TESTS[allowed[key]](value)]


def wrong_facts(kind: str, facts: Facts) -> list[str]:
    """Names of the facts that this kind may carry, but not so. One that is not listed was added by a later version ("Facts that only
    add need no new kind")."""
    allowed = SCHEMA.get(kind, {})
    return [key for key, value in facts.items() if key in allowed and not _TESTS[allowed[key]](value)]
