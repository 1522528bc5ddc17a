"""A mail address of the staff gets digests once its owner has given the code that was mailed there, and not before (R35)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.domain.model import Actor, Role
from node.domain.notices.news import CONFIRM
from node.domain.words.errors import TongbanError
from node.services.notices.confirming import MOST_A_DAY
from node.store import news as kept
from node.store import outbox
from tests.services.test_news import ADDRESS, DAY, HOUR, code_of, mails, morning, post, somebody
from tests.support.gateways import MailServer, closed_port
from tests.support.network import CLERK, Town

ADMIN = Actor("s-admin", Role.ADMIN)


@pytest.fixture
def mail(town: Town, tmp_path: Path) -> Iterator[MailServer]:
    one = MailServer(tmp_path, encrypted=False)
    post(town, one.port)
    yield one
    one.close()


def step(town: Town) -> int:
    return town["township"].center.notices.step()


def proof(town: Town, by: Actor) -> str:
    found = town["township"].center.news.settings(by)
    assert found is not None
    return found["proof"]


def rows(town: Town) -> list[tuple[str, str]]:
    """(state, error) of the mails with codes, the oldest first."""
    with town["township"].center.store.reading() as view:
        return [(row.state, row.error) for row in outbox.page(view.connection)[::-1] if row.event == CONFIRM]


def refused(town: Town, code: str, by: Actor) -> str:
    with pytest.raises(TongbanError) as error:
        town["township"].center.news.confirm_mail(code, by)
    return error.value.fields["code"]


def test_an_address_gets_one_mail_with_a_code_and_digests_only_once_it_is_confirmed(town: Town, mail: MailServer) -> None:
    clerk, news = somebody(town), town["township"].center.news
    town.world.advance(13 * HOUR)  # at night too: the person waits for it
    news.set_mail(ADDRESS, "morning", clerk)
    assert step(town) == 1 and proof(town, clerk) == "asked"
    town.world.advance(11 * HOUR)
    ((to, subject, text),) = mails(mail)
    assert (to, subject) == (ADDRESS, "确认邮箱") and "TD" in text
    for canary in ("王敏", clerk.staff_id, "clerk"):
        assert canary not in text + subject
    town.file("township", "ZW007", CLERK)
    for _ in range(2):
        morning(town)
        step(town)
    assert len(mails(mail)) == 1, "nothing goes to who has not confirmed"
    news.ask_again(clerk)
    step(town)
    news.confirm_mail(f" {code_of(mail).lower()} ", clerk)
    assert proof(town, clerk) == "confirmed"
    news.confirm_mail("pressed twice", clerk)
    morning(town)
    step(town)
    assert "新到1件" in mails(mail)[-1][2], "what came since the address was given is told"


def test_a_code_is_good_for_its_person_at_its_node_and_for_a_day(town: Town, mail: MailServer) -> None:
    clerk, other, news = somebody(town), somebody(town), town["township"].center.news
    news.set_mail(ADDRESS, "morning", clerk)
    news.set_mail(ADDRESS, "morning", other)
    step(town)
    first, second = code_of(mail, 0), code_of(mail, 1)
    assert refused(town, second, clerk) == "wrong_mail_code" and refused(town, first, other) == "wrong_mail_code"
    with pytest.raises(TongbanError, match="invalid_input"):
        town["village"].center.news.confirm_mail(first, somebody(town, "agent", "village"))
    town.world.advance(DAY)
    assert refused(town, first, clerk) == "mail_code_over"
    news.ask_again(clerk)
    step(town)
    assert refused(town, first, clerk) == "wrong_mail_code", "a later one takes its place"
    news.confirm_mail(code_of(mail), clerk)
    assert (proof(town, clerk), proof(town, other)) == ("confirmed", "asked")


def test_codes_are_not_guessed_and_stand_nowhere(town: Town, mail: MailServer) -> None:
    clerk, news = somebody(town), town["township"].center.news
    news.set_mail(ADDRESS, "morning", clerk)
    step(town)
    for _ in range(5):
        assert refused(town, "AAAAAAAAAA", clerk) == "wrong_mail_code"
    with pytest.raises(TongbanError, match="rate_limited"):
        news.confirm_mail(code_of(mail), clerk)
    code = code_of(mail).encode()
    assert not [path for path in town["township"].folder.rglob("*") if path.is_file() and code in path.read_bytes()]
    shown = str(town["township"].center.notices.show(ADMIN))
    assert CONFIRM in shown and ADDRESS not in shown and clerk.staff_id not in shown


def test_another_address_is_asked_anew_and_the_one_before_gets_nothing_more(town: Town, mail: MailServer) -> None:
    clerk, news = somebody(town), town["township"].center.news
    news.set_mail(ADDRESS, "morning", clerk)
    step(town)
    news.confirm_mail(code_of(mail), clerk)
    news.set_mail(ADDRESS, "twice", clerk)
    assert step(town) == 0 and proof(town, clerk) == "confirmed", "the same address is not asked again"
    news.set_mail("b@example.cn", "twice", clerk)
    old = code_of(mail)
    town.file("township", "ZW007", CLERK)
    step(town)
    assert refused(town, old, clerk) == "wrong_mail_code"
    morning(town)
    step(town)
    assert [to for to, _, _ in mails(mail)] == [ADDRESS, "b@example.cn"]
    news.set_mail("b@example.cn", "none", clerk)
    news.set_mail("b@example.cn", "morning", clerk)
    step(town)
    news.confirm_mail(code_of(mail), clerk)
    town.file("township", "ZW007", CLERK)
    post(town, closed_port())
    morning(town)
    step(town)
    news.set_mail("c@example.cn", "morning", clerk)
    post(town, mail.port)
    town.world.advance(HOUR)
    step(town)
    assert [subject for to, subject, _ in mails(mail) if to == "c@example.cn"] == ["确认邮箱"], (
        "a digest that waited does not go there"
    )


def test_nobody_fills_a_strangers_box(town: Town, mail: MailServer) -> None:
    """Neither one person nor several together."""
    news, people = town["township"].center.news, [somebody(town) for _ in range(3)]
    for person in people[:2]:
        news.set_mail(ADDRESS, "morning", person)
        news.ask_again(person)
    news.ask_again(people[0])
    for act in (lambda: news.ask_again(people[1]), lambda: news.set_mail(ADDRESS, "morning", people[2])):
        with pytest.raises(TongbanError) as error:
            act()
        assert error.value.fields == {"email": "too_many_mails"}
    step(town)
    assert len(mails(mail)) <= MOST_A_DAY
    morning(town)
    news.ask_again(people[1])


def test_an_address_whose_owner_wants_no_mail_is_left_alone(town: Town, mail: MailServer) -> None:
    center, clerk = town["township"].center, somebody(town)
    center.notices.inbound(ADDRESS, "TD", Actor("s-gateway", Role.INTEGRATION))
    step(town)
    center.news.set_mail(ADDRESS, "morning", clerk)
    step(town)
    assert rows(town) == [("dropped", "address_off")] and [subject for _, subject, _ in mails(mail)] == ["办件进展"]
    center.notices.inbound(ADDRESS, "HF", Actor("s-gateway", Role.INTEGRATION))
    center.news.ask_again(clerk)
    step(town)
    center.news.confirm_mail(code_of(mail), clerk)


def test_a_mail_server_that_is_away_gets_the_code_later(town: Town, mail: MailServer) -> None:
    clerk, news = somebody(town), town["township"].center.news
    post(town, closed_port())
    news.set_mail(ADDRESS, "morning", clerk)
    step(town)
    assert rows(town) == [("waiting", "refused")]
    town.world.advance(2 * DAY)
    post(town, mail.port)
    step(town)
    assert rows(town) == [("sent", "")]
    news.confirm_mail(code_of(mail), clerk)
    post(town, closed_port())
    news.set_mail("b@example.cn", "morning", clerk)
    news.set_mail("b@example.cn", "none", clerk)
    post(town, mail.port)
    town.world.advance(HOUR)
    step(town)
    assert rows(town)[-1] == ("dropped", "pointless")


def test_an_address_of_before_goes_on_and_is_confirmed_when_its_owner_likes(town: Town, mail: MailServer) -> None:
    """The node was made by a version that asked for no code."""
    clerk, center = somebody(town), town["township"].center
    sql = "INSERT INTO staff_news(staff_id, email, mail) VALUES(?,?,'morning')"
    center.store.run(lambda tx: tx.connection.execute(sql, (clerk.staff_id, ADDRESS)) and None)
    assert proof(town, clerk) == "before"
    town.file("township", "ZW007", CLERK)
    morning(town)
    assert step(town) == 1 and "新到1件" in mails(mail)[0][2]
    center.news.ask_again(clerk)
    step(town)
    center.news.confirm_mail(code_of(mail), clerk)
    assert proof(town, clerk) == "confirmed"


def test_an_address_of_before_that_was_ended_is_asked_anew(town: Town, mail: MailServer) -> None:
    """Whoever typed it could undo the TD of its owner."""
    clerk, center = somebody(town), town["township"].center
    center.store.run(lambda tx: kept.put(tx.connection, kept.Wanted(clerk.staff_id, email=ADDRESS, mail="morning")))
    center.notices.inbound(ADDRESS, "TD", Actor("s-gateway", Role.INTEGRATION))
    center.news.set_mail(ADDRESS, "twice", clerk)
    step(town)
    assert proof(town, clerk) == "asked" and rows(town) == [("dropped", "address_off")]
    assert re.search("TD|不再", mails(mail)[0][2])
