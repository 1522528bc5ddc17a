"""What the web side asks about people: sessions, own settings, staff, audit (`center.people`), and tokens (`center.tokens`)."""

from __future__ import annotations

from typing import Protocol

from node.domain.model import Actor
from node.domain.people import (
    AccountEvent,
    AuditFound,
    CodesDocument,
    Colleague,
    LoginCard,
    Opened,
    PersonDocument,
    ReadingDocument,
    ReadingsFound,
    SessionView,
    StaffDocument,
    TokenCard,
    TokenDocument,
)


class PeoplePort(Protocol):
    """See `node.services.people.people.People`."""

    @property
    def lock_after_ms(self) -> int: ...

    def login(self, username: str, password: str, *, station: str = "", before: str = "", client: str = "") -> Opened:
        """Open a session by password. `before` is the session that this browser had, `client` the address.

        Errors: `unauthenticated`, `rate_limited`, `code_needed` with the ticket that the code wants beside it."""
        ...

    def give_code(self, ticket: str, code: str, *, client: str = "") -> Opened:
        """The one-time code after the password. Errors: `unauthenticated`, `login_over`, `rate_limited`."""
        ...

    def switch(self, staff_id: str, pin: str, *, station: str, before: str = "", client: str = "") -> Opened:
        """Open a session by PIN at a browser that knows the person. Errors: `unauthenticated` with the tries left, `pin_needs_password`."""
        ...

    def look(self, token: str, *, active: bool) -> SessionView | None:
        """The session of a cookie, None for none. `active`: a person asked, not a script. Errors: none."""
        ...

    def colleagues(self, station: str) -> list[Colleague]:
        """Who may come in by PIN at this browser. Errors: none."""
        ...

    def knows(self, station: str) -> bool:
        """Whether somebody logged in at this browser lately. Errors: none."""
        ...

    def lock(self, token: str) -> None:
        """Lock a session; one that is over stays so. Errors: none."""
        ...

    def unlock(self, token: str, *, station: str, pin: str = "", password: str = "", client: str = "") -> None:
        """Go on in a locked session. Errors: `unauthenticated` with the tries left, `pin_needs_password`, `rate_limited`."""
        ...

    def confirm(self, token: str, password: str) -> None:
        """The password again, for what only its owner may do. Errors: `unauthenticated`, `rate_limited`."""
        ...

    def logout(self, token: str) -> None:
        """End a session; one that is over stays so. Errors: none."""
        ...

    def me(self, session: SessionView) -> StaffDocument:
        """One's own settings. Errors: `not_found`."""
        ...

    def change_password(self, session: SessionView, old: str, new: str, again: str) -> None:
        """Errors: `invalid_input` (old: wrong_password, password: short_password, again: mismatch), `rate_limited`."""
        ...

    def choose_password(self, session: SessionView, new: str, again: str) -> None:
        """One's own password in place of one that somebody else made. Errors: `invalid_input` (password, again), `forbidden`."""
        ...

    def account_history(self, session: SessionView) -> list[AccountEvent]:
        """What happened to one's own account, the newest first. Errors: none."""
        ...

    def codes(self, session: SessionView) -> CodesDocument:
        """One's own second factor; a secret to take over while it is off. Errors: `forbidden`."""
        ...

    def set_codes(self, session: SessionView, code: str) -> list[str]:
        """Switch one-time codes on; the codes on paper, shown once. Errors: `forbidden`, `invalid_input` (code), `rate_limited`."""
        ...

    def end_codes(self, session: SessionView) -> None:
        """Switch one's own codes off. Errors: `forbidden`."""
        ...

    def clear_codes(self, staff_id: str, by: Actor) -> None:
        """Somebody lost the telephone: no code is asked for. Errors: `forbidden`, `own_account`, `not_found`."""
        ...

    def set_pin(self, session: SessionView, password: str, pin: str, again: str) -> None:
        """Errors: `invalid_input` (pin_password: wrong_password, pin: bad_pin or weak, pin_again: mismatch), `rate_limited`."""
        ...

    def set_language(self, session: SessionView, language: str, seen: str = "") -> str:
        """The language that counts now: another one when it was changed elsewhere since `seen`. Errors: `invalid_input`."""
        ...

    def posts(self) -> list[str]:
        """The posts that a person may have at a node of this tier. Errors: none."""
        ...

    def staff(self, by: Actor) -> list[StaffDocument]:
        """Everybody, the active first. Errors: `forbidden`."""
        ...

    def person(self, staff_id: str, by: Actor) -> PersonDocument:
        """One person with the open sessions. Errors: `forbidden`, `not_found`."""
        ...

    def add(self, name: str, role: str, username: str, *, confirmed: bool, by: Actor) -> LoginCard:
        """The first password, shown once. Errors: `forbidden`, `invalid_input` (name, username, role), `wrong_role`."""
        ...

    def change_role(self, staff_id: str, role: str, by: Actor, seen: str = "") -> None:
        """Another post; sessions and tokens of the old one end.

        Errors: `forbidden`, `not_found`, `wrong_role`, `own_account`, `last_admin`, `changed_meanwhile`."""
        ...

    def deactivate(self, staff_id: str, reason: str, by: Actor) -> None:
        """Errors: `forbidden`, `not_found`, `invalid_input` (reason), `own_account`, `last_admin`."""
        ...

    def reactivate(self, staff_id: str, by: Actor) -> LoginCard:
        """A new first password, shown once. Errors: `forbidden`, `not_found`."""
        ...

    def reset_password(self, staff_id: str, by: Actor) -> LoginCard:
        """A new first password, shown once. Errors: `forbidden`, `not_found`, `own_account`."""
        ...

    def reset_pin(self, staff_id: str, by: Actor) -> None:
        """The PIN works no more; the person sets a new one. Errors: `forbidden`, `not_found`, `own_account`."""
        ...

    def tokens(self, by: Actor) -> list[TokenDocument]:
        """Every token there was, the newest first. Errors: `forbidden`."""
        ...

    def token_roles(self) -> list[str]:
        """The roles that a token may have at a node of this tier. Errors: none."""
        ...

    def issue_token(self, name: str, role: str, days: int, source: str, by: Actor) -> TokenCard:
        """A new token, shown once. Errors: `forbidden`, `invalid_input` (name, role, days, source), `wrong_role`."""
        ...

    def revoke_token(self, identifier: str, by: Actor) -> None:
        """The token is over at once. Errors: `forbidden`, `not_found`."""
        ...

    def end_session(self, session_id: int, by: Actor) -> None:
        """Somebody's session is over at once. Errors: `forbidden`, `not_found`."""
        ...

    def audit(
        self, by: Actor, *, q: str = "", kind: str = "", day_from: str = "", day_to: str = "", before: str = ""
    ) -> AuditFound:
        """A page of the log, the newest first; days are ISO dates in China Standard Time, both inclusive.

        Errors: `forbidden`, `invalid_input` (from, to, before)."""
        ...


class TokensPort(Protocol):
    """`node.services.people.tokens.Tokens`."""

    def authenticate(self, token: str, client: str = "") -> Actor:
        """Who a token stands for; `client` is the address. Errors: `unauthenticated`, `token_over`."""
        ...

    def source_of(self, token: str) -> str:
        """Of which source alone the token files; "" for any. Errors: `unauthenticated`."""
        ...


class ReadingsPort(Protocol):
    """See `node.services.people.readings.Readings`."""

    def page(self, by: Actor, *, q: str = "", day_from: str = "", day_to: str = "", before: str = "") -> ReadingsFound:
        """Errors: `forbidden`, `invalid_input` (from, to, before)."""
        ...

    def file(self, by: Actor, *, q: str = "", day_from: str = "", day_to: str = "") -> list[ReadingDocument]:
        """The same for a file; goes on record. Errors: `forbidden`, `invalid_input` (from, to)."""
        ...
