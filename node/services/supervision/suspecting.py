"""What one look at a case finds beside its signals: suspicions and watch lines, batches of one person's decisions, cards that a parent owes.

It writes nothing into the journal. A card that was served and does not follow from the entries, or that follows and was not served within a
working day, is a finding about the node that serves (DESIGN, "Signals"); it is found only where everybody concerned is known past it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from node.domain.calendar import DAY_MS, day_of, end_of_day_ms
from node.domain.cases.audit import Mark
from node.domain.model import SYSTEM
from node.domain.supervision.rulebook import RULES, Supervisions
from node.domain.supervision.signals import Derived, Known, Signal
from node.domain.supervision.suspicions import DECIDED, bursts, of_papers, rule_of, suspicions, unconfirmed
from node.domain.supervision.watches import Basis, State
from node.domain.words.flags import FLAGS
from node.store import signals as sql
from node.store import suspected
from node.store.store import Tx


def look(tx: Tx, case_no: str, found: Sequence[State], basis: Basis, derived: Derived, known: Known, published: int) -> bool:
    """Write what is found in a case now; answers whether something may be found later without anything new of the case."""
    calendar, papers = basis.counting.in_force, suspected.papers_of(tx.connection, case_no)
    item = basis.item_of(found[-1].case) if found else None
    holder = known(found[-1].case.custodian) if found and found[-1].case.custodian else 0
    owed, waits = _unserved(tx, case_no, derived, known, basis)
    marks = [
        *suspicions(found, item, basis.supervisions, papers, derived.signals, calendar),
        *of_papers(papers, basis.supervisions), *unconfirmed(found, papers, calendar, holder), *owed,
        *_underived(tx, case_no, derived, known, published),
        *(Mark(entry, "card_misserved", author, at) for entry, author, at in suspected.misserved(tx.connection, case_no)),
    ]  # fmt: skip
    suspected.put(tx.connection, case_no, marks)
    _batches(tx, case_no, found, basis.supervisions)
    unsigned = any(one.paper == "delivery" for one in papers) and found[-1].case.status != "delivered" if found else False
    return waits or unsigned


def _batches(tx: Tx, case_no: str, found: Sequence[State], said: Supervisions) -> None:
    """L04: the days of the persons who decide this case, or did when it was looked at last."""
    before = suspected.decisions_of(tx.connection, case_no)
    now = {
        suspected.Decision(one.event.hash, one.event.author, one.event.staff_id, one.since)
        for one in found
        if one.event.kind in DECIDED and one.event.staff_id != SYSTEM.staff_id
    }
    suspected.put_decisions(tx.connection, case_no, now)
    for author, staff_id, day in {(one.author, one.staff_id, day_of(one.at)) for one in before | now}:
        end = end_of_day_ms(day)
        rows = suspected.decisions_between(tx.connection, author, staff_id, end - DAY_MS, end)
        rule = rule_of(suspected.BATCH, said, end - 1)
        full = bursts([one.at for one, _ in rows], rule.minutes, rule.count) if rule is not None and rule.active else []
        suspected.put_batches(tx.connection, rows, {rows[at][0].hash for at in full})


# about who serves ----------------------------------------------------------------------------------------------------------


def _unserved(tx: Tx, case_no: str, derived: Derived, known: Known, basis: Basis) -> tuple[list[Mark], bool]:
    """Cards that follow, and that their server, known past a working day after it was known here, has not served; and whether some wait."""
    me = tx.identity.node_id
    owed = {
        one.id: (one, server)
        for one in unserved(tx, derived.signals)
        if (server := tx.trust.parent(one.charged)) not in (None, me)
    }
    since = suspected.unserved_since(tx.connection, case_no, owed.keys(), tx.now())
    calendar = basis.counting.in_force
    late = [
        Mark(one.anchor, "card_unserved", server or b"", one.at_ms)
        for id, (one, server) in owed.items()
        if known(server or b"") >= end_of_day_ms(calendar.add_workdays(day_of(max(since[id], one.at_ms)), 1))
    ]
    return late, len(late) < len(owed)


def _underived(tx: Tx, case_no: str, derived: Derived, known: Known, published: int) -> Iterator[Mark]:
    """Cards of time rules that were served and do not follow from the entries of the case, where all of these count and all are known."""
    standing = tx.cases.standing(case_no)
    doubtful = standing is None or standing.void or standing.parked or standing.judged.doubts
    if doubtful or not all(one.known for one in derived.signals):
        return
    follows = {key(one) for one in derived.signals}
    for row in sql.served_of(tx.connection, case_no):
        timed = row.rule in RULES and RULES[row.rule].ladder == "time"
        heard = min(known(row.charged), published, known(row.author)) >= row.fell_ms
        if timed and heard and key(row) not in follows:
            yield Mark(row.entry, "card_underived", row.author, row.at_ms)


def unserved(tx: Tx, signals: Sequence[Signal]) -> list[Signal]:
    """The cards that are to be served and nobody has: never twice for one limit of one stay, whatever its date rests on by now, and nothing
    more of a limit of which an appeal took a card from the unit."""
    mine = [one for one in signals if one.served and one.known]
    if not mine:
        return []
    done = sql.served_of(tx.connection, mine[0].case_no)
    ids, keys = {one.id for one in done}, {key(one) for one in done}
    won = sql.taken_back(tx.connection, mine[0].case_no)
    left = [one for one in mine if one.id not in ids and key(one) not in keys]
    return [one for one in left if (one.rule, one.charged, one.due.isoformat()) not in won or not one.clock]


def key(one: Signal | sql.Row) -> tuple[str, str, bytes, str, bytes]:
    """One limit of one stay, whatever its date rests on by now; of a suspicion the entry that it is about."""
    return one.rule, one.rung, one.charged, str(one.due), b"" if one.clock else one.anchor


# rules that are switched off -----------------------------------------------------------------------------------------------


def switched_off(said: Supervisions) -> set[tuple[str, int, int]]:
    """(flag, from when, until when in ms) of what counts for nothing."""
    off = [(code, end_of_day_ms(first) - DAY_MS, end_of_day_ms(end) - DAY_MS) for code, first, end in said.off()]
    return {(flag, first, end) for code, first, end in off for flag, one in FLAGS.items() if one.rule == code}
