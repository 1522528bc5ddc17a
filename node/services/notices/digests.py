"""The mails to the staff: one digest a person in the morning of a working day, or one more after noon (R35).

A digest is a row of the outbox like any other, so it has the worker's retries, marks and limits. Which arrivals it takes in is settled
when it is planned and stands in its mark; what of them is still to be done is looked up when it goes out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from node.domain.calendar import day_of
from node.domain.model import Actor, Role
from node.domain.notices import mail, texts
from node.domain.notices.news import ASKED, LANGUAGES, MOST_LINES, STAFF_DIGEST, SUBJECTS, Slot, begun, read_mark, text, wants
from node.domain.notices.timing import Quiet
from node.services.cases.context import Rules
from node.services.catalog.names import node_name
from node.services.notices import words
from node.services.notices.letters import Letter
from node.services.notices.news import Gathered
from node.store import news, outbox, staff
from node.store.journal import last_arrival
from node.store.news import Range, Wanted
from node.store.outbox import WAITING, Notice
from node.store.projected.outbox import RESTORED, SLOT
from node.store.store import Tx


def plan(tx: Tx, rules: Rules, quiet: Quiet) -> None:
    """A row for each person whose digest has become due and has something in it."""
    last = (tx.meta.get(SLOT) or b"").decode()
    for day, number in begun(tx.now(), quiet, rules.calendar):
        if (slot := f"{day}.{number}") > last:
            for one in news.wanting(tx.connection):
                if wants(one.mail, number):
                    _plan(tx, rules, one, day, number)
            tx.meta.set(SLOT, slot.encode())


def _plan(tx: Tx, rules: Rules, one: Wanted, day: str, number: int) -> None:
    until = last_arrival(tx)
    found = _gathered(tx, rules, one.staff_id, Slot(day, number, one.mailed, until))
    if any(found.values()):
        row = ("", Slot(day, number, one.mailed, until).mark, STAFF_DIGEST, one.staff_id, "")
        outbox.add(tx.connection, row, WAITING, tx.now(), tx.now())
    news.put(tx.connection, replace(one, mailed=until))


def letter(tx: Tx, rules: Rules, rows: Sequence[Notice]) -> Letter:
    """What the digests of one person that wait say together, and to which address."""
    wanted, slots = news.of(tx.connection, rows[0].recipient), [read_mark(row.mark) for row in rows]
    to = mail.parse(wanted.email).address
    if wanted.mail == "none" or wanted.proof == ASKED or not to or outbox.is_off(tx.connection, to):
        return Letter(why="not_wanted")
    latest = max(slots)
    whole = Slot(
        latest.day, min(one.number for one in slots if one.day == latest.day), min(one.after for one in slots), latest.until
    )
    found = _gathered(tx, rules, wanted.staff_id, whole)
    if not any(found.values()):
        return Letter(why="pointless")
    center = node_name(tx, rules.catalog, tx.identity.node_id) or tx.identity.name
    counts = {kind: len(numbers) for kind, numbers in found.items()}
    person = staff.by_id(tx.connection, wanted.staff_id)
    language = person.language if person is not None and person.language in LANGUAGES else LANGUAGES[0]
    lines = {kind: _lines(tx, rules, numbers) for kind, numbers in found.items()}
    return Letter(to, text(center, counts, lines, language), subject=SUBJECTS[language])


def _gathered(tx: Tx, rules: Rules, staff_id: str, slot: Slot) -> Mapping[str, list[str]]:
    """The cases of each kind. What happened before a restore may have been told in the life that is forgotten; what is due soon is told in
    the first digest of its own day."""
    person = staff.by_id(tx.connection, staff_id)
    if person is None or not person.active:
        return {}
    soon = slot.number == 1 and slot.day == day_of(tx.now()).isoformat()
    found = Gathered(tx, rules, Actor(staff_id, Role(person.role)), Range(slot.after, slot.until), soon=soon).cases
    restored = int(tx.meta.get(RESTORED) or 0)
    return {kind: [no for no in numbers if kind == "soon" or _last_at(tx, no) >= restored] for kind, numbers in found.items()}


def _last_at(tx: Tx, case_no: str) -> int:
    case = tx.cases.get(case_no)
    return case.last_at if case is not None else tx.now()


def _lines(tx: Tx, rules: Rules, numbers: Sequence[str]) -> list[str]:
    """The surname and the item of the first cases, nothing else of them."""
    found = []
    for no in numbers[:MOST_LINES]:
        case = tx.cases.get(no)
        item = rules.item_of(case) if case is not None else None
        if case is None or item is None:
            continue
        who = words.applicant_of(tx, case)
        surname = texts.surname(who.name, who.id_type not in words.ORGANISATIONS)
        found.append("，".join(one for one in (surname, texts.shortened(item.name, 20)) if one))
    return found
