"""The tokens of other systems: issued, listed, ended.

A token is 32 random bytes, shown once; only its SHA-256 is stored. Found tokens are remembered in memory, so authenticating costs a
dictionary look-up. When and from where a token was used last is written down at most once in `TOUCH_MS`. A token ends on its day
(`days`, at most `DAYS_MOST`; DAYS unless told otherwise), when it is revoked, and with the account or post of the person it stands for.
A token may be confined to one *source*: then applications that it files are of that source alone.

The same name with the same role is the same person, whether by login or by token, because rules compare persons.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from node.domain.calendar import DAY_MS
from node.domain.cases.access import require_role, tokens
from node.domain.model import SYSTEM, Actor, Role
from node.domain.people import TokenDocument
from node.domain.words.errors import TongbanError
from node.services.people.naming import flaws_of, new_staff_id
from node.services.times import iso
from node.store import staff as rows
from node.store.journal import Draft
from node.store.store import Store, Tx

DAYS = 365  # a token that nobody gave a term
DAYS_MOST = 3650
TOUCH_MS = 60_000
REMEMBERED = 10_000


@dataclass(slots=True)
class _Known:
    """A token in memory; `touched` is when its use was written down last."""

    row: rows.TokenRow
    actor: Actor
    touched: int


class Tokens:
    """The tokens of one node."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[bytes, _Known] = {}
        self._generation = 0  # grows with every change, so that a slow reader remembers nothing stale

    def forget(self) -> None:
        """Somebody's account changed: ask the tables again."""
        self._generation += 1
        self._known = {}

    def authenticate(self, token: str, client: str = "") -> Actor:
        """The person behind a token. Errors: `unauthenticated`, `token_over`."""
        return self._meet(token, client).actor

    def source_of(self, token: str) -> str:
        """The source to which a token is confined, "" for none. Errors: `unauthenticated`."""
        return self._find(token).row.source

    def _meet(self, token: str, client: str) -> _Known:
        known = self._find(token)
        now = self._store.clock.now()
        if known.row.ended_at or now >= known.row.expires_at:
            raise TongbanError("token_over")
        if abs(now - known.touched) >= TOUCH_MS:
            known.touched = now
            identifier = known.row.id
            self._store.submit(lambda tx: rows.token_used(tx.connection, identifier, now, client[:64]))
        return known

    def _find(self, token: str) -> _Known:
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        known = self._known.get(digest)
        if known is not None:
            return known
        generation = self._generation
        with self._store.reading() as view:
            row = rows.token(view.connection, digest)
        if row is None:
            raise TongbanError("unauthenticated")
        known = _Known(row, Actor(row.staff_id, Role(row.role), row.name), row.last_used)
        if generation == self._generation and len(self._known) < REMEMBERED:
            self._known[digest] = known
        return known

    def issue(self, name: str, role: str, *, by: Actor = SYSTEM, days: int = DAYS, source: str = "") -> str:
        """A new token for `name`; its text cannot be shown again. Errors: `invalid_input` (name, role, days, source), `wrong_role`."""
        flaws = flaws_of(name, role)
        if not 1 <= days <= DAYS_MOST:
            flaws["days"] = "out_of_range"
        if source and not (len(source) <= 64 and source.isascii() and source.translate({45: None, 46: None, 95: None}).isalnum()):
            flaws["source"] = "invalid"
        if flaws:
            raise TongbanError("invalid_input", flaws)
        require_role(role, self._store.place.tier, tokens)
        text = secrets.token_urlsafe(32)
        digest = hashlib.sha256(text.encode()).digest()

        def command(tx: Tx) -> None:
            staff_id = rows.person_id(tx.connection, name, role) or new_staff_id()
            now = tx.now()
            row = rows.TokenRow(
                digest, "t" + secrets.token_hex(4), staff_id, role, name, now, now + days * DAY_MS, by.staff_id, source
            )
            rows.add_token(tx.connection, row)
            facts = {"staff": staff_id, "role": role}
            tx.journal.append(Draft("token_issued", "staff", facts, staff_id=by.staff_id))

        self._store.run(command)
        self.forget()
        return text

    def listed(self) -> list[TokenDocument]:
        """Every token there was, the newest first, those that are over too."""
        now = self._store.clock.now()
        self._store.run(lambda tx: None)  # what is under way of last uses is written first
        with self._store.reading() as view:
            found = rows.tokens(view.connection)
            names = rows.names(view.connection)
        return [_document(row, now, names.get(row.issued_by, "")) for row in found]

    def revoke(self, identifier: str, *, by: Actor = SYSTEM) -> TokenDocument:
        """The token is over, at once. Errors: `not_found`; revoking it again changes nothing."""

        def command(tx: Tx) -> rows.TokenRow:
            row = next((one for one in rows.tokens(tx.connection) if one.id == identifier), None)
            if row is None:
                raise TongbanError("not_found", what=identifier[:40])
            if not row.ended_at:
                rows.end_token(tx.connection, identifier, tx.now())
                facts = {"staff": row.staff_id, "role": row.role}
                tx.journal.append(Draft("token_revoked", "staff", facts, staff_id=by.staff_id))
            tx.after_commit(self.forget)
            return row

        row = self._store.run(command)
        self.forget()
        return next(one for one in self.listed() if one["id"] == row.id)


def _document(row: rows.TokenRow, now: int, issuer: str) -> TokenDocument:
    over = now >= row.expires_at
    return {
        "id": row.id, "name": row.name, "role": row.role, "staff_id": row.staff_id, "source": row.source,
        "created_at": iso(row.created_at), "issued_by": row.issued_by, "issued_by_name": issuer,
        "expires_at": iso(row.expires_at), "last_used": iso(row.last_used),
        "last_client": row.last_client, "ended_at": iso(row.ended_at),
        "state": "revoked" if row.ended_at else "expired" if over else "valid",
    }  # fmt: skip
