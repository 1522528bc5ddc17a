"""Sessions of the pages: who is logged in at which browser, when a screen locks, and the PIN of a shared PC.

A session is a random text in a cookie; only its SHA-256 is stored. It ends twelve hours after the password was given,
after four hours without activity, when the person logs out or is replaced at that browser, and at once when the account
changes. What is known of open sessions is kept in memory (the node is one process), so that a click costs no write:
activity is written down at most once a minute, enough for a restart to know who was away for how long.

A *station* is a browser, also known by a cookie. For twelve hours after a person has given the password there, the
person's PIN opens a session there; for three months tries to log in there count by themselves (`throttle`). A try is
counted before it is checked, so tries at the same moment cannot go past the limit; five wrong ones and the password is needed.

How long somebody did nothing, and when a session ends, is measured by the monotonic clock (`Clock.ticks`): a clock that is set back
neither keeps a screen open nor a session alive, one that jumps forth ends none that is known here. After a restart only the rows'
dates are there; a session that they call over does not open, and is removed once the clock has been steady.

Who has a second factor (`factor`) gives a one-time code after the password; until then there is no session, only a ticket in memory.

What only the owner of an account may do (copies, credentials, the end of a node) wants the password again when it was given in that
session more than PROVEN_MS ago; when it was is kept in memory alone, so a restart asks for it.

After the node's lock time without activity a session is locked: it still says whose screen it is and lets nothing
else through until the PIN (or the password) is given.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import replace

from node.domain.json_values import JsonObject
from node.domain.model import Actor, Role
from node.domain.people import (
    ABSOLUTE_MS,
    CODE_MS,
    IDLE_END_MS,
    PIN_TRIES,
    PROVEN_MS,
    STATION_MS,
    TOUCH_MS,
    Colleague,
    Opened,
    SessionView,
    lock_after,
)
from node.domain.words.errors import TongbanError
from node.services.people.factor import SecondFactor
from node.services.people.live_sessions import Half, Live, SessionListed, digest_of
from node.services.people.staff import StaffService
from node.store import audit
from node.store import sessions as rows
from node.store import staff as people
from node.store.sessions import SessionRow, StationPerson
from node.store.store import Store, Tx

_REMEMBERED = 10_000
EARLY_MS = 300_000  # a clock may be set back by so much


class SessionService:
    """Opening, meeting, locking and ending sessions of one node."""

    def __init__(self, store: Store, staff: StaffService) -> None:
        self._store, self._staff = store, staff
        self.factor = SecondFactor(store)
        self._halves: dict[bytes, Half] = {}
        self._live: dict[bytes, Live] = {}
        self._proven: dict[bytes, int] = {}  # when the password was given in a session, by the monotonic clock
        self._generation = 0  # grows with every change, so that a slow reader remembers nothing stale
        self._lock = threading.Lock()
        self._swept_at = 0
        self.lock_seconds = 0  # of the configuration; 0: by tier
        staff.changed_hooks.append(self._forget_person)

    @property
    def lock_after_ms(self) -> int:
        return lock_after(self._store.identity.tier, self.lock_seconds)

    # meeting -------------------------------------------------------------------------------------------------------

    def look(self, token: str, *, active: bool) -> SessionView | None:
        """The session of a cookie; None when there is none any more. `active`: the person did something just now."""
        live = self._find(digest_of(token))
        if live is None:
            return None
        ticks = self._store.clock.ticks()
        if ticks >= live.ends_ticks or ticks - live.active_ticks >= IDLE_END_MS:
            self._over(live)
            return None
        if ticks - live.active_ticks >= self.lock_after_ms:
            live.locked = True
        if active and not live.locked:
            self._active(live)
        return SessionView(
            live.row.id, live.actor, live.locked, f"{live.row.station.hex()[:32]}:{live.actor.staff_id}", live.has_pin, live.language,
            live.must_change, self._is_proven(live.row.digest, ticks),
        )  # fmt: skip

    def _is_proven(self, digest: bytes, ticks: int) -> bool:
        return ticks - self._proven.get(digest, ticks - PROVEN_MS) < PROVEN_MS

    def _prove(self, digest: bytes) -> None:
        """The password was given just now; what is too old is forgotten."""
        ticks = self._store.clock.ticks()
        with self._lock:
            self._proven = {one: at for one, at in self._proven.items() if ticks - at < PROVEN_MS} | {digest: ticks}

    def confirm(self, token: str, password: str) -> None:
        """The password again, in an open session. Raises unauthenticated, rate_limited."""
        digest = digest_of(token)
        live = self._find(digest)
        if live is None:
            raise TongbanError("unauthenticated")
        self._staff.check_password(live.actor.staff_id, password)
        self._prove(digest)

    def _over(self, live: Live) -> None:
        """A session that is over goes; not while the clock has just jumped and its dates say nothing."""
        if self._store.watch.steady:
            self._end(live.row.digest, live.actor.staff_id, "session_expired")
        else:
            self._forget(live.row.digest)

    def _active(self, live: Live) -> None:
        now = self._store.clock.now()
        live.active_at, live.active_ticks = now, self._store.clock.ticks()
        if abs(now - live.row.seen_at) < TOUCH_MS:
            return
        live.row = replace(live.row, seen_at=now)
        session_id = live.row.id
        self._store.submit(lambda tx: rows.touch(tx.connection, session_id, now, False))

    def _find(self, digest: bytes) -> Live | None:
        live = self._live.get(digest)
        if live is not None:
            return live
        generation = self._generation
        with self._store.reading() as view:
            row = rows.by_digest(view.connection, digest)
            person = people.by_id(view.connection, row.staff_id) if row is not None else None
        if row is None or person is None or not person.active:
            return None
        now, ticks = self._store.clock.now(), self._store.clock.ticks()
        live = Live(
            row, Actor(person.staff_id, Role(person.role), person.name), bool(person.pin), person.language, row.seen_at, row.locked,
            ticks - max(0, now - row.seen_at), ticks + min(row.ends_at - now, ABSOLUTE_MS), person.must_change,
        )  # fmt: skip
        with self._lock:
            if generation == self._generation and len(self._live) < _REMEMBERED:
                return self._live.setdefault(digest, live)
        return live

    # opening -------------------------------------------------------------------------------------------------------

    def login(self, username: str, password: str, *, station: str = "", before: str = "", client: str = "") -> Opened:
        """Open a session by password. `station` and `before` are the browser's cookies, if any.

        Raises unauthenticated, rate_limited; code_needed with the ticket that `give_code` wants besides the code.
        """
        actor = self._staff.login(username, password, client, digest_of(station) if station else b"")
        if self.factor.set_at(actor.staff_id):
            raise TongbanError("code_needed", ticket=self._wait(Half(actor, station, before, self._store.clock.ticks())))
        return self._open(actor, station, before, client, "password")

    def _wait(self, half: Half) -> str:
        ticket = secrets.token_urlsafe(24)
        with self._lock:
            fresh = [(digest, one) for digest, one in self._halves.items() if half.at - one.at < CODE_MS][-_REMEMBERED:]
            self._halves = dict(fresh) | {digest_of(ticket): half}
        return ticket

    def give_code(self, ticket: str, code: str, *, client: str = "") -> Opened:
        """The second half of a login. Raises unauthenticated (the ticket stays good), login_over, rate_limited."""
        half = self._halves.get(digest_of(ticket))
        if half is None or self._store.clock.ticks() - half.at >= CODE_MS:
            raise TongbanError("login_over")
        self.factor.check(half.actor.staff_id, code, client)
        with self._lock:
            self._halves.pop(digest_of(ticket), None)
        return self._open(half.actor, half.station, half.before, client, "password")

    def set_factor(self, session: SessionView, code: str) -> list[str]:
        """Switch one-time codes on; answers the codes on paper. Raises invalid_input (code), rate_limited."""
        recovery = self.factor.set(session.actor.staff_id, code, keep=session.id, by=session.actor)
        self._forget_person(session.actor.staff_id)
        return recovery

    def switch(self, staff_id: str, pin: str, *, station: str, before: str = "", client: str = "") -> Opened:
        """Open a session by PIN at a browser that knows the person. Raises unauthenticated (tries_left), pin_needs_password."""
        actor = self._by_pin(staff_id, pin, digest_of(station), client)
        return self._open(actor, station, before, client, "pin")

    def _by_pin(self, staff_id: str, pin: str, station: bytes, client: str) -> Actor:
        left = self._store.run(lambda tx: self._take_try(tx, staff_id, station))
        try:
            actor = self._staff.check_pin(staff_id, pin)
        except TongbanError:
            self._staff.note_failure("pin_failed", staff_id, client)
            if left == 0:
                raise TongbanError("pin_needs_password") from None
            raise TongbanError("unauthenticated", tries_left=left) from None
        self._store.run(lambda tx: rows.count_wrong(tx.connection, station, staff_id, 0))
        return actor

    def _take_try(self, tx: Tx, staff_id: str, station: bytes) -> int:
        """Count a try before it is checked; answers how many are left after it."""
        known = rows.person_at(tx.connection, station, staff_id)
        if known is None or known.wrong >= PIN_TRIES or not _fresh(known, tx.now()):
            raise TongbanError("pin_needs_password")
        rows.count_wrong(tx.connection, station, staff_id, known.wrong + 1)
        return PIN_TRIES - known.wrong - 1

    def _open(self, actor: Actor, station: str, before: str, client: str, way: str) -> Opened:
        token, station = secrets.token_urlsafe(32), station or secrets.token_urlsafe(32)
        self._end_quietly(before)

        def command(tx: Tx) -> tuple[bool, bool, str]:
            now = tx.now()
            place = digest_of(station)
            if way == "password":
                rows.password_given(tx.connection, place, actor.staff_id, now)
            known = rows.person_at(tx.connection, place, actor.staff_id)
            ends = (known.password_at if known is not None else now) + ABSOLUTE_MS
            row = people.by_id(tx.connection, actor.staff_id)
            if row is None or not row.active:
                raise TongbanError("unauthenticated")
            rows.add(
                tx.connection, SessionRow(0, digest_of(token), actor.staff_id, place, way, client[:64], now, now, ends, False)
            )
            people.logged_in(tx.connection, actor.staff_id, now)
            if row.reset_at and row.last_login <= row.reset_at:
                here = rows.person_at(tx.connection, place, row.reset_by) is not None
                detail: JsonObject = {"same_browser": 1} if here else {}
                audit.note(tx.connection, now, actor.staff_id, "login_after_reset", actor.staff_id, detail, client)
            audit.note(
                tx.connection, now, actor.staff_id, "login" if way == "password" else "switched", actor.staff_id, client=client
            )
            self._sweep(tx, now)
            return row.last_login == 0, bool(row.pin), row.language

        first, has_pin, language = self._store.run(command)
        self._find(digest_of(token))  # known from now on, whatever the clock does
        if way == "password":
            self._prove(digest_of(token))
        return Opened(token, station, actor, first, has_pin, language)

    def _sweep(self, tx: Tx, now: int) -> None:
        if abs(now - self._swept_at) > TOUCH_MS and self._store.watch.steady:
            self._swept_at = now
            rows.sweep(tx.connection, now, now - IDLE_END_MS, now - STATION_MS)

    def colleagues(self, station: str) -> list[Colleague]:
        """The persons who gave their password at this browser within twelve hours, by name."""
        now = self._store.clock.now()
        with self._store.reading() as view:
            known = [one for one in rows.people_at(view.connection, digest_of(station)) if _fresh(one, now)]
            found = [(one, people.by_id(view.connection, one.staff_id)) for one in known]
        shown = [
            Colleague(row.staff_id, row.name, row.role, bool(row.pin) and one.wrong < PIN_TRIES, row.username)
            for one, row in found
            if row is not None and row.active
        ]
        return sorted(shown, key=lambda one: one.name)

    def knows(self, station: str) -> bool:
        """Whether somebody logged in at this browser in the last three months."""
        with self._store.reading() as view:
            return bool(station) and bool(rows.people_at(view.connection, digest_of(station)))

    # locking -------------------------------------------------------------------------------------------------------

    def lock(self, token: str) -> None:
        """Lock the screen now."""
        live = self._find(digest_of(token))
        if live is not None and not live.locked:
            live.locked = True
            session_id, seen_at = live.row.id, live.row.seen_at
            self._store.run(lambda tx: rows.touch(tx.connection, session_id, seen_at, True))

    def unlock(self, token: str, *, station: str, pin: str = "", password: str = "", client: str = "") -> None:
        """Go on in a locked session. Raises unauthenticated (tries_left), pin_needs_password, rate_limited."""
        live = self._find(digest_of(token))
        if live is None:
            raise TongbanError("pin_needs_password")
        if password:
            self._staff.check_password(live.actor.staff_id, password)
            self._prove(digest_of(token))
            self._store.run(lambda tx: rows.password_given(tx.connection, digest_of(station), live.actor.staff_id, tx.now()))
        else:
            self._by_pin(live.actor.staff_id, pin, digest_of(station), client)
        now = self._store.clock.now()
        self._store.run(lambda tx: rows.touch(tx.connection, live.row.id, now, False))
        live.row, live.active_at, live.active_ticks = replace(live.row, seen_at=now), now, self._store.clock.ticks()
        live.locked = False

    # ending --------------------------------------------------------------------------------------------------------

    def end(self, token: str) -> None:
        """Log out."""
        live = self._find(digest_of(token))
        if live is not None:
            self._end(live.row.digest, live.actor.staff_id, "logout")

    def end_by_id(self, session_id: int, *, by: Actor) -> None:
        """An administrator ends somebody's session. Raises not_found."""

        def command(tx: Tx) -> None:
            row = rows.by_id(tx.connection, session_id)
            if row is None:
                raise TongbanError("not_found", what=str(session_id))
            rows.end(tx.connection, row.digest)
            audit.note(tx.connection, tx.now(), by.staff_id, "session_ended", row.staff_id)
            tx.after_commit(lambda: self._forget(row.digest))

        self._store.run(command)

    def list(self) -> list[SessionListed]:
        """Open sessions, the most recently used first: {id, staff_id, way, client, opened_at, active_at, ends_at, locked}."""
        now = self._store.clock.now()
        with self._store.reading() as view:
            found = rows.alive(view.connection, now, now - IDLE_END_MS)
        return [self._listed(row, now) for row in found]

    def _listed(self, row: SessionRow, now: int) -> SessionListed:
        live = self._live.get(row.digest)
        active_at = live.active_at if live is not None else row.seen_at
        idle = self._store.clock.ticks() - live.active_ticks if live is not None else now - active_at
        return {
            "id": row.id, "staff_id": row.staff_id, "way": row.way, "client": row.client, "opened_at": row.opened_at,
            "active_at": active_at, "ends_at": row.ends_at, "locked": row.locked or idle >= self.lock_after_ms,
        }  # fmt: skip

    def _end_quietly(self, token: str) -> None:
        """The browser goes on as somebody else."""
        if token:
            digest = digest_of(token)
            self._store.run(lambda tx: rows.end(tx.connection, digest))
            self._forget(digest)

    def _end(self, digest: bytes, staff_id: str, kind: str) -> None:
        def command(tx: Tx) -> None:
            rows.end(tx.connection, digest)
            audit.note(tx.connection, tx.now(), staff_id, kind, staff_id)

        self._forget(digest)
        self._store.run(command)
        self._forget(digest)

    def _forget(self, digest: bytes) -> None:
        with self._lock:
            self._generation += 1
            self._live.pop(digest, None)

    def _forget_person(self, staff_id: str) -> None:
        with self._lock:
            self._generation += 1
            for digest in [key for key, live in self._live.items() if live.actor.staff_id == staff_id]:
                del self._live[digest]


def _fresh(known: StationPerson, now: int) -> bool:
    """Whether the password was given at a browser lately enough for the PIN; one given in the future was not."""
    return -EARLY_MS <= now - known.password_at < ABSOLUTE_MS
