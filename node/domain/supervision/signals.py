"""The signals of a case: reminders, warnings and cards, derived from its entries, the published rules and what is known (DOMAIN A0-A3).

A pure function of the effective entries, the revisions they cite and the later ones, and *known until* of whoever had the case and of the
publisher; never of the local clock or of the order of arrival. What is not known yet is `known` False and is not served. An effect of
absence cures nothing. One stay of a unit with a case is one run: the first of its limits to pass opens the card, what passes later in it
is a line of that card, without rungs of its own.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from node.domain.calendar import DAY_MS, day_of, end_of_day_ms
from node.domain.cases.lateness import charged as holder_of
from node.domain.cases.lateness import over_days
from node.domain.model import Case, Event
from node.domain.supervision.charging import charged_unit
from node.domain.supervision.rulebook import SERVED, Rule
from node.domain.supervision.watches import Basis, State, Watch, state_before, states, watches

HOUR_MS = 3_600_000
Known = Callable[[bytes], int]  # until when (ms) a node is known at the reader


class Signal(NamedTuple):
    """One rung of one limit. `at_ms`: when it fell. `anchor`: hash of the entry that set the due day in force. `charged`: the node that
    answers (b"": nobody); `staff_id`: whose the step was at the due moment, "" when nobody's. `known`: all who could have acted are known
    past it. `line_of`: the id of the card that it is a line of, b"" for one of its own. `ended_ms`: when what was due was done, 0: it was
    not."""

    id: bytes
    case_no: str
    version: int
    item_id: str
    rule: str
    rung: str
    clock: str
    limit: int
    due: dt.date
    anchor: bytes
    charged: bytes
    staff_id: str
    at_ms: int
    over_days: int
    known: bool
    line_of: bytes = b""
    ended_ms: int = 0

    @property
    def served(self) -> bool:
        """Whether it is one that the parent of the charged node serves."""
        return self.rung in SERVED and bool(self.charged) and not self.line_of


def signal_id(case_no: str, rule: str, anchor: bytes, due: dt.date, charged: bytes, rung: str) -> bytes:
    """The same at every node. An extension is another anchor, a day that a calendar moved another due day."""
    text = "\0".join(("tongban signal 1", case_no, rule, anchor.hex(), due.isoformat(), charged.hex(), rung))
    return hashlib.sha256(text.encode()).digest()


class _Passed(NamedTuple):
    """A watch that passed its day: at which moment that was settled, who answers (b"": nobody), and of which card it is a line."""

    watch: Watch
    moment: int
    charged: bytes
    line_of: bytes


class Derived(NamedTuple):
    """Every signal of a case that fell until now, in the order in which they fell; `next_ms`: when the next could, None: none will."""

    signals: tuple[Signal, ...]
    next_ms: int | None


def derive(events: Sequence[Event], basis: Basis, known: Known, published_ms: int, now_ms: int) -> Derived:
    """The signals of a case from its entries as they are stored."""
    return derived_from(states(events, basis.may_assign), basis, known, published_ms, now_ms)


def derived_from(found: Sequence[State], basis: Basis, known: Known, published_ms: int, now_ms: int) -> Derived:
    """The same from how the case stood after each of them."""
    ran = [one for one in watches(found, basis) if basis.supervisions.on(one.limit.due).rules[one.rule].in_use]
    passed = _passed(found, ran, now_ms, basis)
    fallen = [(one, rung, moment) for one in passed for rung, moment in _rungs(one, basis) if moment <= now_ms]
    signals = [_signal(found, *fell) for fell in fallen]
    signals += [one for watch in ran for one in _before(found, watch, passed, basis, now_ms)]
    sure = [one._replace(known=one.known and _all_known(found, one, known, published_ms)) for one in signals]
    moments = [moment for one in ran if one.end is None for moment in _moments(one, basis).values() if moment > now_ms]
    ordered = sorted(sure, key=lambda one: (one.at_ms, one.rule, one.rung, one.anchor))
    return Derived(tuple(ordered), min(moments, default=None))


def confirmed(
    rule: Rule, case: Case, evidence: bytes, charged: bytes, act: Event | None, at_ms: int, said_ms: int
) -> Iterator[Signal]:
    """The card of a suspicion that a supervisor confirmed (`said_ms`), charged to the unit that acted; none where the rule gives none."""
    if rule.ladder != "confirm" or not rule.card or not rule.in_use:
        return
    due, staff = day_of(at_ms), act.staff_id if act is not None else ""
    yield Signal(
        id=signal_id(case.case_no, rule.code, evidence, due, charged, rule.card), case_no=case.case_no,
        version=act.version if act is not None else case.version, item_id=case.item_id, rule=rule.code, rung=rule.card, clock="", limit=0,
        due=due, anchor=evidence, charged=charged, staff_id=staff, at_ms=said_ms, over_days=0, known=True,
    )  # fmt: skip


def confirmed_apart(
    rule: Rule, subject: str, item_id: str, evidence: bytes, charged: bytes, found_ms: int, said_ms: int
) -> Iterator[Signal]:
    """The same of a finding about an item or a unit; `subject` its code, `found_ms` since when it was so."""
    if rule.ladder != "confirm" or not rule.card or not rule.in_use:
        return
    due = day_of(found_ms)
    yield Signal(
        id=signal_id(subject, rule.code, evidence, due, charged, rule.card), case_no="", version=0, item_id=item_id, rule=rule.code,
        rung=rule.card, clock="", limit=0, due=due, anchor=evidence, charged=charged, staff_id="", at_ms=said_ms, over_days=0, known=True,
    )  # fmt: skip


def _moments(watch: Watch, basis: Basis) -> dict[str, int]:
    """When each rung of a limit falls, if nobody meets it before."""
    limit, cal, rungs = watch.limit, watch.limit.cal, basis.supervisions.on(watch.limit.due).rungs
    after = rungs["yellow"].days
    early = {
        name: end_of_day_ms(cal.add_workdays(limit.due, rungs[name].days)) - DAY_MS + rungs[name].hour * HOUR_MS
        for name in ("remind", "warn")
    }
    return {
        **early, "overdue": watch.due_moment, "yellow": end_of_day_ms(cal.add_workdays(limit.due, after)),
        "red": end_of_day_ms(cal.add_workdays(limit.due, after + limit.limits.cure_wd)),
    }  # fmt: skip


# past the day ------------------------------------------------------------------------------------------------------------


def _passed(found: Sequence[State], ran: Sequence[Watch], now_ms: int, basis: Basis) -> list[_Passed]:
    """The limits that passed, in the order in which they did; of one run the first has the card."""
    over = sorted(((moment, one) for one in ran if (moment := _passes(one)) is not None and moment <= now_ms), key=_order)
    done: list[_Passed] = []
    for moment, watch in over:
        charged = charged_unit(found, watch, moment, basis) or b""
        card = _card_of(found, done, charged, moment)
        done.append(_Passed(watch, moment, charged, _first_id(found, card) if card is not None else b""))
    return done


def _order(pair: tuple[int, Watch]) -> tuple[int, str, int]:
    moment, watch = pair
    return moment, watch.rule, watch.first


def _passes(watch: Watch) -> int | None:
    """When a limit passed: at 24:00 of its day, or, where it began later, as it began. None: it was met in time."""
    if watch.start < watch.due_moment:
        return watch.due_moment if watch.open_at(watch.due_moment) else None
    return watch.start + 1 if watch.end is None or watch.end > watch.start else None


def _card_of(found: Sequence[State], done: Sequence[_Passed], charged: bytes, moment: int) -> _Passed | None:
    """The card of which what passes now is a line: one of the same stay that nobody has cured; of a unit that gave the case up its last."""
    cards = [one for one in done if charged and one.charged == charged and not one.line_of]
    state = state_before(found, moment)
    if state is None or holder_of(state.case) != charged:
        return cards[-1] if cards else None
    return next((one for one in cards if one.watch.open_at(moment) and _one_stay(found, one, moment)), None)


def _one_stay(found: Sequence[State], card: _Passed, moment: int) -> bool:
    between = (one for one in found if card.moment <= one.since < moment)
    return all(holder_of(one.case) == card.charged for one in between)


def _first_id(found: Sequence[State], card: _Passed) -> bytes:
    watch = card.watch
    anchor = found[watch.first].event
    return signal_id(anchor.case_no, watch.rule, anchor.hash, watch.limit.due, card.charged, "overdue")


def _rungs(one: _Passed, basis: Basis) -> Iterator[tuple[str, int]]:
    """The rungs past the day and when they fall; no red without the yellow that gave days of cure. Of a line, and of what nobody answers
    for, only that it passed."""
    falls = _moments(one.watch, basis)
    if one.watch.open_at(falls["overdue"]):
        yield "overdue", falls["overdue"]
    if one.line_of or not one.charged or not one.watch.open_at(falls["yellow"]):
        return
    yield "yellow", falls["yellow"]
    if one.watch.open_at(falls["red"]):
        yield "red", falls["red"]


# before it ---------------------------------------------------------------------------------------------------------------


def _before(found: Sequence[State], watch: Watch, passed: Sequence[_Passed], basis: Basis, now_ms: int) -> Iterator[Signal]:
    """Reminder and warning: to whoever has the case then, unless a card of his own is open on it in this stay."""
    falls = _moments(watch, basis)
    for rung in ("remind", "warn"):
        moment = falls[rung]
        state = state_before(found, moment)
        if moment > now_ms or state is None or not watch.open_at(moment):
            continue
        holder = holder_of(state.case)
        open_cards = (one for one in passed if one.charged == holder and one.moment < moment and one.watch.open_at(moment))
        if not any(_one_stay(found, one, moment) for one in open_cards):
            yield _signal(found, _Passed(watch, moment, holder, b""), rung, moment)


def _signal(found: Sequence[State], one: _Passed, rung: str, moment: int) -> Signal:
    watch, limit = one.watch, one.watch.limit
    anchor, state = found[watch.first].event, state_before(found, one.moment) or found[watch.first]
    return Signal(
        id=signal_id(anchor.case_no, watch.rule, anchor.hash, limit.due, one.charged, rung), case_no=anchor.case_no,
        version=state.case.version, item_id=state.case.item_id, rule=watch.rule, rung=rung, clock=limit.clock, limit=limit.days,
        due=limit.due, anchor=anchor.hash, charged=one.charged, staff_id=state.case.lead.assignee, at_ms=moment,
        over_days=over_days(limit.due, day_of(moment), limit.cal), known=not (limit.unsure or limit.provisional), line_of=one.line_of,
        ended_ms=watch.end or 0,
    )  # fmt: skip


def _all_known(found: Sequence[State], one: Signal, known: Known, published_ms: int) -> bool:
    """Whether everybody who could have acted is known past the moment: who answers, who had the case, whom it was on its way to."""
    state = state_before(found, one.at_ms)
    if state is None or published_ms < one.at_ms:
        return False
    case = state.case
    nodes = {one.charged, case.custodian, *((case.offer.giver, case.offer.target) if case.offer is not None else ())}
    return all(known(node) >= one.at_ms for node in nodes if node)
