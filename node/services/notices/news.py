"""`center.news`: what is new for whoever is logged in, and whether they want it by mail (R29, R35)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

from node.domain.calendar import ONE, day_of, end_of_day_ms
from node.domain.cases.access import Function, has, require
from node.domain.cases.awaits import work_of
from node.domain.cases.desk_documents import CaseOnDesk
from node.domain.model import Actor, Case, Role
from node.domain.notices import mail as mail_address
from node.domain.notices.documents import MailSettings, NewsCount, NewsDocument, NewsRow
from node.domain.notices.news import ASKED, BEFORE, CONFIRMED, KINDS, MAILS, MANY
from node.domain.supervision.recipients import HANDLER, posts_of, told_to_role
from node.domain.supervision.rulebook import SERVED
from node.domain.words.errors import TongbanError
from node.services.cases.changed_papers import changed_papers
from node.services.cases.context import Rules
from node.services.notices import confirming, words
from node.services.notices.rows import row_of
from node.services.people.throttle import LIMIT, Throttle
from node.services.times import iso
from node.store import mail_proofs, news, outbox
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
        self._rules = rules
        self.cases: dict[str, list[str]] = {kind: [] for kind in KINDS}
        for row in news.turned(view.connection, turns, actor.staff_id, within) if turns else ():
            self.cases[row.kind].append(row.case_no)
        if turns:
            self.cases["cards"] = self._cards(view, actor, within)
            self.cases["asked"] = _asked(view, actor, within)
            self.cases["changed"] = _changed(view, within)
        if turns and soon:
            named = {no for found in self.cases.values() for no in found}
            self.cases["soon"] = [no for no in _soon(view, rules, actor, turns) if no not in named]

    def _cards(self, view: View | Tx, actor: Actor, within: Range) -> list[str]:
        """Cases of which a card was served since to this unit: the person's own or nobody's, and what is told to who leads; the township's
        director also hears of its villages' (DOMAIN A2)."""
        me, leads = view.identity, str(actor.role) == str(Role.DIRECTOR)
        rungs = self._rules.catalog.snapshot().supervisions.on(day_of(view.now())).rungs
        mine = [name for name in SERVED if HANDLER in posts_of(rungs[name], me.tier)]
        led = [name for name in SERVED if leads and me.tier != "village" and told_to_role(rungs[name], str(actor.role))]
        found = news.cards(view.connection, me.node_id, within, actor.staff_id, mine, led)
        below = view.trust.children(me.node_id) if leads and me.tier == "township" else ()
        for village in below:
            found += news.cards(view.connection, village, within, "", (), SERVED)
        return list(dict.fromkeys(found))

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
    """What falls due today or on the next working day, and is this person's or nobody's; also by a limit that is no due day of the case (the
    share of a tier that only examines), of which reminder or warning fell."""
    today = day_of(view.now())
    until = rules.calendar.next_workday(today + dt.timedelta(days=1))
    part = Slice(turns, today.isoformat(), until.isoformat(), owners=("", actor.staff_id))
    due = [row.case_no for row in view.desk.page(part, ("", 0), MANY)]
    since = end_of_day_ms(rules.calendar.add_workdays(today, -1) - ONE)
    warned = news.warned(view.connection, view.identity.node_id, since, today.isoformat(), turns, actor.staff_id)
    return list(dict.fromkeys([*due, *warned]))


class News:
    """What is new at one node."""

    def __init__(
        self, store: Store, rules: Rules, on_desk: Callable[[View, Case], CaseOnDesk], mails: Callable[[], bool]
    ) -> None:
        """`on_desk` makes a case a row; `mails` says whether there is a channel for mail."""
        self._store, self._rules, self._on_desk, self._mails = store, rules, on_desk, mails
        self._known: dict[tuple[str, str], tuple[tuple[object, ...], NewsCount]] = {}
        self._throttle = Throttle()

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
            last, code = outbox.last_to(view.connection, person.staff_id), mail_proofs.of(view.connection, person.staff_id)
            return MailSettings(
                email=wanted.email, mail=wanted.mail, possible=self._mails(), last=row_of(last) if last is not None else None,
                proof=wanted.proof if wanted.email else "", until=iso(code.until) if code is not None else None,
            )  # fmt: skip

    def set_mail(self, email: str, mail: str, by: Actor) -> None:
        """An address that is not proven gets a mail with a code, and digests only afterwards. Errors: `forbidden`, `invalid_input` (email, mail)."""
        require(Function.READ_CASE, self._store.place.tier, by.role)
        address = words.typed(email, "smtp").strip()
        if faults := _faults(address, mail):
            raise TongbanError("invalid_input", faults)

        def command(tx: Tx) -> None:
            wanted = news.of(tx.connection, by.staff_id)
            begins = wanted.mail == MAILS[0] and mail != MAILS[0]
            mailed = last_arrival(tx) if begins else wanted.mailed
            to, proof = mail_address.parse(address).address, _proof(tx, wanted, address)
            is_new = to != mail_address.parse(wanted.email).address or proof != wanted.proof
            if mail != MAILS[0] and proof == ASKED and (begins or is_new):
                confirming.ask(tx, by.staff_id, to)
            elif mail != MAILS[0] and proof != ASKED:
                outbox.turn_on(tx.connection, to)
            news.put(tx.connection, replace(wanted, email=address, mail=mail, mailed=mailed, proof=proof))

        self._store.run(command)

    def ask_again(self, by: Actor) -> None:
        """Another mail with a code, for an address that is not proven. Errors: `forbidden`, `invalid_input` (email)."""
        require(Function.READ_CASE, self._store.place.tier, by.role)

        def command(tx: Tx) -> None:
            wanted = news.of(tx.connection, by.staff_id)
            if wanted.email and wanted.mail != MAILS[0] and wanted.proof != CONFIRMED:
                confirming.ask(tx, by.staff_id, mail_address.parse(wanted.email).address)

        self._store.run(command)

    def confirm_mail(self, code: str, by: Actor) -> None:
        """The code that was mailed to the address. Errors: `forbidden`, `invalid_input` (code), `rate_limited`."""
        require(Function.READ_CASE, self._store.place.tier, by.role)
        places = {f"mail {by.staff_id}": LIMIT}
        self._throttle.take(places, self._store.clock.ticks())
        self._store.run(lambda tx: confirming.confirm(tx, by.staff_id, code))
        self._throttle.right(places)


def _proof(tx: Tx, wanted: Wanted, address: str) -> str:
    """What is known of an address that a person gives. One of before codes were asked for that its owner has ended is asked for one."""
    to = mail_address.parse(address).address
    same = bool(to) and to == mail_address.parse(wanted.email).address
    ended = wanted.proof == BEFORE and outbox.is_off(tx.connection, to)
    return wanted.proof if same and not ended else ASKED


def _faults(address: str, mail: str) -> Mapping[str, str]:
    wrong = words.fault_of(address, "smtp") if address else "missing" if mail != MAILS[0] else ""
    found = {"email": wrong, "mail": "" if mail in MAILS else "not_a_choice"}
    return {name: fault for name, fault in found.items() if fault}


def _counted(found: Gathered, head: int) -> NewsCount:
    counts = found.counts
    return NewsCount(
        cards=counts["cards"], back=counts["back"], mine=counts["mine"], asked=counts["asked"], changed=counts["changed"], new=counts["new"],
        soon=counts["soon"],
        total=sum(counts.values()), more=max(counts.values()) >= MANY, head=head,
    )  # fmt: skip
