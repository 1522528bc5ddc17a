"""What pages say in the words of the trade: who is asked, and where a lodging stands."""

from __future__ import annotations

from tests.ui.real import Site


def test_whoever_does_not_hold_a_case_asks_the_office_that_does_by_its_name(site: Site) -> None:
    no = site.town.file("village", "ZW007", site.actor("village", "agent"))
    site.town.do("village", no, "hand_over", site.actor("village", "agent"))
    site.heal()
    asks = site.client("village", "agent").get(f"/cases/{no}").text
    assert f"提请{site.center('township').name}办理：催办" in asks and "提请现办理单位办理" not in asks


def test_a_lodging_at_a_village_is_no_receipt(site: Site) -> None:
    """No organ has received what a village agent took in: 已登记 there, 已收件 at a counter."""
    lodged = site.town.file("village", "ZW007", site.actor("village", "agent"))
    page = site.client("village", "agent").get(f"/cases/{lodged}").text
    assert (
        "代办站已登记" in page.replace("社区（村）", "代办站") and "社区（村）已收件" not in page and "代办站已收件" not in page
    )
    counter = site.town.file("township", "ZW007", site.actor("township", "clerk"))
    assert "已收件</b>" in site.client("township", "clerk").get(f"/cases/{counter}").text
