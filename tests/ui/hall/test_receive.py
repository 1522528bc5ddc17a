"""Receiving many at the township in one press: an outcome for each, nothing twice at the second."""

from __future__ import annotations

from tests.ui.pagecheck import check_page
from tests.ui.real import Site


def handed_over(site: Site, count: int) -> list[str]:
    numbers = [site.town.file("village") for _ in range(count)]
    for no in numbers:
        site.town.act("village", no, "hand_over", site.actor("village", "agent"))
    site.heal()
    return numbers


def acts(site: Site, no: str) -> list[str]:
    return [row["action"] for row in site.center("township").cases.case(no, site.actor("township", "clerk"))["timeline"]]


def test_what_arrived_is_ticked_and_received_with_one_press_and_nothing_twice(site: Site) -> None:
    clerk = site.client("township", "clerk")
    numbers = handed_over(site, 3)
    assert 'href="/receive"' in clerk.get("/work?part=arrived").text
    for language in ("en", "zh"):
        page = clerk.get(f"/receive?lang={language}").text
        check_page(page)
    for no in numbers:
        assert " checked" in page.partition(f'value="{no}"')[2].partition(">")[0]
    assert clerk.form("/receive", "/receive").status == 422
    chosen = ",".join([*numbers, "nonsense"])
    done = clerk.form("/receive", "/receive", case_no=chosen)
    assert done.status == 200 and "已签收 3 件" in done.text and "没有签收" in done.text
    check_page(done.text)
    again = clerk.form("/receive", "/receive", case_no=chosen)
    assert "已签收 0 件" in again.text and again.text.count("此前已签收") == 3
    assert all(acts(site, no).count("received") == 1 for no in numbers)
    assert not any(no in clerk.get("/receive").text for no in numbers)


def test_who_receives_nothing_is_refused(site: Site) -> None:
    numbers = handed_over(site, 1)
    examiner = site.client("township", "examiner")
    assert examiner.form("/work", "/receive", case_no=numbers[0]).status == 403
    assert "received" not in acts(site, numbers[0])
