"""The people of a center: who may log in, and the tokens of other systems.

Passwords are kept as argon2 hashes and are hashed outside the writer's turn (a hash takes about a tenth of a second).
A token is 32 random bytes; only its SHA-256 is stored, and found tokens are remembered in memory, so authenticating
costs a dictionary look-up. Names and usernames never leave the node: the journal says that a person with an opaque id
got a role, nothing more. The same name with the same role is the same person, whether by login or by token, because
rules compare persons (same person's undo, examiner and approver apart).

Guessing is slowed down per username: after `LIMIT` wrong passwords within `WINDOW_MS` every further try is refused,
right or wrong, until the window has passed.

Whoever loses a post, a password or the account loses every session with it, in the same transaction; `changed_hooks` tell
those who remember sessions. One administrator must remain, and nobody changes the own post (三员分立): an administrator who
also works on cases needs a second account made on purpose, which the audit marks.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from node.domain.cases.access import persons, require_role, tokens
from node.domain.model import SYSTEM, Actor, Facts, Role
from node.domain.people import LoginCard, StaffListed, acts_on_cases, pin_flaw
from node.domain.touched import merge
from node.domain.words.errors import TongbanError
from node.store import audit, sessions
from node.store import staff as rows
from node.store.journal import Draft
from node.store.store import Store, Tx

WINDOW_MS = 5 * 60_000
LIMIT = 5
_CACHE_LIMIT = 10_000


def new_password() -> str:
    """Sixteen characters that can be read aloud and typed: four groups of four."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


class Throttle:
    """Counts failures per key within a sliding window of a clock that nobody can set."""

    def __init__(self, limit: int = LIMIT, window_ms: int = WINDOW_MS) -> None:
        self._limit, self._window = limit, window_ms
        self._failures: dict[str, list[int]] = {}
        self._lock = threading.Lock()

    def check(self, key: str, now: int) -> None:
        """Raise `rate_limited` when too many failures are in the window."""
        with self._lock:
            recent = [at for at in self._failures.get(key, ()) if abs(now - at) < self._window]
            if recent:
                self._failures[key] = recent
            else:
                self._failures.pop(key, None)
            if len(recent) >= self._limit:
                raise TongbanError("rate_limited")

    def failed(self, key: str, now: int) -> None:
        with self._lock:
            if len(self._failures) >= _CACHE_LIMIT:
                self._failures.pop(next(iter(self._failures)))
            self._failures.setdefault(key, []).append(now)

    def cleared(self, key: str) -> None:
        with self._lock:
            self._failures.pop(key, None)


class StaffService:
    """Logins and tokens of one node. `hasher` can be made cheap by tests."""

    def __init__(self, store: Store, hasher: PasswordHasher | None = None) -> None:
        self._store = store
        self._hasher = hasher or PasswordHasher()
        self._throttle = Throttle()
        self._tokens: dict[bytes, Actor] = {}
        self._generation = 0  # grows with every change, so that a slow reader caches nothing stale
        self._decoy = ""
        self.changed_hooks: list[Callable[[str], None]] = []

    # who is it -----------------------------------------------------------------------------------------------------

    def authenticate_token(self, token: str) -> Actor:
        """The person behind a token; raises `unauthenticated`."""
        digest = hashlib.sha256(token.encode("utf-8", "replace")).digest()
        actor = self._tokens.get(digest)
        if actor is not None:
            return actor
        generation = self._generation
        with self._store.reading() as view:
            row = rows.token(view.connection, digest)
        if row is None:
            raise TongbanError("unauthenticated")
        actor = Actor(row.staff_id, Role(row.role), row.name)
        if generation == self._generation and len(self._tokens) < _CACHE_LIMIT:
            self._tokens[digest] = actor
        return actor

    def login(self, username: str, password: str, client: str = "") -> Actor:
        """The person behind a password; raises `unauthenticated` or `rate_limited`."""
        now = self._store.clock.ticks()
        self._throttle.check(username, now)
        with self._store.reading() as view:
            row = rows.by_username(view.connection, username)
        known = row.password if row is not None and row.active else self._decoy_hash()
        if not self._matches(known, password) or row is None or not row.active:
            self._throttle.failed(username, now)
            self.note_failure("login_failed", row.staff_id if row is not None else "", client)
            raise TongbanError("unauthenticated")
        self._throttle.cleared(username)
        return Actor(row.staff_id, Role(row.role), row.name)

    def actor(self, staff_id: str) -> Actor:
        """The person of a session cookie; raises `unauthenticated` when gone or deactivated."""
        with self._store.reading() as view:
            row = rows.by_id(view.connection, staff_id)
        if row is None or not row.active:
            raise TongbanError("unauthenticated")
        return Actor(row.staff_id, Role(row.role), row.name)

    def check_password(self, staff_id: str, password: str) -> Actor:
        """The person again, by password; raises `unauthenticated` or `rate_limited`."""
        with self._store.reading() as view:
            row = rows.by_id(view.connection, staff_id)
        return self.login(row.username if row is not None else "", password)

    def check_pin(self, staff_id: str, pin: str) -> Actor:
        """The person by PIN; raises `unauthenticated`. Who calls this counts the tries."""
        with self._store.reading() as view:
            row = rows.by_id(view.connection, staff_id)
        if row is None or not row.active or not row.pin or not self._matches(row.pin, pin):
            raise TongbanError("unauthenticated")
        return Actor(row.staff_id, Role(row.role), row.name)

    def note_failure(self, kind: str, staff_id: str, client: str) -> None:
        """A failed try in the audit; what was typed as a name is not kept (it may be anything)."""
        self._store.run(lambda tx: audit.note(tx.connection, tx.now(), staff_id, kind, staff_id, client=client))

    def _matches(self, known: str, secret: str) -> bool:
        try:
            return self._hasher.verify(known, secret)
        except (VerificationError, InvalidHashError):
            return False

    def _decoy_hash(self) -> str:
        """A wrong username takes as long as a wrong password."""
        if not self._decoy:
            self._decoy = self._hasher.hash(secrets.token_hex(16))
        return self._decoy

    # changes -------------------------------------------------------------------------------------------------------

    def add(
        self, name: str, role: str, password: str | None = None, username: str | None = None, *, by: Actor = SYSTEM,
        confirmed: bool = True,
    ) -> LoginCard:  # fmt: skip
        """A new person. Answers {staff_id, name, username, role, password}; the password is shown this once.

        Unless `confirmed`, a case post for somebody named as an active administrator is refused (name: also_admin).
        """
        self._check(name, role, persons)
        chosen = password or new_password()
        if flaw := password_flaw(chosen):
            raise TongbanError("invalid_input", {"password": flaw})
        hashed = self._hasher.hash(chosen)
        row = self._store.run(lambda tx: self._insert(tx, name, role, username, hashed, by, confirmed))
        self._changed()
        return {"staff_id": row.staff_id, "name": row.name, "username": row.username, "role": role, "password": chosen}

    def _insert(
        self, tx: Tx, name: str, role: str, username: str | None, hashed: str, by: Actor, confirmed: bool
    ) -> rows.StaffRow:
        also_admin = acts_on_cases(role, tx.identity.tier) and any(
            row.name == name for row in rows.active_with_role(tx.connection, Role.ADMIN)
        )
        if also_admin and not confirmed:
            raise TongbanError("invalid_input", {"name": "also_admin"})
        wanted = username or _free_username(rows.usernames_like(tx.connection, role), role)
        if rows.by_username(tx.connection, wanted) is not None:
            raise TongbanError("invalid_input", {"username": "duplicate"})
        staff_id = rows.person_id(tx.connection, name, role)
        if staff_id is None or rows.by_id(tx.connection, staff_id) is not None:
            staff_id = _new_id()
        row = rows.StaffRow(staff_id, name, wanted, role, hashed, True, tx.now())
        rows.add(tx.connection, row)
        tx.journal.append(Draft("staff_added", "staff", {"staff": staff_id, "role": role}, staff_id=by.staff_id))
        if also_admin:
            audit.note(tx.connection, tx.now(), by.staff_id, "two_posts", staff_id, {"role": role})
        return row

    def token(self, name: str, role: str, *, by: Actor = SYSTEM) -> str:
        """A new API token for `name`; its text cannot be shown again."""
        self._check(name, role, tokens)
        text = secrets.token_urlsafe(32)
        digest = hashlib.sha256(text.encode()).digest()

        def command(tx: Tx) -> None:
            staff_id = rows.person_id(tx.connection, name, role) or _new_id()
            rows.add_token(tx.connection, rows.TokenRow(digest, staff_id, role, name, tx.now()))
            tx.journal.append(Draft("token_issued", "staff", {"staff": staff_id, "role": role}, staff_id=by.staff_id))

        self._store.run(command)
        self._changed()
        return text

    def set_password(self, username: str, password: str | None = None, *, by: Actor = SYSTEM, keep: int = 0) -> str:
        """A new password for somebody; answers it. Ends the person's sessions but the one with the id `keep`."""
        chosen = password or new_password()
        if flaw := password_flaw(chosen):
            raise TongbanError("invalid_input", {"password": flaw})
        hashed = self._hasher.hash(chosen)

        def command(tx: Tx) -> str:
            row = _existing(tx, username)
            rows.set_password(tx.connection, row.staff_id, hashed)
            tx.journal.append(Draft("password_changed", "staff", {"staff": row.staff_id}, staff_id=by.staff_id))
            self._shut_out(tx, row.staff_id, keep)
            return row.staff_id

        self._store.run(command)
        self._throttle.cleared(username)
        return chosen

    def set_pin(self, staff_id: str, pin: str, *, by: Actor) -> None:
        """The person's own PIN. Raises invalid_input (pin: bad_pin, weak)."""
        if flaw := pin_flaw(pin):
            raise TongbanError("invalid_input", {"pin": flaw})
        hashed = self._hasher.hash(pin)

        def command(tx: Tx) -> None:
            _existing_id(tx, staff_id)
            rows.set_pin(tx.connection, staff_id, hashed)
            audit.note(tx.connection, tx.now(), by.staff_id, "pin_set", staff_id)
            tx.after_commit(lambda: self._tell(staff_id))

        self._store.run(command)

    def clear_pin(self, staff_id: str, *, by: Actor) -> None:
        """Take the PIN away: the person needs the password again."""

        def command(tx: Tx) -> None:
            _existing_id(tx, staff_id)
            rows.set_pin(tx.connection, staff_id, "")
            audit.note(tx.connection, tx.now(), by.staff_id, "pin_cleared", staff_id)
            tx.after_commit(lambda: self._tell(staff_id))

        self._store.run(command)

    def set_language(self, staff_id: str, language: str, seen: str = "") -> str:
        """The language that holds then: a form that shows an older choice and was not touched changes nothing (`domain.touched`)."""

        def command(tx: Tx) -> str:
            stored = _existing_id(tx, staff_id).language
            if "language" not in merge(seen, {"language": language}, {"language": stored or language}).values and stored:
                return stored
            rows.set_language(tx.connection, staff_id, language)
            return language

        found = self._store.run(command)
        self._tell(staff_id)
        return found

    def change_role(self, staff_id: str, role: str, *, by: Actor, seen: str = "") -> None:
        """Another post; sessions and tokens of the old one end. `seen` is the mark of the form (`domain.touched`).

        Raises own_account, last_admin, changed_meanwhile (another administrator chose otherwise since the page was opened)."""
        self._check("-", role, persons)

        def command(tx: Tx) -> None:
            row = _existing_id(tx, staff_id)
            self._guard(tx, row, by)
            merged = merge(seen, {"role": role}, {"role": row.role})
            if merged.clashes:
                raise TongbanError("changed_meanwhile", mine=role, theirs=row.role)
            if row.role == role or not merged.values:
                return
            rows.set_role(tx.connection, staff_id, role)
            facts: Facts = {"staff": staff_id, "role": role, "before": row.role}
            tx.journal.append(Draft("role_changed", "staff", facts, staff_id=by.staff_id))
            self._shut_out(tx, staff_id)

        self._store.run(command)
        self._changed()

    def deactivate(self, username: str, *, reason: str = "", by: Actor = SYSTEM) -> None:
        """The person may not log in any more; sessions and tokens end. Raises own_account, last_admin."""

        def command(tx: Tx) -> None:
            row = _existing(tx, username)
            self._guard(tx, row, by)
            rows.deactivate(tx.connection, row.staff_id, reason[:200])
            tx.journal.append(Draft("staff_deactivated", "staff", {"staff": row.staff_id}, staff_id=by.staff_id))
            self._shut_out(tx, row.staff_id)

        self._store.run(command)
        self._changed()

    def reactivate(self, staff_id: str, *, by: Actor) -> str:
        """The person may log in again, with a new password; answers it."""
        chosen = new_password()
        hashed = self._hasher.hash(chosen)

        def command(tx: Tx) -> None:
            row = _existing_id(tx, staff_id)
            rows.reactivate(tx.connection, staff_id, hashed)
            facts: Facts = {"staff": staff_id, "role": row.role}
            tx.journal.append(Draft("staff_reactivated", "staff", facts, staff_id=by.staff_id))

        self._store.run(command)
        self._changed()
        return chosen

    def _guard(self, tx: Tx, row: rows.StaffRow, by: Actor) -> None:
        if row.staff_id == by.staff_id:
            raise TongbanError("own_account")
        if row.role == Role.ADMIN and row.active and len(rows.active_with_role(tx.connection, Role.ADMIN)) == 1:
            raise TongbanError("last_admin")

    def _shut_out(self, tx: Tx, staff_id: str, keep: int = 0) -> None:
        sessions.end_of(tx.connection, staff_id, keep)
        sessions.forget_person(tx.connection, staff_id)
        tx.after_commit(lambda: self._tell(staff_id))

    def _tell(self, staff_id: str) -> None:
        for hook in self.changed_hooks:
            hook(staff_id)

    def person(self, staff_id: str) -> rows.StaffRow:
        """One person's row; raises not_found."""
        with self._store.reading() as view:
            row = rows.by_id(view.connection, staff_id)
        if row is None:
            raise TongbanError("not_found", what=staff_id[:40])
        return row

    def everyone(self) -> list[rows.StaffRow]:
        with self._store.reading() as view:
            return rows.everyone(view.connection)

    def list(self) -> list[StaffListed]:
        """The people of this node, for its administrator."""
        with self._store.reading() as view:
            found = rows.everyone(view.connection)
        return [
            {"staff_id": row.staff_id, "name": row.name, "username": row.username, "role": row.role, "active": row.active}
            for row in found
        ]

    def _changed(self) -> None:
        self._generation += 1
        self._tokens = {}

    def _check(self, name: str, role: str, roles_of: Callable[[str], tuple[Role, ...]]) -> None:
        """Raises `invalid_input` (name, role), and `wrong_role` for a role that a node of this tier does not give."""
        flaws = {}
        if not name.strip():
            flaws["name"] = "blank"
        elif len(name) > 100:
            flaws["name"] = "too_long"
        elif not name.isprintable() or any("\ud800" <= c <= "\udfff" for c in name):
            flaws["name"] = "bad_character"
        if role not in set(Role) - {Role.SYSTEM}:
            flaws["role"] = "not_a_choice"
        if flaws:
            raise TongbanError("invalid_input", flaws)
        require_role(role, self._store.place.tier, roles_of)


def _existing(tx: Tx, username: str) -> rows.StaffRow:
    row = rows.by_username(tx.connection, username)
    if row is None:
        raise TongbanError("not_found", what=username)
    return row


def _existing_id(tx: Tx, staff_id: str) -> rows.StaffRow:
    row = rows.by_id(tx.connection, staff_id)
    if row is None:
        raise TongbanError("not_found", what=staff_id[:40])
    return row


def password_flaw(password: str) -> str:
    """What is wrong with a password as an error code of a field: at least eight characters, at most 200, not all the same."""
    if len(password) < 8 or len(set(password)) < 4:
        return "short_password"
    return "too_long" if len(password) > 200 else ""


def _new_id() -> str:
    return "s" + secrets.token_hex(5)


def _free_username(taken: set[str], role: str) -> str:
    if role not in taken:
        return role
    number = 2
    while f"{role}{number}" in taken:
        number += 1
    return f"{role}{number}"
