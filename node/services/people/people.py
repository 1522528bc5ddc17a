"""The people of a node as its pages need them: logging in, one's own settings, the staff list, the audit.

`People` is what the web side sees as `center.people`. Whatever only an administrator may do checks that here too, so that a
page which forgets to ask gives nothing away.
"""

from __future__ import annotations

from collections import Counter

from node.domain.cases.access import Function, persons, require
from node.domain.cases.access import tokens as token_roles
from node.domain.model import Actor
from node.domain.people import (
    AccountEvent,
    AuditFound,
    CodesDocument,
    Colleague,
    LoginCard,
    Opened,
    OpenSession,
    PersonDocument,
    SessionView,
    StaffDocument,
    TokenCard,
    TokenDocument,
)
from node.domain.words.errors import TongbanError
from node.services.people.audit_log import AuditLog
from node.services.people.factor import factor_address
from node.services.people.sessions import SessionService
from node.services.people.staff import StaffService
from node.services.times import iso
from node.store import audit
from node.store import staff as people
from node.store.staff import StaffRow
from node.store.store import Store

HISTORY_MOST = 30  # events of the own account that a person is shown


class People:
    """Logins, own settings, staff and audit of one node. Documents are JSON-ready; times in them ISO 8601."""

    def __init__(self, store: Store, staff: StaffService) -> None:
        self._store, self._staff = store, staff
        self.sessions = SessionService(store, staff)
        self._audit = AuditLog(store)

    def _require(self, function: Function, by: Actor) -> None:
        require(function, self._store.place.tier, by.role)

    # sessions ------------------------------------------------------------------------------------------------------

    @property
    def lock_after_ms(self) -> int:
        return self.sessions.lock_after_ms

    def login(self, username: str, password: str, *, station: str = "", before: str = "", client: str = "") -> Opened:
        return self.sessions.login(username, password, station=station, before=before, client=client)

    def switch(self, staff_id: str, pin: str, *, station: str, before: str = "", client: str = "") -> Opened:
        return self.sessions.switch(staff_id, pin, station=station, before=before, client=client)

    def look(self, token: str, *, active: bool) -> SessionView | None:
        return self.sessions.look(token, active=active)

    def colleagues(self, station: str) -> list[Colleague]:
        return self.sessions.colleagues(station)

    def knows(self, station: str) -> bool:
        return self.sessions.knows(station)

    def lock(self, token: str) -> None:
        self.sessions.lock(token)

    def unlock(self, token: str, *, station: str, pin: str = "", password: str = "", client: str = "") -> None:
        self.sessions.unlock(token, station=station, pin=pin, password=password, client=client)

    def give_code(self, ticket: str, code: str, *, client: str = "") -> Opened:
        """The one-time code after the password. Errors: `unauthenticated`, `login_over`, `rate_limited`."""
        return self.sessions.give_code(ticket, code, client=client)

    def confirm(self, token: str, password: str) -> None:
        """The password again, for what only its owner may do. Errors: `unauthenticated`, `rate_limited`."""
        self.sessions.confirm(token, password)

    def logout(self, token: str) -> None:
        self.sessions.end(token)

    # one's own settings --------------------------------------------------------------------------------------------

    def me(self, session: SessionView) -> StaffDocument:
        """One's own settings. Errors: `not_found`."""
        return self._person(self._staff.person(session.actor.staff_id), 0)

    def change_password(self, session: SessionView, old: str, new: str, again: str) -> None:
        """Errors: invalid_input (old: wrong_password, password: as `StaffService.set_password`, again: mismatch), rate_limited."""
        if new != again:
            raise TongbanError("invalid_input", {"again": "mismatch"})
        self._same_person(session, old, "old")
        self._staff.set_password(self._username(session), new, by=session.actor, keep=session.id)

    def choose_password(self, session: SessionView, new: str, again: str) -> None:
        """Instead of the one that somebody else made, with which the person has just logged in.

        Errors: `invalid_input` (password, again), `forbidden` when the password is the person's own already."""
        if new != again:
            raise TongbanError("invalid_input", {"again": "mismatch"})
        if not self._staff.person(session.actor.staff_id).must_change:
            raise TongbanError("forbidden", rule="密码已由本人设定，请在“我的设置”中修改")
        self._staff.set_password(self._username(session), new, by=session.actor, keep=session.id)

    def account_history(self, session: SessionView) -> list[AccountEvent]:
        """What happened to the own account, the newest first: logins, and what others did to it. Errors: none."""
        with self._store.reading() as view:
            found = audit.of_account(view.connection, session.actor.staff_id, HISTORY_MOST)
            names = people.names(view.connection)
        return [
            {"at": iso(row.at_ms), "kind": row.kind, "by": "" if row.actor == row.subject else names.get(row.actor, row.actor),
             "client": row.client, "same_browser": bool(row.detail.get("same_browser"))}
            for row in found
        ]  # fmt: skip

    def codes(self, session: SessionView) -> CodesDocument:
        """One's own second factor; a secret to take over while it is off. Errors: `forbidden`."""
        self._require(Function.SECOND_FACTOR, session.actor)
        staff_id, factor = session.actor.staff_id, self.sessions.factor
        if since := factor.set_at(staff_id):
            return {"since": iso(since), "left": factor.recovery_left(staff_id), "secret": "", "address": ""}
        secret = factor.offer(staff_id)
        issuer = f"通办 {self._store.place.code}"
        return {"since": None, "left": 0, "secret": secret, "address": factor_address(secret, self._username(session), issuer)}

    def set_codes(self, session: SessionView, code: str) -> list[str]:
        """Switch one-time codes on; the codes on paper, shown once. Errors: `forbidden`, `invalid_input` (code), `rate_limited`."""
        self._require(Function.SECOND_FACTOR, session.actor)
        return self.sessions.set_factor(session, code)

    def end_codes(self, session: SessionView) -> None:
        """Switch one's own codes off. Errors: `forbidden`."""
        self._require(Function.SECOND_FACTOR, session.actor)
        self.sessions.factor.clear(session.actor.staff_id, by=session.actor)

    def set_pin(self, session: SessionView, password: str, pin: str, again: str) -> None:
        """Errors: invalid_input (pin_password: wrong_password, pin: bad_pin or weak, pin_again: mismatch), rate_limited."""
        if pin != again:
            raise TongbanError("invalid_input", {"pin_again": "mismatch"})
        self._same_person(session, password, "pin_password")
        self._staff.set_pin(session.actor.staff_id, pin, by=session.actor)

    def set_language(self, session: SessionView, language: str, seen: str = "") -> str:
        """The language that holds then."""
        if language not in ("zh", "en"):
            raise TongbanError("invalid_input", {"language": "not_a_choice"})
        return self._staff.set_language(session.actor.staff_id, language, seen)

    def _same_person(self, session: SessionView, password: str, field: str) -> None:
        try:
            self._staff.check_password(session.actor.staff_id, password)
        except TongbanError as error:
            if error.code != "unauthenticated":
                raise
            raise TongbanError("invalid_input", {field: "wrong_password"}) from None

    def _username(self, session: SessionView) -> str:
        return self._staff.person(session.actor.staff_id).username

    # staff (administrators) ----------------------------------------------------------------------------------------

    def _person(self, row: StaffRow, open_sessions: int) -> StaffDocument:
        with self._store.reading() as view:
            by = people.by_id(view.connection, row.reset_by) if row.reset_by else None
        return {
            "staff_id": row.staff_id, "name": row.name, "username": row.username, "role": row.role, "active": row.active,
            "reason": row.reason, "has_pin": bool(row.pin), "language": row.language, "created_at": iso(row.created_at),
            "last_login": iso(row.last_login), "sessions": open_sessions, "must_change": row.must_change,
            "reset_by": by.name if by is not None else "", "reset_at": iso(row.reset_at),
        }  # fmt: skip

    def posts(self) -> list[str]:
        """The posts a node of this tier has."""
        return [str(role) for role in persons(self._store.place.tier)]

    def staff(self, by: Actor) -> list[StaffDocument]:
        """Everybody, the active first. Errors: `forbidden`."""
        self._require(Function.MANAGE_PEOPLE, by)
        open_now = Counter(row["staff_id"] for row in self.sessions.list())
        found = [self._person(row, open_now[row.staff_id]) for row in self._staff.everyone()]
        return sorted(found, key=lambda one: not one["active"])

    def person(self, staff_id: str, by: Actor) -> PersonDocument:
        """One person with the open sessions. Errors: `forbidden`, `not_found`."""
        self._require(Function.MANAGE_PEOPLE, by)
        row = self._staff.person(staff_id)
        own: list[OpenSession] = [
            {
                "id": one["id"], "staff_id": staff_id, "way": one["way"], "client": one["client"], "locked": one["locked"],
                "opened_at": iso(one["opened_at"]), "active_at": iso(one["active_at"]), "ends_at": iso(one["ends_at"]),
            }
            for one in self.sessions.list() if one["staff_id"] == staff_id
        ]  # fmt: skip
        return {**self._person(row, len(own)), "open": own, "codes_since": iso(self.sessions.factor.set_at(staff_id))}

    def add(self, name: str, role: str, username: str, *, confirmed: bool, by: Actor) -> LoginCard:
        """The first password, shown once. Errors: `forbidden`, `invalid_input` (name, username, role), `wrong_role`."""
        self._require(Function.MANAGE_PEOPLE, by)
        wanted = username.strip()
        if wanted and (
            len(wanted) > 40 or not wanted.isascii() or not wanted.replace("-", "").replace("_", "").replace(".", "").isalnum()
        ):
            raise TongbanError("invalid_input", {"username": "invalid"})
        return self._staff.add(name.strip(), role, None, wanted or None, by=by, confirmed=confirmed)

    def change_role(self, staff_id: str, role: str, by: Actor, seen: str = "") -> None:
        """Errors: `forbidden`, `wrong_role`, own_account, last_admin, changed_meanwhile, not_found."""
        self._require(Function.MANAGE_PEOPLE, by)
        self._staff.change_role(staff_id, role, by=by, seen=seen)

    def deactivate(self, staff_id: str, reason: str, by: Actor) -> None:
        """Errors: `forbidden`, `invalid_input` (reason), own_account, last_admin, not_found."""
        self._require(Function.MANAGE_PEOPLE, by)
        if not reason.strip():
            raise TongbanError("invalid_input", {"reason": "missing"})
        self._staff.deactivate(self._staff.person(staff_id).username, reason=reason.strip(), by=by)

    def reactivate(self, staff_id: str, by: Actor) -> LoginCard:
        """A new first password, shown once. Errors: `forbidden`, `not_found`."""
        self._require(Function.MANAGE_PEOPLE, by)
        return self._card(staff_id, self._staff.reactivate(staff_id, by=by))

    def reset_password(self, staff_id: str, by: Actor) -> LoginCard:
        """A new first password, shown once. Errors: `forbidden`, `own_account`, `not_found`."""
        self._require(Function.MANAGE_PEOPLE, by)
        self._not_own(staff_id, by)
        return self._card(staff_id, self._staff.reset_password(self._staff.person(staff_id).username, by=by))

    def _not_own(self, staff_id: str, by: Actor) -> None:
        """The own password and PIN are changed with the password, under own settings."""
        if staff_id == by.staff_id:
            raise TongbanError("own_account")

    def _card(self, staff_id: str, password: str) -> LoginCard:
        row = self._staff.person(staff_id)
        return {"staff_id": row.staff_id, "name": row.name, "username": row.username, "role": row.role, "password": password}

    def reset_pin(self, staff_id: str, by: Actor) -> None:
        """Errors: `forbidden`, `own_account`, `not_found`."""
        self._require(Function.MANAGE_PEOPLE, by)
        self._not_own(staff_id, by)
        self._staff.clear_pin(staff_id, by=by)

    def clear_codes(self, staff_id: str, by: Actor) -> None:
        """Somebody lost the telephone: no code is asked for. Errors: `forbidden`, `own_account`, `not_found`."""
        self._require(Function.MANAGE_PEOPLE, by)
        self._not_own(staff_id, by)
        self.sessions.factor.clear(self._staff.person(staff_id).staff_id, by=by)

    def tokens(self, by: Actor) -> list[TokenDocument]:
        """Every token there was, the newest first. Errors: `forbidden`."""
        self._require(Function.MANAGE_PEOPLE, by)
        return self._staff.tokens.listed()

    def token_roles(self) -> list[str]:
        """The roles that a token may have at a node of this tier."""
        return [str(role) for role in token_roles(self._store.place.tier)]

    def issue_token(self, name: str, role: str, days: int, source: str, by: Actor) -> TokenCard:
        """A new token, shown once. Errors: `forbidden`, `invalid_input` (name, role, days, source), `wrong_role`."""
        self._require(Function.MANAGE_PEOPLE, by)
        text = self._staff.tokens.issue(name.strip(), role, by=by, days=days, source=source.strip())
        return {"token": text, "name": name.strip(), "role": role, "days": days}

    def revoke_token(self, identifier: str, by: Actor) -> None:
        """Errors: `forbidden`, `not_found`."""
        self._require(Function.MANAGE_PEOPLE, by)
        self._staff.tokens.revoke(identifier, by=by)

    def end_session(self, session_id: int, by: Actor) -> None:
        """Errors: `forbidden`, `not_found`."""
        self._require(Function.MANAGE_PEOPLE, by)
        self.sessions.end_by_id(session_id, by=by)

    # audit ---------------------------------------------------------------------------------------------------------

    def audit(
        self, by: Actor, *, q: str = "", kind: str = "", day_from: str = "", day_to: str = "", before: str = ""
    ) -> AuditFound:
        """Errors: `forbidden`, `invalid_input` (from, to, before)."""
        self._require(Function.AUDIT_LOG, by)
        return self._audit.page(q=q, kind=kind, day_from=day_from, day_to=day_to, before=before)
