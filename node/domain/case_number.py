"""Case numbers and query codes: made offline, unique everywhere, readable aloud.

`420102002003-261123-K70-0001-5`: division code of the node, day of filing, two characters of the store generation (so
that two restores of one backup never collide) with the epoch in decimal, serial of the day, and an ISO 7064 mod 37,36
check character over all that stands before it. Letters are Crockford's base 32: no I, L, O, U.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ISO = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FORM = re.compile(r"(\d{12}(?:-[A-Z0-9]{1,8})?)-(\d{6})-([0-9A-HJKMNP-TV-Z]{2})(\d+)-(\d{4,})-([0-9A-Z])")


@dataclass(frozen=True, slots=True)
class CaseNo:
    """The parts of a case number."""

    code: str
    day: dt.date
    generation: str
    epoch: int
    serial: int


def check_character(text: str) -> str:
    """ISO 7064 mod 37,36 over the letters and digits of `text`."""
    check = 36
    for character in text:
        if character in _ISO:
            check = ((check or 36) * 2) % 37
            check = (check + _ISO.index(character)) % 36
    return _ISO[(1 - ((check or 36) * 2) % 37) % 36]


def format_case_no(code: str, day: dt.date, generation: str, epoch: int, serial: int) -> str:
    """The case number of the `serial`-th filing of a day."""
    body = f"{code}-{day:%y%m%d}-{generation}{epoch}-{serial:04d}"
    return f"{body}-{check_character(body)}"


def parse_case_no(text: str) -> CaseNo | None:
    """The parts of a case number as people type it (spaces, lower case); None when it is not one."""
    match = _FORM.fullmatch(re.sub(r"\s+", "", text).upper())
    if match is None:
        return None
    code, day, generation, epoch, serial, check = match.groups()
    if check_character(f"{code}-{day}-{generation}{epoch}-{serial}") != check:
        return None
    try:
        date = dt.datetime.strptime(day, "%y%m%d").date()
    except ValueError:
        return None
    return CaseNo(code, date, generation, int(epoch), int(serial))


def make_query_code(noise: bytes) -> str:
    """Eight characters from eight random bytes (40 bits)."""
    return "".join(CROCKFORD[byte & 31] for byte in noise[:8])


def normalise_query_code(text: str) -> str:
    """As people say or type it: O is 0, I and L are 1, case and spaces do not matter; "" when it cannot be one."""
    code = re.sub(r"[\s-]+", "", text[:64]).upper().replace("O", "0").replace("I", "1").replace("L", "1")
    return code if len(code) == 8 and all(character in CROCKFORD for character in code) else ""


def query_hash(salt: bytes, case_no: str, code: str) -> bytes:
    """What the journal holds of a query code."""
    return hashlib.sha256(salt + case_no.encode() + b"\0" + code.encode()).digest()
