"""What can be asked of the counts and lists of cases: a measure, the day on which it is looked, and what narrows it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

CHECKING = "checking"  # the status under which what is in doubt is counted
FIRST_MS, END_MS = -(2**62), 2**62  # no period
UNASSIGNED = "c.owner = '' AND c.offered_to IS NULL"  # nobody's, and not on its way; of cases and roll-ups alike
Scope = tuple[int, bytes]  # of the roll-ups: level and node


@dataclass(frozen=True, slots=True)
class Measure:
    """Which cases, the moment that puts them into a period, and who has to answer for them (a node id).

    `kept`: the same condition in the roll-ups (`rollups.py`), "" when they do not say it; `silent`: at nodes that are silent only."""

    condition: str
    moment: str
    place: str
    kept: str = ""
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """The day on which it is looked: the date; since before when (ms) a case on its way is there too long; which nodes are silent; what was
    drawn, with the unit that each was drawn of, its item and its position. `here`: the node that looks, from its roll-ups; without it every
    case is looked at."""

    today: dt.date
    stuck: int = 0
    silent: Sequence[bytes] = ()
    drawn: Mapping[str, tuple[bytes, str, int]] = field(default_factory=dict)
    here: bytes = b""

    def values(self, text: str) -> dict[str, object]:
        """As parameters of a text of SQL: the long ones only where it names them."""
        values: dict[str, object] = {"today": self.today.isoformat(), "stuck": self.stuck}
        if ":silent" in text:
            values["silent"] = json.dumps([node.hex().upper() for node in self.silent])
        if ":drawn" in text:
            values["drawn"] = json.dumps(sorted(at for _, _, at in self.drawn.values()))
        return values


@dataclass(frozen=True, slots=True)
class Narrow:
    """What narrows a measure. `places` and `origins` are node ids; with `other_places` it is every node but these."""

    first_ms: int = FIRST_MS
    end_ms: int = END_MS
    status: str = ""
    item: str = ""
    places: Sequence[bytes] | None = None
    other_places: bool = False
    origins: Sequence[bytes] | None = None
    other_origins: bool = False
    items: Sequence[str] | None = field(default=None)
    step: str = ""  # what they wait for; NO_STEP for what is over
    due_to: str = ""  # due on this day (ISO) at the latest
    clock: str = ""  # whose day the due day is
    hows: Sequence[str] = ()  # how they ended (`ends.HOWS`)
    other_items: bool = False  # every item but `items`
    decision: str = ""
    unassigned: bool = False  # nobody's, and not on its way
    staff: str = ""  # whose they are
    scopes: Sequence[Scope] | None = None  # the same as `places`, as the roll-ups have it
