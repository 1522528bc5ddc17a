"""`center.notices`: what residents were told, as the administrator, the command line and the pages ask."""

from __future__ import annotations

import os

from node.domain.calendar import DAY_MS, day_of, end_of_day_ms
from node.domain.cases.access import Function, require
from node.domain.model import Actor, Case
from node.domain.notices.documents import Answered, CaseNotices, ChannelRow, Outbox, ToTell, Tried
from node.domain.words.errors import TongbanError
from node.machine.gateways import Message
from node.services.cases.context import Rules
from node.services.cases.handling import find_case
from node.services.catalog.names import node_name
from node.services.notices import delivery, words
from node.services.notices.answers import Answers
from node.services.notices.rows import row_of
from node.services.notices.sending import SUBJECT, Sending
from node.services.public.guide import GuideService
from node.services.times import iso
from node.store import audit, outbox, told
from node.store.outbox import Contact
from node.store.store import Store, Tx, View

MOST = 200
TEST = "【{center}】这是一条测试消息，收到即说明通道可用。"


class Notices:
    """The outbox of one node."""

    def __init__(self, store: Store, rules: Rules, public: GuideService) -> None:
        self._store = store
        self._rules = rules
        self.sending = Sending(store, rules)
        self.answers = Answers(store, rules, public)

    def show(self, by: Actor, *, state: str = "", before: int = 0, most: int = MOST) -> Outbox:
        """The newest rows; no name and no number stands in them. `state`: one of those of `counts`. Errors: `forbidden`."""
        require(Function.MANAGE_NODE, self._store.place.tier, by.role)
        sending = self.sending
        with self._store.reading() as view:
            rows = outbox.page(view.connection, before, most + 1, state)
            today = end_of_day_ms(day_of(view.now())) - DAY_MS
            sent = outbox.sent_since(view.connection, today)
            return Outbox(
                notices=[row_of(one) for one in rows[:most]], more=len(rows) > most, counts=outbox.counts(view.connection), channels=self._channels(),
                daily=sending.daily, sent_today=sent, capped=sent >= sending.daily, oldest=iso(outbox.oldest_open(view.connection)),
                answers=self.answers.log(),
            )  # fmt: skip

    def _channels(self) -> list[ChannelRow]:
        sending, now = self.sending, self._store.clock.ticks() / 1000
        return [
            ChannelRow(
                name=name, error=sending.troubles.get(name, ""), failures=sending.backoff.failures(name.encode()),
                wait_s=int(sending.backoff.wait(name.encode(), now) + 0.999),
            )
            for name in sending.channels
        ]  # fmt: skip

    def test(self, channel: str, to: str, by: Actor) -> Tried:
        """A message to a number or an address that somebody gives. Errors: `forbidden`, `no_channel`, `invalid_input` (to)."""
        require(Function.MANAGE_NODE, self._store.place.tier, by.role)
        way = self.sending.channels.get(channel)
        if way is None:
            raise TongbanError("no_channel", channel=channel[:20] or "sms")
        number = words.typed(to, channel)
        if fault := words.fault_of(number, channel):
            raise TongbanError("invalid_input", {"to": fault})
        with self._store.reading() as view:
            text = TEST.replace("{center}", view.identity.name)
        outcome = way.send(Message(f"test-{os.urandom(6).hex()}", number, SUBJECT, text))
        self.sending.noted(channel, outcome)
        self._store.run(
            lambda tx: audit.note(tx.connection, tx.now(), by.staff_id, "notice_test", channel, {"state": outcome.state})
        )
        return Tried(channel=channel, state=outcome.state, error=outcome.error)

    def retry(self, by: Actor, id: int = 0) -> int:
        """Try now what waits for a gateway, or (`id`) one row that waits, failed or of which nobody knows. Answers how many rows.
        Errors: `forbidden`, `not_found`, `notice_over` for one that is done."""
        require(Function.MANAGE_NODE, self._store.place.tier, by.role)
        count = self.sending.retry(id)
        self._store.run(
            lambda tx: audit.note(tx.connection, tx.now(), by.staff_id, "notice_retry", str(id or ""), {"count": count})
        )
        return count

    def inbound(self, sender: str, text: str, by: Actor) -> Answered:
        """A question that came by SMS or mail. Errors: `forbidden`, `invalid_input` (from, text)."""
        return self.answers.inbound(sender, text, by)

    # one case --------------------------------------------------------------------------------------------------------

    def of_case(self, case_no: str, by: Actor) -> CaseNotices:
        """What its applicant was told from here, and where he is told. Errors: `forbidden`, `not_found`."""
        require(Function.READ_CASE, self._store.place.tier, by.role)
        with self._store.reading() as view:
            case = find_case(view, case_no)
            rows = outbox.of_case(view.connection, case_no)
            recorded, contact = outbox.contact(view.connection, case_no), words.contact(view, case)
            off = contact.off or words.ended(view, contact)
            by_hand = next((row.id for row in rows if row.channel == outbox.SCREEN and row.state == outbox.WAITING), 0)
            here = self._here(view, case)
            sender = view.identity.node_id if here else case.sender
            return CaseNotices(
                sender=node_name(view, self._rules.catalog, sender) if sender else "", here=here,
                rows=[*map(row_of, rows), *delivery.elsewhere(view, case, rows)], phone=words.masked(contact.phone.strip()),
                email=words.masked(contact.email),
                whose=contact.whose, off=off, recorded=recorded is not None, in_person=by_hand, reach=_reach(view, case),
            )  # fmt: skip

    def record_contact(self, case_no: str, phone: str, email: str, whose: str, off: bool, by: Actor) -> None:
        """Where the applicant wants to be told, and whether; both empty: as his application says. Errors: `forbidden`, `not_found`,
        `invalid_input` (phone, email, whose), `guard_failed` at a node that does not send the notices of the case."""
        require(Function.SUPPLY, self._store.place.tier, by.role)
        given = Contact(words.typed(phone, "sms"), words.typed(email, "smtp"), whose, off)
        found = {
            "phone": words.fault_of(given.phone, "sms") if given.phone else "",
            "email": words.fault_of(given.email, "smtp") if given.email else "",
            "whose": "" if whose in words.WHOSE else "not_a_choice",
        }
        faults = {name: fault for name, fault in found.items() if fault}
        if faults:
            raise TongbanError("invalid_input", faults)
        self._store.run(lambda tx: self._record(tx, find_case(tx, case_no), given, by))

    def _record(self, tx: Tx, case: Case, given: Contact, by: Actor) -> None:
        if not self._here(tx, case):
            raise TongbanError("guard_failed", rule="本单位不发送该办件的通知")
        then = given if given.phone or given.email else words.contact(tx, case)
        for to in () if given.off else (words.address(then, "sms"), words.address(then, "smtp")):
            outbox.turn_on(tx.connection, to)
        outbox.put_contact(tx.connection, case.case_no, given, by.staff_id, tx.now())
        delivery.say_reach(tx, case, given, by.staff_id)

    def _here(self, view: View | Tx, case: Case) -> bool:
        """Whether this node sends the notices of a case: it said so, or nobody did and it has the case and a channel."""
        me = view.identity.node_id
        return case.sender == me if case.sender else bool(self.sending.channels) and case.custodian == me

    def told_in_person(self, case_no: str, id: int, by: Actor) -> None:
        """Somebody told him face to face. A second press changes nothing. Errors: `forbidden`, `not_found`."""
        require(Function.SUPPLY, self._store.place.tier, by.role)

        def command(tx: Tx) -> None:
            row = outbox.get(tx.connection, id)
            if row is None or row.case_no != case_no or row.channel != outbox.SCREEN:
                raise TongbanError("not_found", what=str(id))
            if row.state == outbox.WAITING:
                outbox.settle(tx.connection, [id], outbox.SENT, tx.now())
                delivery.say(tx, [id], by.staff_id)

        self._store.run(command)

    def to_tell(self, by: Actor, most: int = MOST) -> list[ToTell]:
        """Who is to be told face to face, the longest waiting first. Errors: `forbidden`."""
        require(Function.READ_CASE, self._store.place.tier, by.role)
        with self._store.reading() as view:
            found = []
            for row in outbox.told_in_person(view.connection, most):
                case = view.cases.get(row.case_no)
                if case is None:
                    continue
                item = self._rules.item_of(case)
                found.append(
                    ToTell(
                        id=row.id, case_no=row.case_no, applicant=words.applicant_of(view, case).name,
                        item_name=item.name if item is not None else case.item_id, event=row.event, at=iso(row.since),
                    )
                )  # fmt: skip
            return found

    def count_to_tell(self, by: Actor) -> int:
        """How many these are. Errors: `forbidden`."""
        require(Function.READ_CASE, self._store.place.tier, by.role)
        with self._store.reading() as view:
            return outbox.count_to_tell(view.connection)

    def step(self) -> int:
        """The worker looks once; how many messages were handed over."""
        return self.sending.step()


def _reach(view: View, case: Case) -> str:
    return told.reach_before(told.reaches(view.connection, case), 1 << 62)
