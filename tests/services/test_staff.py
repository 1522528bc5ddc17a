"""Logins, tokens and the audit trail that names nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.domain.model import Role
from node.domain.words.errors import TongbanError
from node.services.people.staff import LIMIT, WINDOW_MS, StaffService
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
        staff.token(name, role)


def test_a_token_is_that_person(staff: StaffService) -> None:
    made = staff.add("王五", "examiner")
    actor = staff.authenticate_token(staff.token("王五", "examiner"))
    assert actor.staff_id == made["staff_id"] and actor.role is Role.EXAMINER
    alone = [staff.authenticate_token(staff.token("系统", "integration")).staff_id for _ in range(2)]
    assert alone[0] == alone[1] != actor.staff_id
    with refused("unauthenticated"):
        staff.authenticate_token("guess")


def test_a_deactivated_person_has_no_way_in(staff: StaffService) -> None:
    made = staff.add("赵六", "clerk")
    token = staff.token("赵六", "clerk")
    staff.authenticate_token(token)  # now remembered
    staff.deactivate(made["username"])
    with refused("unauthenticated"):
        staff.authenticate_token(token)
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
    fresh = staff.set_password(made["username"])
    assert staff.login(made["username"], fresh).name == "周八"
    with refused("unauthenticated"):
        staff.login(made["username"], made["password"])
    with refused("not_found"):
        staff.set_password("nobody")


def test_the_journal_names_nobody(node: Small, staff: StaffService) -> None:
    made = staff.add("吴九九", "clerk", username="wujiujiu")
    token = staff.token("吴九九", "clerk")
    with node.store.reading() as view:
        rows = view.connection.execute("SELECT kind, header FROM entries WHERE class='staff' ORDER BY arrival").fetchall()
    assert [row[0] for row in rows] == ["staff_added", "staff_added", "token_issued"]  # the first is the administrator
    text = b"".join(row[1] for row in rows)
    for secret in ("吴九九", "wujiujiu", made["password"], token):
        assert secret.encode() not in text
    assert all("password" not in row for row in staff.list())
