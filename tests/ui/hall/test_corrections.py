"""A correction on the pages: row by row, with and without a script, at the counter and at the village; old beside new."""

from __future__ import annotations

import re
import urllib.parse
from typing import Any

from node.domain.cases.documents import CaseDocument
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Answer, Client

OLD = b"\xff\xd8\xff\xe0old" + bytes(range(256)) * 20
NEW = b"\xff\xd8\xff\xe0new" + bytes(range(256)) * 30


def asked(site: Site, name: str = "township", materials: str = "0,1") -> str:
    """A case whose material 0 has an old photograph, waiting for a correction at the township."""
    role, town = ("agent" if name == "village" else "clerk"), site.town
    document = town.application(name)
    document["attachments"][0]["size"] = len(OLD)
    no = str(site.center(name).intake.file(document, site.actor(name, role)).case_no)
    site.center(name).materials.put(no, "0", site.actor(name, role), 0, OLD, len(OLD), "a.jpg", "image/jpeg")
    if name == "village":
        town.act("village", no, "hand_over", site.actor("village", "agent"))
        site.heal()
        town.do("township", no, "receive", site.actor("township", "clerk"))
    fields = {
        "content": "照片看不清\n没有盖章" if "," in materials else "照片看不清",
        "materials": materials,
        "due": "2026-03-20",
    }
    town.act("township", no, "request_correction", site.actor("township", "clerk"), **fields)
    site.heal()
    return no


def token(client: Client, page: str) -> str:
    found = re.search(r'name="_xsrf" value="([^"]+)"', client.get(page).text)
    assert found
    return found.group(1)


def send(client: Client, no: str, files: dict[str, bytes] | None = None, **fields: str) -> Answer:
    """The correction's form as a browser without scripts sends it."""
    parts = {"_xsrf": token(client, f"/cases/{no}"), **fields}
    body = b"".join(
        f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in parts.items()
    )
    for name, data in (files or {}).items():
        head = f'--B\r\nContent-Disposition: form-data; name="{name}"; filename="新.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
        body += head.encode() + data + b"\r\n"
    address = f"/cases/{no}/actions/supply_correction"
    return client.ask("POST", address, body + b"--B--\r\n", Content_Type="multipart/form-data; boundary=B")


def case(site: Site, name: str, no: str) -> CaseDocument:
    return site.center(name).cases.case(no, site.actor(name, "agent" if name == "village" else "clerk"))


def test_each_ticked_material_has_a_row_with_the_notices_words_and_a_place_for_the_new_one(site: Site) -> None:
    no = asked(site)
    clerk = site.client("township", "clerk")
    for language in ("zh", "en"):
        page = clerk.get(f"/cases/{no}?lang={language}").text
        check_page(page)
    page = clerk.get(f"/cases/{no}?lang=zh").text
    rows = page.split('id="row-')[1:]
    assert len(rows) == 2
    assert "照片看不清" in rows[0] and "没有盖章" in rows[1]
    assert f"/cases/{no}/files/0?n=1" in rows[0] and 'capture="environment"' in rows[0] and "纸质已送" in rows[0]
    names = [row["name"] for row in case(site, "township", no)["materials"][:2]]
    assert f"还缺：{'、'.join(names)}" in page


def test_without_a_file_it_is_refused_names_what_is_missing_and_keeps_what_was_typed(site: Site) -> None:
    no = asked(site)
    clerk = site.client("township", "clerk")
    answer = send(clerk, no, {}, papers="0:1", note_0="原件在窗口<1>", note="其余下周", **{"count-0": "3"})
    assert answer.status == 409
    check_page(answer.text)
    missing = case(site, "township", no)["materials"][1]["name"]
    assert f"还没有补正：{missing}" in answer.text or f"还没有补正：{missing}" in answer.text
    assert "原件在窗口&lt;1&gt;" in answer.text and 'value="3"' in answer.text and "其余下周" in answer.text
    assert re.search(r'id="paper-0" name="papers" value="0:1" checked', answer.text)
    assert case(site, "township", no)["status"] == "awaiting_correction"


def test_the_api_refuses_and_its_example_is_accepted(site: Site) -> None:
    no, center = asked(site), site.center("township")
    client, token = Client(site.served["township"].port), center.staff.tokens.issue("counter", "clerk")
    refused = client.post_json(f"/api/v1/cases/{no}/actions/supply_correction", {"note": "补好了"}, token)
    assert refused.status == 409
    error = refused.json()["error"]
    assert all(row["name"] in error["message"] for row in case(site, "township", no)["materials"][:2])
    offer = next(
        one for one in client.get(f"/api/v1/cases/{no}", token).json()["actions"] if one["action"] == "supply_correction"
    )
    fields = {field["name"]: field["example"] for field in offer["fields"]}
    assert fields["papers"] == "0:1,1:1"
    done = client.post_json(f"/api/v1/cases/{no}/actions/supply_correction", fields, token)
    assert (done.status, done.json()["status"]) == (200, "submitted")
    assert [row["held"] for row in done.json()["materials"][:2]] == ["paper", "paper"]


def test_a_counter_without_a_script_sends_files_and_paper_in_one_form(site: Site) -> None:
    no = asked(site)
    clerk = site.client("township", "clerk")
    answer = send(clerk, no, {"file-0": NEW}, papers="1:1", **{"count-1": "2"})
    assert answer.status == 303, answer.text
    page = clerk.get(f"/cases/{no}").text
    check_page(page)
    assert f"/cases/{no}/files/0?n=1" in page and f"/cases/{no}/files/0?n=2" in page and "纸质原件 2 份" in page
    assert clerk.get(f"/cases/{no}/files/0?n=1").body == OLD and clerk.get(f"/cases/{no}/files/0?n=2").body == NEW
    assert clerk.get(f"/cases/{no}/files/0?n=9").status == 404
    assert case(site, "township", no)["status"] == "submitted"


def test_a_file_that_is_refused_says_so_in_its_row_and_the_others_are_kept(site: Site) -> None:
    no = asked(site)
    clerk = site.client("township", "clerk")
    answer = send(clerk, no, {"file-0": NEW, "file-1": b"<html><script>x</script>"})
    assert answer.status == 409
    check_page(answer.text)
    rows = answer.text.split('id="row-')[1:]
    assert "✕" in rows[1] and 'data-got="1"' in rows[0]
    assert case(site, "township", no)["status"] == "awaiting_correction"


def test_a_script_sends_pieces_that_go_on_where_the_line_was_cut(site: Site) -> None:
    no = asked(site, "village", "0")
    agent = site.client("village", "agent")
    xsrf = token(agent, f"/cases/{no}")

    def announce() -> Any:
        body = urllib.parse.urlencode({"_xsrf": xsrf, "key": "k", "name": "新 1.jpg", "size": str(len(NEW)), "material": "0"})
        kind = "application/x-www-form-urlencoded"
        return agent.ask("POST", f"/cases/{no}/uploads", body.encode(), Content_Type=kind, X_Upload="1").json()

    def piece(offset: int, data: bytes) -> Any:
        headers = {"Upload_Offset": str(offset), "Upload_Length": str(len(NEW)), "Upload_Name": urllib.parse.quote("新 1.jpg")}
        return agent.ask("PUT", f"/cases/{no}/uploads/0", data, X_Upload="1", X_Xsrftoken=xsrf, **headers).json()

    assert announce() == {"id": "0", "offset": 0, "size": len(NEW), "whole": False}
    assert piece(0, NEW[:3000])["offset"] == 3000
    assert announce()["offset"] == 3000
    assert piece(3000, NEW[3000:])["whole"]
    page = agent.get(f"/cases/{no}").text
    check_page(page)
    assert 'data-got="1"' in page and agent.get(f"/cases/{no}/files/0?n=0").body == NEW


def test_an_agent_answers_and_the_clerk_sees_old_and_new(site: Site) -> None:
    no = asked(site, "village", "0")
    agent, clerk = site.client("village", "agent"), site.client("township", "clerk")
    assert send(agent, no).status == 409
    answer = send(agent, no, {"file-0": NEW}, note_0="重新拍了")
    assert answer.status == 303 and "asked=supply_correction" in answer.headers["Location"]
    assert "正在送出" in agent.get(f"/cases/{no}").text
    site.heal()
    page = clerk.get(f"/cases/{no}").text
    check_page(page)
    assert f"/cases/{no}/files/0?n=1" in page and f"/cases/{no}/files/0?n=2" in page and "重新拍了" in page
    assert clerk.get(f"/cases/{no}/files/0?n=2").body == NEW


def test_with_the_line_down_the_agent_reads_that_it_is_noted_and_has_not_left(site: Site) -> None:
    no = asked(site, "village", "0")
    agent = site.client("village", "agent")
    site.town.cut()
    answer = send(agent, no, {"file-0": NEW})
    page = agent.get(answer.headers["Location"].partition("#")[0]).text
    check_page(page)
    assert "已记下，等线路通后送出" in page and "还没有离开本机" in page
    site.heal()
    assert case(site, "township", no)["status"] == "submitted"


def test_what_is_still_wanting_is_asked_once_more_from_beside_the_pictures(site: Site) -> None:
    no = asked(site)
    clerk = site.client("township", "clerk")
    send(clerk, no, {"file-0": NEW}, papers="1:1")
    address = f"/cases/{no}/actions/repeat_request"
    refused = clerk.form(f"/cases/{no}", address, materials="0", content="", due="2026-03-25")
    assert refused.status == 422
    check_page(refused.text)
    assert re.search(r'id="still-0" name="materials" value="0" checked', refused.text)
    unticked = clerk.form(f"/cases/{no}", address, content="还是看不清", due="2026-03-25")
    assert unticked.status == 422 and "请在上面勾选仍不合格的材料" in unticked.text and "还是看不清" in unticked.text
    check_page(unticked.text)
    assert clerk.form(f"/cases/{no}", address, materials="0", content="还是看不清", due="2026-03-25").status == 303
    page = clerk.get(f"/cases/{no}").text
    check_page(page)
    assert "第二次告知" in page and "还是看不清" in page and page.count('id="row-') == 1
    assert send(clerk, no, {"file-0": NEW + b"!"}).status == 303
    last = clerk.get(f"/cases/{no}").text
    check_page(last)
    assert "actions/repeat_request" not in last and "不能再次要求补正" in last


def test_a_reader_without_the_right_sees_the_rows_and_no_form(site: Site) -> None:
    no = asked(site)
    page = site.client("township", "examiner").get(f"/cases/{no}").text
    check_page(page)
    assert 'id="row-0"' in page and "actions/supply_correction" not in page
    assert send(site.client("township", "examiner"), no, papers="0:1,1:1").status == 403
