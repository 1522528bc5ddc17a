"""Numbers of persons (GB 11643) and of organisations (GB 32100, unified social credit code).

Our own check: the usual library knows no people born before 1983. Valid is: form, check character, a real date that is not
in the future, a province that exists. A county that is not in the table is a warning, never a refusal: abolished counties
stand in valid numbers. The built-in table covers Wuhan only (4201); elsewhere there is no warning unless a table is given.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass
from operator import mul

# GB/T 2260; 83: residence permits of residents of Taiwan (710000 is the province itself); 91: abroad, in old tables.
PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91".split()
)
WUHAN_COUNTIES = frozenset(
    "420100 420101 420102 420103 420104 420105 420106 420107 420111 420112 420113 420114 420115 420116 420117 "
    "420121 420122 420123 420124".split()  # abolished, districts now: 汉阳县, 武昌县, 黄陂县, 新洲县
)
OLDEST = 120  # years; nobody alive is older
KINDS = ("ric", "uscc", "hmt", "passport", "household", "fpr")  # kinds of documents an applicant may show
_HMT = frozenset(("81", "82", "83"))  # residence permits of residents of Hong Kong, Macao and Taiwan
_OTHER_FORMS = {
    "passport": re.compile(r"(?=.*[0-9])[A-Z0-9]{5,20}"),
    "household": re.compile(r"(?=.*[0-9])[A-Z0-9]{4,20}"),  # of the booklet, or of the birth certificate of who has no number yet
    "fpr": re.compile(r"[A-Z]{3}[0-9]{12}"),  # the card of before 2023; since then 18 characters beginning with 9
}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RIC_CHECK = "10X98765432"
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUE = {character: value for value, character in enumerate(_USCC)}
_USCC_WEIGHTS = tuple(3**place % 31 for place in range(17))
_RIC_FORM = re.compile(r"[0-9]{17}[0-9Xx]")
# Who registered it and the kind of body; six digits of the division; nine of the body and the check character. Letters in
# front are those in use: army (A1, A9), village economic collectives (N1-N3, N9), others (Y1).
_USCC_FORM = re.compile(r"(?:[0-9]{2}|A[19]|N[1239]|Y1)[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")


@dataclass(frozen=True, slots=True)
class IdCheck:
    """verdict: valid | warning | invalid. code: ok, invalid, check_digit, impossible_date or unknown_county."""

    verdict: str
    code: str
    detail: str = ""


OK = IdCheck("valid", "ok")


def ric_check_character(body: str) -> str:
    """The 18th character that fits the first 17 digits (GB 11643)."""
    return _RIC_CHECK[sum(map(mul, map(int, body), _WEIGHTS)) % 11]


def check_ric(number: str, today: dt.date, known_counties: Collection[str] | None = None) -> IdCheck:
    """A resident identity card number, 18 characters (a small x at the end is read as X).

    `known_counties`: six-digit codes; a county is doubted only where the table has others of the same city (four digits).
    """
    if not _RIC_FORM.fullmatch(number) or number[:2] not in PROVINCES:
        return IdCheck("invalid", "invalid", "18 characters, a province that exists, X only in the last place")
    return _check_18(number, today) or (
        IdCheck("warning", "unknown_county", f"county {number[:6]} is not in the table; it may have been abolished")
        if _doubtful(number[:6], known_counties)
        else OK
    )


def _check_18(number: str, today: dt.date) -> IdCheck | None:
    """What is wrong with the check character or the date of birth of 18 characters of the right form."""
    if ric_check_character(number[:17]) != number[17].upper():
        return IdCheck("invalid", "check_digit", "the check digit does not fit")
    try:
        born = dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return IdCheck("invalid", "impossible_date", "the date of birth does not exist")
    if born > today or born.year < today.year - OLDEST:
        return IdCheck("invalid", "impossible_date", "the date of birth cannot be")
    return None


def born(number: str, kind: str) -> dt.date | None:
    """The day of birth that a number holds; None when its kind has none."""
    if kind not in ("ric", "hmt") or not _RIC_FORM.fullmatch(number):
        return None
    try:
        return dt.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def age(birthday: dt.date, today: dt.date) -> int:
    """Whole years (周岁): a year is complete on the day after the birthday."""
    return max(0, today.year - birthday.year - ((today.month, today.day) <= (birthday.month, birthday.day)))


def _doubtful(county: str, known: Collection[str] | None) -> bool:
    if county in WUHAN_COUNTIES or (known is not None and county in known):
        return False
    if county[:2] < "71" and "00" in (county[2:4], county[4:]):
        return True  # no county is numbered 00
    return county.startswith("4201") or any(code.startswith(county[:4]) for code in known or ())


def check_uscc(number: str) -> IdCheck:
    """A unified social credit code, 18 characters, capitals."""
    if not _USCC_FORM.fullmatch(number):
        return IdCheck("invalid", "invalid", "18 characters; digits and capitals without I, O, S, V, Z")
    total = sum(_USCC_VALUE[c] * w for c, w in zip(number, _USCC_WEIGHTS, strict=False))
    if _USCC[-total % 31] != number[17]:
        return IdCheck("invalid", "check_digit", "the check character does not fit")
    return OK


def check_id(number: str, kind: str, today: dt.date) -> IdCheck:
    """`kind`: one of KINDS; any other is invalid. Full-width digits and other scripts are not digits."""
    if kind == "uscc":
        return check_uscc(number)
    if kind == "ric":
        return check_ric(number, today)
    if kind == "hmt" and number[:2] in _HMT:
        return check_ric(number, today)
    if kind == "fpr" and number[:1] == "9" and _RIC_FORM.fullmatch(number):
        return _check_18(number, today) or OK
    form = _OTHER_FORMS.get(kind)
    if form is None and kind != "hmt":
        return IdCheck("invalid", "invalid", "no such kind of number")
    return OK if form is not None and form.fullmatch(number) else IdCheck("invalid", "invalid", "not a number of this kind")
