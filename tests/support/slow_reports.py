"""Monthly tables once more, slowly and obviously: each case is written down after each of its entries as a plain record, and a month is
what two such records say, one of its first instant and one of its end. Nothing of the program's folding, clocks or counting is used; due
days are counted by `scripts/check_card.py`."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from node.domain.model import Event, Place
from tests.support.slow_signals import check_card

ACCEPTS = ("accepted", "accepted_with_gap", "deemed_accepted", "decided_at_once")
DECIDES = ("approved", "refused", "decided_at_once")
TURNED = {"not_accepted": "not_accepted", "not_required_found": "not_required"}
GIVEN_UP = {"withdrawn": "withdrawn", "terminated": "terminated", "voided": "voided"}


class Record(NamedTuple):
    """A case after an entry. `once`: what was counted when it happened, (unit, column)."""

    at: int
    kind: str
    status: str
    holder: bytes
    filed: bool = False
    accepted: bytes = b""
    decided: bytes = b""
    outcome: str = ""
    ended: bytes = b""
    how: str = ""
    received: bytes = b""
    once: tuple[tuple[bytes, str], ...] = ()


def records(events: Sequence[Event], places: Mapping[bytes, Place]) -> list[Record]:
    """The case after each entry, in order."""
    found: list[Record] = []
    for event in events:
        last = found[-1] if found else Record(0, "", "", b"")
        at = max(event.at, last.at)
        new = last._replace(
            at=at, kind=event.kind, status=event.status_after, holder=event.custodian_after or event.author, once=()
        )
        if event.kind == "undone":
            n = next(n for n in range(len(found) - 2, -1, -1) if found[n].status == event.status_after and _is_before(found, n))
            taken_back = found[n + 1]
            new = found[n]._replace(at=at, kind="undone", holder=new.holder, received=last.received)
            once = [
                (event.author, "-" + name) for _, name in taken_back.once if name in ("corrections", "extended", "deemed", "gap")
            ]
            if (taken_back.decided and not new.decided) or (taken_back.ended and not new.ended):
                once.append((event.author, "reopened"))
            found.append(new._replace(once=tuple(once)))
            continue
        new = _acted(last, new, event, places)
        found.append(new)
    return found


def _is_before(found: list[Record], n: int) -> bool:
    """Whether the entry after the n-th record is the last that changed anything."""
    quiet = ("opened", "taken_up", "assigned", "reassigned", "urgent_set", "material_added", "reminded", "papers_recorded")
    return all(one.kind in quiet for one in found[n + 2 :])


def _acted(last: Record, new: Record, event: Event, places: Mapping[bytes, Place]) -> Record:
    once: list[tuple[bytes, str]] = []
    if event.kind in ("lodged", "submitted"):
        new = new._replace(filed=True)
    if event.kind in ACCEPTS:
        new = new._replace(accepted=event.author)
    if event.kind in DECIDES:
        ground = event.facts.get("ground", "none") != "none"
        outcome = "approved" if event.kind != "refused" else "returned" if ground else "refused"
        new = new._replace(decided=event.author, outcome=outcome)
    if event.kind in TURNED or (event.kind in GIVEN_UP and last.status != "draft"):
        how = TURNED.get(event.kind) or (event.kind if last.accepted else event.kind + "_before")
        new = new._replace(ended=event.author, how=how)
    hall = places[new.holder].tier != "village" and event.custodian_after != b""
    if not last.received and hall and new.filed and event.kind in ("submitted", "custody_taken", "received"):
        new = new._replace(received=new.holder)
        once.append((new.holder, "received"))
    if last.accepted and not last.decided and not last.ended and not new.decided and not new.ended and last.holder != new.holder:
        once += [(last.holder, "moved_out"), (new.holder, "moved_in")]
    names = {
        "correction_requested": "corrections",
        "extended": "extended",
        "deemed_accepted": "deemed",
        "accepted_with_gap": "gap",
    }
    once += [(event.author, names[event.kind])] if event.kind in names else []
    return new._replace(once=tuple(once))


def month(
    cases: Iterable[tuple[Sequence[Event], Any]], places: Mapping[bytes, Place], unit: bytes, start: int, end: int
) -> Counter[str]:
    """What a unit's row says of a month, in ms from its first instant to the first after it."""
    return months(((records(events, places), item) for events, item in cases), unit, start, end)


def months(cases: Iterable[tuple[Sequence[Record], Any]], unit: bytes, start: int, end: int) -> Counter[str]:
    """The same of cases that are written down."""
    found: Counter[str] = Counter()
    for told, item in cases:
        first, last = _at(told, start), _at(told, end)
        found.update(_states(last, unit, item))
        found.subtract(_states(first, unit, item))
        for one in told:
            for who, name in one.once if start <= one.at < end else ():
                if who == unit:
                    found["corrections" if name == "-corrections" else name.lstrip("-")] += -1 if name.startswith("-") else 1
        found["carried"] += _open(first, unit)
        found["open"] += _open(last, unit)
        found["suspended"] += _open(last, unit) and last is not None and last.status == "suspended"
    return Counter({name: n for name, n in found.items() if n})


def _at(told: Sequence[Record], moment: int) -> Record | None:
    return next((one for one in reversed(told) if one.at < moment), None)


def _open(one: Record | None, unit: bytes) -> bool:
    return one is not None and bool(one.accepted) and not one.decided and not one.ended and one.holder == unit


def _states(one: Record | None, unit: bytes, item: Any) -> Iterable[str]:
    if one is None:
        return
    if one.accepted == unit:
        yield "accepted"
        yield item.case_type
    if one.decided == unit:
        yield "decided"
        yield one.outcome
    if one.ended == unit and one.how:
        yield one.how


def in_time(story: Mapping[str, Any], events: Sequence[Event]) -> tuple[bool, bytes] | None:
    """Whether the decision came by the earlier of promise and statutory day, and who answers for that (b"": nobody); None without a decision.
    `story`: the case as the checker reads it, by rule. Raises `check_card.Beyond` where the checker does not count."""
    n = next((n for n, one in enumerate(events) if one.kind in DECIDES), 0)
    if not n:
        return None
    due, _, rule = min((day, rule != "T05", rule) for rule in ("T05", "T06") if (day := story[rule].due(n - 1)) is not None)
    if dt.datetime.fromtimestamp(events[n].at / 1000, dt.timezone(dt.timedelta(hours=8))).date() <= due:
        return True, events[n].author
    one = story[rule]
    anchor = next(k for k in range(n) if one.due(k) == due and all(one.due(m) == due for m in range(k, n)))
    try:
        return False, one.charged(anchor, due)
    except check_card.Wrong:
        return False, b""


Beyond = check_card.Beyond
