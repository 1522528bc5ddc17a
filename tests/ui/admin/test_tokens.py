"""The page of API tokens, and what a token that is over or confined to a source hears from the API."""

from __future__ import annotations

from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Client


def test_a_token_is_issued_shown_once_listed_and_revoked(site: Site) -> None:
    admin = site.client("township", "admin")
    refused = admin.form("/admin/tokens", "/admin/tokens", name="不动产系统", role="integration", days="0")
    assert refused.status == 422 and "超出" in refused.text
    check_page(refused.text)
    answer = admin.form("/admin/tokens", "/admin/tokens", name="不动产系统", role="integration", days="30", source="estate")
    card = admin.get(answer.headers["Location"])
    text = card.text.split('id="joincode">')[1].split("<")[0]
    check_page(card.text)
    assert admin.get(answer.headers["Location"]).status == 410
    program = Client(site.served["township"].port)
    assert program.get("/api/v1/cases", token=text).status == 200
    page = admin.get("/admin/tokens").text
    assert "不动产系统" in page and "127.0.0.1" in page and text not in page
    check_page(page)
    row = site.center("township").tokens.listed()[0]
    assert admin.form("/admin/tokens", f"/admin/tokens/{row['id']}/revoke").status == 303
    over = program.get("/api/v1/cases", token=text)
    assert over.status == 401 and over.json()["error"]["code"] == "token_over"
    assert "已撤销" in admin.get("/admin/tokens?lang=zh").text


def test_a_token_of_one_source_files_for_no_other(site: Site) -> None:
    text = site.center("township").tokens.issue("不动产系统", "integration", source="estate")
    program = Client(site.served["township"].port)
    answer = program.post_json("/api/v1/cases", {"source": "police"}, text)
    assert answer.status == 422 and "source" in answer.json()["error"]["fields"]


def test_guessing_the_query_code_of_one_case_is_slowed_down_by_case_and_address(site: Site) -> None:
    client = Client(site.served["township"].port)
    answers = [client.get("/api/v1/public/cases/420102002003-261123-K70-0001-5?code=WRONG").status for _ in range(12)]
    assert answers == [404] * 10 + [429] * 2
