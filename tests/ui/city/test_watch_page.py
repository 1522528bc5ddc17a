"""The page of the rules of supervision: read everywhere, looked at as a difference and then published at the root."""

from __future__ import annotations

import re

from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Client

PAGE = "/rules/supervision"
OWN = b'kind = "supervision"\nsince = 2031-01-01\n[[rule]]\ncode = "T05"\nactive = false\n[[rung]]\nrung = "yellow"\ndays = 2\n'


def look(editor: Client, data: bytes) -> tuple[str, str]:
    sent = editor.upload(PAGE, PAGE, "supervision.toml", data)
    assert sent.status == 303
    page = editor.get(sent.headers["Location"])
    check_page(page.text)
    return sent.headers["Location"], page.text


def test_every_rule_stands_there_and_a_file_is_a_difference_first(site: Site) -> None:
    editor = site.client("city", "catalog_editor")
    before = editor.get(PAGE)
    check_page(before.text)
    assert "承诺超时" in before.text and "驻中心纪检组长" in before.text and "到期后1个工作日24:00" in before.text
    row = re.search(r"F02 超标准收费(.*?)</tr>", before.text, re.DOTALL)
    assert row is not None and "未启用" in row[1]
    address, text = look(editor, OWN)
    assert "变化2处" in text and "自2031年1月1日起算" in text and "到期后2个工作日24:00" in text
    key = re.search(r'name="key" value="([0-9a-f]+)"', text)
    assert key is not None and editor.form(address, PAGE, key=key[1]).headers["Location"] == f"{PAGE}?done=published"
    after = editor.get(PAGE).text
    assert "自2031年1月1日起算" in after and "本市" in after
    address, text = look(editor, b'kind = "supervision"\n')
    key = re.search(r'name="key" value="([0-9a-f]+)"', text)
    assert key is not None and "改回原写法" in text and editor.form(address, PAGE, key=key[1]).status == 422
    assert editor.form(address, PAGE, key=key[1], removed="1").status == 303


def test_what_last_month_would_have_been_is_said_of_suspicions_too(site: Site) -> None:
    """A case that was decided an hour after its acceptance last month: by ten minutes nothing, by two hours 先办后录."""
    town = site.town
    case = town.file("township", "ZW186")
    while "approve" not in town.offered("township", case):
        town.do("township", case, next(one for one in ("accept", "complete_step") if one in town.offered("township", case)))
    town.world.advance(60 * 60_000)
    town.do("township", case, "approve")
    town.world.advance(31 * 86_400_000)
    town.heal()
    editor = site.client("city", "catalog_editor")
    rule = 'kind = "supervision"\n[[rule]]\ncode = "{}"\nminutes = {}\n'
    _, text = look(editor, rule.format("L02", 120).encode())
    row = re.search(r"L02 先办后录</th>\s*<td[^>]*>疑似</td>\s*<td[^>]*>(\d+)</td>\s*<td[^>]*><b>(\d+)</b>", text)
    assert row is not None and (row[1], row[2]) == ("0", "1") and "没有重算" not in text
    _, text = look(editor, rule.format("L04", 30).encode())  # over cases of a person: not counted, and not called the same
    assert "没有重算的规则：L04 集中补录" in text and "没有不同" not in text


def test_a_fault_has_its_line_and_nothing_is_published(site: Site) -> None:
    editor = site.client("city", "catalog_editor")
    _, text = look(editor, b'kind = "supervision"\n[[rule]]\ncode = "T99"\n')
    assert "T99" in text and 'name="key"' not in text


def test_lower_tiers_read_and_do_not_publish(site: Site) -> None:
    for tier, role in (("township", "clerk"), ("village", "agent"), ("district", "overseer")):
        page = site.client(tier, role).get(PAGE)
        check_page(page.text)
        assert page.status == 200 and 'type="file"' not in page.text
