"""The working calendar in a browser: a year for everybody, changes looked at before they are published, what moved kept after."""

from __future__ import annotations

import pytest

from tests.ui.city.test_catalog_pages import follow, submit
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Client


@pytest.fixture
def editor(site: Site) -> Client:
    return site.client("city", "catalog_editor")


def test_everybody_sees_the_year_and_nobody_else_gets_a_form(site: Site) -> None:
    for client in (site.client("city"), site.client("village", "agent"), site.client("district", "catalog_editor")):
        page = client.get("/calendar?year=2026")
        assert page.status == 200 and "国庆节" in page.text
        check_page(page.text)
        assert 'action="/calendar"' not in page.text and "本页只供查看" in page.text
    assert "暂定" in site.client("village").get("/calendar?year=2027").text
    for bad in ("0", "abcd", "99999"):
        assert site.client("city").get(f"/calendar?year={bad}").status == 200


def test_a_day_is_put_together_looked_at_and_published_and_taken_back(site: Site, editor: Client) -> None:
    page = editor.get("/calendar?year=2026")
    check_page(page.text)
    changes = follow(editor, submit(editor, page.text, "/calendar", do="add", day="2026-12-14", kind="off", name="局庆"))
    assert "局庆" in changes.text and "期限会变动的在办件" in changes.text
    check_page(changes.text)
    kept = submit(editor, changes.text, "/calendar/changes", do="publish", since="2026-12-01")
    moved = follow(editor, kept)
    assert "已公布" in moved.text and "局庆" in moved.text
    check_page(moved.text)
    back = follow(editor, submit(editor, moved.text, "/calendar", do="undo"))
    refused = submit(editor, back.text, "/calendar/changes", do="publish", since="2026-12-01")
    assert refused.status == 422 and "请先勾选" in refused.text
    done = follow(editor, submit(editor, back.text, "/calendar/changes", do="publish", since="2026-12-01", removed="1"))
    assert "已公布" in done.text and "局庆" not in editor.get("/calendar?year=2026").text


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_stays(editor: Client) -> None:
    page = editor.get("/calendar")
    wrong = submit(editor, page.text, "/calendar", do="add", day="2026-12-14", kind="work", name="x")
    assert wrong.status == 422 and "周一至周五本来就是工作日" in wrong.text and 'value="2026-12-14"' in wrong.text
    check_page(wrong.text)
