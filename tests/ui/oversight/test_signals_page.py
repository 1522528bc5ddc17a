"""The list of signals: each fell on its day on its unit, a case leads to its own, nothing of an applicant, and only for who supervises."""

from __future__ import annotations

import json
import re

import pytest

from tests.network.test_disclosing import publish
from tests.network.test_heard import MINUTE, pass_time
from tests.network.test_signals import OVERSEER
from tests.support.network import DAY, FOUR
from tests.ui.pagecheck import check_page
from tests.ui.real import Site

PERSON = ("欧阳建国", "420106198702079963", "15412345678", "保成社区1组1号")


@pytest.fixture(scope="module")
def late(site: Site) -> tuple[Site, str]:
    """A case that the township accepted and did not decide for two weeks, everybody heard."""
    town = site.town
    case = town.file("township", "ZW135")
    town.do("township", case, "accept")
    town.world.advance(14 * DAY)
    town.heal()
    pass_time(town, 100 * MINUTE, 10 * MINUTE)
    for name in town.nodes:
        town[name].center.watching.tick()
    town.heal()
    return site, case


def test_a_card_says_how_its_day_came_about_and_gives_its_proof(late: tuple[Site, str]) -> None:
    site, case = late
    mine = site.client("district", "overseer")
    listed = mine.get(f"/oversight/signals?case_no={case}&rung=red&state=in_force").text
    card = re.findall(r"/oversight/signals/[0-9a-f]{64}", listed)[0]
    page = mine.get(card)
    check_page(page.text)
    assert "承诺1个工作日，应于" in page.text and "3月3日 24:00" in page.text and f'{card}/proof"' in page.text
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.text))
    assert re.search(r"为什么是它 ?本单位预算 0 个工作日，用时 2。", text), text[:2500]
    assert "逐日展开" in text and "起算日，从次日起计" in text and "计（第 1 天）" in text and "《行政许可法》第八十二条" in text
    assert 'role="img"' in page.text and "township 2 个工作日（" in text  # the bar and the same in words
    assert re.search(r"依据 规则 (随程序发布|第\d+版).* 日历 第\d+版 记录 2 条", text) and 'style="' not in page.text
    assert [one for one in ("预警", "超期", "黄牌", "送达") if one not in text.rpartition("历史")[2]] == []
    own = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", site.client("township", "director").get(card).text))
    assert re.search(r"申诉（\d+月\d+日前）", own) and "应于" in own
    assert "申诉（" not in text  # only the unit that answers may
    assert site.client("township", "clerk").get(card).status == 403
    proof = mine.get(card + "/proof")
    assert json.loads(proof.body)["card"] == card.rpartition("/")[2] and "attachment" in proof.headers["Content-Disposition"]
    assert not any(one.encode() in proof.body for one in PERSON)
    assert site.client("district", "clerk").get(card + "/proof").status == 403


def test_who_leads_the_unit_is_told_and_a_post_that_nobody_holds_falls_to_the_next(late: tuple[Site, str]) -> None:
    """A2: recipients are posts. Once it was looked at it is no news; who was neither charged nor leads hears nothing."""
    site, case = late
    mine = site.client("township", "director")
    page = mine.get("/news").text
    assert "监察信号" in page and case in page.partition('id="h-cards"')[2].partition("</section>")[0]
    assert 'id="h-cards"' not in site.client("district", "director").get("/news").text
    head = int(re.findall(r'name="head" value="(\d+)"', page)[0])
    mine.form("/news", "/news", head=str(head))
    assert 'id="h-cards"' not in mine.get("/news").text
    card = re.findall(
        r"/oversight/signals/[0-9a-f]{64}", mine.get(f"/oversight/signals?case_no={case}&rung=red&state=in_force").text
    )[0]
    shown = mine.get(card).text
    assert "驻中心纪检组长（无人接收" in shown and "业务部门负责人" in shown
    assert "无人接收" not in site.client("district", "overseer").get(card).text  # whose posts they are knows who holds them


def test_a_supervisor_sees_what_fell_on_whom(late: tuple[Site, str]) -> None:
    site, case = late
    for tier in ("city", "district"):
        page = site.client(tier, "overseer").get(f"/oversight/signals?case_no={case}")
        check_page(page.text)
        assert page.status == 200 and "T05 承诺超时" in page.text and "红牌" in page.text and "有效" in page.text
        assert not any(one in page.text for one in PERSON)
    page = site.client("city", "overseer").get("/oversight/signals?rung=yellow")
    check_page(page.text)
    assert case in page.text


def test_the_api_tells_the_same(late: tuple[Site, str]) -> None:
    site, case = late
    token = site.center("city").tokens.issue("reader", "overseer")
    city = site.client("city")
    answer = city.get(f"/api/v1/oversight/cards?case_no={case}&rung=red", token).json()
    row = answer["cards"][0]
    assert (row["rule"], row["unit"], row["state"], row["served_by"], row["staff_id"]) == (
        "T05", FOUR["township"], "in_force", FOUR["district"], None,
    )  # fmt: skip
    assert answer["total"] == 1 and {"as_of", "unknown_since", "next"} <= answer.keys()
    one = city.get(f"/api/v1/oversight/cards/{row['signal_id']}", token).json()
    assert one["signal_id"] == row["signal_id"] and one["segments"] and row["recipients"][0] == "handler"
    assert city.get("/api/v1/oversight/cards/" + "0" * 64, token).status == 404
    assert city.get("/api/v1/oversight/cards?rung=blue", token).status == 422


def test_only_who_supervises(late: tuple[Site, str]) -> None:
    site, _ = late
    assert site.client("township", "clerk").get("/oversight/signals").status == 403


def test_a_preview_says_what_would_have_fallen_last_month(late: tuple[Site, str]) -> None:
    site, _ = late
    town = site.town
    town.world.advance(31 * DAY)
    town.heal()
    editor = site.client("city", "catalog_editor")
    page = "/rules/supervision"
    sent = editor.upload(page, page, "s.toml", b'kind = "supervision"\n[[rule]]\ncode = "T05"\nactive = false\n')
    text = editor.get(sent.headers["Location"]).text
    check_page(text)
    assert "按新规则" in text and "没有不同" not in text and "红牌" in text


def test_the_desk_begins_with_cards_and_leads_to_exactly_these(late: tuple[Site, str]) -> None:
    site, case = late
    for tier in ("city", "district"):
        page = site.client(tier, "overseer").get("/oversight")
        check_page(page.text)
        shown = dict(re.findall(r'data-figure="(\w+)".*?<b>(\d+)</b>', page.text, re.S))
        assert list(shown) == ["red", "yellow", "overdue", "due_today", "transit_long", "unanswered_reminders", "suspected"]
        rows = page.text.partition('class="table stack watchlist urgentlist"')[2].partition("</table>")[0]
        first = rows.partition("<tbody>")[2].partition("</tr>")[0]
        assert int(shown["red"]) >= 1 and "■" in first and "红牌" in first and case in first
        assert f"/oversight/signals/{card_of(site, tier, case)}" in first and f"case_no={case}&amp;signal_id=" in first
        assert not any(one in page.text for one in PERSON)
    desk = site.center("city").oversight.desk({"under": FOUR["township"], "step": "examine"}, site.actor("city", "overseer"))
    assert [one["figure"] for one in desk["heads"] if one["value"] is None] == ["red", "yellow", "suspected"]


def card_of(site: Site, tier: str, case: str) -> str:
    given = {"case_no": case, "rung": "red", "state": "in_force"}
    return site.center(tier).cards.listed(given, site.actor(tier, "overseer"))["cards"][0]["signal_id"]


def test_the_units_count_their_cards_and_signals_leave_as_tables(late: tuple[Site, str]) -> None:
    site, case = late
    mine = site.client("city", "overseer")
    row = site.center("city").oversight.units({}, site.actor("city", "overseer"))["units"][1]
    assert row["figures"]["red"] == 1 and row["lists"]["red"].endswith(f"rung=red&state=in_force&under={row['code']}")
    unfolded = site.center("city").oversight.units({"open": row["code"]}, site.actor("city", "overseer"))["units"]
    assert [one["depth"] for one in unfolded] == [0, 0, 1, 1] and unfolded[3]["figures"]["red"] == 1
    for item, n in (("ZW135", 1), ("ZW007", 0)):
        page = mine.get(f"/oversight/signals?rung=red&state=in_force&under={row['code']}&item={item}").text
        assert f"共 {n} 条" in page
        sheet = mine.get(f"/oversight/signals.csv?rung=red&state=in_force&under={row['code']}&item={item}").text
        assert sheet.count(case) >= n and "等级：红牌" in sheet and "状态：有效" in sheet and "单位及下级：" in sheet


def test_the_card_of_an_item_says_who_published_it_and_leads_to_the_item(site: Site) -> None:
    publish(site.town, fee="每证10元")
    city = site.center("city")
    city.disclosing.tick()
    id = next(
        row["finding_id"] for row in city.findings.listed({"rule": "F01"}, OVERSEER)["findings"] if row["item_id"] == "ZW007"
    )
    city.findings.confirm(id, {"state": "confirmed", "reason": "核对属实"}, OVERSEER)
    city.tick()
    mine = site.client("city", "overseer")
    listed = mine.get("/oversight/signals?rule=F01").text
    page = mine.get(re.findall(r"/oversight/signals/[0-9a-f]{64}", listed)[0]).text
    check_page(page)
    assert "事项由它公布" in page and 'href="/guide/ZW007"' in page and "问题认定成立" in page and "item_id=ZW007" in page
    assert "期限怎么算的" not in page and "收费没有依据。" in page and "逐日展开" not in page and "这条规则本身不重算" in page


@pytest.mark.parametrize(("rule", "address"), [
    *((rule, "/oversight/findings") for rule in ("L06", "A08", "F02", "F03", "F04", "O03")),
    *((rule, "/oversight/signals") for rule in ("T10", "T12")),
])  # fmt: skip
def test_a_rule_without_a_subject_reads_not_in_use_and_never_nought(late: tuple[Site, str], rule: str, address: str) -> None:
    """In the list behind it, its file and the API, as on the page of its monitor."""
    mine, name = late[0].client("district", "overseer"), address.rpartition("/")[2]
    page = mine.get(f"{address}?rule={rule}").text
    check_page(page)
    assert "未启用" in page and "共 0 条" not in page and "没有发现" not in page
    assert "未启用" in mine.get(f"{address}.csv?rule={rule}").text
    answer = mine.get(
        f"/api/v1/oversight/{'cards' if name == 'signals' else name}?rule={rule}",
        late[0].center("district").tokens.issue("r", "overseer"),
    )
    assert answer.json()["in_use"] is False
    assert "未启用" not in mine.get("/oversight/findings?rule=L02").text
