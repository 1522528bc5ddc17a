"""Whether a mail address is that of the person who gave it: a code goes there, and the person types it on the own page (R35).

Until then no digest goes to it. The code is made when the mail goes out, holds for a day, at this node and for this person alone; a later
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
from node.domain.notices.news import CONFIRM, CONFIRM_SUBJECTS, CONFIRMED, LANGUAGES, confirm_text
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.catalog.names import node_name
from node.services.notices.letters import Letter
from node.store import mail_proofs, news, outbox, staff
from node.store.mail_proofs import Proof
from node.store.outbox import WAITING, Notice
from node.store.store import Tx

HOLDS_MS = DAY_MS
MOST_A_DAY = 5  # mails that one person may ask for, and that may be asked for to one address
_LETTERS, _LENGTH = "ABCDEFGHJKMNPQRSTUVWXYZ23456789", 10


def ask(tx: Tx, staff_id: str, email: str) -> None:
    """A mail with a code is to go to an address. Errors: `invalid_input` (email) beyond those of a day."""
    now, day = tx.now(), day_of(tx.now()).isoformat()
    before = mail_proofs.of(tx.connection, staff_id)
    asked = before.asked if before is not None and before.day == day else 0
    if max(asked, mail_proofs.asked_on(tx.connection, email, day)) >= MOST_A_DAY:
        raise TongbanError("invalid_input", {"email": "too_many_mails"})
    kept = before if before is not None and before.email == email else Proof(staff_id, email)
    mail_proofs.put(tx.connection, replace(kept, day=day, asked=asked + 1))
    outbox.add(tx.connection, ("", f"{CONFIRM}:{day}.{asked + 1}", CONFIRM, staff_id, ""), WAITING, now, now)


def letter(tx: Tx, rules: Rules, rows: Sequence[Notice]) -> Letter:
    """The mail with a new code, while the person still waits for it."""
    wanted = news.of(tx.connection, rows[-1].recipient)
    person, to = staff.by_id(tx.connection, wanted.staff_id), mail.parse(wanted.email).address
    if wanted.proof == CONFIRMED or wanted.mail == "none" or not to or person is None or not person.active:
        return Letter(why="pointless")
    if outbox.is_off(tx.connection, to):
        return Letter(why="address_off")
    code, center = _new_code(), node_name(tx, rules.catalog, tx.identity.node_id) or tx.identity.name
    before, salt = mail_proofs.of(tx.connection, wanted.staff_id) or Proof(wanted.staff_id, to), secrets.token_bytes(16)
    fresh = replace(before, email=to, salt=salt, digest=_digest(salt, code), until=tx.now() + HOLDS_MS)
    mail_proofs.put(tx.connection, fresh)
    language = person.language if person.language in LANGUAGES else LANGUAGES[0]
    return Letter(to, confirm_text(center, code, HOLDS_MS // 3_600_000, language), subject=CONFIRM_SUBJECTS[language])


def confirm(tx: Tx, staff_id: str, code: str) -> None:
    """The person has the mail. A second press changes nothing. Errors: `invalid_input` (code)."""
    wanted, kept = news.of(tx.connection, staff_id), mail_proofs.of(tx.connection, staff_id)
    if wanted.proof == CONFIRMED:
        return
    to = mail.parse(wanted.email).address
    plain = folded.key(code).upper()
    if kept is None or not kept.digest or kept.email != to or not hmac.compare_digest(kept.digest, _digest(kept.salt, plain)):
        raise TongbanError("invalid_input", {"code": "wrong_mail_code"})
    if tx.now() >= kept.until:
        raise TongbanError("invalid_input", {"code": "mail_code_over"})
    outbox.turn_on(tx.connection, to)
    mail_proofs.put(tx.connection, replace(kept, salt=b"", digest=b"", until=0))
    news.put(tx.connection, replace(wanted, proof=CONFIRMED))


def _new_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))


def _digest(salt: bytes, code: str) -> bytes:
    return hashlib.sha256(b"tongban mail code 1\0" + salt + code.encode()).digest()
