"""The catalog editor in a browser: four real nodes, real forms."""

from __future__ import annotations

import html
import re
import urllib.parse
from typing import Any

import pytest

from node.domain.words.errors import TongbanError
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Answer, Client


def fields_of(page: str, action: str) -> list[tuple[str, str]]:
    """What a browser would send of the form with this action."""
    form = next(f for f in re.findall(r"<form.*?</form>", page, re.S) if f'action="{action}"' in f)
    found: list[tuple[str, str]] = []
    for tag in re.findall(r"<input[^>]*>|<textarea.*?</textarea>|<select.*?</select>", form, re.S):
        name = re.search(r'name="([^"]*)"', tag)
        if name is None or ('type="checkbox"' in tag and " checked" not in tag):
            continue
        if tag.startswith("<textarea"):
            value = tag.partition(">")[2].removesuffix("</textarea>").removeprefix("\n")
        elif tag.startswith("<select"):
            option = re.search(r'<option value="([^"]*)" selected', tag)
            value = option.group(1) if option else ""
        else:
            given = re.search(r'value="([^"]*)"', tag)
            value = given.group(1) if given else ""
        found.append((html.unescape(name.group(1)), html.unescape(value)))
    return found


def submit(client: Client, page: str, action: str, do: str = "", **changes: str) -> Answer:
    fields = [(name, changes.pop(name.replace(".", "__"), value)) for name, value in fields_of(page, action)]
    fields += [(name.replace("__", "."), value) for name, value in changes.items()]
    data = urllib.parse.urlencode([*fields, ("do", do)] if do else fields).encode()
    return client.ask("POST", action, data, Content_Type="application/x-www-form-urlencoded")


def follow(client: Client, answer: Answer) -> Answer:
    assert answer.status == 303, (answer.status, re.sub(r"<[^>]+>", " ", answer.text)[-1500:])
    return client.get(answer.headers["Location"].partition("#")[0])


@pytest.fixture
def editor(site: Site) -> Client:
    client = site.client("city", "catalog_editor")
    for one in site.center("city").editor.changes(site.actor("city", "catalog_editor"))["items"]:
        submit(client, client.get("/catalog/changes").text, f"/catalog/{one['item_id']}/discard")
    return client


def test_others_are_led_to_the_guide_or_refused(site: Site) -> None:
    assert site.client("city").get("/catalog").headers["Location"] == "/guide"
    assert site.client("city", "overseer").get("/catalog/ZW007").headers["Location"] == "/guide/ZW007"
    for path in ("/catalog/changes", "/catalog/ZW007/edit", "/catalog/import", "/catalog/history"):
        assert site.client("city", "admin").get(path).status == 403
        assert site.client("city").get(path).status == 303


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_in_both_languages(site: Site, editor: Client, lang: str) -> None:
    submit(editor, editor.get("/catalog/ZW007/edit").text, "/catalog/ZW007/edit", "save", name="改名", promised_limit="99")
    submit(editor, editor.get("/catalog/ZW001").text, "/catalog/ZW001/withdraw", "withdraw", reason="依据废止")
    for path in (
        "/catalog", "/catalog?q=%E7%99%BB%E8%AE%B0&level=district&page=2", "/catalog?show=pending", "/catalog/ZW007",
        "/catalog/ZW007/edit", "/catalog/new",
        "/catalog/changes", "/catalog/import", "/catalog/history", f"/catalog/history/{site.center('city').place.code}/1",
    ):  # fmt: skip
        answer = editor.get(path + ("&" if "?" in path else "?") + "lang=" + lang)
        assert answer.status == 200, path
        check_page(answer.text)


def test_edit_look_publish_and_the_village_has_it(site: Site, editor: Client) -> None:
    case = site.town.file("village", "ZW007")
    page = editor.get("/catalog/ZW007/edit").text
    saved = follow(editor, submit(editor, page, "/catalog/ZW007/edit", "save", fee="10元", materials__0__name="新表格",
                                   legal_text_version="2026-02-28"))  # fmt: skip
    assert "已保存，待发布" in saved.text
    site.heal()
    shown = editor.get("/catalog/changes").text
    assert "<ins>10元</ins>" in shown and "新表格" in shown and "已受理的在办件不变" in shown
    assert 'value="2026-03-03"' in shown  # the next working day
    done = follow(editor, submit(editor, shown, "/catalog/changes", effective="2026-03-02"))
    assert "已发布" in done.text and "没有待发布的修改" in done.text
    site.heal()
    item = site.center("village").catalog.item("ZW007")
    assert item is not None and item.fee == "10元" and item.materials[0].name == "新表格"
    assert site.center("village").catalog.item_version("ZW007", 1) is not None and case
    for name, path in (("village", "/guide/ZW007"), ("city", "/catalog/ZW007")):  # the text of a law has its year in every year
        assert "（2026年2月28日修正）" in (editor if name == "city" else site.client(name)).get(path).text


def test_publishing_the_same_page_twice_is_one_revision(site: Site, editor: Client) -> None:
    submit(editor, editor.get("/catalog/ZW002/edit").text, "/catalog/ZW002/edit", "save", result="新证")
    shown = editor.get("/catalog/changes").text
    first, second = (submit(editor, shown, "/catalog/changes", effective="2026-03-02") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]


def test_what_is_wrong_stays_in_the_form(site: Site, editor: Client) -> None:
    page = editor.get("/catalog/ZW003/edit").text
    answer = submit(editor, page, "/catalog/ZW003/edit", "save", name=" ", promised_limit="十天", result="<b>证</b>")
    assert answer.status == 422
    check_page(answer.text)
    kept = dict(fields_of(answer.text, "/catalog/ZW003/edit"))
    assert kept["promised_limit"] == "十天" and kept["result"] == "<b>证</b>"
    assert 'href="#f-promised_limit"' in answer.text and answer.text.count('aria-invalid="true"') == 2


def test_rows_are_added_moved_and_removed_without_a_script(site: Site, editor: Client) -> None:
    path = "/catalog/ZW003/edit"
    page = editor.get(path).text
    before = [v for k, v in fields_of(page, path) if re.fullmatch(r"materials\.\d+\.name", k)]
    page = submit(editor, page, path, "materials.add").text
    assert len([k for k, _ in fields_of(page, path) if re.fullmatch(r"materials\.\d+\.name", k)]) == len(before) + 1
    page = submit(editor, page, path, f"materials.up.{len(before)}", **{f"materials__{len(before)}__name": "委托书"}).text
    page = submit(editor, page, path, "materials.remove.0").text
    after = [v for k, v in fields_of(page, path) if re.fullmatch(r"materials\.\d+\.name", k)]
    assert after == [*before[1:-1], "委托书", before[-1]]
    page = submit(editor, page, path, "special_steps.add").text
    n = max(int(k.split(".")[1]) for k, _ in fields_of(page, path) if k.startswith("special_steps."))
    steps = {f"special_steps__{n}__name": "公示", f"special_steps__{n}__kind": "public_notice", f"special_steps__{n}__days": "7"}
    fields = [(k, steps.get(k.replace(".", "__"), v)) for k, v in fields_of(page, path) if k != f"special_steps.{n}.counts"]
    data = urllib.parse.urlencode([*fields, ("do", "save")]).encode()
    answer = editor.ask("POST", path, data, Content_Type="application/x-www-form-urlencoded")
    assert answer.status == 422 and "不计入时限须写明依据" in answer.text
    check_page(answer.text)


def test_two_editors(site: Site, editor: Client) -> None:
    other = site.client("city", "catalog_editor", "李强")
    path = "/catalog/ZW010/edit"
    mine, theirs = editor.get(path).text, other.get(path).text
    follow(other, submit(other, theirs, path, "save", fee="7元"))
    answer = submit(editor, mine, path, "save", result="我的结果")
    assert answer.status == 409 and "李强" in answer.text and "7元" in answer.text
    check_page(answer.text)
    assert dict(fields_of(answer.text, path))["result"] == "我的结果"
    again = dict(fields_of(answer.text, path))
    assert again["fee"] == "7元", "what was not touched here shows the other's text"
    assert follow(editor, submit(editor, answer.text, path, "save")).status == 200
    kept: Any = site.center("city").editor.form("ZW010", site.actor("city", "catalog_editor"))["document"]
    assert (kept["fee"], kept["result"]) == ("7元", "我的结果")


def test_two_editors_of_one_field_and_of_rows(site: Site, editor: Client) -> None:
    other = site.client("city", "catalog_editor", "李强")
    path = "/catalog/ZW011/edit"
    mine, theirs = editor.get(path).text, other.get(path).text
    follow(other, submit(other, theirs, path, "save", fee="7元", materials__0__name="新表", contact__phone="027-1"))
    answer = submit(editor, mine, path, "save", fee="8元", contact__hours="全天")
    assert answer.status == 409 and "7元" in answer.text and "新表" in answer.text
    shown = dict(fields_of(answer.text, path))
    assert (shown["fee"], shown["materials.0.name"], shown["contact.phone"], shown["contact.hours"]) == (
        "8元",
        "新表",
        "027-1",
        "全天",
    )
    drawn = submit(editor, answer.text, path, "materials.add")  # a row button draws the form anew and forgets nothing
    follow(
        editor, submit(editor, drawn.text, path, "save", **{f"materials__{n}__name": "加的" for n in [row_count(drawn.text) - 1]})
    )
    kept: Any = site.center("city").editor.form("ZW011", site.actor("city", "catalog_editor"))["document"]
    assert (kept["fee"], kept["materials"][0]["name"], kept["materials"][-1]["name"]) == ("8元", "新表", "加的")


def row_count(page: str) -> int:
    return len(re.findall(r'name="materials\.\d+\.name"', page))


def test_a_change_made_after_the_preview_of_a_file_is_not_replaced(site: Site, editor: Client) -> None:
    def file(name: str) -> bytes:
        header = "item_id,name,category,approval_level,accept_levels,case_type,materials\n"
        return (header + "".join(f"{id},{name},公共服务,city,city,immediate,[]\n" for id in ("N910", "N911"))).encode()

    first = follow(editor, send_file(editor, "a.csv", file("甲")))
    follow(editor, submit(editor, first.text, "/catalog/import"))
    shown = follow(editor, send_file(editor, "b.csv", file("乙"))).text
    submit(editor, editor.get("/catalog/N911/edit").text, "/catalog/N911/edit", "save", fee="4元")
    submit(editor, shown, "/catalog/import", over="1")
    center, actor = site.center("city"), site.actor("city", "catalog_editor")
    found = center.editor.form("N911", actor)["document"]
    assert (found["fee"], found["name"]) == ("4元", "甲"), "nobody has seen that it would be replaced"
    again = follow(editor, send_file(editor, "b.csv", file("乙"))).text
    follow(editor, submit(editor, again, "/catalog/import", over="1"))
    assert center.editor.form("N911", actor)["document"]["name"] == "乙"


def test_a_stale_page_publishes_nothing(site: Site, editor: Client) -> None:
    submit(editor, editor.get("/catalog/ZW005/edit").text, "/catalog/ZW005/edit", "save", fee="3元")
    shown = editor.get("/catalog/changes").text
    submit(editor, editor.get("/catalog/ZW006/edit").text, "/catalog/ZW006/edit", "save", fee="4元")
    answer = submit(editor, shown, "/catalog/changes", effective="2026-03-02")
    assert answer.status == 409 and "没有发布" in answer.text and "4元" in answer.text
    answer = submit(editor, answer.text, "/catalog/changes", effective="2020-01-01")
    assert answer.status == 422 and "不能早于今天" in answer.text and 'value="2020-01-01"' in answer.text


def test_withdrawing_and_the_filing_that_follows(site: Site, editor: Client) -> None:
    refused = submit(editor, editor.get("/catalog/ZW008").text, "/catalog/ZW008/withdraw", "withdraw", reason=" ")
    assert refused.status == 422 and "请填写" in refused.text
    follow(editor, submit(editor, editor.get("/catalog/ZW008").text, "/catalog/ZW008/withdraw", "withdraw", reason="依据废止"))
    follow(editor, submit(editor, editor.get("/catalog/changes").text, "/catalog/changes", effective="2026-03-02"))
    assert "依据废止" in editor.get("/catalog/ZW008").text
    assert site.center("city").catalog.item("ZW008") is None


def test_below_only_the_local_fields(site: Site) -> None:
    client = site.client("district", "catalog_editor")
    page = client.get("/catalog/ZW011/edit").text
    assert {name for name, _ in fields_of(page, "/catalog/ZW011/edit")} == {
        "_xsrf", "n", "base", "seen", "promised_limit", "contact.phone", "contact.address", "contact.hours", "contact.complaint"
    }  # fmt: skip
    answer = submit(client, page, "/catalog/ZW011/edit", "save", promised_limit="3000")
    assert answer.status == 422 and "只能比上级" in answer.text
    follow(client, submit(client, page, "/catalog/ZW011/edit", "save", contact__phone="027-12345"))
    assert "027-12345" in client.get("/catalog/changes").text
    village = site.client("village", "director")
    assert village.get("/catalog").headers["Location"] == "/guide" and village.get("/catalog/ZW011/edit").status == 403


def send_file(client: Client, name: str, data: bytes) -> Answer:
    token = dict(fields_of(client.get("/catalog/import").text, "/catalog/import"))["_xsrf"]
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="_xsrf"\r\n\r\n' + token.encode(),
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="'
        + name.encode()
        + b'"\r\nContent-Type: text/csv\r\n\r\n'
        + data,
    ]
    return client.ask(
        "POST", "/catalog/import", b"\r\n".join(parts) + b"\r\n--x--\r\n", Content_Type="multipart/form-data; boundary=x"
    )


def test_a_file_is_shown_before_it_is_taken(site: Site, editor: Client) -> None:
    header = "item_id,name,category,approval_level,accept_levels,case_type,materials\n"
    good = header + "N900,新事项<script>,公共服务,city,city,immediate,[]\n"
    shown = follow(editor, send_file(editor, "目录.csv", good.encode()))
    check_page(shown.text)
    assert "将修改或新增 1 项" in shown.text and "&lt;script&gt;" in shown.text
    assert "N900" in follow(editor, submit(editor, shown.text, "/catalog/import")).text
    bad = follow(editor, send_file(editor, "x.csv", (header + "N901,,公共服务,county,city,immediate,[]\n").encode()))
    assert "没有导入任何内容" in bad.text and len(re.findall(r"<tr>\s*<th", bad.text)) == 3
    assert send_file(editor, "x.csv", b"").status == 422


def test_a_case_stays_on_the_version_it_was_accepted_under(site: Site, editor: Client) -> None:
    """What the page says of open cases is what happens: what was accepted stays, what is accepted later goes by the version in force."""
    case, running = site.town.file("township", "ZW005"), site.town.file("township", "ZW005")
    site.town.do("township", running, "accept")
    follow(editor, submit(editor, editor.get("/catalog/ZW005/edit").text, "/catalog/ZW005/edit", "save", fee="9元"))
    follow(editor, submit(editor, editor.get("/catalog/changes").text, "/catalog/changes", effective="2026-03-02"))
    site.heal()
    before = site.center("township").cases.case(case, site.actor("township", "clerk"))["item_version"]
    site.town.do("township", case, "accept")
    after = site.center("township").cases.case(case, site.actor("township", "clerk"))["item_version"]
    item = site.center("township").catalog.item("ZW005")
    assert item is not None and item.version == after > before
    assert site.center("township").cases.case(running, site.actor("township", "clerk"))["item_version"] == before


def test_a_withdrawn_item_is_refused_where_it_is_filed(site: Site, editor: Client) -> None:
    document = site.town.application("township", "ZW006")
    follow(editor, submit(editor, editor.get("/catalog/ZW006").text, "/catalog/ZW006/withdraw", "withdraw", reason="依据废止"))
    follow(editor, submit(editor, editor.get("/catalog/changes").text, "/catalog/changes", effective="2026-03-02"))
    site.heal()
    with pytest.raises(TongbanError) as caught:
        site.center("township").intake.file(document, site.actor("township", "clerk"))
    assert caught.value.fields == {"item_id": "not_published"}


def test_a_full_disk_loses_nothing_that_was_typed(site: Site, editor: Client) -> None:
    path, writer = "/catalog/ZW013/edit", site.center("city").store.writer
    page = editor.get(path).text

    def full(moment: str) -> None:
        if moment == "before_commit":
            raise OSError(28, "no space left on device")

    writer.fault = full
    answer = submit(editor, page, path, "save", fee="12元")
    writer.fault = None
    assert answer.status == 507 and "磁盘空间不足" in answer.text
    check_page(answer.text)
    assert dict(fields_of(answer.text, path))["fee"] == "12元"
    assert follow(editor, submit(editor, answer.text, path, "save")).status == 200


def test_extension_and_paper_of_an_item_are_edited_and_shown_in_words(site: Site, editor: Client) -> None:
    """`extension_days` and `paper_required_at`: a wrong number stands beside its field, the right ones on the page of the item."""
    page = editor.get("/catalog/ZW031/edit").text
    for wrong in ("十天", "-1", "9999"):
        answer = submit(editor, page, "/catalog/ZW031/edit", "save", extension_days=wrong)
        assert answer.status == 422 and 'id="f-extension_days-e"' in answer.text and f'value="{wrong}"' in answer.text, wrong
    assert (
        follow(
            editor, submit(editor, page, "/catalog/ZW031/edit", "save", extension_days="７", paper_required_at="accept")
        ).status
        == 200
    )
    shown = editor.get("/catalog/changes").text
    assert "可延长" in shown and "受理前（收件自纸质材料到达起算）" in shown
    follow(editor, submit(editor, shown, "/catalog/changes", effective="2026-03-02"))
    item = site.center("city").catalog.item("ZW031")
    assert item is not None and (item.extension_days, item.paper_required_at) == (7, "accept")
    text = re.sub(r"<[^>]+>|\s+", "", editor.get("/catalog/ZW031").text)
    assert "可延长（工作日）7" in text and "受理前（收件自纸质材料到达起算）" in text
