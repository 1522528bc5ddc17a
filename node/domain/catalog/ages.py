"""What the conditions of an item ask of the applicant's age, in whole years (周岁). Read from free text, so it only ever warns.

以上 and 以下 include the number, 不满 and 未满 do not (民法典 1259). A sentence about somebody else (children, parents), or one that
asks men and women for different ages, says nothing of the applicant here.
"""

from __future__ import annotations

import re
from functools import lru_cache

_CLAUSE = re.compile(r"[，。；,;\n（）()]")
_OTHERS = re.compile(r"子女|孩子|儿童|婴儿|配偶|父母|监护")
_N = r"(?<!\d)(\d{1,3})"
_BETWEEN = re.compile(_N + r"周?岁?\s*(?:至|到|[-—–~～])\s*(\d{1,3})周?岁(?!以上)")
_LEAST = re.compile(_N + r"周?岁(?:及)?以上|(?:(?<![男女不未性])(?<!男性公民)年满|(?<![男女不未年性])满)(\d{1,3})周?岁")
_MOST = re.compile(_N + r"周?岁(?:及)?以下")
_UNDER = re.compile(r"(?:不满|未满|不足|未年满)(\d{1,3})周?岁")
_DIGITS = {one: n for n, one in enumerate("零一二三四五六七八九")}
_SPELT = re.compile(r"([一二三四五六七八九]?)(十?)([一二三四五六七八九]?)(?=周?岁)")


@lru_cache(maxsize=4096)
def ages_of(conditions: str) -> tuple[int, int | None]:
    """(least, most): 0 and None when the conditions ask for none."""
    if "男" in conditions and "女" in conditions:
        return 0, None
    least, most = 0, None
    for clause in _CLAUSE.split(_SPELT.sub(_in_figures, conditions)):
        if _OTHERS.search(clause):
            continue
        from_, to = _of(clause)
        least, most = least or from_, to if most is None else most
    return least, most if most is None or most >= least else None


def _of(clause: str) -> tuple[int, int | None]:
    if both := _BETWEEN.search(clause):
        return int(both[1]), int(both[2])
    low, high, under = _LEAST.search(clause), _MOST.search(clause), _UNDER.search(clause)
    least = int(low[1] or low[2]) if low is not None else 0
    return least, int(high[1]) if high is not None else int(under[1]) - 1 if under is not None else None


def _in_figures(found: re.Match[str]) -> str:
    """十八周岁 as 18周岁."""
    tens, ten, ones = found.groups()
    if not found[0]:
        return ""
    return str((_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones if ten else tens, 0))
