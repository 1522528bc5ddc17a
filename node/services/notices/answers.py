"""What people ask by SMS or mail, answered by themselves and logged (R96).

A number and its query code are answered with the state of the case, in the words of the public page. Anything else gets one sentence of
help, a wrong code too: so nobody learns which case there is. TD ends what is sent to a number or an address, HF begins it again.
"""

from __future__ import annotations

import hashlib
import re

from node.domain import folded
from node.domain.calendar import DAY_MS, day_of
from node.domain.cases.access import Function, require
from node.domain.cases.next_words import sentence
from node.domain.cases.public_documents import PublicCase
from node.domain.model import Actor
from node.domain.notices import events, mail, texts
from node.domain.notices.documents import Answered, AnswerRow
from node.domain.papers.categories import outcome_word
from node.domain.published import NOTICES
from node.domain.words.errors import TongbanError
from node.domain.words.terms import label
from node.services.cases.context import Rules
from node.services.notices import words
from node.services.public.guide import GuideService
from node.services.times import iso
from node.store import answers, outbox
from node.store.answers import Answer
from node.store.store import Store, Tx

ADAY = 20  # answers a day to one number
SHOWN = 50
MOST_TEXT = 300
_OFF, _ON = frozenset({"TD", "T", "退订"}), frozenset({"HF", "恢复"})


class Answers:
    """The questions that come to one node."""

    def __init__(self, store: Store, rules: Rules, public: GuideService) -> None:
        self._store, self._rules, self._public = store, rules, public

    def inbound(self, sender: str, text: str, by: Actor) -> Answered:
        """A message that a gateway hands over; the answer goes out with the next step. Errors: `forbidden`, `invalid_input` (from, text)."""
        require(Function.INBOUND, self._store.place.tier, by.role)
        to = words.mobile(folded.phone(sender)) or mail.parse(sender).address
        text = (
            next((line for line in text.splitlines() if line.strip()), "") if "@" in to else text
        )  # the rest of a mail is what it quotes
        faults = {**({} if to else {"from": "invalid"}), **({"text": "too_long"} if len(text) > MOST_TEXT else {})}
        if faults:
            raise TongbanError("invalid_input", faults)
        outcome, case_no, values = self._understood(to, text)
        return self._store.run(lambda tx: self._note(tx, to, outcome, case_no, values))

    def _understood(self, to: str, text: str) -> tuple[str, str, dict[str, str]]:
        word = folded.typed(text).strip().upper()
        if word in _OFF | _ON:
            return events.OFF if word in _OFF else events.ON, "", {}
        parts = [one for one in re.split(r"[\s,，;；、]+", folded.typed(text)) if one][:12]
        if len(parts) < 2:
            return events.HELP, "", {}
        try:
            found = self._public.case("".join(parts[:-1]), parts[-1], f"sms {to}")
        except TongbanError as error:
            return ("limited" if error.code == "rate_limited" else events.HELP), "", {}
        return (
            events.ANSWER,
            found["case_no"],
            {"state": said(found, day_of(self._store.now()).year), "phone": found["contact"]["phone"]},
        )

    def _note(self, tx: Tx, to: str, outcome: str, case_no: str, values: dict[str, str]) -> Answered:
        key, now = hashlib.sha256(f"notice answers {to}".encode()).digest()[:16], tx.now()
        if outcome == events.OFF:
            outbox.turn_off(tx.connection, to, now)
        elif outcome == events.ON:
            outbox.turn_on(tx.connection, to)
        if answers.asked_since(tx.connection, key, now - DAY_MS) >= ADAY:
            outcome = "limited"
        if outcome == "limited":
            answers.add(tx.connection, now, key, words.masked(to), outcome, "", "", outbox.DROPPED)
            return Answered(outcome=outcome, reply="")
        common = {"center": tx.identity.name, "phone": words.common_phone(self._rules)}
        reply = texts.fill(
            self._rules.catalog.snapshot().of(NOTICES).of(outcome), {**common, **{k: v for k, v in values.items() if v}}
        )
        answers.add(tx.connection, now, key, to, outcome, case_no, reply, outbox.WAITING)
        return Answered(outcome="state" if outcome == events.ANSWER else outcome, reply=reply)

    def log(self) -> list[AnswerRow]:
        """The newest questions, without numbers."""
        with self._store.reading() as view:
            return [_row(one) for one in answers.page(view.connection, SHOWN)]


def said(found: PublicCase, year: int) -> str:
    """Where a case is and what comes next, as the status page says it, without the full stop; days with their year when it is not `year`."""
    status = outcome_word(found["status"], found["category"]) or label(found["status"], "zh", "status")
    due = "" if found["finished"] or not found["due"] else f"，应于{_day(found['due'], year)}前办结"
    comes = sentence(found, "zh", lambda day: _day(str(day), year), status)
    return f"{texts.shortened(found['item_name'], 20)}，{status}{due}。{comes.removesuffix('。')}"


def _day(text: str, year: int) -> str:
    day = f"{int(text[5:7])}月{int(text[8:10])}日"
    return day if int(text[:4]) == year else f"{int(text[:4])}年{day}"


def _row(one: Answer) -> AnswerRow:
    state = outbox.UNKNOWN if one.state == outbox.HANDING else one.state
    outcome = "state" if one.outcome == events.ANSWER else one.outcome
    return AnswerRow(at=iso(one.at), sender=words.masked(one.sender), outcome=outcome, state=state)
