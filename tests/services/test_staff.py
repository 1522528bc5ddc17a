"""Logins, tokens and the audit trail that names nobody."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

import pytest

from node.domain.model import Role
from node.domain.words.errors import TongbanError
from node.services.people.sessions import SessionService
from node.services.people.staff import StaffService
from node.services.people.throttle import LIMIT, STRANGERS_LIMIT, WINDOW_MS, Throttle
from tests.services.nodes import CHEAP, HandClock, Small, make_root


@pytest.fixture
def node(tmp_path: Path) -> Small:
    return make_root(tmp_path / "city", HandClock())


@pytest.fixture
def staff(node: Small) -> StaffService:
    return StaffService(node.store, CHEAP)


def refused(code: str):
    return pytest.raises(TongbanError, match=f"^{code}")


def test_a_person_logs_in_with_the_password_shown_once(staff: StaffService) -> None:
    made = staff.add("李四", "clerk")
    actor = staff.login(made["username"], made["password"])
    assert (actor.role, actor.name, actor.staff_id) == (Role.CLERK, "李四", made["staff_id"])
    assert staff.actor(actor.staff_id) == actor
    with refused("unauthenticated"):
        staff.login(made["username"], "wrong password")
    with refused("unauthenticated"):
        staff.login("nobody", made["password"])


def test_usernames_are_made_from_the_role_and_unique(staff: StaffService) -> None:
    assert [staff.add(name, "clerk")["username"] for name in ("a", "b", "c")] == ["clerk", "clerk2", "clerk3"]
    with refused("invalid_input"):
        staff.add("d", "clerk", username="clerk2")


WRONG = [("", "clerk"), ("x" * 101, "clerk"), ("a\x00b", "clerk"), ("a", "system"), ("a", "king")]


@pytest.mark.parametrize(("name", "role"), WRONG)
def test_wrong_descriptions_are_refused(staff: StaffService, name: str, role: str) -> None:
    with refused("invalid_input"):
        staff.add(name, role)
    with refused("invalid_input"):
        staff.tokens.issue(name, role)


def test_a_token_is_that_person(staff: StaffService) -> None:
    made = staff.add("王五", "examiner")
    actor = staff.tokens.authenticate(staff.tokens.issue("王五", "examiner"))
    assert actor.staff_id == made["staff_id"] and actor.role is Role.EXAMINER
    alone = [staff.tokens.authenticate(staff.tokens.issue("系统", "integration")).staff_id for _ in range(2)]
    assert alone[0] == alone[1] != actor.staff_id
    with refused("unauthenticated"):
        staff.tokens.authenticate("guess")


def test_a_deactivated_person_has_no_way_in(staff: StaffService) -> None:
    made = staff.add("赵六", "clerk")
    token = staff.tokens.issue("赵六", "clerk")
    staff.tokens.authenticate(token)  # now remembered
    staff.deactivate(made["username"])
    with refused("token_over"):
        staff.tokens.authenticate(token)
    with refused("unauthenticated"):
        staff.login(made["username"], made["password"])
    with refused("unauthenticated"):
        staff.actor(made["staff_id"])


def test_guessing_is_slowed_down_and_ends_with_the_window(node: Small, staff: StaffService) -> None:
    made = staff.add("孙七", "clerk")
    for _ in range(LIMIT):
        with refused("unauthenticated"):
            staff.login(made["username"], "guess")
    with refused("rate_limited"):
        staff.login(made["username"], made["password"])
    node.clock.advance(WINDOW_MS)
    assert staff.login(made["username"], made["password"]).name == "孙七"


def test_a_new_password_replaces_the_old(staff: StaffService) -> None:
    made = staff.add("周八", "clerk")
    fresh = staff.reset_password(made["username"])
    assert staff.login(made["username"], fresh).name == "周八"
    with refused("unauthenticated"):
        staff.login(made["username"], made["password"])
    with refused("not_found"):
        staff.reset_password("nobody")


def test_the_journal_names_nobody(node: Small, staff: StaffService) -> None:
    made = staff.add("吴九九", "clerk", username="wujiujiu")
    token = staff.tokens.issue("吴九九", "clerk")
    with node.store.reading() as view:
        rows = view.connection.execute("SELECT kind, header FROM entries WHERE class='staff' ORDER BY arrival").fetchall()
    assert [row[0] for row in rows] == ["staff_added", "staff_added", "token_issued"]  # the first is the administrator
    text = b"".join(row[1] for row in rows)
    for secret in ("吴九九", "wujiujiu", made["password"], token):
        assert secret.encode() not in text
    assert all("password" not in row for row in staff.list())


def test_wrong_passwords_from_elsewhere_do_not_shut_the_owner_out(node: Small, staff: StaffService) -> None:
    """Neither those of one address nor those of many: at the browser where the person logged in before the door stays open."""
    made, sessions = staff.add("郑十", "clerk"), SessionService(node.store, staff)
    opened = sessions.login(made["username"], made["password"], client="10.0.0.1")
    for n in range(STRANGERS_LIMIT + 10):
        with pytest.raises(TongbanError):
            staff.login(made["username"], "guess", f"203.0.{n // 6}.1")
    assert sessions.login(made["username"], made["password"], station=opened.station, client="203.0.0.1").actor.name == "郑十"


def test_wrong_passwords_of_one_address_leave_other_addresses_alone(staff: StaffService) -> None:
    made = staff.add("冯二", "clerk")
    for _ in range(LIMIT + 1):
        with pytest.raises(TongbanError):
            staff.login(made["username"], "guess", "2001:db8::1")
    with refused("rate_limited"):
        staff.login(made["username"], made["password"], "2001:db8::2")  # the same subscriber
    assert staff.login(made["username"], made["password"], "10.0.0.7").name == "冯二"


def test_guessing_at_a_known_browser_is_slowed_down_too(node: Small, staff: StaffService) -> None:
    made, sessions = staff.add("陈三", "clerk"), SessionService(node.store, staff)
    station = sessions.login(made["username"], made["password"]).station
    for _ in range(LIMIT):
        with refused("unauthenticated"):
            sessions.login(made["username"], "guess", station=station)
    with refused("rate_limited"):
        sessions.login(made["username"], made["password"], station=station)


def test_tries_at_the_same_moment_do_not_pass_the_limit() -> None:
    throttle, admitted = Throttle(), []

    def attempt() -> None:
        with suppress(TongbanError):
            throttle.take({"a": LIMIT}, 0)
            admitted.append(1)

    threads = [threading.Thread(target=attempt) for _ in range(3 * LIMIT)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(admitted) == LIMIT


def test_the_memory_of_tries_is_bounded() -> None:
    throttle = Throttle(places=10)
    for n in range(1000):
        throttle.take({f"name {n}": 1}, 0)
    assert len(throttle._tries) == 10


def test_a_token_is_listed_with_its_last_use_and_ends_on_its_day(node: Small, staff: StaffService) -> None:
    text = staff.tokens.issue("不动产系统", "integration", days=30, source="estate")
    staff.tokens.authenticate(text, "10.0.0.9")
    (row,) = staff.tokens.listed()
    assert (row["name"], row["role"], row["source"], row["state"], row["last_client"]) == (
        "不动产系统", "integration", "estate", "valid", "10.0.0.9",
    )  # fmt: skip
    assert row["last_used"] and row["expires_at"] and text not in str(row)
    node.clock.advance(30 * 86_400_000)
    with refused("token_over"):
        staff.tokens.authenticate(text)
    assert staff.tokens.listed()[0]["state"] == "expired"


def test_a_revoked_token_opens_nothing_at_once_and_stays_on_record(node: Small, staff: StaffService) -> None:
    text = staff.tokens.issue("系统", "integration")
    other = staff.tokens.issue("系统", "integration")
    staff.tokens.authenticate(text)  # now remembered
    for row in staff.tokens.listed():
        staff.tokens.revoke(row["id"])
    for gone in (text, other):
        with refused("token_over"):
            staff.tokens.authenticate(gone)
    assert [row["state"] for row in staff.tokens.listed()] == ["revoked", "revoked"]
    with refused("not_found"):
        staff.tokens.revoke("t00000000")
    with node.store.reading() as view:
        kinds = [row[0] for row in view.connection.execute("SELECT kind FROM audit WHERE kind LIKE 'token%' ORDER BY id")]
    assert kinds == ["token_issued"] * 2 + ["token_revoked"] * 2


@pytest.mark.parametrize(
    ("days", "source", "field"), [(0, "", "days"), (3651, "", "days"), (30, "a b", "source"), (30, "中", "source")]
)
def test_a_token_without_end_or_of_no_source_is_refused(staff: StaffService, days: int, source: str, field: str) -> None:
    with pytest.raises(TongbanError) as told:
        staff.tokens.issue("系统", "integration", days=days, source=source)
    assert list(told.value.fields) == [field]
