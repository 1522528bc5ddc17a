"""`center.news`: what is new for whoever is logged in, and whether they want it by mail (R29, R35)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

from node.domain.calendar import day_of
from node.domain.cases.access import Function, has, require
from node.domain.cases.awaits import work_of
from node.domain.cases.desk_documents import CaseOnDesk
from node.domain.model import Actor, Case
from node.domain.notices import mail as mail_address
from node.domain.notices.documents import MailSettings, NewsCount, NewsDocument, NewsRow
from node.domain.notices.news import KINDS, MAILS, MANY
from node.domain.words.errors import TongbanError
from node.services.cases.changed_papers import changed_papers
from node.services.cases.context import Rules
from node.services.notices import words
from node.services.notices.rows import row_of
from node.store import news, outbox
from node.store.desk import Slice
from node.store.journal import last_arrival
from node.store.news import NewRow, Range, Wanted
from node.store.store import Store, Tx, View

SHOWN = 50  # rows of a kind on the page
KNOWN = 200  # persons whose counts are kept between two questions


class Gathered:
    """What is new for one person within a range of arrivals: the cases of each kind, each under one but for what was asked about it."""

    def __init__(self, view: View | Tx, rules: Rules, actor: Actor, within: Range, *, soon: bool) -> None:
        me = view.identity
        turns = work_of(str(actor.role)) if has(Function.READ_CASE, me.tier, actor.role) else ()
        self.cases: dict[str, list[str]] = {kind: [] for kind in KINDS}
        for row in news.turned(view.connection, turns, actor.staff_id, within) if turns else ():
            self.cases[row.kind].append(row.case_no)
        if turns:
            self.cases["asked"] = _asked(view, actor, within)
            self.cases["changed"] = _changed(view, within)
        if turns and soon:
            named = {no for found in self.cases.values() for no in found}
            self.cases["soon"] = [no for no in _soon(view, rules, actor, turns) if no not in named]

    @property
    def counts(self) -> dict[str, int]:
        return {kind: len(found) for kind, found in self.cases.items()}


def _asked(view: View | Tx, actor: Actor, within: Range) -> list[str]:
    """Messages to this office, and at a village what its applicants were asked for."""
    me = view.identity
    below: list[NewRow] = news.asked_below(view.connection, me.node_id, within) if me.tier == "village" else []
    return list(dict.fromkeys([*news.messages(view.connection, me.code, within), *(row.case_no for row in below)]))


def _changed(view: View | Tx, within: Range) -> list[str]:
    """Cases filed here of which another office corrected or revoked a paper: the applicant still holds the first."""
    found = dict.fromkeys(news.changed(view.connection, view.identity.node_id, within))
    return [no for no in found if changed_papers(view, no)]


def _soon(view: View | Tx, rules: Rules, actor: Actor, turns: tuple[str, ...]) -> list[str]:
    """What falls due today or on the next working day, and is this person's or nobody's."""
    today = day_of(view.now())
    until = rules.calendar.next_workday(today + dt.timedelta(days=1))
    part = Slice(turns, today.isoformat(), until.isoformat(), owners=("", actor.staff_id))
    return [row.case_no for row in view.desk.page(part, ("", 0), MANY)]


class News:
    """What is new at one node."""

    def __init__(
        self, store: Store, rules: Rules, on_desk: Callable[[View, Case], CaseOnDesk], mails: Callable[[], bool]
    ) -> None:
        """`on_desk` makes a case a row; `mails` says whether there is a channel for mail."""
        self._store, self._rules, self._on_desk, self._mails = store, rules, on_desk, mails
        self._known: dict[tuple[str, str], tuple[tuple[object, ...], NewsCount]] = {}

    def count(self, person: Actor) -> NewsCount | None:
        """How much is new, for every page; None for who has no turn in a case. Counted anew when something arrived or a day began."""
        if not has(Function.READ_CASE, self._store.place.tier, person.role) or not work_of(str(person.role)):
            return None
        with self._store.reading() as view:
            wanted, head, today = news.of(view.connection, person.staff_id), last_arrival(view), day_of(view.now()).isoformat()
            key = (person.staff_id, str(person.role))
            state = (head, today, wanted.seen, wanted.seen_day)
            known = self._known.get(key)
            if known is None or known[0] != state:
                counted = _counted(self._gathered(view, person, wanted, today), head)
                if len(self._known) >= KNOWN:
                    self._known.clear()
                self._known[key] = known = (state, counted)
            return known[1]

    def _gathered(self, view: View, by: Actor, wanted: Wanted, today: str) -> Gathered:
        return Gathered(view, self._rules, by, Range(wanted.seen), soon=wanted.seen_day != today)

    def page(self, by: Actor) -> NewsDocument:
        """What is new, with its cases. Errors: `forbidden`."""
        require(Function.READ_CASE, self._store.place.tier, by.role)
        with self._store.reading() as view:
            wanted = news.of(view.connection, by.staff_id)
            found = self._gathered(view, by, wanted, day_of(view.now()).isoformat())
            rows = {kind: [self._row(view, kind, no) for no in numbers[:SHOWN]] for kind, numbers in found.cases.items()}
            return NewsDocument(counts=_counted(found, last_arrival(view)), rows=rows)

    def _row(self, view: View, kind: str, case_no: str) -> NewsRow:
        case = view.cases.get(case_no)
        if case is None:
            return NewsRow(kind=kind, case_no=case_no, applicant="", item_name="", awaits="", since=None, due=None)
        row = self._on_desk(view, case)
        return NewsRow(
            kind=kind, case_no=case_no, applicant=row["applicant"], item_name=row["item_name"], awaits=row["awaits"],
            since=row["since"], due=row["due"],
        )  # fmt: skip

    def looked(self, head: int, by: Actor) -> None:
        """All that had arrived up to `head` was looked at. Errors: `forbidden`."""
        require(Function.READ_CASE, self._store.place.tier, by.role)

        def command(tx: Tx) -> None:
            wanted = news.of(tx.connection, by.staff_id)
            seen = max(wanted.seen, min(head, last_arrival(tx)))
            news.put(tx.connection, replace(wanted, seen=seen, seen_day=day_of(tx.now()).isoformat()))

        self._store.run(command)

    # by mail ---------------------------------------------------------------------------------------------------------

    def settings(self, person: Actor) -> MailSettings | None:
        """How the person wants it by mail; None for who has no turn in a case."""
        if not has(Function.READ_CASE, self._store.place.tier, person.role):
            return None
        with self._store.reading() as view:
            wanted = news.of(view.connection, person.staff_id)
            last = outbox.last_to(view.connection, person.staff_id)
            return MailSettings(
                email=wanted.email, mail=wanted.mail, possible=self._mails(), last=row_of(last) if last is not None else None,
            )  # fmt: skip

    def set_mail(self, email: str, mail: str, by: Actor) -> None:
        """Errors: `forbidden`, `invalid_input` (email, mail)."""
        require(Function.READ_CASE, self._store.place.tier, by.role)
        address = words.typed(email, "smtp").strip()
        if faults := _faults(address, mail):
            raise TongbanError("invalid_input", faults)

        def command(tx: Tx) -> None:
            wanted = news.of(tx.connection, by.staff_id)
            begins = wanted.mail == MAILS[0] and mail != MAILS[0]
            mailed = last_arrival(tx) if begins else wanted.mailed
            if mail != MAILS[0]:
                outbox.turn_on(tx.connection, mail_address.parse(address).address)
            news.put(tx.connection, replace(wanted, email=address, mail=mail, mailed=mailed))

        self._store.run(command)


def _faults(address: str, mail: str) -> Mapping[str, str]:
    wrong = words.fault_of(address, "smtp") if address else "missing" if mail != MAILS[0] else ""
    found = {"email": wrong, "mail": "" if mail in MAILS else "not_a_choice"}
    return {name: fault for name, fault in found.items() if fault}


def _counted(found: Gathered, head: int) -> NewsCount:
    counts = found.counts
    return NewsCount(
        back=counts["back"], mine=counts["mine"], asked=counts["asked"], changed=counts["changed"], new=counts["new"], soon=counts["soon"],
        total=sum(counts.values()), more=max(counts.values()) >= MANY, head=head,
    )  # fmt: skip
