"""Numbers of persons (GB 11643) and of organisations (GB 32100, unified social credit code).

Our own check: the library knows no people born before 1983. Valid is: form, check character, a real date that is not in
the future, a province that exists. A county that is not in the table is a warning, never a refusal: abolished counties
stand in valid numbers.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

PROVINCES = frozenset("11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91".split())
WUHAN_COUNTIES = frozenset("420100 420101 420102 420103 420104 420105 420106 420107 420111 420112 420113 420114 420115 420116 420117".split())
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RIC_CHECK = "10X98765432"
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_RIC_FORM = re.compile(r"[0-9]{17}[0-9X]")
_USCC_FORM = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


@dataclass(frozen=True, slots=True)
class IdCheck:
    """verdict: valid | warning | invalid. code: ok, invalid, check_digit, impossible_date or unknown_county."""

    verdict: str
    code: str
    detail: str = ""


OK = IdCheck("valid", "ok")


def check_ric(number: str, today: dt.date) -> IdCheck:
    """A resident identity card number, 18 characters."""
    if not _RIC_FORM.fullmatch(number) or number[:2] not in PROVINCES:
        return IdCheck("invalid", "invalid", "18 characters, a province that exists, X only in the last place")
    if _RIC_CHECK[sum(int(c) * w for c, w in zip(number, _WEIGHTS, strict=False)) % 11] != number[17]:
        return IdCheck("invalid", "check_digit", "the check digit does not fit")
    try:
        born = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return IdCheck("invalid", "impossible_date", "the date of birth does not exist")
    if born > today or born.year < 1850:
        return IdCheck("invalid", "impossible_date", "the date of birth cannot be")
    if number[:4] == "4201" and number[:6] not in WUHAN_COUNTIES:
        return IdCheck("warning", "unknown_county", f"county {number[:6]} is not in the table; it may have been abolished")
    return OK


def check_uscc(number: str) -> IdCheck:
    """A unified social credit code, 18 characters."""
    if not _USCC_FORM.fullmatch(number):
        return IdCheck("invalid", "invalid", "18 characters; digits and capitals without I, O, S, V, Z")
    total = sum(_USCC.index(c) * (3**i % 31) for i, c in enumerate(number[:17]))
    if _USCC[(31 - total % 31) % 31] != number[17]:
        return IdCheck("invalid", "check_digit", "the check character does not fit")
    return OK


def check_id(number: str, kind: str, today: dt.date) -> IdCheck:
    """`kind`: ric or uscc. Full-width digits and other scripts are not digits."""
    if kind == "uscc":
        return check_uscc(number)
    return check_ric(number, today)
