"""What the case page says after a village's disk burned: a file to send again, an application filed a second time."""

from __future__ import annotations

from pathlib import Path

from node.services.upkeep.backup import backup
from tests.ui.pagecheck import check_page
from tests.ui.real import Site

FILE = b"\x89PNG\r\n\x1a\n".ljust(1001, b".")  # as long as the application says


SAYS = {
    "zh": ("内容已丢失，请重新上传", "同一份申请此前已登记为办件"),
    "en": ("lost; please send it again", "The same application was filed before"),
}


def test_a_lost_file_and_a_second_case_are_named_on_the_page(site: Site, tmp_path: Path) -> None:
    town, agent = site.town, site.actor("village", "agent")
    backup(town["village"].center.store, tmp_path / "copy")
    document = town.application("village", application_no="A1")
    first = town["village"].center.intake.file(document, agent).case_no
    town.act("village", first, "hand_over", agent)
    town.heal()
    town.scans(False)
    clerk = site.actor("township", "clerk")
    town.do("township", first, "receive", clerk)
    town.burn("village", tmp_path / "copy")
    again = town["village"].center.intake.file(document, agent).case_no
    town["village"].center.materials.put(again, "0", agent, 0, FILE, len(FILE), "a.png", "image/png")
    town.act("village", again, "hand_over", agent)
    town.heal()
    town.burn("village", tmp_path / "copy")
    town.scans(True)
    town.heal()
    for language, (lost, repeats) in SAYS.items():
        page, other = (site.client("township", "clerk").get(f"/cases/{no}?lang={language}").text for no in (again, first))
        check_page(page)
        assert repeats in page and first in page
        assert lost in page
        assert repeats not in other
