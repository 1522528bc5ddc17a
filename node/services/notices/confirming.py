"""Whether a mail address is that of the person who gave it: a code goes there, and the person types it on the own page (R35).

Until then no digest goes to it. An address to which the director sends the monthly report is nobody's of the staff: who reads it tells the
director the code, who types it. The code is made when the mail goes out, holds for a day, at this node and for this person alone; a later
one takes its place. The mail names nobody, and the page answers the same whatever address was typed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import replace

from node.domain import folded
from node.domain.calendar import DAY_MS, day_of
from node.domain.notices import mail
from node.domain.notices.news import (
    CONFIRM,
    CONFIRM_SUBJECTS,
    CONFIRMED,
    LANGUAGES,
    REPORT_CONFIRM,
    confirm_text,
    report_confirm_text,
)
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.catalog.names import node_name
from node.services.notices.letters import Letter
from node.store import mail_proofs, news, outbox, report_mail, staff
from node.store.mail_proofs import Proof
from node.store.outbox import WAITING, Notice
from node.store.store import Tx

HOLDS_MS = DAY_MS
HOUR_MS = DAY_MS // 24
MOST_FOR_REPORTS = 40  # mails with a code that may be asked for on a day to addresses for the monthly report
MOST_A_DAY = 5  # mails that one person may ask for, and that may be asked for to one address
_REPORTS = "report:"
_LETTERS, _LENGTH = "ABCDEFGHJKMNPQRSTUVWXYZ23456789", 10


def ask(tx: Tx, staff_id: str, email: str) -> None:
    """A mail with a code is to go to an address. Errors: `invalid_input` (email) beyond those of a day."""
    _ask(tx, staff_id, email, CONFIRM, staff_id)


def ask_for_reports(tx: Tx, address: str) -> None:
    """The same for the monthly report; nobody of the staff need have this address. Errors: `invalid_input` (email)."""
    if mail_proofs.asked_like(tx.connection, _REPORTS, day_of(tx.now()).isoformat()) >= MOST_FOR_REPORTS:
        raise TongbanError("invalid_input", {"email": "too_many_mails"})
    _ask(tx, _REPORTS + address, address, REPORT_CONFIRM, address)


def _ask(tx: Tx, key: str, email: str, event: str, recipient: str) -> None:
    now, day = tx.now(), day_of(tx.now()).isoformat()
    before = mail_proofs.of(tx.connection, key)
    asked = before.asked if before is not None and before.day == day else 0
    if max(asked, mail_proofs.asked_on(tx.connection, email, day)) >= MOST_A_DAY:
        raise TongbanError("invalid_input", {"email": "too_many_mails"})
    kept = before if before is not None and before.email == email else Proof(key, email)
    mail_proofs.put(tx.connection, replace(kept, day=day, asked=asked + 1))
    outbox.add(tx.connection, ("", f"{event}:{day}.{asked + 1}", event, recipient, ""), WAITING, now, now)


def letter(tx: Tx, rules: Rules, rows: Sequence[Notice]) -> Letter:
    """The mail with a new code, while the person still waits for it."""
    wanted = news.of(tx.connection, rows[-1].recipient)
    person, to = staff.by_id(tx.connection, wanted.staff_id), mail.parse(wanted.email).address
    if wanted.proof == CONFIRMED or wanted.mail == "none" or not to or person is None or not person.active:
        return Letter(why="pointless")
    if outbox.is_off(tx.connection, to):
        return Letter(why="address_off")
    code, language = _fresh(tx, wanted.staff_id, to), person.language if person.language in LANGUAGES else LANGUAGES[0]
    return Letter(to, confirm_text(_center(tx, rules), code, HOLDS_MS // HOUR_MS, language), subject=CONFIRM_SUBJECTS[language])


def report_letter(tx: Tx, rules: Rules, rows: Sequence[Notice]) -> Letter:
    """The same to an address for the monthly report, while it is chosen and not proven."""
    to = rows[-1].recipient
    chosen = report_mail.one(tx.connection, to)
    if chosen is None or chosen.proof == CONFIRMED:
        return Letter(why="pointless")
    if outbox.is_off(tx.connection, to):
        return Letter(why="address_off")
    text = report_confirm_text(_center(tx, rules), _fresh(tx, _REPORTS + to, to), HOLDS_MS // HOUR_MS)
    return Letter(to, text, subject=CONFIRM_SUBJECTS[LANGUAGES[0]])


def _center(tx: Tx, rules: Rules) -> str:
    return node_name(tx, rules.catalog, tx.identity.node_id) or tx.identity.name


def _fresh(tx: Tx, key: str, to: str) -> str:
    """A new code, of which the hash is kept."""
    code, salt = _new_code(), secrets.token_bytes(16)
    before = mail_proofs.of(tx.connection, key) or Proof(key, to)
    mail_proofs.put(tx.connection, replace(before, email=to, salt=salt, digest=_digest(salt, code), until=tx.now() + HOLDS_MS))
    return code


def confirm(tx: Tx, staff_id: str, code: str) -> None:
    """The person has the mail. A second press changes nothing. Errors: `invalid_input` (code)."""
    wanted = news.of(tx.connection, staff_id)
    if wanted.proof == CONFIRMED:
        return
    _prove(tx, staff_id, mail.parse(wanted.email).address, code)
    news.put(tx.connection, replace(wanted, proof=CONFIRMED))


def confirm_for_reports(tx: Tx, address: str, code: str) -> None:
    """Who reads this address has the mail and told the code. Errors: `invalid_input` (code)."""
    chosen = report_mail.one(tx.connection, address)
    if chosen is None:
        raise TongbanError("invalid_input", {"code": "wrong_mail_code"})
    if chosen.proof != CONFIRMED:
        _prove(tx, _REPORTS + address, address, code)
        report_mail.prove(tx.connection, address, CONFIRMED)


def _prove(tx: Tx, key: str, to: str, code: str) -> None:
    kept, plain = mail_proofs.of(tx.connection, key), folded.key(code).upper()
    if kept is None or not kept.digest or kept.email != to or not hmac.compare_digest(kept.digest, _digest(kept.salt, plain)):
        raise TongbanError("invalid_input", {"code": "wrong_mail_code"})
    if tx.now() >= kept.until:
        raise TongbanError("invalid_input", {"code": "mail_code_over"})
    outbox.turn_on(tx.connection, to)
    mail_proofs.put(tx.connection, replace(kept, salt=b"", digest=b"", until=0))


def _new_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def _digest(salt: bytes, code: str) -> bytes:
    return hashlib.sha256(b"tongban mail code 1\0" + salt + code.encode()).digest()
