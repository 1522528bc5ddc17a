"""Case numbers and query codes: made offline, unique everywhere, readable aloud.

`420102002003-261123-K70-0001-9`: division code of the node (a branch hall adds `-` and its suffix), day of filing, two
characters of the store generation (so that two restores of one backup never collide) with the epoch in decimal, serial of
the day, and an ISO 7064 mod 37,36 check character over all letters and digits before it. It finds every single wrong
character and nearly every exchange of neighbours.

The generation is Crockford's base 32: no I, L, O, U. So a typed O is 0 and a typed I or L is 1, but not in a suffix nor
in the check character, where both may stand.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from node.domain import folded

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_OF = (CROCKFORD * 8).encode()  # of each byte the character of its last five bits
MAX_TYPED = 100
_ISO = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_VALUE = {character: value for value, character in enumerate(_ISO)}
_FORM = re.compile(
    r"([0-9]{12}(?:-[A-Z0-9]{1,8})?)-([0-9]{6})-([0-9A-HJKMNP-TV-Z]{2})(0|[1-9][0-9]{0,11})-([0-9]{4}|[1-9][0-9]{4,11})-([0-9A-Z])"
)
_BODY = re.compile(r"([0-9OIL]{12}(?:-[A-Z0-9]{1,8})?)(-[0-9OIL]{6}-[0-9A-Z]{2}[0-9OIL]+-[0-9OIL]+)(-[0-9A-Z])")
_SPOKEN = str.maketrans("OIL", "011")
SHORTEST = 26  # characters of a number without hyphens
_SUFFIX, _SERIAL = range(9), range(4, 13)  # how long a branch's suffix and a serial may be


@dataclass(frozen=True, slots=True)
class CaseNo:
    """The parts of a case number; `str()` is its one written form."""

    code: str
    day: dt.date
    generation: str
    epoch: int
    serial: int

    def __str__(self) -> str:
        return format_case_no(self.code, self.day, self.generation, self.epoch, self.serial)


def check_character(text: str) -> str:
    """ISO 7064 mod 37,36 over the letters and digits of `text`."""
    return _ISO[(1 - _product(text)) % 36]


def _product(text: str, product: int = 36) -> int:
    for character in text:
        if character in _VALUE:
            product = ((product + _VALUE[character]) % 36 or 36) * 2 % 37
    return product


@lru_cache(maxsize=256)
def _begun(code: str, day: dt.date, generation: str, epoch: int) -> tuple[str, int]:
    """What all numbers of a day begin with, and how far the check character has come there."""
    text = f"{code}-{day:%y%m%d}-{generation}{epoch}-"
    return text, _product(text)


def number_beginning(code: str, day: dt.date, generation: str, epoch: int) -> str:
    """What stands before the serial in all case numbers of a day."""
    return _begun(code, day, generation, epoch)[0]


def format_case_no(code: str, day: dt.date, generation: str, epoch: int, serial: int) -> str:
    """The case number of the `serial`-th filing of a day."""
    beginning, product = _begun(code, day, generation, epoch)
    number = f"{serial:04d}"
    return f"{beginning}{number}-{_ISO[(1 - _product(number, product)) % 36]}"


def parse_case_no(text: str) -> CaseNo | None:
    """The parts of a case number as people type it (spaces, lower case, full width, other dashes, without hyphens); None when it is
    not one."""
    return next(spellings(text), None)


def spellings(text: str) -> Iterator[CaseNo]:
    """What a typed number can mean. Without its hyphens a long one may be read in more than one way, the likeliest first."""
    typed = _plain(text)
    if (found := _parse(typed)) is not None:
        yield found
        return
    run = typed.replace("-", "")
    for suffix in _SUFFIX if len(run) >= SHORTEST else ():
        for serial in _SERIAL:
            if (found := _parse(_hyphened(run, suffix, serial))) is not None:
                yield found


def _hyphened(run: str, suffix: int, serial: int) -> str:
    """A number without hyphens cut at the places where they would stand."""
    head, rest = run[:12] + ("-" + run[12 : 12 + suffix] if suffix else ""), run[12 + suffix :]
    return f"{head}-{rest[:6]}-{rest[6 : -1 - serial]}-{rest[-1 - serial : -1]}-{rest[-1:]}"


def _parse(typed: str) -> CaseNo | None:
    rough = _BODY.fullmatch(typed)
    if rough is None:
        return None
    number = rough[1][:12].translate(_SPOKEN) + rough[1][12:] + rough[2].translate(_SPOKEN) + rough[3]
    match = _FORM.fullmatch(number)
    if match is None or check_character(number[:-1]) != number[-1]:
        return None
    try:
        day = dt.date(2000 + int(match[2][:2]), int(match[2][2:4]), int(match[2][4:]))
    except ValueError:
        return None
    return CaseNo(match[1], day, match[3], int(match[4]), int(match[5]))


def _plain(text: str) -> str:
    """Half width, capitals, hyphens for other dashes, no white space, nothing invisible; "" for what is too long to be meant."""
    if len(text) > MAX_TYPED:
        return ""
    return folded.typed(text).replace(" ", "").upper()


def make_query_code(noise: bytes) -> str:
    """Eight characters (40 bits) from the first eight random bytes. Raises ValueError when there are fewer."""
    if len(noise) < 8:
        raise ValueError("eight random bytes are needed")
    return noise[:8].translate(_CODE_OF).decode()


def normalise_query_code(text: str) -> str:
    """As people say or type it: O is 0, I and L are 1, case, spaces and hyphens do not matter; "" when it cannot be one."""
    code = folded.code(text[:MAX_TYPED]).translate(_SPOKEN)
    return code if len(code) == 8 and all(character in CROCKFORD for character in code) else ""


def query_hash(salt: bytes, case_no: str, code: str) -> bytes:
    """What the journal holds of a query code."""
    return hashlib.sha256(salt + case_no.encode() + b"\0" + code.encode()).digest()
