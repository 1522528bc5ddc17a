"""The worker that sends what waits in the outbox. It reconciles: each step looks at what is due and at how each case stands now.

A message is marked in one transaction, handed over outside of any, and settled in another, so no case ever waits for a gateway. A step
that dies in between leaves the mark, and the next process reads it as unknown. A gateway in trouble is asked again with the backoff of
the links, with one message at a time. What no longer stands is not sent; of several events of a case the one furthest on is.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from federation.protocol.backoff import Backoff
from node.domain.calendar import DAY_MS, day_of, end_of_day_ms
from node.domain.model import Case, Facts
from node.domain.notes import TO, UNTOLD
from node.domain.notices import events, texts
from node.domain.notices.news import CONFIRM, REPORT_CONFIRM
from node.domain.notices.timing import Quiet, not_before, read_quiet
from node.domain.published import NOTICES
from node.domain.words.errors import TongbanError
from node.machine import logs
from node.machine.gateways import Channel, Message, Outcome
from node.services.cases.context import Rules
from node.services.catalog.names import node_name
from node.services.notices import confirming, delivery, digests, report_mail, words
from node.store import answers, outbox
from node.store.answers import Answer
from node.store.journal import Draft
from node.store.outbox import DROPPED, FAILED, SCREEN, SENT, UNKNOWN, WAITING, Notice
from node.store.projected.outbox import APPLICANT, QUIET, RESTORED, SINCE, tidy, told_by_hand
from node.store.store import Store, Tx
from node.store.told import arrival_of, reach_before, reaches

AT_ONCE = 200  # rows looked at in a step
TRIES = 3  # of a message that is refused; then somebody tells the person
AGAIN_MS = 10 * 60_000
CODES = (CONFIRM, REPORT_CONFIRM)  # mails for which somebody waits
HOUR_MS = 60 * 60_000
DEFAULT_QUIET = "21:00-08:00 10"
SUBJECT = "办件进展"
MAIL = "smtp"
LOOKED = "notices_looked"  # meta: the day on which the deadlines of the next were looked up
log = logs.get("node.services.notices")


@dataclass(frozen=True, slots=True)
class Ready:
    """One message that may go out: the rows that are told with it, the channel and where to."""

    ids: tuple[int, ...]
    told: Notice
    channel: str
    to: str
    text: str
    capped: bool = False
    subject: str = SUBJECT


class Sending:
    """The outbox of one node at work."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self._store = store
        self._rules = rules
        self.channels: Mapping[str, Channel] = {}
        self.quiet, self.daily = Quiet(), 1000
        self.backoff = Backoff(Random())
        self.troubles: dict[str, str] = {}  # channel -> why it cannot be used now
        self.stopping = False  # the node ends: no further message is begun
        self._turn = threading.Lock()
        self._begun = False

    def configure(self, channels: Mapping[str, Channel], quiet: str, daily: int) -> None:
        """What config.toml says. A node that has its first channel tells what happens from now on."""
        self.channels, self.quiet, self.daily = channels, read_quiet(quiet) or Quiet(), daily
        self._store.tells = bool(channels)
        with self._store.reading() as view:
            known = (view.meta.get(QUIET) or b"").decode() == quiet and (not channels or view.meta.get(SINCE) is not None)
        if not known and (channels or quiet != DEFAULT_QUIET):
            self._store.run(lambda tx: self._note(tx, quiet))

    def _note(self, tx: Tx, quiet: str) -> None:
        if (tx.meta.get(QUIET) or b"").decode() != quiet:
            tx.meta.set(QUIET, quiet.encode())
        if self.channels and tx.meta.get(SINCE) is None:
            tx.meta.set(SINCE, str(tx.now()).encode())

    def step(self) -> int:
        """Look once; answers how many messages were handed over."""
        with self._turn:
            if not self._begun:
                again = [name for name, one in self.channels.items() if one.idempotent]
                self._store.run(lambda tx: self._interrupted(tx, again))
                self._begun = True
            self._answer()
            self._store.run(self._plan)
            ready = self._store.run(self._ready)
            return sum(self._hand_over(one) for one in _gathered(ready, self._digest))

    def noted(self, channel: str, outcome: Outcome) -> None:
        """What a test message showed of a channel."""
        if outcome.state == "trouble":
            self.troubles[channel] = outcome.error
        elif outcome.state == "sent":
            self.troubles.pop(channel, None)
            self.backoff.clear(channel.encode())

    def retry(self, id: int = 0) -> int:
        """A person wants it tried now: what waits, or one row. Answers how many rows. Errors: `not_found`, `notice_over`."""
        for name in self.channels:
            self.backoff.clear(name.encode())
        return self._store.run(lambda tx: _again(tx, id))

    def _interrupted(self, tx: Tx, again: Sequence[str]) -> None:
        ids = outbox.handing(tx.connection)
        outbox.interrupted(tx.connection, again, tx.now())
        delivery.say(tx, ids)
        answers.interrupted(tx.connection)

    def _answer(self) -> None:
        """Who asked waits for it: at once, at any hour. What could not be sent within an hour nobody waits for any more."""
        with self._store.reading() as view:
            rows, now = answers.waiting(view.connection, AT_ONCE), view.now()
        for row in rows:
            name = "smtp" if "@" in row.sender else "sms"
            channel = self.channels.get(name)
            if channel is None or now - row.at > HOUR_MS:
                self._answered(row, Outcome("rejected", "no_channel" if channel is None else "too_late"))
            elif self.backoff.due(name.encode(), self._ticks()) and self._store.run(partial(_mark_answer, row.id)):
                outcome = channel.send(Message(self._name(f"a{row.id}"), row.sender, SUBJECT, row.text))
                self._answered(row, outcome)

    def _answered(self, row: Answer, outcome: Outcome) -> None:
        state = {"sent": SENT, "unknown": UNKNOWN}.get(outcome.state, FAILED)
        self._store.run(lambda tx: answers.settle(tx.connection, row.id, state, words.masked(row.sender), outcome.error))

    # what is due ---------------------------------------------------------------------------------------------------

    def _plan(self, tx: Tx) -> None:
        self._look_ahead(tx)
        if MAIL in self.channels:
            digests.plan(tx, self._rules, self.quiet)
            report_mail.plan(tx, self._rules, self.quiet)

    def _look_ahead(self, tx: Tx) -> None:
        """Once a working day: whose promise falls due on the next one."""
        today, calendar = day_of(tx.now()), self._rules.calendar
        if (tx.meta.get(LOOKED) or b"").decode() == today.isoformat() or not calendar.is_workday(today):
            return
        tomorrow = calendar.next_workday(today + dt.timedelta(days=1))
        for case_no in outbox.due_on(tx.connection, tomorrow.isoformat()):
            case = tx.cases.get(case_no)
            by_hand = case is not None and told_by_hand(tx, case)
            if case is not None and (by_hand or self._sends(tx, case)):
                at = tx.now() if by_hand else not_before(tx.now() - self.quiet.gather, True, self.quiet, calendar)
                row = (case_no, f"due:{tomorrow}", events.DUE_SOON, APPLICANT, SCREEN if by_hand else "")
                outbox.add(tx.connection, row, WAITING, tx.now(), at)
                tidy(tx, case)
        tx.meta.set(LOOKED, today.isoformat().encode())

    def _sends(self, tx: Tx, case: Case) -> bool:
        return events.sender(case, case.custodian if self.channels else b"") == tx.identity.node_id

    def _ready(self, tx: Tx) -> list[Ready]:
        """What may go out, each case once; the rest is settled or put off with its reason."""
        groups: dict[tuple[str, str, bool], list[Notice]] = {}
        for row in outbox.due(tx.connection, tx.now(), AT_ONCE):
            groups.setdefault((row.case_no, row.recipient, row.event in CODES), []).append(row)
        found = [
            self._of_case(tx, rows) if recipient == APPLICANT else self._of_staff(tx, rows)
            for (_, recipient, _), rows in groups.items()
        ]
        return [one for one in found if one is not None]

    def _of_staff(self, tx: Tx, rows: list[Notice]) -> Ready | None:
        """The digests of one person in one mail, a code for one who gave an address, or the last monthly report for an address."""
        made = {
            report_mail.REPORT: report_mail.letter, CONFIRM: confirming.letter, REPORT_CONFIRM: confirming.report_letter,
        }.get(rows[-1].event, digests.letter)  # fmt: skip
        found = made(tx, self._rules, rows)
        if found.why:
            _drop(tx, rows, found.why)
            return None
        if not self._usable(tx, rows, MAIL):
            return None
        return Ready(_ids(rows), rows[-1], MAIL, found.to, found.text, subject=found.subject)

    def _usable(self, tx: Tx, rows: list[Notice], channel: str) -> bool:
        """Whether a channel can be used now; else the rows are put off."""
        if channel not in self.channels:
            outbox.put_off(tx.connection, _ids(rows), tx.now() + AGAIN_MS, "no_channel")
            return False
        if (wait := self.backoff.wait(channel.encode(), self._ticks())) > 0:
            outbox.put_off(tx.connection, _ids(rows), tx.now() + int(wait * 1000) + 1, self.troubles.get(channel, "trouble"))
            return False
        return True

    def _of_case(self, tx: Tx, rows: list[Notice]) -> Ready | None:
        case = tx.cases.get(rows[0].case_no)
        if case is None:
            _drop(tx, rows, "pointless")
            return None
        judged = tx.cases.judged(case.case_no)
        if judged.doubts:
            outbox.put_off(tx.connection, _ids(rows), tx.now() + AGAIN_MS, "doubted")
            return None
        standing = [row for row in rows if events.stands(row.event, case)]
        _drop(tx, [row for row in rows if row not in standing], "pointless")
        if not standing:
            return None
        return self._addressed(tx, case, standing, standing[events.latest([row.event for row in standing])])

    def _addressed(self, tx: Tx, case: Case, rows: list[Notice], told: Notice) -> Ready | None:
        if _of_village(tx, case, told):
            _drop(tx, rows, "told_at_village")
            return None
        contact = words.contact(tx, case)
        ids = _ids(rows)
        found = {name: to for name in self.channels if (to := words.address(contact, name))}
        ways = {name: to for name, to in found.items() if not outbox.is_off(tx.connection, to)}
        if contact.off or (not ways and words.ended(tx, contact)):
            _drop(tx, rows, "opted_out")
            return None
        if not ways:
            self._by_hand(tx, case, rows, told)
            return None
        channel = next(iter(ways))
        if not self._usable(tx, rows, channel):
            return None
        return Ready(
            ids, told, channel, ways[channel], words.text_of(tx, self._rules, case, told.event), told.error == "daily_cap"
        )

    def _by_hand(self, tx: Tx, case: Case, rows: list[Notice], told: Notice) -> None:
        """No channel of this node reaches him (a telephone without SMS, a mail address where there is no mail): somebody tells him."""
        if not self.channels:
            outbox.put_off(tx.connection, _ids(rows), tx.now() + AGAIN_MS, "no_channel")
            return
        outbox.settle(tx.connection, _ids(rows), FAILED, tx.now(), "no_contact")
        _to_a_person(tx, case, told)

    # handing over --------------------------------------------------------------------------------------------------

    def _hand_over(self, one: Ready) -> bool:
        if self.stopping or not self._store.run(lambda tx: self._mark(tx, one)):
            return False
        outcome = self.channels[one.channel].send(Message(self._name(str(one.told.id)), one.to, one.subject, one.text))
        self._store.run(lambda tx: self._settle(tx, one, outcome))
        return outcome.state != "trouble"

    def _mark(self, tx: Tx, one: Ready) -> bool:
        """The intent. Not while the gateway has had trouble in this step, and not beyond the messages of a day."""
        if (wait := self.backoff.wait(one.channel.encode(), self._ticks())) > 0:
            outbox.put_off(tx.connection, one.ids, tx.now() + int(wait * 1000) + 1, self.troubles.get(one.channel, "trouble"))
            return False
        can_wait = one.told.recipient != APPLICANT or events.can_wait(one.told.event)
        start = not_before(tx.now() - self.quiet.gather, can_wait, self.quiet, self._rules.calendar)
        if start > tx.now() and one.told.event not in CODES:  # it was put off into the night; who asked for a code waits for it
            outbox.put_off(tx.connection, one.ids, start, one.told.error)
            return False
        today = end_of_day_ms(day_of(tx.now()))
        if outbox.sent_since(tx.connection, today - DAY_MS) >= self.daily:
            tomorrow = not_before(today, False, self.quiet, self._rules.calendar)
            outbox.put_off(tx.connection, one.ids, tomorrow, "daily_cap")
            return False
        return outbox.mark_handing(tx.connection, one.ids, one.channel, one.told.id, tx.now())

    def _settle(self, tx: Tx, one: Ready, outcome: Outcome) -> None:
        key, now = one.channel.encode(), tx.now()
        if outcome.state in ("trouble", "unknown"):
            wait = self.backoff.failed(key, self._ticks())
            if self.troubles.get(one.channel) != outcome.error:
                log.warning("gateway_in_trouble", kind=one.channel, reason=outcome.error)
            self.troubles[one.channel] = outcome.error
            again = outcome.state == "trouble" or self.channels[one.channel].idempotent
            outbox.settle(tx.connection, one.ids, WAITING if again else UNKNOWN, now, outcome.error)
            if again:
                outbox.put_off(tx.connection, one.ids, now + int(wait * 1000) + 1, outcome.error)
            delivery.say(tx, one.ids)
            return
        self.backoff.clear(key)
        self.troubles.pop(one.channel, None)
        if outcome.state == "sent":
            outbox.settle(tx.connection, one.ids, SENT, now)
            delivery.say(tx, one.ids)
        else:
            self._refused(tx, one, outcome.error)

    def _refused(self, tx: Tx, one: Ready, error: str) -> None:
        """The gateway does not take this number: three times, then a person tells him."""
        outbox.tried(tx.connection, one.ids, 1)
        if one.told.tries + 1 < TRIES:
            outbox.settle(tx.connection, one.ids, WAITING, tx.now(), error)
            outbox.put_off(tx.connection, one.ids, tx.now() + AGAIN_MS, error)
            return
        outbox.settle(tx.connection, one.ids, FAILED, tx.now(), error)
        delivery.say(tx, one.ids)
        case = tx.cases.get(one.told.case_no)
        if one.told.recipient == APPLICANT and case is not None:
            _to_a_person(tx, case, one.told)

    def _digest(self, many: Sequence[Ready]) -> Ready:
        """Several cases of one person in one message."""
        snapshot, first = self._rules.catalog.snapshot(), many[0]
        with self._store.reading() as view:
            said = {"center": view.identity.name, "count": str(len(many)), "phone": words.common_phone(self._rules)}
            said["center"] = node_name(view, self._rules.catalog, view.identity.node_id) or said["center"]
        text = texts.fill(snapshot.of(NOTICES).of(events.DIGEST), said)
        return Ready(tuple(id for one in many for id in one.ids), first.told, first.channel, first.to, text)

    def _name(self, number: str) -> str:
        """One message under one name, whatever the store forgets: numbers go on from the backup after a restore."""
        with self._store.reading() as view:
            restored = (view.meta.get(RESTORED) or b"").decode()
        return "-".join(one for one in (self._store.place.code, restored, number) if one)

    def _ticks(self) -> float:
        return self._store.clock.ticks() / 1000


def _gathered(ready: Iterable[Ready], digest: Callable[[Sequence[Ready]], Ready]) -> list[Ready]:
    """One message a person of what the daily limit held back; everything else as it is."""
    held: dict[tuple[str, str], list[Ready]] = {}
    found: list[Ready] = []
    for one in ready:
        if one.capped:
            held.setdefault((one.channel, one.to), []).append(one)
        else:
            found.append(one)
    return found + [many[0] if len(many) == 1 else digest(many) for many in held.values()]


def _to_a_person(tx: Tx, case: Case, told: Notice) -> None:
    """Somebody tells him face to face: at the village that filed the case, else here."""
    village = tx.place(case.origin)
    if village is None or village.tier != "village" or village.node_id == tx.identity.node_id or not told.is_entry:
        outbox.by_hand(tx.connection, told, tx.now())
        return
    facts: Facts = {TO: (village.code,), "mark": bytes.fromhex(told.mark), "event": told.event}
    tx.journal.append(Draft(UNTOLD, "note", facts, subject=told.case_no))


def _of_village(tx: Tx, case: Case, row: Notice) -> bool:
    """Whether the village that filed a case tells it: there was no telephone of the applicant's own, and none recorded here, when it happened.
    The village reckons the same from the order in which the entries came."""
    origin, who = tx.place(case.origin), words.applicant_of(tx, case)
    if origin is None or origin.tier != "village" or origin.node_id == tx.identity.node_id:
        return False
    if not case.bodies or not events.has_none({"phone": who.phone, "contact": who.contact}):
        return False
    arrival = arrival_of(tx.connection, case.case_no, bytes.fromhex(row.mark)) if row.is_entry else 1 << 62
    return reach_before(reaches(tx.connection, case), arrival) not in events.REACHED


def _mark_answer(id: int, tx: Tx) -> bool:
    return answers.mark(tx.connection, id)


def _drop(tx: Tx, rows: Sequence[Notice], why: str) -> None:
    outbox.settle(tx.connection, _ids(rows), DROPPED, tx.now(), why)


def _ids(rows: Iterable[Notice]) -> tuple[int, ...]:
    return tuple(row.id for row in rows)


def _again(tx: Tx, id: int) -> int:
    if not id:
        return outbox.try_now(tx.connection, tx.now())
    row = outbox.get(tx.connection, id)
    if row is None or row.channel == outbox.SCREEN:
        raise TongbanError("not_found", what="notice")
    if row.state not in (UNKNOWN, FAILED, WAITING):
        raise TongbanError("notice_over")
    outbox.settle(tx.connection, (id,), WAITING, tx.now())
    outbox.put_off(tx.connection, (id,), tx.now(), "")
    return 1
