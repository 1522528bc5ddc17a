"""The resident's pages on four real nodes: the landing, the guide, an item, the state of a case; wrong codes and too many tries."""

from __future__ import annotations

import json
import re
import urllib.parse
from pathlib import Path

import pytest

import edge_ui
from node.domain.cases.awaits import ROLES
from node.domain.model import Role
from node.domain.words.punctuation import mended
from node.domain.words.resident_words import SENTENCES
from node.services.public.guide import process
from tests.ui.pagecheck import check_page
from tests.ui.real import Site
from tests.ui.wire import Answer, Client

LOCALE = Path(edge_ui.__file__).parent / "locale"
BOTH = pytest.mark.parametrize("lang", ["zh", "en"])


def quoted(text: str) -> str:
    return urllib.parse.quote(text)


def found(answer: Answer) -> list[str]:
    """The ids of the items in a page of the guide."""
    return re.findall(r'<li><a href="/guide/([^"]+)"', answer.text)


def filed(site: Site, item: str = "ZW007", name: str = "village") -> tuple[str, str]:
    """A new case and its query code."""
    role = "agent" if name == "village" else "clerk"
    document = site.town.application(name, item)
    made = site.center(name).intake.file(document, site.actor(name, role))
    return made.case_no, made.query_code


def ask(client: Client, no: str, code: str) -> Answer:
    return client.form("/status", "/status", no=no, code=code)


@pytest.fixture
def phone(site: Site) -> Client:
    """A resident's browser; nobody has asked from this address lately."""
    site.ticks.at += 600
    return site.client("village")


@BOTH
def test_every_page_in_both_languages(site: Site, phone: Client, lang: str) -> None:
    no, code = filed(site)
    for path in ("/", "/guide", "/guide?page=2", "/guide?q=" + quoted("身份证"), "/guide?q=" + quoted("怎么办护照"), "/guide?q=zzzz",
                 "/guide?q=%3F%21", "/guide?q=" + quoted("护" * 70), "/status", f"/status?no={no}"):  # fmt: skip
        answer = phone.get(path + ("&" if "?" in path else "?") + "lang=" + lang)
        assert answer.status == 200, path
        check_page(answer.text)
    check_page(ask(phone, no, code).text)
    check_page(ask(phone, no, "00000000").text)
    gone = phone.get("/guide/ZW999")
    assert gone.status == 404
    check_page(gone.text)


@BOTH
def test_every_item_has_its_page(site: Site, phone: Client, lang: str) -> None:
    phone.get(f"/?lang={lang}")
    for item in site.center("village").catalog.documents():
        answer = phone.get("/guide/" + item["item_id"])
        assert answer.status == 200, item["item_id"]
        check_page(answer.text)


# the landing ---------------------------------------------------------------------------------------------------------


def test_a_stranger_finds_three_doors_and_what_this_node_is(site: Site, phone: Client) -> None:
    page = phone.get("/")
    doors = re.findall(r'<li><a href="([^"]+)"><b>', page.text)
    assert doors == ["/guide", "/status", "/verify"]
    assert site.center("village").name in page.text and f"{len(site.center('village').catalog.documents())} 个事项" in page.text
    assert re.findall(r"<nav.*?</nav>", page.text, re.S)[0].count("<a ") == 4


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM, Role.INTEGRATION}))
def test_whoever_is_logged_in_is_at_home(site: Site, role: str) -> None:
    site.ticks.at += 600
    client = site.client("village" if role == "agent" else "township", role)
    answer = client.get("/")
    assert answer.status == 303 and answer.headers["Location"] not in ("/", "/guide")
    assert client.get("/?retried=420102002000").status == 200


def test_an_agent_has_the_guide_at_hand_and_may_begin_there(site: Site) -> None:
    agent = site.client("village", "agent")
    assert 'href="/guide"' in agent.get("/agent").text
    here = next(one["item_id"] for one in site.center("village").catalog.documents() if "village" in one["accept_levels"])
    away = next(one["item_id"] for one in site.center("village").catalog.documents() if "village" not in one["accept_levels"])
    assert f'href="/new/{here}"' in agent.get(f"/guide/{here}").text
    assert 'href="/new/' not in agent.get(f"/guide/{away}").text
    assert 'href="/new/' not in site.client("village").get(f"/guide/{here}").text
    assert 'href="/catalog/ZW007"' in site.client("city", "catalog_editor").get("/guide/ZW007").text


# the guide -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("q", ["照", "护照", "居住证", "户口登记", "护照 签发", "zw008"])
def test_words_of_one_two_and_four_characters(phone: Client, q: str) -> None:
    page = phone.get("/guide?q=" + quoted(q))
    assert found(page) and ("相符的事项" in page.text or "里提到" in page.text) and f'value="{q}"' in page.text


def test_the_name_comes_first_and_the_api_finds_the_same(site: Site, phone: Client) -> None:
    page = found(phone.get("/guide?q=" + quoted("身份证")))
    items = {one["item_id"]: one["name"] for one in site.center("village").catalog.documents()}
    assert "身份证" in items[page[0]] and len(page) == 20
    answer = phone.get("/api/v1/public/items?q=" + quoted("身份证")).json()
    assert [one["item_id"] for one in answer["items"]][:20] == page and answer["revision"] >= 1
    assert len(phone.get("/api/v1/public/items").json()["items"]) == len(items)


def test_the_search_by_words_answers_machines_as_the_guide_answers_people(site: Site, phone: Client) -> None:
    """GET /public/search: the same items in the same order, with where each is filed; pages by cursor hold everything once."""
    for words in ("社保卡", "准生证", "sbk", "身份证", "居住正"):
        answer = phone.get("/api/v1/public/search?q=" + quoted(words)).json()
        assert [one["item_id"] for one in answer["items"]][:20] == found(phone.get("/guide?q=" + quoted(words))), words
        assert answer["items"] and answer["total"] >= len(answer["items"]) and answer["unknown_since"] == {}
        assert list(answer["as_of"]) == [site.center("village").store.identity.code]
    assert phone.get("/api/v1/public/search?q=" + quoted("社保卡")).json()["items"][0]["item_id"] == "ZW050"
    away = [one for one in phone.get("/api/v1/public/search").json()["items"] if not one["here"]]
    assert away and all(one["at"]["tier"] for one in away)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = phone.get(f"/api/v1/public/search?limit=30&cursor={cursor}").json()
        seen, cursor = seen + [one["item_id"] for one in page["items"]], page["next"]
    assert sorted(seen) == sorted(one["item_id"] for one in site.center("village").catalog.documents())
    assert phone.get("/api/v1/public/search?q=" + quoted("？！")).json()["items"] == []
    assert phone.get("/api/v1/public/search?cursor=x").json()["error"]["fields"]["cursor"]["code"] == "invalid"


def test_what_only_mentions_the_word_stands_apart(site: Site, phone: Client) -> None:
    text = phone.get("/guide?q=" + quoted("身份证")).text
    named, others = text.index("和“身份证”相符"), text.index("提到“身份证”")
    items = {one["item_id"]: one["name"] for one in site.center("village").catalog.documents()}
    assert all("身份证" in items[one] for one in re.findall(r'<a href="/guide/([^"]+)"><b>', text[named:others]))
    assert not any("身份证" in items[one] for one in re.findall(r'<a href="/guide/([^"]+)"><b>', text[others:]))
    for page in (2, 99):
        later = phone.get(f"/guide?page={page}&q=" + quoted("身份证")).text
        assert "和“身份证”相符" not in later and "提到“身份证”" in later


def test_pages_of_twenty_hold_everything_once(site: Site, phone: Client) -> None:
    seen: list[str] = []
    url = "/guide"
    while url:
        page = phone.get(url)
        rows = found(page)
        assert 0 < len(rows) <= 20
        seen += rows
        following = re.search(r'rel="next" href="([^"]+)"', page.text)
        url = following[1].replace("&amp;", "&") if following else ""
    assert sorted(seen) == sorted(one["item_id"] for one in site.center("village").catalog.documents())
    assert found(phone.get("/guide?page=99999")) == rows and found(phone.get("/guide?page=x"))


HOSTILE = [
    '"', "'", "*", "护照*", '"护照', "NOT 护照", "name:护照", ")(", "^护照", "NEAR(护 照)", "%", "<script>alert(1)</script>",
    "护照' OR 1=1 --", "{{7*7}}", "../../etc", "\u202e护照", "𠮷", "🙂",
]  # fmt: skip


@pytest.mark.parametrize("q", HOSTILE)
def test_no_word_breaks_the_page(phone: Client, q: str) -> None:
    answer = phone.get("/guide?q=" + quoted(q))
    assert answer.status == 200 and "<script>alert" not in answer.text and "{{" not in answer.text.replace("{{7*7}}", "")
    check_page(answer.text)
    assert phone.get("/api/v1/public/items?q=" + quoted(q)).status == 200


def test_bytes_that_are_no_text_are_refused_as_a_page(phone: Client) -> None:
    answer = phone.get("/guide?q=%ff%fe", Accept="text/html")
    assert answer.status == 400
    check_page(answer.text)
    assert phone.get("/guide?q=%00%01", Accept="text/html").status == 200


@pytest.mark.parametrize(("q", "sentence"), [
    ("zzzz", "没有找到“zzzz”"),
    ("?!", "请用汉字"), ("护" * 61, "写得太长了"), ("社呆卡", "可能是您要找的"), ("", "全部事项"), ("   ", "全部事项"),
])  # fmt: skip
def test_every_outcome_has_a_sentence(phone: Client, q: str, sentence: str) -> None:
    assert sentence in phone.get("/guide?q=" + quoted(q)).text


def test_an_item_tells_what_a_resident_needs(site: Site, phone: Client) -> None:
    item = site.center("village").catalog.document("ZW063")
    text = phone.get("/guide/ZW063").text
    for words in (item["name"], item["legal_basis"], item["conditions"], item["result"], "20 个工作日", "45 个工作日", "不收费", "复印件 1 份",
                  "现场审查", "12345", "村（社区）不收件"):  # fmt: skip
        assert mended(words) in text, words
    for material in item["materials"]:
        assert mended(material["name"]) in text
    assert (
        "可以，找村（社区）代办员" in phone.get("/guide/ZW007").text
        or not site.center("village").catalog.document("ZW007")["agent_allowed"]
    )
    assert 'href="tel:12345"' in text and "data-print" in text


@pytest.mark.parametrize("item", ["ZW999", "x", quoted("没有"), "a" * 400, "%3Cb%3E"])
def test_an_unknown_item_is_a_page_that_leads_on(phone: Client, item: str) -> None:
    answer = phone.get("/guide/" + item)
    assert answer.status == 404 and "没有这个事项" in answer.text and 'href="/guide"' in answer.text
    check_page(answer.text)


def test_a_withdrawn_item_is_gone_and_the_guide_knows(site: Site) -> None:
    city, editor = site.center("city"), site.actor("city", "catalog_editor")
    client = site.client("city")
    assert "ZW021" in found(client.get("/guide?q=ZW021")) and client.get("/guide/ZW021").status == 200
    city.editor.withdraw("ZW021", "依据废止", editor)
    seen = [one["n"] for one in city.editor.changes(editor)["items"]]
    assert seen
    page = site.client("city", "catalog_editor")
    html = page.get("/catalog/changes").text
    form = next(one for one in re.findall(r"<form.*?</form>", html, re.S) if 'type="date"' in one)
    fields = dict(re.findall(r'<input[^>]*?name="([^"]+)"[^>]*?value="([^"]*)"', form))
    action = re.search(r'action="([^"]+)"', form)
    body = urllib.parse.urlencode(fields).encode()
    done = page.ask("POST", action[1] if action else "/catalog/changes", body, Content_Type="application/x-www-form-urlencoded")
    assert done.status == 303, done.text
    site.town.world.advance(4 * 86_400_000)
    assert client.get("/guide/ZW021").status == 404 and "ZW021" not in found(client.get("/guide?q=ZW021"))


# the state of a case -------------------------------------------------------------------------------------------------


def test_a_case_tells_where_it_is_what_next_and_whom_to_call(site: Site, phone: Client) -> None:
    no, code = filed(site)
    page = ask(phone, no, code)
    assert page.status == 200
    text = check_page(page.text)
    shown = " ".join(text.words)
    assert no in shown and "等代办员送到上一级窗口" in shown and 'class="hops"' in page.text and "12345" in shown
    assert site.center("village").name in shown
    assert code not in page.text and "欧阳" not in shown, "no code and no name on the page"
    assert "只保存在本机" in page.text
    site.heal()
    safe = ask(phone, no, code).text
    assert "只保存在本机" not in safe and "上级已登记" in safe, "what is safe above is not called unsafe"
    site.town.act("village", no, "hand_over", site.actor("village", "agent"))
    assert "下一个办理单位" in ask(phone, no, code).text
    site.heal()
    hall = site.client("township")
    assert "等窗口签收" in ask(hall, no, code).text
    site.town.do("township", no, "receive", site.actor("township", "clerk"))
    assert "材料齐不齐" in ask(hall, no, code).text
    site.town.do("township", no, "accept", site.actor("township", "clerk"))
    accepted = ask(hall, no, code)
    assert "您不用跑" in accepted.text and re.search(r"最迟什么时候</dt><dd>(\d{4}年)?\d+月\d+日", accepted.text)
    site.heal()
    assert "受理" in ask(phone, no, code).text


def test_who_is_turned_down_reads_reason_paper_and_remedy(site: Site, phone: Client) -> None:
    no, code = filed(site, name="township")
    clerk = site.actor("township", "clerk")
    fields = site.town.offered("township", no, clerk)["not_accept"] | {"reason": "不属于本机关职权范围"}
    site.center("township").cases.act(no, "not_accept", fields, clerk)
    page = ask(site.client("township"), no, code)
    for said in ("为什么没有办成", "不属于本机关职权范围", "不服怎么办"):
        assert said in page.text, said
    check_page(page.text)


def test_a_correction_says_what_to_bring_and_by_when(site: Site, phone: Client) -> None:
    no, code = filed(site, name="township")
    names = [one["name"] for one in site.center("township").catalog.document("ZW007")["materials"]]
    offered = site.town.offered("township", no, site.actor("township", "clerk"))
    assert "request_correction" in offered, sorted(offered)
    site.town.do("township", no, "request_correction", site.actor("township", "clerk"))
    page = ask(site.client("township"), no, code)
    assert re.search(r"请在 (\d{4}年)?\d+月\d+日 前交到", page.text)
    bring = re.search(r"要补的材料：</p><ul>(.*?)</ul>", page.text, re.S)
    assert bring and all(one in names for one in re.findall(r"<li>(.*?)</li>", bring[1]))


def test_number_and_code_as_people_type_them(site: Site, phone: Client) -> None:
    no, code = filed(site)
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isalnum() else "—" if c == "-" else c for c in no)
    for typed in (no.lower(), f"  {no} ", no.replace("-", " - "), wide):
        assert no in ask(phone, typed, f" {code[:4].lower()} {code[4:].lower()} ").text, typed


@pytest.mark.parametrize(("no", "code"), [
    ("{no}", "00000000"), ("{no}x", "{code}"), ("' OR 1=1", "x"), ("{no}", "{code}" * 30), ("\x00", "\x00"),
    ("<b>", "<b>"), ("420102002003-261123-K70-0001-5", "{code}"),
])  # fmt: skip
def test_a_wrong_code_is_one_sentence_and_keeps_the_number(site: Site, phone: Client, no: str, code: str) -> None:
    right = filed(site)
    no, code = (text.replace("{no}", right[0]).replace("{code}", right[1]) for text in (no, code))
    answer = ask(phone, no, code)
    assert answer.status == 404 and answer.text.count("没有找到这件事") == 1
    page = check_page(answer.text)
    field = next(attrs for tag, attrs in page.tags if tag == "input" and attrs.get("name") == "no")
    assert field["value"] == "".join(c for c in no.strip() if c >= " ")
    assert next(attrs for tag, attrs in page.tags if tag == "input" and attrs.get("name") == "code")["value"] == ""


def test_a_code_never_stands_in_an_address(site: Site, phone: Client) -> None:
    no, code = filed(site)
    answer = phone.get(f"/status?no={no}&code={code}")
    assert (
        answer.status == 200
        and code not in answer.text.replace("&amp;", "&").split("<main")[1]
        and 'class="hops"' not in answer.text
    )
    old = phone.get(f"/public?no={no}&code={code}")
    assert (old.status, old.headers["Location"]) == (301, f"/status?no={no}")
    assert phone.get("/public").headers["Location"] == "/status"
    assert 'method="post"' in phone.get("/status").text.split("<main")[1]


def test_guessing_is_slowed_and_an_honest_room_is_not(site: Site, phone: Client) -> None:
    no, code = filed(site)
    for _ in range(60):
        assert ask(phone, no, code).status == 200
    answers = [ask(phone, no, f"{n:08d}") for n in range(25)]
    assert {one.status for one in answers} == {404, 429}
    slow = answers[-1]
    assert slow.status == 429 and int(slow.headers["Retry-After"]) > 0 and "请等一分钟" in slow.text and no in slow.text
    check_page(slow.text)
    assert ask(phone, no, code).status == 429, "also with the right code: a guesser learns nothing"
    site.ticks.at += 120
    site.town.world.advance(120_000)
    assert ask(phone, no, code).status == 200


def test_the_words_of_the_pages_are_complete(site: Site) -> None:
    for lang in ("zh", "en"):
        words = json.loads((LOCALE / lang / "public.json").read_text("utf-8"))
        steps = {one["step"] for item in site.center("city").catalog.items().values() for one in process(item)}
        assert not [step for step in steps if f"public.step.{step}" not in words]
    assert not [turn for turn in (*ROLES, "hand_over", "not_taken", "line", "revoked", "checking") if turn not in SENTENCES]
    zh, en = (json.loads((LOCALE / lang / "public.json").read_text("utf-8")) for lang in ("zh", "en"))
    assert list(zh) == list(en)


def test_a_machine_that_reads_the_guide_without_pause_is_slowed_down_and_a_clerk_is_not(site: Site) -> None:
    stranger = site.client("city")
    answers = [stranger.get("/guide?q=x") for _ in range(230)]
    assert answers[0].status == 200 and answers[-1].status == 429 and "Traceback" not in answers[-1].text
    check_page(answers[-1].text)
    assert stranger.get("/api/v1/public/items?q=x").status == 429
    assert stranger.get("/api/v1/public/search?q=x").status == 429
    assert site.client("city", "clerk").get("/guide").status == 200
