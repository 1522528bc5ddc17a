"""A licence is granted, a benefit is given, a service is done: the word for an outcome follows the item on every screen."""

from __future__ import annotations

import pytest

from tests.ui.pagecheck import check_page
from tests.ui.real import Site


def decided(site: Site, item: str, at: str, act: str) -> tuple[str, str]:
    """A case of the item, decided at the node; its number and query code."""
    document = site.town.application(at, item)
    made = site.center(at).intake.file(document, site.actor(at, "clerk"))
    for _ in range(12):
        case = site.center(at).cases.case(made.case_no, site.actor(at, "director"))
        if case["status"] in ("approved", "refused"):
            return made.case_no, made.query_code
        offered = {one["action"]: one for one in case["actions"]}
        todo = next(name for name in (act, "accept", "complete_step", "record_statement", "offer_statement") if name in offered)
        fields = {field["name"]: field["example"] for field in offered[todo]["fields"]}
        role = {"accept": "clerk", "complete_step": "examiner"}.get(todo, "approver")
        site.center(at).cases.act(made.case_no, todo, fields, site.actor(at, role))
    raise AssertionError(f"{item}: {act} is not offered")


@pytest.mark.parametrize(
    ("item", "at", "act", "word"),
    [
        ("ZW095", "township", "approve", "已准予许可"),
        ("ZW016", "district", "approve", "已准予许可"),
        ("ZW021", "township", "approve", "已决定给付"),
        ("ZW021", "township", "refuse", "不予给付"),
        ("ZW170", "township", "refuse", "不予办理"),
    ],
)
def test_every_screen_calls_the_outcome_what_its_paper_does(site: Site, item: str, at: str, act: str, word: str) -> None:
    no, code = decided(site, item, at, act)
    director = site.client(at, "director")
    page = director.get(f"/cases/{no}?lang=zh").text
    check_page(page)
    row = next(part for part in director.get("/cases?lang=zh").text.split("<tr>") if no in part)
    public = site.client(at).form("/status", "/status", no=no, code=code).text
    for screen in (page, row, public):
        assert word in screen
        assert "已批准" not in screen and "不予批准" not in screen
