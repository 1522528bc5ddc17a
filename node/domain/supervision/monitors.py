"""Which cases a rule of supervision is about, as far as a list of cases shows it: time rules by the clock that is over, watch lines by the end.

Every other rule is about findings alone. The rules themselves are published (`rulebook.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from node.domain.supervision.rulebook import RULES
from node.domain.words.flags import FLAGS
from node.domain.words.terms import BY_GROUP

CLOCKS: Mapping[str, str] = MappingProxyType(
    {
        "T01": "T", "T02": "R", "T04": "first_examination", "T05": "P", "T06": "S", "T08": "D", "T09": "A", "T11": "correction",
    }
)  # fmt: skip
ENDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "A01": ("returned",), "A02": ("voided",), "A04": ("terminated",), "A05": ("not_accepted", "not_required"), "A06": ("refused",),
    }
)  # fmt: skip
OF_CASES = (*CLOCKS, *ENDS)
# What a finding may be listed under: a rule, the code of a flag that belongs to none, a flaw of a chain.
FOUND_UNDER = tuple(
    dict.fromkeys((*RULES, *(flag.rule for flag in FLAGS.values()), *(code for group, code in BY_GROUP if group == "flaw")))
)


def view_of(rule: str) -> str:
    """The view whose cases a rule is about, "" when it is about findings alone."""
    return "overdue" if rule in CLOCKS else "abnormal" if rule in ENDS else ""
