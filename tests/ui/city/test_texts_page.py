"""The page of the texts of messages: parts and a sample, and a file as a difference before it is published."""

from __future__ import annotations

import re

from tests.ui.pagecheck import check_page
from tests.ui.real import Site


def test_a_file_is_looked_at_and_then_published(site: Site) -> None:
    editor = site.client("city", "catalog_editor")
    before = editor.get("/texts")
    check_page(before.text)
    assert "程序自带" in before.text and "最多1条" in before.text and "某您好" in before.text
    sent = editor.upload(
        "/texts", "/texts", "texts.toml", 'kind = "notices"\n[texts]\nready = "{surname}您好，可以来取“{item}”了"\n'.encode()
    )
    seen = editor.get(sent.headers["Location"])
    check_page(seen.text)
    assert "变化1处" in seen.text and "可以来取" in seen.text
    key = re.search(r'name="key" value="([0-9a-f]+)"', seen.text)
    assert key is not None
    assert editor.form(sent.headers["Location"], "/texts", key=key[1]).headers["Location"] == "/texts?done=published"
    site.heal()
    assert "可以来取" in site.client("township", "clerk").get("/texts").text


def test_a_file_with_the_query_code_is_refused_by_line(site: Site) -> None:
    editor = site.client("city", "catalog_editor")
    sent = editor.upload("/texts", "/texts", "texts.toml", b'kind = "notices"\n[texts]\nready = "{case_no} {query_code}"\n')
    page = editor.get(sent.headers["Location"])
    check_page(page.text)
    assert "短信不得写查询码" in page.text and 'name="key"' not in page.text
