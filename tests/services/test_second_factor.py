"""One-time codes after the password: switched on by the person, asked for at login, each once, slowed down, cleared by another."""

from __future__ import annotations

from pathlib import Path

import pyotp
import pytest

from node.domain.model import Actor, Role
from node.domain.people import CODE_MS, Opened, SessionView
from node.domain.words.errors import TongbanError
from node.services.people.factor import PERIOD_MS, RECOVERY
from node.services.people.people import People
from node.services.people.staff import StaffService
from tests.services.nodes import HandClock, Small, make_root
from tests.ui.real import CHEAP, PASSWORD


class Office:
    """A city with two administrators and a clerk."""

    def __init__(self, folder: Path) -> None:
        self.clock = HandClock()
        self.node: Small = make_root(folder, self.clock)
        self.staff = StaffService(self.node.store, CHEAP)
        self.people = People(self.node.store, self.staff)
        self.ids = {
            name: self.staff.add(name, role, PASSWORD, name)["staff_id"]
            for name, role in (("zhang", "admin"), ("zhao", "admin"), ("qian", "clerk"))
        }

    def admin(self, name: str) -> Actor:
        return Actor(self.ids[name], Role.ADMIN, name)

    def login(self, client: str = "10.0.0.7") -> str:
        """The ticket of a login that waits for the code."""
        with pytest.raises(TongbanError, match=r"^code_needed") as found:
            self.people.login("zhang", PASSWORD, client=client)
        return str(found.value.details["ticket"])

    def session(self, opened: Opened) -> SessionView:
        found = self.people.look(opened.session, active=True)
        assert found is not None
        return found

    def code(self, secret: str, step: int = 0) -> str:
        return pyotp.TOTP(secret).generate_otp(self.clock.now() // PERIOD_MS + step)

    def switched_on(self) -> tuple[str, list[str]]:
        session = self.session(self.people.login("zhang", PASSWORD))
        secret = self.people.codes(session)["secret"]
        recovery = self.people.set_codes(session, self.code(secret))
        self.clock.advance(PERIOD_MS)
        return secret, recovery


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "city")


def refused(code: str):
    return pytest.raises(TongbanError, match=f"^{code}")


def test_a_password_alone_opens_nothing_and_the_code_does(office: Office) -> None:
    secret, _ = office.switched_on()
    opened = office.people.give_code(office.login(), office.code(secret))
    assert office.session(opened).actor.staff_id == office.ids["zhang"] and office.session(opened).proven


def test_a_code_counts_once_and_none_before_it_afterwards(office: Office) -> None:
    secret, _ = office.switched_on()
    code, before = office.code(secret), office.code(secret, -1)
    office.people.give_code(office.login(), code)
    for old in (code, before):
        with refused("unauthenticated"):
            office.people.give_code(office.login(), old)


@pytest.mark.parametrize(("step", "good"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_be_half_a_minute_off(office: Office, step: int, good: bool) -> None:
    secret, _ = office.switched_on()
    office.clock.advance(10 * PERIOD_MS)
    if good:
        assert office.people.give_code(office.login(), office.code(secret, step))
    else:
        with refused("unauthenticated"):
            office.people.give_code(office.login(), office.code(secret, step))


@pytest.mark.parametrize("typed", ["{0} {1}", " {0}{1} ", "{2}"])
def test_a_code_is_taken_as_people_type_it(office: Office, typed: str) -> None:
    secret, _ = office.switched_on()
    code = office.code(secret)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    assert office.people.give_code(office.login(), typed.format(code[:3], code[3:], wide))


@pytest.mark.parametrize("nonsense", ["", "二三四五六七", "\ud800", "1" * 5000, "0", "-------------------"])
def test_what_is_no_code_is_a_wrong_code(office: Office, nonsense: str) -> None:
    office.switched_on()
    with refused("unauthenticated"):
        office.people.give_code(office.login(), nonsense)


def test_wrong_codes_are_slowed_down_from_one_address_and_from_many(office: Office) -> None:
    secret, _ = office.switched_on()
    for n in range(5):
        with refused("unauthenticated"):
            office.people.give_code(office.login(), f"00000{n}", client="203.0.113.1")
    with refused("rate_limited"):
        office.people.give_code(office.login(), office.code(secret), client="203.0.113.1")
    for n in range(5):
        with refused("unauthenticated"):
            office.people.give_code(office.login(f"203.0.114.{n}"), f"00000{n}", client=f"203.0.114.{n}")
    with refused("rate_limited"):
        office.people.give_code(office.login("203.0.115.1"), office.code(secret), client="203.0.115.1")


def test_a_recovery_code_opens_once_and_is_told(office: Office) -> None:
    _, recovery = office.switched_on()
    assert len(set(recovery)) == RECOVERY
    opened = office.people.give_code(office.login(), recovery[0].upper())
    with refused("unauthenticated"):
        office.people.give_code(office.login(), recovery[0])
    session = office.session(opened)
    assert office.people.codes(session)["left"] == RECOVERY - 1
    assert "recovery_code_used" in [one["kind"] for one in office.people.account_history(session)]


def test_codes_on_paper_are_not_in_the_files(office: Office) -> None:
    _, recovery = office.switched_on()
    for path in office.node.folder.glob("node.db*"):
        assert recovery[0].encode() not in path.read_bytes()


def test_a_login_waits_five_minutes_for_its_code(office: Office) -> None:
    secret, _ = office.switched_on()
    ticket = office.login()
    office.clock.advance(CODE_MS)
    with refused("login_over"):
        office.people.give_code(ticket, office.code(secret))
    with refused("login_over"):
        office.people.give_code("guess", office.code(secret))


def test_a_ticket_opens_one_session(office: Office) -> None:
    secret, _ = office.switched_on()
    ticket = office.login()
    office.people.give_code(ticket, office.code(secret))
    office.clock.advance(PERIOD_MS)
    with refused("login_over"):
        office.people.give_code(ticket, office.code(secret))


def test_switching_on_wants_a_right_code_and_ends_the_other_sessions(office: Office) -> None:
    other = office.people.login("zhang", PASSWORD)
    session = office.session(office.people.login("zhang", PASSWORD))
    secret = office.people.codes(session)["secret"]
    with refused("invalid_input"):
        office.people.set_codes(session, "000000")
    assert office.people.codes(session)["secret"] == secret and office.people.login("zhang", PASSWORD)
    office.people.set_codes(session, office.code(secret))
    assert office.people.look(other.session, active=True) is None
    assert office.people.codes(session) == {
        "since": office.people.codes(session)["since"],
        "left": 10,
        "secret": "",
        "address": "",
    }


def test_another_administrator_clears_it_and_the_person_is_told(office: Office) -> None:
    office.switched_on()
    with refused("own_account"):
        office.people.clear_codes(office.ids["zhang"], office.admin("zhang"))
    with refused("forbidden"):
        office.people.clear_codes(office.ids["zhang"], Actor(office.ids["qian"], Role.CLERK, "qian"))
    office.people.clear_codes(office.ids["zhang"], office.admin("zhao"))
    session = office.session(office.people.login("zhang", PASSWORD))
    told = [(one["kind"], one["by"]) for one in office.people.account_history(session)]
    assert ("second_factor_cleared", "zhao") in told
    assert "second_factor_cleared" in [row["kind"] for row in office.people.audit(office.admin("zhao"))["rows"]]


def test_a_new_password_by_somebody_else_does_not_open_the_account(office: Office) -> None:
    office.switched_on()
    card = office.people.reset_password(office.ids["zhang"], office.admin("zhao"))
    with refused("code_needed"):
        office.people.login("zhang", card["password"])


def test_who_has_no_such_post_is_offered_none_and_a_token_needs_none(office: Office) -> None:
    with refused("forbidden"):
        office.people.codes(office.session(office.people.login("qian", PASSWORD)))
    office.switched_on()
    token = office.people.issue_token("zhang", "admin", 30, "", office.admin("zhao"))["token"]
    assert office.staff.tokens.authenticate(token).role is Role.ADMIN
