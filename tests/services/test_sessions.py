"""Sessions: opened, met, locked and ended by the clock; the PIN of a shared PC; nothing stored that opens anything."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from node.domain.model import Actor, Role
from node.domain.people import ABSOLUTE_MS, HOUR, IDLE_END_MS, PIN_TRIES, pin_flaw
from node.domain.words.errors import TongbanError
from node.services.people.people import People
from node.services.people.staff import StaffService
from node.store.store import Tx
from tests.services.nodes import CHEAP, HandClock, Small, make_root

MINUTE = 60_000
PASSWORD, PIN = "correct-horse", "2580"


@dataclass
class Office:
    """A village with three people at one PC."""

    node: Small
    staff: StaffService
    people: People
    ids: dict[str, str]

    @property
    def clock(self) -> HandClock:
        return self.node.clock

    def login(self, name: str, station: str = "", before: str = ""):
        return self.people.login(name, PASSWORD, station=station, before=before, client="10.0.0.7")

    def kinds(self) -> list[str]:
        with self.node.store.reading() as view:
            return [row[0] for row in view.connection.execute("SELECT kind FROM audit ORDER BY id")]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    node = make_root(tmp_path / "village", HandClock(), code="420102002003", tier="village")
    staff = StaffService(node.store, CHEAP)
    ids = {}
    for username, role in (("li", "agent"), ("wang", "agent"), ("boss", "admin")):
        made = staff.add(username.title(), role, PASSWORD, username)
        ids[username] = made["staff_id"]
        staff.set_pin(made["staff_id"], PIN, by=Actor(made["staff_id"], Role(role)))
    return Office(node, staff, People(node.store, staff), ids)


def refused(code: str):
    return pytest.raises(TongbanError, match=f"^{code}")


def test_a_session_is_met_by_its_text_and_only_its_hash_is_stored(office: Office) -> None:
    opened = office.login("li")
    found = office.people.look(opened.session, active=True)
    assert found is not None and found.actor.name == "Li" and not found.locked
    assert office.people.look("guess", active=True) is None
    for path in (office.node.folder / "node.db", office.node.folder / "node.db-wal"):
        data = path.read_bytes()
        assert opened.session.encode() not in data and opened.station.encode() not in data


def test_clicks_are_written_down_once_a_minute(office: Office) -> None:
    opened = office.login("li")
    written = set()
    for _ in range(60):
        office.clock.advance(2_000)
        assert office.people.look(opened.session, active=True)
        with office.node.store.reading() as view:
            written.add(view.connection.execute("SELECT seen_at FROM sessions").fetchone()[0])
    assert len(written) == 3  # the login's own and two touches


def test_an_unused_screen_locks_and_the_pin_opens_it_again(office: Office) -> None:
    opened = office.login("li")
    office.clock.advance(3 * MINUTE - 1)
    assert office.people.look(opened.session, active=False).locked is False  # type: ignore[union-attr]
    office.clock.advance(1)
    assert office.people.look(opened.session, active=True).locked  # type: ignore[union-attr]
    with refused("unauthenticated"):
        office.people.unlock(opened.session, station=opened.station, pin="9999")
    assert office.people.look(opened.session, active=True).locked  # type: ignore[union-attr]
    office.people.unlock(opened.session, station=opened.station, pin=PIN)
    assert not office.people.look(opened.session, active=True).locked  # type: ignore[union-attr]


def test_polling_is_no_activity(office: Office) -> None:
    opened = office.login("li")
    for _ in range(3):
        office.clock.advance(MINUTE)
        found = office.people.look(opened.session, active=False)
    assert found is not None and found.locked


def test_a_lock_survives_a_restart(office: Office) -> None:
    opened = office.login("li")
    office.people.lock(opened.session)
    again = People(office.node.store, StaffService(office.node.store, CHEAP))
    assert again.look(opened.session, active=True).locked  # type: ignore[union-attr]
    office.people.unlock(opened.session, station=opened.station, pin=PIN)
    office.clock.advance(4 * MINUTE)
    again = People(office.node.store, StaffService(office.node.store, CHEAP))
    assert again.look(opened.session, active=True).locked  # type: ignore[union-attr]


def test_a_session_ends_after_a_working_day_and_after_a_long_rest(office: Office) -> None:
    opened = office.login("li")
    for _ in range(12 * 60 - 1):
        office.clock.advance(MINUTE)
        assert office.people.look(opened.session, active=True)
    office.clock.advance(MINUTE)
    assert office.people.look(opened.session, active=True) is None
    opened = office.login("li")
    office.clock.advance(IDLE_END_MS)
    assert office.people.look(opened.session, active=True) is None
    assert office.kinds().count("session_expired") == 2


def test_persons_known_at_a_browser_switch_by_pin(office: Office) -> None:
    li = office.login("li")
    wang = office.login("wang", li.station, li.session)
    assert wang.station == li.station and office.people.look(li.session, active=True) is None
    assert [(one.name, one.pin) for one in office.people.colleagues(li.station)] == [("Li", True), ("Wang", True)]
    again = office.people.switch(office.ids["li"], PIN, station=li.station, before=wang.session)
    assert office.people.look(again.session, active=True).actor.name == "Li"  # type: ignore[union-attr]
    assert office.people.look(wang.session, active=True) is None
    with refused("pin_needs_password"):
        office.people.switch(office.ids["boss"], PIN, station=li.station)
    with refused("pin_needs_password"):
        office.people.switch(office.ids["li"], PIN, station="another browser")


def test_a_pin_stops_working_twelve_hours_after_the_password(office: Office) -> None:
    li = office.login("li")
    office.clock.advance(11 * HOUR)
    late = office.people.switch(office.ids["li"], PIN, station=li.station)
    office.clock.advance(HOUR)
    assert office.people.look(late.session, active=True) is None
    with refused("pin_needs_password"):
        office.people.switch(office.ids["li"], PIN, station=li.station)
    assert office.people.colleagues(li.station) == []
    assert ABSOLUTE_MS == 12 * HOUR


def test_five_wrong_pins_and_the_password_is_needed(office: Office) -> None:
    li = office.login("li")
    left = []
    for _ in range(PIN_TRIES):
        with pytest.raises(TongbanError) as caught:
            office.people.switch(office.ids["li"], "0001", station=li.station)
        left.append(caught.value.details.get("tries_left", caught.value.code))
    assert left == [4, 3, 2, 1, "pin_needs_password"]
    with refused("pin_needs_password"):
        office.people.switch(office.ids["li"], PIN, station=li.station)
    assert [one.pin for one in office.people.colleagues(li.station)] == [False]
    office.people.unlock(li.session, station=li.station, password=PASSWORD)
    assert office.people.switch(office.ids["li"], PIN, station=li.station).actor.name == "Li"


@pytest.mark.parametrize("change", ["deactivate", "password", "role", "end"])
def test_what_changes_an_account_ends_its_sessions(office: Office, change: str) -> None:
    li, wang = office.login("li"), office.login("wang")
    boss = Actor(office.ids["boss"], Role.ADMIN)
    found = office.people.look(li.session, active=True)
    assert found is not None
    if change == "deactivate":
        office.people.deactivate(office.ids["li"], "调离", boss)
    elif change == "password":
        office.people.reset_password(office.ids["li"], boss)
    elif change == "role":
        office.people.change_role(office.ids["li"], "director", boss)
    else:
        office.people.end_session(found.id, boss)
    assert office.people.look(li.session, active=True) is None
    assert office.people.look(wang.session, active=True) is not None
    if change != "end":
        with refused("pin_needs_password"):
            office.people.switch(office.ids["li"], PIN, station=li.station)


def test_one_administrator_remains_and_nobody_changes_the_own_post(office: Office) -> None:
    boss, other = Actor(office.ids["boss"], Role.ADMIN), Actor("system", Role.ADMIN)
    with refused("own_account"):
        office.people.change_role(office.ids["boss"], "agent", boss)
    for act in (
        lambda: office.people.deactivate(office.ids["boss"], "x", boss),
        lambda: office.people.reset_password(boss.staff_id, boss),
    ):
        with refused("own_account"):
            act()
    first = next(row["staff_id"] for row in office.people.staff(boss) if row["username"] == "admin")
    office.people.deactivate(first, "x", boss)
    with refused("last_admin"):
        office.people.deactivate(office.ids["boss"], "x", other)


def test_a_second_post_for_an_administrator_is_made_on_purpose_and_marked(office: Office) -> None:
    boss = Actor(office.ids["boss"], Role.ADMIN)
    with pytest.raises(TongbanError) as caught:
        office.people.add("Boss", "agent", "", confirmed=False, by=boss)
    assert caught.value.fields == {"name": "also_admin"}
    office.people.add("Boss", "agent", "", confirmed=True, by=boss)
    assert office.kinds()[-2:] == ["staff_added", "two_posts"]
    with refused("wrong_role"):
        office.people.add("Somebody", "clerk", "", confirmed=True, by=boss)  # no clerks at a village


def test_only_an_administrator_administers(office: Office) -> None:
    li = Actor(office.ids["li"], Role.AGENT)
    for act in (
        lambda: office.people.staff(li), lambda: office.people.add("x", "agent", "", confirmed=True, by=li),
        lambda: office.people.reset_password(office.ids["boss"], li), lambda: office.people.audit(li),
    ):  # fmt: skip
        with refused("forbidden"):
            act()


def test_own_settings(office: Office) -> None:
    opened, elsewhere = office.login("li"), office.login("li")
    session = office.people.look(opened.session, active=True)
    assert session is not None
    with pytest.raises(TongbanError) as caught:
        office.people.change_password(session, "wrong", "seven white herons", "seven white herons")
    assert caught.value.fields == {"old": "wrong_password"}
    office.people.change_password(session, PASSWORD, "seven white herons", "seven white herons")
    assert office.people.look(opened.session, active=True) and office.people.look(elsewhere.session, active=True) is None
    office.people.set_pin(session, "seven white herons", "3971", "3971")
    office.people.set_language(session, "en")
    assert office.people.look(opened.session, active=True).language == "en"  # type: ignore[union-attr]


@pytest.mark.parametrize(("pin", "flaw"), [("123", "bad_pin"), ("1234567", "bad_pin"), ("12a4", "bad_pin"), ("١٢٣٤", "bad_pin"),
                                           ("1111", "weak"), ("1234", "weak"), ("987654", "weak"), ("2580", ""), ("112233", "")])  # fmt: skip
def test_what_a_pin_must_be(pin: str, flaw: str) -> None:
    assert pin_flaw(pin) == flaw


def execute(statement: str, tx: Tx) -> None:
    tx.connection.execute(statement)


def test_the_audit_keeps_all_of_it_and_cannot_be_changed(office: Office) -> None:
    boss = Actor(office.ids["boss"], Role.ADMIN)
    li = office.login("li")
    with refused("unauthenticated"):
        office.people.login("a-resident-430102", "x", client="10.0.0.9")
    office.people.logout(li.session)
    page = office.people.audit(boss, q="Li")
    assert [row["kind"] for row in page["rows"]][:2] == ["logout", "login"]
    assert all(row["actor_name"] == "Li" or row["subject_name"] == "Li" for row in page["rows"])
    failed = office.people.audit(boss, kind="login_failed")["rows"]
    assert failed[0]["client"] == "10.0.0.9" and "430102" not in str(failed)
    assert office.people.audit(boss, q="10.0.0.9")["rows"] == failed
    for statement in ("DELETE FROM audit", "UPDATE audit SET actor='x'"):
        with pytest.raises(Exception, match="append-only"):
            office.node.store.run(partial(execute, statement))


def test_the_audit_goes_by_pages_of_fifty(office: Office) -> None:
    boss = Actor(office.ids["boss"], Role.ADMIN)
    for _ in range(60):
        office.login("li")
    first = office.people.audit(boss)
    second = office.people.audit(boss, before=first["next"])
    assert len(first["rows"]) == 50 and second["rows"]
    assert not {row["id"] for row in first["rows"]} & {row["id"] for row in second["rows"]}
    assert office.people.audit(boss, day_from="2026-03-03")["rows"] == []
    assert office.people.audit(boss, day_from="2026-03-02", day_to="2026-03-02")["rows"]


@pytest.mark.parametrize("days", [40, -40])
def test_a_clock_that_jumps_ends_no_session_and_keeps_none_open(office: Office, days: int) -> None:
    """Idleness and age are measured by a clock that nobody can set; what a jump calls over comes back with the right time."""
    opened = office.login("li")
    jump = days * 24 * HOUR
    office.clock.time += jump
    assert office.people.look(opened.session, active=True) is not None
    again = People(office.node.store, StaffService(office.node.store, CHEAP))  # a restart with the wrong clock
    found = again.look(opened.session, active=False)
    assert (found is None) == (days > 0)
    with office.node.store.reading() as view:
        assert view.connection.execute("SELECT count(*) FROM sessions").fetchone() == (1,), "not removed on that word"
    office.clock.advance(3 * MINUTE)
    assert office.people.look(opened.session, active=False).locked  # type: ignore[union-attr]
    office.clock.advance(IDLE_END_MS - 3 * MINUTE - 1)
    assert office.people.look(opened.session, active=False) is not None, "idle for what nobody can set, to the millisecond"
    office.clock.advance(1)
    assert office.people.look(opened.session, active=False) is None
    office.clock.time -= jump


def test_a_pin_given_in_the_future_opens_nothing(office: Office) -> None:
    """The password was given while the clock was ahead: its PIN would else be good for forty days."""
    office.clock.time += 40 * 24 * HOUR
    opened = office.login("li")
    office.clock.time -= 40 * 24 * HOUR
    with refused("pin_needs_password"):
        office.people.switch(office.ids["li"], PIN, station=opened.station)


def test_a_password_made_by_somebody_else_is_to_be_changed_and_the_person_is_told_by_whom(office: Office) -> None:
    boss = _boss(office)
    card = office.people.reset_password(office.ids["li"], boss)
    opened = office.people.login("li", card["password"], client="10.0.0.5")
    session = office.people.look(opened.session, active=True)
    assert session is not None and session.must_change
    told = office.people.me(session)
    assert told["reset_by"] == boss.name and told["reset_at"] and told["must_change"]
    history = office.people.account_history(session)
    assert [row["kind"] for row in history] == ["login", "login_after_reset", "password_reset"]
    assert next(row["by"] for row in history if row["kind"] == "password_reset") == boss.name
    with refused("invalid_input"):
        office.people.choose_password(session, card["password"], card["password"])  # the same again
    office.people.choose_password(session, "seven white herons", "seven white herons")
    again = office.people.look(opened.session, active=True)
    assert again is not None and not again.must_change
    with refused("forbidden"):
        office.people.choose_password(again, "eight white herons", "eight white herons")


def test_who_reset_a_password_cannot_use_it_unseen(office: Office) -> None:
    """The administrator logs in with the password that he has just made, at his own browser: it is on record, and the person sees it."""
    boss, mine = _boss(office), office.people.login("boss", PASSWORD).station
    card = office.people.reset_password(office.ids["li"], boss)
    as_li = office.people.look(office.people.login("li", card["password"], station=mine).session, active=True)
    assert as_li is not None
    office.people.choose_password(as_li, "seven white herons", "seven white herons")
    with refused("unauthenticated"):
        office.people.login("li", PASSWORD)  # the person's own password opens nothing any more, so the person asks
    later = office.people.login("li", office.people.reset_password(office.ids["li"], boss)["password"])
    session = office.people.look(later.session, active=True)
    assert session is not None
    history = office.people.account_history(session)
    assert [row["same_browser"] for row in history if row["kind"] == "login_after_reset"] == [False, True]
    assert [row["kind"] for row in history].count("password_reset") == 2
    found = office.people.audit(boss, kind="login_after_reset")
    assert [row["detail"] for row in found["rows"]] == [{}, {"same_browser": 1}]


def _boss(office: Office) -> Actor:
    return Actor(office.ids["boss"], Role.ADMIN, "Boss")
