"""The page of the authority record: looked at first, then published; what is missing; who may."""

from __future__ import annotations

import re

from node.services.catalog.shipped import AUTHORITY
from tests.ui.pagecheck import check_page
from tests.ui.real import Site

HEAD = "node_code,department,way,organ,organ_code\n"
ROW = "420102000000,公安局,own,武汉市公安局江岸区分局,岸公\n"


def test_a_file_is_looked_at_then_published_and_comes_out_again(site: Site) -> None:
    editor = site.client("city", "catalog_editor")
    page = editor.get("/authority")
    check_page(page.text)
    assert page.status == 200 and "本单位还缺" in page.text
    looked = editor.upload("/authority", "/authority", "a.csv", AUTHORITY.read_bytes())
    assert looked.status == 303
    preview = editor.get(looked.headers["Location"])
    check_page(preview.text)
    assert "武汉市公安局江岸区分局" in preview.text and "新增" in preview.text
    key = re.search(r'name="key" value="([0-9a-f]+)"', preview.text)
    assert key is not None
    assert editor.form(looked.headers["Location"], "/authority", key=key[1]).headers["Location"] == "/authority?done=published"
    shown = editor.get("/authority")
    check_page(shown.text)
    assert "本单位还缺" not in shown.text and "依法委托" in shown.text
    assert editor.get("/authority?as=csv").body.startswith(b"\xef\xbb\xbfnode_code,")
    fewer = editor.upload("/authority", "/authority", "b.csv", (HEAD + ROW).encode())
    key = re.search(r'name="key" value="([0-9a-f]+)"', editor.get(fewer.headers["Location"]).text)
    assert key is not None
    refused = editor.form(fewer.headers["Location"], "/authority", key=key[1])
    assert refused.status == 422 and "请勾选" in refused.text
    assert editor.form(fewer.headers["Location"], "/authority", key=key[1], removed="1").status == 303


def test_faults_stand_by_their_lines_and_nothing_is_published(site: Site) -> None:
    editor = site.client("city", "catalog_editor")
    bad = editor.upload("/authority", "/authority", "a.csv", (HEAD + ROW.replace("own", "lent")).encode())
    page = editor.get(bad.headers["Location"])
    check_page(page.text)
    assert "不在可选范围内" in page.text and 'name="key"' not in page.text
    assert editor.upload("/authority", "/authority", "a.csv", b"").status == 422


def test_below_the_root_it_is_read_and_not_published(site: Site) -> None:
    page = site.client("township", "clerk").get("/authority")
    check_page(page.text)
    assert page.status == 200 and 'type="file"' not in page.text
    assert site.client("city", "clerk").form("/authority", "/authority", key="0" * 24).status == 403


def test_each_column_of_the_record_has_its_place_and_its_words(site: Site) -> None:
    """Office, what it is about, which of the four ways, organ, its code with the series, the organ that is asked, the commission."""
    editor = site.client("city", "catalog_editor")
    given = (
        "node_code,department,way,organ,organ_code,asked_organ,asked_code,series,commission_no,commission_from,commission_until\n"
    )
    row = "420102000000,公安局,entrusted,武汉市公安局,武公,武汉市公安局江岸区分局,岸公,JAX,武公委〔2026〕1号,2026-01-01,2027-12-31\n"
    looked = editor.upload("/authority", "/authority", "c.csv", (given + row).encode())
    preview = editor.get(looked.headers["Location"])
    key = re.search(r'name="key" value="([0-9a-f]+)"', preview.text)
    assert key is not None, preview.text
    assert editor.form(looked.headers["Location"], "/authority", key=key[1], removed="1").status == 303
    shown = editor.get("/authority").text
    check_page(shown)
    cells = [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", cell)).strip()
        for cell in re.findall(r"<t[hd][^>]*data-label=.*?</t[hd]>", shown, re.S)
    ]
    assert cells[-7:] == [
        "江岸区 420102000000", "公安局", "依法委托", "武汉市公安局", "武公 JAX", "武汉市公安局江岸区分局", "武公委〔2026〕1号 1月1日至2027年12月31日",
    ]  # fmt: skip
