"""What became of a message, said to every node of its case; and what others said of theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from node.domain.model import Case, Facts
from node.domain.notes import DELIVERY, REACH
from node.domain.notices.documents import NoticeRow
from node.services.times import iso
from node.store import outbox, told
from node.store.journal import Draft
from node.store.outbox import FAILED, SENT, UNKNOWN, Contact, Notice
from node.store.projected.outbox import APPLICANT
from node.store.store import Tx, View


def say(tx: Tx, ids: Iterable[int], staff_id: str = "") -> None:
    """Write down, with each case, that its message went out, was refused for good, or that nobody knows."""
    cases: dict[str, list[Notice]] = {}
    for id in ids:
        row = outbox.get(tx.connection, id)
        if row is not None and row.recipient == APPLICANT and row.state in (SENT, UNKNOWN, FAILED):
            cases.setdefault(row.case_no, []).append(row)
    for case_no, rows in cases.items():
        marks = tuple(bytes.fromhex(row.mark) for row in rows if row.is_entry)
        last = rows[-1]
        facts: Facts = {"marks": marks, "event": last.event, "channel": last.channel, "state": last.state}
        tx.journal.append(Draft(DELIVERY, "note", facts, subject=case_no, staff_id=staff_id))


def say_reach(tx: Tx, case: Case, given: Contact, staff_id: str) -> None:
    """Tell the village that filed a case whether its applicant is reached from here; the number itself stays here."""
    village = tx.place(case.origin)
    if village is None or village.tier != "village" or village.node_id == tx.identity.node_id:
        return
    reach = "off" if given.off else "contact" if given.phone or given.email else "none"
    tx.journal.append(Draft(REACH, "note", {"reach": reach}, subject=case.case_no, staff_id=staff_id))


def elsewhere(view: View, case: Case, own: Sequence[Notice]) -> list[NoticeRow]:
    """The messages about a case of which only a note is here."""
    return [
        NoticeRow(
            id=0, case_no=case.case_no, event=one.event, recipient=APPLICANT, channel=one.channel, state=one.state, at=iso(one.at),
            due=None, error="",
        )
        for one in told.elsewhere(view, case, own)
    ]  # fmt: skip
