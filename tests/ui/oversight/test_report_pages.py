"""月报 as pages, files and API: figures lead to their rows, a month is signed with a tick, nothing of an applicant, only for who supervises."""

from __future__ import annotations

import datetime as dt
import html
import json
import re

import pytest

from node.domain.calendar import day_of
from tests.network.test_heard import said
from tests.support.network import FOUR
from tests.ui.oversight.test_every_figure import excel
from tests.ui.pagecheck import check_page
from tests.ui.real import Site

PERSON = ("欧阳建国", "420106198702079963", "15412345678", "保成社区1组1号")


@pytest.fixture(scope="module")
def month(site: Site) -> tuple[Site, str]:
    """A month that is over, in which the township accepted two cases and gave one up."""
    town = site.town
    first, second = town.file("township", "ZW007"), town.file("township", "ZW007")
    for case in (first, second):
        town.do("township", case, "accept")
    town.do("township", second, "withdraw")
    town.heal()
    month = day_of(town.world.time)
    first_of_next = (month.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    town.world.advance((first_of_next - month).days * 86_400_000)
    for _ in range(2):
        for node in town.nodes.values():
            node.center.hearing.tick()
        said(town)
        town.world.advance(11 * 60_000)
    return site, month.isoformat()[:7]


def test_a_report_is_read_signed_and_counted_again_above(month: tuple[Site, str]) -> None:
    site, of = month
    village = site.client("village", "overseer")
    page = village.get(f"/oversight/report?month={of}")
    check_page(page.text)
    assert page.status == 200 and "未定稿" in page.text and "表三　咨询投诉：未启用" in page.text
    assert re.search(r"\d日 24:00", page.text), "the third working day ends at its own 24:00"
    refused = village.form(f"/oversight/report?month={of}", "/oversight/report/sign", filled_by="周督察", checked_by="孙主任")
    check_page(refused.text)
    assert refused.status == 422 and "未定稿" in refused.text
    signed = village.form(
        f"/oversight/report?month={of}", "/oversight/report/sign", filled_by="周督察", checked_by="孙主任", sure="1"
    )
    assert signed.status == 303
    shown = village.get(f"/oversight/report?month={of}")
    check_page(shown.text)
    assert "已签报" in shown.text and "填报人：周督察　审核人：孙主任" in shown.text
    site.town.heal()
    site.center("township").reports.tick()
    above = site.client("township", "director").get(f"/oversight/report?month={of}")
    check_page(above.text)
    assert "与本单位复算一致" in above.text and not any(one in above.text for one in PERSON)
    assert "相差" not in above.text


def test_each_figure_leads_to_its_rows(month: tuple[Site, str]) -> None:
    site, of = month
    client = site.client("township", "overseer")
    page = client.get(f"/oversight/report?month={of}&node={FOUR['township']}").text
    links = {html.unescape(url): int(n) for url, n in re.findall(r'<a href="(/oversight/report/cases\?[^"]+)">(\d+)</a>', page)}
    assert len(links) > 6
    for url, n in list(links.items())[:12]:
        shown = client.get(url)
        check_page(shown.text)
        assert f"共 {n} 件" in shown.text and not any(one in shown.text for one in PERSON), url


def test_it_goes_out_as_a_file_and_on_paper(month: tuple[Site, str]) -> None:
    site, of = month
    client = site.client("township", "overseer")
    table = client.get(f"/oversight/report-cases.csv?month={of}").text
    assert "上期结转" in table and "相符" in table and "合计" in table
    assert client.get(f"/oversight/report-signals.xlsx?month={of}").body[:2] == b"PK"
    paper = client.get(f"/oversight/report/print?month={of}")
    check_page(paper.text)
    assert "填报单位（章）" in paper.text and "政务服务运行情况月报表" in paper.text and "本中心共收件" in paper.text
    assert client.get(f"/oversight/report-fees.csv?month={of}").status == 404


def test_a_quarter_and_a_year_are_the_sum_of_their_months(month: tuple[Site, str]) -> None:
    site, of = month
    client = site.client("township", "director")
    quarter = f"{of[:4]}-Q{(int(of[5:]) + 2) // 3}"
    page = client.get(f"/oversight/report/period?period={quarter}")
    check_page(page.text)
    assert "窗口运行情况的通报" in page.text and "一、总体情况" in page.text and "附表2" in page.text
    year = client.get(f"/oversight/report/period?period={of[:4]}")
    check_page(year.text)
    assert "年报表" in year.text and "一、总体情况" not in year.text
    token = site.center("township").tokens.issue("reader", "overseer")
    found = client.get(f"/api/v1/reports/period?period={of[:4]}", token).json()
    monthly = [client.get(f"/api/v1/reports/monthly?month={one['month']}", token).json() for one in found["months"]]
    for column in ("received", "accepted", "withdrawn"):
        assert found["cases"]["total"][column] == sum(one["tables"]["cases"]["total"][column] for one in monthly)
    assert found["cases"]["total"]["open"] == monthly[-1]["tables"]["cases"]["total"]["open"]
    assert all(one["holds"] for one in found["checks"]) and len(found["by_month"]["rows"]) == len(monthly)
    file = client.get(f"/oversight/period.csv?period={quarter}").text
    assert "本期共收件" in file and "附表2" in file and "责任单位" in file
    assert "无法比较" in page.text and "主送：各窗口单位" in page.text and "抄送：" in page.text
    for table in ("signals", "agency", "by_month"):
        assert client.get(f"/oversight/period.xlsx?period={quarter}&table={table}").status == 200
    assert client.get(f"/oversight/period.xlsx?period={quarter}&table=x").status == 404
    for wrong in ("2026-Q5", "x", "2999"):
        page = client.get(f"/oversight/report/period?period={wrong}")
        check_page(page.text)
        assert page.status == 422 and "期间：" in page.text and f'<option value="{quarter}"' in page.text, (
            "which field, and a way on"
        )
        assert client.get(f"/api/v1/reports/period?period={wrong}", token).status == 422


def test_the_api_has_the_names_of_the_interface(month: tuple[Site, str]) -> None:
    site, of = month
    token = site.center("district").tokens.issue("reader", "overseer")
    client = site.client("district")
    found = client.get(f"/api/v1/reports/monthly?month={of}&node={FOUR['township']}", token).json()
    assert {"node", "month", "as_of", "cut", "state", "tables", "checks", "text", "format"} <= found.keys()
    assert set(found["tables"]) == {"cases", "signals", "complaints", "ratings", "fees", "agency"}
    wanted = """unit carried received accepted not_accepted not_required corrections moved_in moved_out decided approved refused returned withdrawn
    terminated voided open suspended immediate commitment joint referral gap urgent in_time early late overdue_open in_time_rate promise_gain
    handling_gain mean_workdays extended deemed late_reported corrected reopened withdrawn_before terminated_before voided_before superseded"""
    row = found["tables"]["cases"]["rows"][0]
    assert list(row) == wanted.split() == [one["name"] for one in found["tables"]["cases"]["columns"]]
    signals = "unit warn yellow red time process logic anomaly fee appeals revoked orders replied_in_time circulated"
    assert set(signals.split()) <= set(found["tables"]["signals"]["rows"][0]) and found["tables"]["complaints"] is None
    assert all({"text", "left", "right"} <= one.keys() for one in found["checks"]) and row["accepted"] >= 2
    body = json.dumps({"filled_by": "甲", "checked_by": "乙"}).encode()
    answer = client.ask("POST", f"/api/v1/reports/monthly/{of}/submit", body, token, Content_Type="application/json")
    assert answer.status == 409 and "还没有签报" in answer.json()["error"]["message"]
    early = client.ask("POST", "/api/v1/reports/monthly/1999-01/submit", body, token, Content_Type="application/json")
    assert early.status == 422 and "month" in early.json()["error"]["fields"], "nobody signs for a time before the node began"
    for query, field in (("month=2026-13", "month"), ("month=2999-01", "month"), ("node=110000000000", "node")):
        refused = client.get(f"/api/v1/reports/monthly?{query}", token)
        assert refused.status == 422 and field in refused.json()["error"]["fields"], query


def test_only_who_supervises(month: tuple[Site, str]) -> None:
    site, _ = month
    assert site.client("township", "clerk").get("/oversight/report").status == 403
    assert (
        site.client("township").get("/api/v1/reports/monthly", site.center("township").tokens.issue("c", "clerk")).status == 403
    )


def test_earlier_months_stand_beside_on_request_and_rows_open(month: tuple[Site, str]) -> None:
    """On page, paper, Excel and CSV; what nobody reported says so. A row opens to what it adds up."""
    site, of = month
    city, district = site.client("city", "overseer"), FOUR["district"]
    plain = city.get(f"/oversight/report?month={of}").text
    assert "无月报" not in plain and f"open={district}" in plain
    asked = f"month={of}&compare=1&open={district}"
    page = city.get(f"/oversight/report?{asked}")
    check_page(page.text)
    assert (
        page.text.count('<td colspan="40">无月报</td>') == 6 and "（本级）" in page.text
    )  # two units and the total, a month and a year
    paper = city.get(f"/oversight/report/print?{asked}")
    check_page(paper.text)
    assert paper.text.count("无月报</td>") >= 6 and "（本级）" in paper.text
    lines = city.get(f"/oversight/report-cases.csv?{asked}").body.decode("utf-8-sig").splitlines()
    head = next(line for line in lines if line.startswith("序号,单位")).split(",")
    assert [one.partition("（")[0] for one in head[2:5]] == ["上期结转"] * 3 and head[3] != head[4]
    assert any("　" in line and "（本级）" in line for line in lines) and any(
        line.startswith("1,") and "无月报" in line for line in lines
    )
    rows, links = excel(city.get(f"/oversight/report-cases.xlsx?{asked}").body)
    head = next(row for row in rows if row[:2] == ["序号", "单位"])
    assert len(head) == 2 + 40 * 3 and len(links) > 10
    assert any("unit=" + FOUR["township"] in url for url in links.values()), "the figures of an opened row lead to their rows too"
    assert "不与上月比较" in page.text


def test_an_address_for_the_report_waits_for_its_code(month: tuple[Site, str]) -> None:
    site, _ = month
    director, page, form = site.client("township", "director"), "/oversight/report", "/oversight/report/mail"
    assert director.form(page, form, addresses="a@example.cn").status == 303
    shown = director.get(page)
    check_page(shown.text)
    assert "a@example.cn 收到的确认码" in shown.text and "待确认" in shown.text
    wrong = director.form(page, form, address="a@example.cn", code="AAAAAAAAAA", do="confirm")
    check_page(wrong.text)
    assert wrong.status == 422 and "确认码不正确" in wrong.text
    assert director.form(page, form, address="a@example.cn", do="again").status == 303
    assert site.client("village", "overseer").send(form, {"addresses": "b@example.cn"}).status == 403
    assert director.form(page, form, addresses="").status == 303 and "收到的确认码" not in director.get(page).text
