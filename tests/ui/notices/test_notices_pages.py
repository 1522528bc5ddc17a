"""What the applicant was told, on the pages: the administrator, the case, the resident, and whom to tell face to face."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from node.domain.model import Actor, Role
from tests.support.gateways import SmsGateway, sms_of
from tests.ui.pagecheck import check_page
from tests.ui.real import Site

MINUTE = 60_000


@pytest.fixture
def gateway(site: Site) -> Iterator[SmsGateway]:
    """The township's; nothing is configured afterwards."""
    with sms_of(site.center("township")) as one:
        yield one
        site.center("township").notices.sending.configure({}, "21:00-08:00", 1000)


def words(text: str) -> str:
    return " ".join(" ".join(check_page(text).words).split())


def step(site: Site) -> int:
    site.town.world.advance(11 * MINUTE)
    return site.center("township").notices.step()


def filed(site: Site) -> tuple[str, str]:
    """A case of a village in the hands of the township, with its query code."""
    town = site.town
    agent = site.actor("village", "agent")
    made = site.center("village").intake.file(town.application("village"), agent)
    town.act("village", made.case_no, "hand_over", agent)
    site.heal()
    return made.case_no, made.query_code or ""


def test_the_administrator_sees_the_channel_that_fails_and_tries_again(site: Site, gateway: SmsGateway) -> None:
    gateway.answers = ["500"]
    case_no, _ = filed(site)
    step(site)
    admin = site.client("township", "admin")
    assert "短信通道暂时不能用" in words(admin.get("/admin").text)
    page = words(admin.get("/admin/notices").text)
    assert "网关回答 500" in page and case_no in page and "欧阳" not in page
    answer = admin.form("/admin/notices", "/admin/notices", channel="sms", to="13912345678")
    assert answer.status == 200 and "测试消息没有发出：网关回答 500" in words(answer.text)
    assert admin.form("/admin/notices", "/admin/notices", channel="sms", to="12").status == 422
    assert admin.form("/admin/notices", "/admin/notices", channel="smtp", to="a@b.cn").status == 409
    lost = admin.form("/admin/notices", "/admin/notices/retry", id="99999")
    assert lost.status == 404 and "没有找到：通知" in words(lost.text)
    gateway.answers = ["ok"]
    assert admin.form("/admin/notices", "/admin/notices/retry").status == 303
    assert site.center("township").notices.step() >= 1
    assert "网关回答" not in words(admin.get("/admin/notices?state=waiting").text)


def test_the_case_page_and_the_resident_see_what_was_told(site: Site, gateway: SmsGateway) -> None:
    case_no, code = filed(site)
    step(site)
    clerk = site.client("township", "clerk")
    page = words(clerk.get(f"/cases/{case_no}").text)
    assert "通知申请人" in page and "收件 已发送 短信" in page and "154****5678" in page
    below = words(site.client("village", "agent").get(f"/cases/{case_no}").text)
    assert "由township发送" in below and "联系方式和是否接收" not in below and "154" not in below.partition("通知申请人")[2][:200]
    site.heal()
    for name in ("township", "village", "city"):
        assert "收件 已发送 短信" in words(site.client("village", "agent").get(f"/cases/{case_no}").text)
        asked = site.client(name).form("/status", "/status", no=case_no, code=code)
        assert "发给您的通知 收件 · 短信 · 已发送" in words(asked.text), name


def test_the_applicant_wants_none_or_another_number(site: Site, gateway: SmsGateway) -> None:
    case_no, _ = filed(site)
    clerk = site.client("township", "clerk")
    url = f"/cases/{case_no}"
    wrong = clerk.form(url, f"{url}/contact", phone="12", whose="relative")
    assert wrong.status == 422 and "应为 11 位手机号码" in words(wrong.text) and 'value="12"' in wrong.text
    assert clerk.form(url, f"{url}/contact", phone="139 1234 5678", whose="relative").status == 303
    step(site)
    assert [one["phone"] for one in gateway.taken] == ["13912345678"]
    clerk = site.client("township", "clerk")  # eleven minutes later the screen is locked
    assert "亲属" in words(clerk.get(url).text)
    assert clerk.form(url, f"{url}/contact", off="1", whose="own").status == 303
    clerk.form(url, f"{url}/actions/receive")
    step(site)
    assert len(gateway.taken) == 1 and "申请人不接收通知" in words(site.client("township", "clerk").get(url).text)


def test_somebody_whose_number_failed_is_told_face_to_face_once(site: Site, gateway: SmsGateway) -> None:
    gateway.answers = ["400"]
    case_no = site.town.file("township", "ZW007")  # of a case that a village filed the village hears
    for _ in range(4):
        step(site)
    clerk = site.client("township", "clerk")
    assert "要当面告知" in words(clerk.get("/work").text)
    counted = words(site.client("township", "admin").get("/admin/notices?state=to_tell").text)
    assert "待当面告知 1" in counted and "待发送 0" in counted and case_no in counted
    page = clerk.get("/tell")
    assert "欧阳建国" in words(page.text)
    found = site.center("township").notices.to_tell(site.actor("township", "clerk"))
    id = next(row["id"] for row in found if row["case_no"] == case_no)
    assert clerk.form("/tell", f"/cases/{case_no}/told", id=str(id)).status == 303
    assert clerk.form(f"/cases/{case_no}", f"/cases/{case_no}/contact", off="").status == 303
    rows = site.center("township").notices.of_case(case_no, Actor("x", Role.CLERK))
    assert "已当面告知" in words(site.client("township", "clerk").get(f"/cases/{case_no}").text)
    assert rows["in_person"] == 0 and [one["state"] for one in rows["rows"]] == ["failed", "sent"]


def test_a_gateway_hands_over_a_question_and_the_log_shows_no_number(site: Site, gateway: SmsGateway) -> None:
    case_no, code = filed(site)
    token = site.center("township").tokens.issue("短信网关", "integration", days=30)
    client = site.client("township")
    url = "/api/v1/notices/inbound"
    answer = client.post_json(url, {"from": "13912345678", "text": f"{case_no} {code}"}, token)
    assert (answer.status, answer.json()["outcome"]) == (200, "state")
    assert client.post_json(url, {"from": "13912345678"}, token).status == 422
    assert client.post_json(url, {"from": 3, "text": "x"}, token).status == 422
    assert client.post_json(url, {"from": "13912345678", "text": "x"}).status == 401
    site.center("township").notices.step()
    page = site.client("township", "admin").get("/admin/notices").text
    assert "139****5678" in words(page) and "13912345678" not in page
