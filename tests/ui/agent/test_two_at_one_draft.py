"""Two people have one draft open: nobody's correction is overwritten by a page that was open longer, with or without a script."""

from __future__ import annotations

import html
import re
import urllib.parse

import pytest

from tests.ui.agent.test_agent_pages import PHOTO, announce, begin, token
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Answer, Client


def fields_of(page: str, action: str) -> dict[str, str]:
    """What a browser sends of the form with this address, all of it."""
    form = next(one for one in re.findall(r"<form.*?</form>", page, re.S) if f'action="{action}"' in one)
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        marks = {name: html.unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        if marks.get("type") not in ("checkbox", "radio") or " checked" in tag:
            found.setdefault(marks["name"], []).append(marks.get("value", ""))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.S):
        found[name] = [html.unescape(text)]
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', body) or re.search(r'value="([^"]*)"', body)
        found[name] = [html.unescape(chosen.group(1))] if chosen else []
    return {name: ",".join(values) for name, values in found.items()}


def send(client: Client, action: str, fields: dict[str, str], **headers: str) -> Answer:
    body = urllib.parse.urlencode(fields).encode()
    return client.ask("POST", action, body, Content_Type="application/x-www-form-urlencoded", **headers)


@pytest.fixture
def two(site: Site) -> tuple[Client, Client]:
    return site.client("village", "agent"), site.client("village", "agent", "agent 钱芳")


@pytest.fixture
def path(two: tuple[Client, Client]) -> str:
    path = f"/drafts/{begin(two[0])}"
    assert two[0].form(path, path, name="张三", phone="15412345678", note="一\n二").status == 303
    return path


def now(client: Client, path: str) -> dict[str, str]:
    return fields_of(client.get(path).text, path)


@pytest.mark.parametrize("where", ["", "/lodge"])
def test_a_page_that_was_open_longer_overwrites_nothing(two: tuple[Client, Client], path: str, where: str) -> None:
    old, colleague = two
    page = now(old, path)
    assert send(colleague, path, now(colleague, path) | {"name": "张三丰", "mandate_scope": "submit"}).status == 303
    send(old, path + where, page | {"phone": "15400000000"})
    found = now(colleague, path)
    assert (found["name"], found["phone"], found["note"]) == ("张三丰", "15400000000", "一\n二")
    assert found["mandate_scope"].strip(",") == "submit"


@pytest.mark.parametrize("where", ["", "/lodge"])
@pytest.mark.parametrize(("take", "stands"), [({}, "张三峰"), ({"take.name": "theirs"}, "张三丰")])
def test_both_changed_it_both_are_shown(
    two: tuple[Client, Client], path: str, where: str, take: dict[str, str], stands: str
) -> None:
    old, colleague = two
    page = now(old, path)
    send(colleague, path, now(colleague, path) | {"name": "张三丰"})
    answer = send(old, path + where, page | {"name": "张三峰", "address": "一组1号"})
    assert answer.status == 409 and "张三丰" in answer.text and "张三峰" in answer.text
    check_page(answer.text)
    assert now(colleague, path)["name"] == "张三丰" and now(colleague, path)["address"] == "一组1号"
    assert send(old, path, fields_of(answer.text, path) | take).status == 303
    assert now(colleague, path)["name"] == stands


def test_a_script_saves_what_was_touched_and_keeps_the_mark_of_the_rest(two: tuple[Client, Client], path: str) -> None:
    old, colleague = two
    page = now(old, path)
    send(colleague, path, now(colleague, path) | {"name": "张三丰"})
    saved = send(old, path, {"_xsrf": page["_xsrf"], "seen": page["seen"], "phone": "1"}, HX_Request="true").json()
    assert saved["clashes"] == 0
    send(old, path, page | {"phone": "2", "seen": saved["seen"]})  # and then the button, with the whole form
    assert (now(old, path)["name"], now(old, path)["phone"]) == ("张三丰", "2")
    told = send(old, path, {"_xsrf": page["_xsrf"], "seen": page["seen"], "name": "张三峰"}, HX_Request="true").json()
    assert (told["clashes"] == 1 and "申请人姓名" in told["saved"]) or "姓名" in told["saved"]
    assert now(old, path)["name"] == "张三丰"


def test_sorting_photographs_takes_back_nothing(site: Site, two: tuple[Client, Client], path: str) -> None:
    old, colleague = two
    draft = path.rpartition("/")[2]
    ids = []
    for n in range(2):
        made = announce(old, draft, PHOTO, key=f"k{n}").json()
        old.ask("PUT", f"{path}/files/{made['id']}", PHOTO, X_Upload="1", X_Xsrftoken=token(old, path), Upload_Offset="0")
        ids.append(made["id"])
    first, second = [
        row["name"] for row in site.center("village").drafts.draft(draft, site.actor("village", "agent"))["checklist"]
    ][:2]
    page = fields_of(old.get(path).text, path + "/sort") | {f"file-{id}": "" for id in ids}
    mark = fields_of(colleague.get(path).text, path + "/sort")
    send(colleague, path + "/sort", mark | {f"file-{ids[0]}": first})
    assert send(old, path + "/sort", page | {f"file-{ids[1]}": second}).status == 303

    def sorted_now() -> list[str]:
        files = site.center("village").drafts.draft(draft, site.actor("village", "agent"))["files"]
        return [{one["id"]: one["material"] for one in files}[id] for id in ids]

    assert sorted_now() == [first, second]
    answer = send(old, path + "/sort", page | {f"file-{ids[0]}": second})
    assert answer.status == 409 and first in answer.text and sorted_now()[0] == first
