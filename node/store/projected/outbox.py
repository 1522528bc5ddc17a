"""What residents are to be told of a case. Work in progress: what was sent is in no entry, so the rows are never made anew.

A case that changed is compared with its rows: an event that counts and is this node's to tell gets one, whatever order its entries came
in. What happened before a restore of ours may have been told in the life that is forgotten: it reads unknown and nobody sends it
but a person. What happened before this node had a channel is not told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.domain.calendar import day_of
from node.domain.cases.casefold import evolve, fold
from node.domain.model import Case, Event
from node.domain.notes import UNTOLD
from node.domain.notices import events
from node.domain.notices.timing import Quiet, not_before, read_quiet
from node.domain.papers.facts import NOTICE_OF, rightful
from node.store import answers, news, outbox, papers, told
from node.store.journal import last_arrival
from node.store.projected.base import Change, Projection
from node.store.projected.papers import fact_of
from node.store.standing import Settled

if TYPE_CHECKING:
    from node.store.stored import Stored
    from node.store.turn import Turn

APPLICANT = "applicant"
SINCE, RESTORED, QUIET = "notices_since", "notices_restored", "notices_quiet"  # meta: ms, ms, as configured
SLOT = "notices_slot"  # meta: the last digest for the staff that was planned, as DAY.NUMBER


class Outbox(Projection):
    """A row for each event to be told, with its entry."""

    NAME = "outbox"

    def apply(self, tx: Turn, changes: Sequence[Change]) -> None:
        """A hall could not reach the applicant of a case that was filed here: somebody here tells him. And what was said of a paper."""
        for change in changes:
            fields, case = change.stored.fields, change.after
            if case is not None and fields.entry_class == "note" and fields.kind in NOTICE_OF:
                _of_paper(tx, change.stored, case)
            if fields.kind != UNTOLD or fields.entry_class != "note" or case is None or case.origin != tx.identity.node_id:
                continue
            mark, code = fields.facts.get("mark"), fields.facts.get("event")
            if isinstance(mark, bytes) and isinstance(code, str) and change.stored.via and events.stands(code, case):
                row = (case.case_no, mark.hex(), code, APPLICANT, outbox.SCREEN)
                outbox.add(tx.connection, row, outbox.WAITING, tx.now(), tx.now())

    def settle(self, tx: Turn, cases: Sequence[Settled]) -> None:
        for one in cases:
            case = one.case
            if tx.store.tells or case.sender == tx.identity.node_id or _by_hand(tx, case):
                _reconcile(tx, case)
            elif case.origin == tx.identity.node_id:
                tidy(tx, case)


def _of_paper(tx: Turn, stored: Stored, case: Case) -> None:
    """A paper of the case was corrected or revoked, by whoever may: told by the sender of the case, else by who issued the paper."""
    said, me = fact_of(stored), tx.identity.node_id
    by_hand = _by_hand(tx, case)
    if said is None or said.issued_at < _meta(tx, SINCE) or not (tx.store.tells or case.sender == me or by_hand):
        return
    known = [entry.event for entry in tx.cases.entries(case.case_no)]
    effective = set(fold(known, tx.may_assign).effective)
    events_ = [event for event in known if event.hash in effective]
    facts = rightful(
        papers.of_case(tx.connection, case.case_no), case, events_, lambda above, node: tx.trust.is_below(node, above)
    )
    issuer = next((one.author for one in facts if (one.paper, one.basis) == (said.about, said.basis)), b"")
    if said in facts and me == (case.origin if by_hand else case.sender or issuer):
        _add(tx, case, stored.hash, said.issued_at, stored.fields.kind)


def _reconcile(tx: Turn, case: Case) -> None:
    me, since = tx.identity.node_id, _meta(tx, SINCE)
    mine = [(event, code) for event, code, sender in _told(tx, case) if sender == me and event.at >= since]
    known = outbox.marks_of(tx.connection, case.case_no) if mine else frozenset()
    for event, code in mine:
        if event.hash.hex() not in known:
            _add(tx, case, event.hash, event.at, code)
    tidy(tx, case)


def tidy(tx: Turn, case: Case) -> None:
    """Of what somebody is to tell face to face the last that still stands."""
    waiting = outbox.of_screen(tx.connection, case.case_no)
    standing = [row for row in waiting if events.stands(row.event, case)]
    told = standing[events.latest([row.event for row in standing])].id if standing else 0
    for row in waiting:
        if row.id != told:
            outbox.settle(tx.connection, [row.id], outbox.DROPPED, tx.now(), "pointless" if row not in standing else "merged")


def _told(tx: Turn, case: Case) -> list[tuple[Event, str, bytes]]:
    """The events of a case that are told, with the node that tells them; of a village's applicant without a telephone the village, until a hall
    has recorded where it reaches him."""
    steps: list[tuple[Case, Event]] = []
    entries = tx.cases.entries(case.case_no)
    arrivals = {entry.event.hash: entry.arrival for entry in entries}
    fold([entry.event for entry in entries], tx.may_assign, lambda before, event: steps.append((before, event)))
    by_hand, reaches = _by_hand(tx, case), told.reaches(tx.connection, case)
    found: list[tuple[Event, str, bytes]] = []
    for before, event in steps:
        after = evolve(before, event)
        if code := events.told(before if before.version else None, event, after):
            here = by_hand and told.reach_before(reaches, arrivals[event.hash]) not in events.REACHED
            found.append((event, code, case.origin if here else events.sender(after, event.author)))
    return found


def _by_hand(tx: Turn, case: Case) -> bool:
    """Whether the case was filed here, at a village, by somebody without a telephone (the number given is the agent's): only its agent
    can tell him."""
    me = tx.identity
    if me.tier != "village" or case.origin != me.node_id or not case.bodies:
        return False
    body = tx.said(case.bodies[0])
    applicant = (body.get("application", {}).get("applicant") or {}) if body is not None else {"phone": "not here"}
    return events.has_none(applicant)


def told_by_hand(tx: Turn, case: Case) -> bool:
    """Whether this village tells the applicant face to face what happens now."""
    return _by_hand(tx, case) and told.reach_before(told.reaches(tx.connection, case), 1 << 62) not in events.REACHED


def _add(tx: Turn, case: Case, mark: bytes, at: int, code: str) -> None:
    now, by_hand = tx.now(), _by_hand(tx, case)
    row = (case.case_no, mark.hex(), code, APPLICANT, outbox.SCREEN if by_hand else "")
    if at < _meta(tx, RESTORED):
        outbox.add(tx.connection, row, outbox.UNKNOWN, now, now, "restored")
        return
    quiet = read_quiet((tx.meta.get(QUIET) or b"").decode()) or Quiet()
    start = now if by_hand else not_before(now, events.EVENTS[code].can_wait, quiet, tx.store.catalog.snapshot().calendar)
    outbox.add(tx.connection, row, outbox.WAITING, now, start)


def _meta(tx: Turn, name: str) -> int:
    raw = tx.meta.get(name)
    return int(raw) if raw else 0


def came_back(tx: Turn) -> None:
    """This store is an earlier one, and goes on from now."""
    tx.meta.set(RESTORED, str(tx.now()).encode())
    outbox.came_back(tx.connection, tx.now())
    answers.came_back(tx.connection)
    tx.meta.set(SLOT, f"{day_of(tx.now())}.9".encode())  # the digests of today may have gone out
    news.came_back(tx.connection, last_arrival(tx))
