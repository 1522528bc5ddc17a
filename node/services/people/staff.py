"""The people of a center: who may log in, and the tokens of other systems.

Passwords are kept as argon2 hashes and are hashed outside the writer's turn (a hash takes about a tenth of a second).
Tokens stand in `tokens`. Names and usernames never leave the node: the journal says that a person with an opaque id
got a role, nothing more.

Guessing is slowed down by name and address together, and at a known browser by itself (`throttle`), so that nobody is shut out by what
others try.

Whoever loses a post, a password or the account loses every session with it, in the same transaction; `changed_hooks` tell
those who remember sessions. One administrator must remain, and nobody changes the own post (三员分立): an administrator who
also works on cases needs a second account made on purpose, which the audit marks.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from node.domain.cases.access import persons, require_role
from node.domain.model import SYSTEM, Actor, Facts, Role
from node.domain.passwords import password_flaw
from node.domain.people import LoginCard, StaffListed, acts_on_cases, address_key, pin_flaw
from node.domain.touched import merge
from node.domain.words.errors import TongbanError
from node.services.people.naming import flaws_of, new_staff_id
from node.services.people.throttle import LIMIT, STRANGERS_LIMIT, Throttle
from node.services.people.tokens import Tokens
from node.store import audit, sessions
from node.store import staff as rows
from node.store.journal import Draft
from node.store.store import Store, Tx


def new_password() -> str:
    """Sixteen characters that can be read aloud and typed: four groups of four."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


class StaffService:
    """Logins and tokens of one node. `hasher` can be made cheap by tests."""

    def __init__(self, store: Store, hasher: PasswordHasher | None = None) -> None:
        self._store = store
        self._hasher = hasher or PasswordHasher()
        self._throttle = Throttle()
        self.tokens = Tokens(store)
        self._decoy = ""
        self.changed_hooks: list[Callable[[str], None]] = []

    # who is it -----------------------------------------------------------------------------------------------------

    def login(self, username: str, password: str, client: str = "", station: bytes = b"") -> Actor:
        """The person behind a password; raises `unauthenticated` or `rate_limited`. `station`: the browser, by its digest."""
        with self._store.reading() as view:
            row = rows.by_username(view.connection, username)
            known = row is not None and sessions.person_at(view.connection, station, row.staff_id) is not None
        places = {f"station {station.hex()} {username}": LIMIT} if known else _strangers(username, client)
        return self._check_password(row, password, places, client)

    def _check_password(self, row: rows.StaffRow | None, password: str, places: Mapping[str, int], client: str) -> Actor:
        self._throttle.take(places, self._store.clock.ticks())
        known = row.password if row is not None and row.active else self._decoy_hash()
        if not self._matches(known, password) or row is None or not row.active:
            self.note_failure("login_failed", row.staff_id if row is not None else "", client)
            raise TongbanError("unauthenticated")
        self._throttle.right(places)
        return Actor(row.staff_id, Role(row.role), row.name)

    def actor(self, staff_id: str) -> Actor:
        """The person of a session cookie; raises `unauthenticated` when gone or deactivated."""
        with self._store.reading() as view:
            row = rows.by_id(view.connection, staff_id)
        if row is None or not row.active:
            raise TongbanError("unauthenticated")
        return Actor(row.staff_id, Role(row.role), row.name)

    def check_password(self, staff_id: str, password: str) -> Actor:
        """The person of an open session again, by password; raises `unauthenticated` or `rate_limited`."""
        with self._store.reading() as view:
            row = rows.by_id(view.connection, staff_id)
        return self._check_password(row, password, {f"own {staff_id}": LIMIT}, "")

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
        confirmed: bool = True, chosen: bool = False,
    ) -> LoginCard:  # fmt: skip
        """A new person. Answers {staff_id, name, username, role, password}; the password is shown this once, and the person has to choose
        another unless it is given or `chosen` (those of a demonstration).

        Unless `confirmed`, a case post for somebody named as an active administrator is refused (name: also_admin).
        """
        self._check(name, role)
        text = password or new_password()
        if flaw := password_flaw(text, name, username or ""):
            raise TongbanError("invalid_input", {"password": flaw})
        hashed, made_here = self._hasher.hash(text), not (password or chosen)
        row = self._store.run(lambda tx: self._insert(tx, name, role, username, hashed, by, confirmed, made_here))
        self.tokens.forget()
        return {"staff_id": row.staff_id, "name": row.name, "username": row.username, "role": role, "password": text}

    def _insert(
        self, tx: Tx, name: str, role: str, username: str | None, hashed: str, by: Actor, confirmed: bool, made_here: bool
    ) -> rows.StaffRow:
        also_admin = acts_on_cases(role, tx.identity.tier) and any(
            row.name == name for row in rows.active_with_role(tx.connection, Role.ADMIN)
        )
        if _both_hands(tx, name, role):
            raise TongbanError("invalid_input", {"name": "admin_and_auditor"})
        if also_admin and not confirmed:
            raise TongbanError("invalid_input", {"name": "also_admin"})
        wanted = username or _free_username(rows.usernames_like(tx.connection, role), role)
        if rows.by_username(tx.connection, wanted) is not None:
            raise TongbanError("invalid_input", {"username": "duplicate"})
        staff_id = rows.person_id(tx.connection, name, role)
        if staff_id is None or rows.by_id(tx.connection, staff_id) is not None:
            staff_id = new_staff_id()
        row = rows.StaffRow(staff_id, name, wanted, role, hashed, True, tx.now(), must_change=made_here)
        rows.add(tx.connection, row)
        tx.journal.append(Draft("staff_added", "staff", {"staff": staff_id, "role": role}, staff_id=by.staff_id))
        if also_admin:
            audit.note(tx.connection, tx.now(), by.staff_id, "two_posts", staff_id, {"role": role})
        return row

    def set_password(self, username: str, password: str, *, by: Actor = SYSTEM, keep: int = 0) -> None:
        """The person's own choice. Ends the person's sessions but the one with the id `keep`.

        Errors: `invalid_input` (password: short_password, common_password, own_name, same_password, too_long), `not_found`.
        """
        with self._store.reading() as view:
            known = rows.by_username(view.connection, username)
        flaw = password_flaw(password, known.name, known.username) if known is not None else ""
        if not flaw and known is not None and self._matches(known.password, password):
            flaw = "same_password"
        if flaw:
            raise TongbanError("invalid_input", {"password": flaw})
        hashed = self._hasher.hash(password)

        def command(tx: Tx) -> str:
            row = _existing(tx, username)
            rows.set_password(tx.connection, row.staff_id, hashed)
            tx.journal.append(Draft("password_changed", "staff", {"staff": row.staff_id}, staff_id=by.staff_id))
            self._shut_out(tx, row.staff_id, keep)
            return row.staff_id

        self._throttle.forget(f"own {self._store.run(command)}")

    def reset_password(self, username: str, *, by: Actor = SYSTEM) -> str:
        """A new password for somebody else, who has to choose another with it and is told by whom it was made; answers it.

        Ends the person's sessions. Errors: `not_found`.
        """
        text = new_password()
        hashed = self._hasher.hash(text)

        def command(tx: Tx) -> str:
            row = _existing(tx, username)
            rows.reset_password(tx.connection, row.staff_id, hashed, by.staff_id, tx.now())
            facts: Facts = {"staff": row.staff_id, "role": row.role}
            tx.journal.append(Draft("password_reset", "staff", facts, staff_id=by.staff_id))
            self._shut_out(tx, row.staff_id)
            return row.staff_id

        self._throttle.forget(f"own {self._store.run(command)}")
        return text

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
        self._check("-", role)

        def command(tx: Tx) -> None:
            row = _existing_id(tx, staff_id)
            self._guard(tx, row, by)
            merged = merge(seen, {"role": role}, {"role": row.role})
            if merged.clashes:
                raise TongbanError("changed_meanwhile", mine=role, theirs=row.role)
            if row.role == role or not merged.values:
                return
            if _both_hands(tx, row.name, role, row.staff_id) or {row.role, role} == {Role.ADMIN, Role.AUDITOR}:
                raise TongbanError("invalid_input", {"role": "admin_and_auditor"})
            rows.set_role(tx.connection, staff_id, role, tx.now())
            facts: Facts = {"staff": staff_id, "role": role, "before": row.role}
            tx.journal.append(Draft("role_changed", "staff", facts, staff_id=by.staff_id))
            self._shut_out(tx, staff_id)

        self._store.run(command)
        self.tokens.forget()

    def deactivate(self, username: str, *, reason: str = "", by: Actor = SYSTEM) -> None:
        """The person may not log in any more; sessions and tokens end. Raises own_account, last_admin."""

        def command(tx: Tx) -> None:
            row = _existing(tx, username)
            self._guard(tx, row, by)
            rows.deactivate(tx.connection, row.staff_id, reason[:200], tx.now())
            tx.journal.append(Draft("staff_deactivated", "staff", {"staff": row.staff_id}, staff_id=by.staff_id))
            self._shut_out(tx, row.staff_id)

        self._store.run(command)
        self.tokens.forget()

    def reactivate(self, staff_id: str, *, by: Actor) -> str:
        """The person may log in again, with a new password; answers it."""
        chosen = new_password()
        hashed = self._hasher.hash(chosen)

        def command(tx: Tx) -> None:
            row = _existing_id(tx, staff_id)
            rows.reactivate(tx.connection, staff_id)
            rows.reset_password(tx.connection, staff_id, hashed, by.staff_id, tx.now())
            facts: Facts = {"staff": staff_id, "role": row.role}
            tx.journal.append(Draft("staff_reactivated", "staff", facts, staff_id=by.staff_id))

        self._store.run(command)
        self.tokens.forget()
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

    def _check(self, name: str, role: str) -> None:
        """Raises `invalid_input` (name, role), and `wrong_role` for a role that a node of this tier does not give."""
        if flaws := flaws_of(name, role):
            raise TongbanError("invalid_input", flaws)
        require_role(role, self._store.place.tier, persons)


def _both_hands(tx: Tx, name: str, role: str, but: str = "") -> bool:
    """Whether somebody of that name would be administrator and auditor at once."""
    other = {Role.ADMIN: Role.AUDITOR, Role.AUDITOR: Role.ADMIN}.get(Role(role))
    found = rows.active_with_role(tx.connection, other) if other is not None else []
    return any(row.name == name and row.staff_id != but for row in found)


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


def _free_username(taken: set[str], role: str) -> str:
    if role not in taken:
        return role
    number = 2
    while f"{role}{number}" in taken:
        number += 1
    return f"{role}{number}"


def _strangers(username: str, client: str) -> dict[str, int]:
    """Where a try from a browser counts at which the person never logged in (see `throttle`)."""
    return {f"name {username} at {address_key(client)}": LIMIT, f"name {username}": STRANGERS_LIMIT}
