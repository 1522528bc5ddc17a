"""The HTTP API on real nodes: what it promises in INTERFACE.md, and that bad input is always answered with an error document."""

from __future__ import annotations

import http.client
import json
import re
import socket
from typing import Any

import pytest

from node.domain.words.refusals import ERRORS
from tests.ui.real import Site
from tests.ui.wire import Answer, Client

V1 = "/api/v1"


class Api:
    """One node's API with tokens by role."""

    def __init__(self, site: Site, name: str) -> None:
        self.site, self.name, self.center = site, name, site.center(name)
        self.client = Client(site.served[name].port)
        self.tokens: dict[str, str] = {}

    def token(self, role: str = "clerk") -> str:
        if role not in self.tokens:
            self.tokens[role] = self.center.tokens.issue(f"me-{role}", role)
        return self.tokens[role]

    def get(self, path: str, role: str = "clerk", **headers: str) -> Answer:
        return self.client.get(path, self.token(role) if role else "", **headers)

    def post(self, path: str, document: object, role: str = "clerk", **headers: str) -> Answer:
        return self.client.post_json(path, document, self.token(role), **headers)

    def send(self, method: str, path: str, body: bytes | None, role: str = "clerk", **headers: str) -> Answer:
        return self.client.ask(method, path, body, self.token(role) if role else "", **headers)

    def application(self, **changes: Any) -> dict[str, Any]:
        return self.site.town.application(self.name, **changes)

    def file(self, **changes: Any) -> str:
        return self.site.town.file(self.name, **changes)


@pytest.fixture(scope="module")
def hall(site: Site) -> Api:
    return Api(site, "township")


@pytest.fixture(scope="module")
def village(site: Site) -> Api:
    return Api(site, "village")


def test_filing_answers_201_then_200_for_the_same_application(hall: Api) -> None:
    document = hall.application()
    first = hall.post(f"{V1}/cases", document, Idempotency_Key="k 1")
    again = hall.post(f"{V1}/cases", document)
    assert (first.status, again.status) == (201, 200), first.text
    assert set(first.json()) >= {"case_no", "status", "query_code"} and first.json()["case_no"] == again.json()["case_no"]
    assert first.json()["query_code"] == again.json()["query_code"] and first.json()["status"] == "submitted"
    assert first.headers["Location"] == f"{V1}/cases/{first.json()['case_no']}"
    other = hall.post(f"{V1}/cases", document | {"form": {"reason": "另一件"}})
    assert (other.status, other.code) == (409, "application_conflict") and first.json()["case_no"] in other.text
    assert hall.post(f"{V1}/cases", document | {"source": "portal"}).status == 201, "numbers are unique per source"


def test_an_idempotency_key_keeps_its_answer(hall: Api) -> None:
    document = hall.application()
    first = hall.post(f"{V1}/cases", document, Idempotency_Key="once")
    assert hall.post(f"{V1}/cases", document, Idempotency_Key="once").json()["case_no"] == first.json()["case_no"]
    assert hall.post(f"{V1}/cases", hall.application(), Idempotency_Key="once").status == 422


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"[" * 5000, "application/json", 400),
        (b"1e999999", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b"{}", "application/json", 422),
        (b'{"application_no":"1","source":"a b"}', "application/json", 422),
        (b'{"application_no":"1","source":{}}', "application/json", 422),
        (b'{"application_no":"1","draft":1}', "application/json", 422),
    ],
)
def test_a_bad_filing_is_refused_with_a_document(hall: Api, body: bytes, kind: str, status: int) -> None:
    answer = hall.send("POST", f"{V1}/cases", body, Content_Type=kind)
    assert answer.status == status == ERRORS[answer.code].status
    assert set(answer.json()["error"]) >= {"code", "message", "fields"}


@pytest.mark.parametrize("key", ["x" * 201, "", "ü"])
def test_a_bad_idempotency_key_is_422(hall: Api, key: str) -> None:
    answer = hall.post(f"{V1}/cases", {"application_no": "1"}, Idempotency_Key=key)
    assert answer.status == 422 and "Idempotency-Key" in answer.json()["error"]["fields"]


def test_a_large_body_is_413_and_the_answer_can_be_read(hall: Api) -> None:
    answer = hall.send("POST", f"{V1}/cases", b" " * (6 << 20), Content_Type="application/json")
    assert (answer.status, answer.code) == (413, "too_large")


def test_a_chunked_large_body_is_413(hall: Api) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", hall.client.port, timeout=20)
    pieces = iter([b" " * 65536] * 40)
    headers = {"Authorization": f"Bearer {hall.token()}", "Content-Type": "application/json"}
    connection.request("POST", f"{V1}/cases", pieces, headers, encode_chunked=True)
    assert connection.getresponse().status == 413
    connection.close()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nothing", 404),
        ("cases/%00", 400),
        ("cases/%ff%fe", 400),
        ("cases/%zz", 404),
        ("cases/" + "9" * 3000, 400),
        ("cases/%ed%a0%80", 400),
        ("cases?status=nonsense", 422),
        ("cases?limit=0", 422),
        ("cases?limit=9999999999999999999999999", 422),
        ("cases?limit=-1", 422),
        ("cases?limit=%D9%A3", 422),
        ("cases?cursor=" + "9" * 9000, 422),
        ("cases?cursor=abc", 422),
        ("cases?q=%00", 422),
        ("cases?q=%ff", 400),
        ("cases?unheard=1", 422),
        ("cases?status=draft&status=accepted", 422),
        ("stats?measure=wealth", 422),
        ("stats?by=age", 422),
        ("stats?from=2026-02-30", 422),
        ("stats?from=2026-02-02&to=2026-02-01", 422),
        ("oversight/cards", 403),
        ("oversight/cases?view=gossip", 403),
        ("oversight/gossip", 404),
        ("requests/zz", 404),
        ("catalog/items/nope", 404),
        ("public/verify", 422),
    ],
)
def test_bad_addresses_and_queries(hall: Api, path: str, status: int) -> None:
    hall.site.ticks.at += 60
    answer = hall.get(f"{V1}/{path}", "director" if path.startswith("stats") else "clerk")
    assert answer.status == status == ERRORS[answer.code].status
    assert answer.headers["Content-Type"].startswith("application/json")


def test_another_version_of_the_api_is_404(hall: Api) -> None:
    assert hall.get("/api/v2/cases").code == "not_found"


def test_a_due_day_is_explained_to_supervisors_and_to_everybody(hall: Api) -> None:
    """2026-09-25 and the first week of October are days off, the 20th is a make-up Sunday."""
    asked = "explain?item=ZW002&received=2026-09-18"
    told = hall.get(f"{V1}/public/{asked}").json()
    assert (told["clock"], told["start"], told["limit"], told["due"]) == ("R", "2026-09-18", 5, "2026-09-24")
    assert sum(row["counted"] for row in told["days"]) == 5 and told["days"][2]["why"] == "makeup"
    assert len(told["calendar"]["hash"]) == 64
    accepted = hall.get(f"{V1}/public/{asked}&accepted=2026-09-21").json()
    assert accepted["clock"] in ("P", "S") and accepted["start"] == "2026-09-21"
    assert hall.get(f"{V1}/oversight/{asked}", "director").json() == told
    case = hall.file()
    of_case = hall.get(f"{V1}/oversight/explain?case_no={case}", "director").json()
    assert of_case["due"] == hall.get(f"{V1}/cases/{case}").json()["due"] == of_case["days"][-1]["date"]
    assert hall.get(f"{V1}/oversight/explain?case_no={case}", "clerk").status == 403
    for wrong, status in (("item=NONE&received=2026-09-18", 404), ("item=ZW002&received=soon", 422), ("item=ZW002", 422)):
        assert hall.get(f"{V1}/public/explain?{wrong}").status == status, wrong
    assert hall.get(f"{V1}/oversight/explain?case_no=NONE", "director").status == 404


def test_what_is_not_built_says_so(hall: Api) -> None:
    case = hall.file()
    for path in ("oversight/acceptance", "oversight/scores", f"cases/{case}/papers/payment"):
        assert hall.get(f"{V1}/{path}", "director").code == "not_yet_available"
    assert hall.get(f"{V1}/cases/{case}/papers/love_letter").code == "not_found"


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "OPTIONS", "POST"])
def test_a_wrong_method_is_405_in_json(hall: Api, method: str) -> None:
    body = b"{}" if method != "OPTIONS" else None
    answer = hall.send(method, f"{V1}/cases/X", body, Content_Type="application/json")
    assert (answer.status, answer.code, answer.headers["Allow"]) == (405, "method_not_allowed", "GET, HEAD")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic Y2xlcms6", "Bearer {0} {0}", "bearer\t{0}"])
def test_no_token_is_401(hall: Api, header: str) -> None:
    for path in ("cases", "cases/X", "stats", "catalog/items", "oversight/nodes"):
        answer = hall.client.get(f"{V1}/{path}", Authorization=header.format(hall.token()))
        assert (answer.status, answer.code) == (401, "unauthenticated") and answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_list_is_filtered_searched_and_paged(hall: Api) -> None:
    one, other = hall.file(), hall.file(item="ZW001")
    numbers = [row["case_no"] for row in hall.get(f"{V1}/cases?item=ZW001").json()["cases"]]
    assert other in numbers and one not in numbers
    assert {row["status"] for row in hall.get(f"{V1}/cases?status=submitted").json()["cases"]} == {"submitted"}
    first = hall.get(f"{V1}/cases?limit=1").json()
    second = hall.get(f"{V1}/cases?limit=1&cursor={first['next']}").json()
    assert [first["cases"][0]["case_no"], second["cases"][0]["case_no"]] == [other, one]
    assert one in hall.get(f"{V1}/cases?q={one}").text
    assert hall.get(f"{V1}/cases?status=&item=&q=&cursor=").status == 200


def test_every_listed_action_succeeds_with_its_examples(hall: Api) -> None:
    case = hall.file()
    for action in hall.get(f"{V1}/cases/{case}").json()["actions"]:
        fresh = hall.file()
        fields = {field["name"]: field["example"] for field in action["fields"]}
        done = hall.post(f"{V1}/cases/{fresh}/actions/{action['action']}", fields)
        assert done.status == 200, (action["action"], done.text)


@pytest.mark.parametrize("where", ["hall", "village"])
def test_a_draft_that_lacks_something_is_not_filed(where: str, request: pytest.FixtureRequest) -> None:
    api: Api = request.getfixturevalue(where)
    action, role = ("submit", "clerk") if where == "hall" else ("lodge", "agent")
    whole = api.application()
    empty = {key: whole[key] for key in ("application_no", "item_id")}
    for changes, fits in ((empty, False), (api.application(attachments=[]), False), (api.application(), True)):
        case = api.post(f"{V1}/cases", {**changes, "draft": True}, role).json()["case_no"]
        listed = [offer["action"] for offer in api.get(f"{V1}/cases/{case}", role).json()["actions"]]
        done = api.post(f"{V1}/cases/{case}/actions/{action}", {}, role)
        assert (action in listed, done.status) == (fits, 200 if fits else 409), (listed, done.text)
        assert fits or done.code == "guard_failed"


def test_actions_answer_200_409_and_know_versions(hall: Api) -> None:
    case = hall.file()
    path = f"{V1}/cases/{case}/actions"
    assert hall.post(f"{path}/approve", {}, "approver").code == "illegal_action"
    for bad in ("3", True, -1, 1 << 40):
        assert hall.post(f"{path}/accept", {"expected_version": bad}).code == "invalid_input"
    assert hall.post(f"{path}/accept", {"expected_version": 99}).code == "version_conflict"
    version = hall.get(f"{V1}/cases/{case}").json()["version"]
    done = hall.post(f"{path}/accept", {"expected_version": version})
    assert done.status == 200 and done.json()["status"] == "accepted"
    refused = hall.post(f"{path}/accept", {})
    assert (refused.status, refused.code) == (409, "illegal_action") and refused.json()["error"]["details"]["rule"]
    assert hall.post(f"{path}/Rm%20-rf", {}).status == 404
    assert hall.post(f"{V1}/cases/none/actions/accept", {}).status == 404


def test_an_action_sent_twice_with_its_key_happens_once(hall: Api) -> None:
    case = hall.file()
    path = f"{V1}/cases/{case}/actions/accept"
    first = hall.post(path, {}, Idempotency_Key="accept-once")
    again = hall.post(path, {}, Idempotency_Key="accept-once")
    assert (first.status, again.status) == (200, 200)
    rows = hall.get(f"{V1}/cases/{case}").json()["timeline"]
    assert sum(row["action"] == "accepted" for row in rows) == 1


def test_asked_of_a_node_that_is_not_the_custodian_it_becomes_a_request(hall: Api, village: Api) -> None:
    case = village.file()
    village.site.town.do("village", case, "hand_over")
    village.site.heal()
    asked = village.post(f"{V1}/cases/{case}/actions/withdraw", {"reason": "不办了"}, "agent")
    assert asked.status == 202 and asked.json()["request"]["state"] == "pending", asked.text
    village.site.heal()
    found = village.get(f"{V1}/requests/{asked.json()['request']['id']}", "agent")
    assert found.status == 200 and found.json()["request"]["state"] != "pending"
    refused = village.post(f"{V1}/cases/{case}/actions/accept", {}, "agent")
    assert refused.status in (403, 409)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/cases", b"{"),
        ("POST", "/cases", b"[]"),
        ("POST", "/cases", b"\xff"),
        ("POST", "/cases", b'{"form":NaN}'),
        ("POST", "/cases", b"[" * 1000),
        ("GET", "/cases?q=%FF", None),
        ("GET", "/cases/%00", None),
        ("POST", "/cases/{case}/actions/approve", b"{}"),
        ("POST", "/cases/{case}/actions/hand_over", b"{}"),
        ("POST", "/cases/{case}/actions/void", b"{}"),
    ],
)
def test_a_refusal_is_chinese_throughout_and_english_beside_it(hall: Api, method: str, path: str, body: bytes | None) -> None:
    answer = hall.send(method, V1 + path.format(case=hall.file()), body, Content_Type="application/json")
    error = answer.json()["error"]
    words = re.findall(r"[A-Za-z_]{3,}", error["message"])
    assert answer.status >= 400 and set(words) <= {"JSON", "UTF", "NaN"}, error["message"]
    assert error["message_en"].strip(": ") == error["message_en"]


def test_a_parameter_given_twice_is_told_as_such(hall: Api) -> None:
    answer = hall.get(f"{V1}/cases?status=draft&status=voided")
    told = answer.json()["error"]["fields"]["status"]
    assert answer.status == 422 and told["code"] == "duplicate" and "材料" not in told["message"]


def test_whoever_reads_a_case_first_may_read_it_and_a_post_of_this_tier_opens_it(hall: Api, village: Api) -> None:
    case = village.file()
    village.site.town.do("village", case, "hand_over")
    village.site.heal()
    for role, opened in (("integration", False), ("clerk", True), ("integration", True)):
        read = hall.get(f"{V1}/cases/{case}", role)
        assert read.status == 200, (role, read.text)
        assert any(row["action"] == "opened" for row in read.json()["timeline"]) is opened, role


def test_an_unpaired_surrogate_in_an_error_does_not_break_the_answer(hall: Api) -> None:
    for body in (b'{"application_no":"\\ud800","source":"\\ud800"}', b'{"application_no":"1","\\ud800":1}'):
        answer = hall.send("POST", f"{V1}/cases", body, Content_Type="application/json")
        assert answer.status in (400, 422) and json.loads(answer.body)


def test_health_metrics_and_join(hall: Api) -> None:
    assert hall.client.get("/healthz").json()["ok"] is True
    metrics = hall.client.get("/metrics")
    assert metrics.text.startswith("# HELP") and metrics.headers["Content-Type"].startswith("text/plain")
    binary = {"Content_Type": "application/octet-stream"}
    assert hall.client.ask("POST", "/join", b"other", **binary).code == "bad_join_code"
    assert hall.client.ask("POST", "/join", b"sealed", Content_Type="application/json").status == 415
    assert hall.client.ask("POST", "/join", b"x" * 70_000, **binary).status == 413
    assert hall.client.get("/join").status == 405


def test_guessing_a_query_code_is_slowed_down(hall: Api) -> None:
    filed = hall.post(f"{V1}/cases", hall.application()).json()
    path, right = f"{V1}/public/cases/{filed['case_no']}?code=", filed["query_code"]
    hall.site.ticks.at += 3600
    assert all(hall.client.get(path + right).status == 200 for _ in range(30))
    statuses = [hall.client.get(path + "WRONG").status for _ in range(30)]
    assert statuses[0] == 404 and statuses[-1] == 429
    refused = hall.client.get(path + right)
    assert refused.code == "rate_limited" and int(refused.headers["Retry-After"]) > 0
    hall.site.ticks.at += 60
    hall.site.town.world.advance(120_000)
    assert hall.client.get(path + right).status == 200


def test_public_answers_need_no_token(hall: Api) -> None:
    hall.site.ticks.at += 3600
    filed = hall.post(f"{V1}/cases", hall.application()).json()
    assert len(hall.client.get(f"{V1}/public/items?q=%E5%B1%85%E4%BD%8F%E8%AF%81").json()["items"]) >= 1
    shown = hall.client.get(f"{V1}/public/cases/{filed['case_no']}?code={filed['query_code']}")
    assert shown.json()["status"] == "submitted" and "欧阳建国" not in shown.text
    assert hall.client.get(f"{V1}/public/cases/{filed['case_no']}").status == 422


def test_catalog_stats_oversight(hall: Api) -> None:
    assert len(hall.get(f"{V1}/catalog/items").json()["items"]) > 50
    assert hall.get(f"{V1}/catalog/items/ZW007").json()["item_id"] == "ZW007"
    stats = hall.get(f"{V1}/stats?measure=overdue&by=node&from=2026-01-01&to=2026-12-31", "director")
    assert set(stats.json()) >= {"as_of", "unknown_since", "rows"}
    nodes = hall.get(f"{V1}/oversight/nodes", "director").json()
    for node in nodes["nodes"]:
        for column, address in node["lists"].items():
            assert hall.get(address, "director").json()["total"] == node[column]
    cases = hall.get(f"{V1}/oversight/cases?limit=1", "director").json()
    assert set(cases) >= {"cases", "next", "total", "as_of", "unknown_since"} and len(cases["cases"]) <= 1
    assert hall.get(f"{V1}/oversight/cases?view=gossip", "director").json()["error"]["fields"]["view"]["code"] == "not_a_choice"


def test_case_data_is_never_cached_and_headers_are_strict(hall: Api) -> None:
    case = hall.file()
    for path, role in ((f"{V1}/cases/{case}", "clerk"), ("/", ""), (f"{V1}/nothing", "")):
        headers = hall.get(path, role).headers
        assert headers["Cache-Control"] == "no-store" and headers["X-Content-Type-Options"] == "nosniff"
        policy = headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy and "default-src 'none'" in policy and "unsafe" not in policy


def test_rubbish_on_the_line_does_not_stop_the_node(hall: Api) -> None:
    for rubbish in (
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/9\r\n\r\n",
        b"POST /api/v1/cases HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", hall.client.port), 5) as line:
            line.sendall(rubbish)
            line.shutdown(socket.SHUT_WR)
            line.recv(1000)
    assert hall.client.get("/healthz").status == 200
