"""The page of the published rules: read everywhere, looked at as a difference and then published at the root."""

from __future__ import annotations

import re

from node.services.catalog.shipped import LIMITS
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Client

SHORTER = b'kind = "limits"\nnotice_days = 3\nlower_share = 0.5\n'


def look(editor: Client, data: bytes) -> tuple[str, str]:
    """The page of the difference: its address and its text."""
    sent = editor.upload("/rules", "/rules", "limits.toml", data)
    assert sent.status == 303
    page = editor.get(sent.headers["Location"])
    check_page(page.text)
    return sent.headers["Location"], page.text


def key_of(text: str) -> str:
    found = re.search(r'name="key" value="([0-9a-f]+)"', text)
    assert found is not None
    return found[1]


def test_the_difference_is_shown_before_a_file_is_published(site: Site) -> None:
    editor = site.client("city", "catalog_editor")
    before = editor.get("/rules")
    check_page(before.text)
    assert (
        before.status == 200
        and "《行政许可法》第三十二条" in before.text
        and "1个工作日至5个工作日" in before.text.replace(" ", "")
    )
    address, text = look(editor, SHORTER)
    row = re.search(r"受理告知时限</th>(.*?)</tr>", text, re.DOTALL)
    assert row is not None and "5" in row[1] and "3" in row[1]
    assert "50%" in text and "变化2处" in text
    assert editor.form(address, "/rules", key=key_of(text)).headers["Location"] == "/rules?done=published"
    after = editor.get("/rules").text
    assert "现行第" in after and "50%" in after
    assert b"notice_days = 3" in editor.get("/rules?as=toml").body


def test_a_promise_goes_back_only_when_somebody_says_so(site: Site) -> None:
    editor = site.client("city", "catalog_editor")
    address, text = look(editor, SHORTER)
    if 'name="key"' in text:
        editor.form(address, "/rules", key=key_of(text))
    address, text = look(editor, LIMITS.read_bytes())
    assert "改回原期限" in text
    refused = editor.form(address, "/rules", key=key_of(text))
    check_page(refused.text)
    assert refused.status == 422 and "请勾选" in refused.text
    assert editor.form(address, "/rules", key=key_of(text), removed="1").headers["Location"] == "/rules?done=published"
    _, same = look(editor, LIMITS.read_bytes())
    assert "与现行规则相同" in same and 'name="key"' not in same


def test_a_bound_that_is_broken_gives_its_sentence_and_nothing_is_published(site: Site) -> None:
    editor = site.client("city", "catalog_editor")
    for line, said in (
        ("notice_days = 6", "受理告知时限应当是1个工作日至5个工作日"),
        ("immediate_limit = 2", "即办件时限应当是当天至1个工作日"),
        ("lower_share = 0.95", "初审时限占比应当是10%至90%"),
        ("notice = 3", "不认识"),
    ):
        _, text = look(editor, f'kind = "limits"\n{line}\n'.encode())
        assert said in text.replace(" ", "") and 'name="key"' not in text
    _, text = look(editor, b"notice_days = 3")
    assert "kind" in text and 'name="key"' not in text
    _, text = look(editor, b"\xff\xfe[")
    assert 'name="key"' not in text
    assert editor.upload("/rules", "/rules", "a.toml", b"").status == 422


def test_what_leaves_as_a_file_comes_in_again_unchanged(site: Site) -> None:
    editor = site.client("city", "catalog_editor")
    _, text = look(editor, editor.get("/rules?as=toml").body)
    assert "与现行规则相同" in text


def test_lower_tiers_and_other_roles_read_and_do_not_publish(site: Site) -> None:
    for tier, role in (("township", "clerk"), ("city", "admin"), ("village", "agent")):
        page = site.client(tier, role).get("/rules")
        check_page(page.text)
        assert page.status == 200 and "受理告知时限" in page.text and 'type="file"' not in page.text
    assert site.client("city", "clerk").form("/rules", "/rules", key="0" * 24).status == 403
    assert site.client("city").get("/rules").status in (303, 401)
