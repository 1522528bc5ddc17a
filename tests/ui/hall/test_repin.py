"""登记后事项有更新 on the page of a case: the difference, a list that changed is looked at first, what was withdrawn is not accepted."""

from __future__ import annotations

import re

from node.domain.model import Actor, Role
from tests.support.follow import Materials, republish
from tests.ui.pagecheck import check_page
from tests.ui.real import Site

ITEM = "ZW168"


def changed(given: Materials) -> Materials:
    form, card, licence, _ = given
    return [form, card, {**licence, "name": "营业执照"}]


def test_the_clerk_sees_the_difference_and_says_which_material_is_which(site: Site) -> None:
    town, clerk = site.town, site.client("township", "clerk")
    no = town.file("township", ITEM, site.actor("township", "clerk"))
    assert "登记后事项有更新" not in clerk.get(f"/cases/{no}").text
    republish(town, ITEM, changed, promised_limit_workdays="5")
    page = clerk.get(f"/cases/{no}").text
    check_page(page)
    check_page(clerk.get(f"/cases/{no}?lang=en").text)
    clerk.cookies.pop("tb_lang", None)
    for words in (
        "登记后事项有更新",
        "承诺办结时限",
        "营业执照或主体资格证明",
        "改按现行规定办理",
        "现行清单与已收材料的对应",
        "名称相同，自动对应",
    ):
        assert words in page, words
    refused = clerk.form(f"/cases/{no}", f"/cases/{no}/actions/accept")
    assert refused.status == 409 and "请先核对差别" in refused.text
    version = re.search(r'name="item_version" value="(\d+)"', page)
    assert version and 'name="map-2"' in page and 'name="map-0"' not in page
    fields = {"item_version": version[1], "map-2": "2"}
    silent = clerk.form(f"/cases/{no}", f"/cases/{no}/actions/repin", **fields)
    assert silent.status == 422 and "必填" in silent.text
    wrong = clerk.form(f"/cases/{no}", f"/cases/{no}/actions/repin", reason="指南更新", **{**fields, "map-2": "9"})
    assert wrong.status == 409 and "一一对应" in wrong.text
    done = clerk.form(f"/cases/{no}", f"/cases/{no}/actions/repin", reason="指南更新", **fields)
    assert done.status == 303
    page = clerk.get(f"/cases/{no}").text
    check_page(page)
    assert "登记后事项有更新" not in page and "已改按事项现行规定" in page and "指南更新" in page
    assert "场所使用证明" in page, "what the new list does not have keeps its place and its name"
    assert clerk.form(f"/cases/{no}", f"/cases/{no}/actions/accept").status == 303
    accepted = site.center("township").cases.case(no, site.actor("township", "clerk"))
    assert (accepted["status"], accepted["due"]) == ("accepted", "2026-03-09")


def test_what_was_withdrawn_is_not_accepted_and_the_page_says_so(site: Site) -> None:
    town, clerk = site.town, site.client("township", "clerk")
    no = town.file("township", "ZW016", site.actor("township", "clerk"))
    editor, person = site.center("city").editor, Actor("s-editor", Role.CATALOG_EDITOR, "王敏")
    editor.withdraw("ZW016", "依据已废止", person)
    editor.publish(editor.changes(person)["token"], "2026-03-02", person)
    site.heal()
    page = clerk.get(f"/cases/{no}").text
    check_page(page)
    assert "事项已取消或者暂停实施（依据已废止）" in page and "/actions/accept" not in page
    refused = clerk.form(f"/cases/{no}", f"/cases/{no}/actions/accept")
    assert refused.status == 409 and "事项已取消或者暂停实施，不能受理；请作不受理处理并写明理由" in refused.text
