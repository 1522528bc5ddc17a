"""Who read which case: every way to a case leaves a row for the auditor, who sees no case."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.domain.model import Actor, Role
from node.domain.words.errors import TongbanError
from tests.support.network import DAY, DIRECTOR, four_tiers
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.test_materials import PNG
from tests.ui.wire import Client


def test_pages_api_and_papers_leave_one_row_a_day_and_the_auditor_alone_reads_it(site: Site) -> None:
    center = site.center("township")
    case_no = site.town.file("township")
    clerk = site.client("township", "clerk")
    token = center.tokens.issue("对接系统", "integration")
    assert clerk.get(f"/cases/{case_no}").status == 200 and clerk.get(f"/cases/{case_no}").status == 200
    assert Client(site.served["township"].port).get(f"/api/v1/cases/{case_no}", token).status == 200
    auditor = site.client("township", "auditor")
    page = auditor.get("/admin/readings")
    check_page(page.text)
    assert case_no in page.text and "clerk 王敏" in page.text and "对接系统" in page.text
    rows = [row for row in center.readings.page(site.actor("township", "auditor"))["rows"] if row["case_no"] == case_no]
    assert {row["role"] for row in rows} == {"clerk", "integration"} and len(rows) == 2
    assert auditor.get(f"/cases/{case_no}").status == 403 and auditor.get("/admin/staff").status == 403
    assert auditor.get("/admin/audit").status == 200
    file = auditor.form("/admin/readings", "/admin/readings.csv", q="对接系统")
    assert file.status == 200 and case_no in file.text and "clerk" not in file.text
    wrong = auditor.form("/admin/readings", "/admin/readings", **{"from": "yesterday"})
    assert wrong.status == 422
    for role in ("admin", "director"):
        assert site.client("township", role).get("/admin/readings").status == 403


def test_a_file_that_is_opened_is_a_reading(site: Site) -> None:
    center = site.center("township")
    no = site.town.file("township")
    clerk = site.client("township", "clerk")
    assert clerk.upload(f"/cases/{no}", f"/cases/{no}/materials/0", "a.png", PNG[:1001]).status == 303
    reviewer = site.client("township", "reviewer")

    def counted() -> dict[str, int]:
        site.town.world.advance(61_000)  # what was counted meanwhile is written with the next reading
        rows = center.readings.page(site.actor("township", "auditor"))["rows"]
        return {row["name"]: row["count"] for row in rows if row["case_no"] == no}

    assert reviewer.get(f"/cases/{no}/files/0").status == 200
    assert counted()["reviewer 王敏"] == 1
    assert reviewer.get(f"/cases/{no}/files/0").status == 200
    found = counted()
    assert found["reviewer 王敏"] == 2
    assert site.client("township", "admin").get(f"/cases/{no}/files/0").status == 403 and len(counted()) == len(found)


def test_administrator_and_auditor_are_two_people(site: Site) -> None:
    people, boss = site.center("city").people, site.actor("city", "admin", "兼任 甲")
    with pytest.raises(TongbanError) as told:
        people.add("兼任 甲", "auditor", "", confirmed=True, by=boss)
    assert told.value.fields == {"name": "admin_and_auditor"}
    auditor = site.actor("city", "auditor", "审计 乙")
    with pytest.raises(TongbanError) as told:
        people.change_role(auditor.staff_id, Role.ADMIN, boss)
    assert told.value.fields == {"role": "admin_and_auditor"}


def test_rows_are_forgotten_after_six_months(site: Site) -> None:
    center, auditor = site.center("district"), site.actor("district", "auditor")
    center.readings.note(site.actor("district", "director"), "420102000000-260101-K70-0001-5")
    assert center.readings.page(auditor)["rows"]
    site.town.world.advance(190 * DAY)
    site.heal()  # a receipt of the parent that agrees with the clock
    center.readings.sweep()
    assert not center.readings.page(auditor)["rows"]


def test_a_wrong_clock_forgets_nobody_who_read(tmp_path: Path) -> None:
    """A year ahead for weeks, with the line down and starts in between: the record is all that shows a curious eye."""
    town = four_tiers(tmp_path)
    try:
        node = town["district"]
        node.center.readings.note(DIRECTOR, "420102000000-260101-K70-0001-5")
        town.cut()
        node.clock.skew = 400 * DAY
        for _ in range(3):
            town.world.advance(DAY)
            node.center.tick()
            node.restart()
        node.center.tick()
        assert node.center.store.watch.steady
        node.clock.skew = 0
        assert len(node.center.readings.page(Actor("s-auditor", Role.AUDITOR))["rows"]) == 1
    finally:
        town.close()
