"""The HTTP API: what it promises in INTERFACE.md, and that bad input is always answered with an error document."""

from __future__ import annotations

import http.client
import json
import socket

import pytest

from node.domain.errors import ERRORS
from tests.ui.conftest import Client, Served
from tests.ui.double import NO, DoubleCenter

V1 = "/api/v1"
CASE = f"{V1}/cases/{NO}"


def test_filing_answers_201_then_200_for_the_same_application(client: Client, center: DoubleCenter) -> None:
    first = client.post_json(f"{V1}/cases", {"application_no": "A-1", "source": "portal", "draft": True}, Idempotency_Key="k 1")
    again = client.post_json(f"{V1}/cases", {"application_no": "A-1"})
    assert (first.status, again.status) == (201, 200)
    assert set(first.json()) >= {"case_no", "status", "query_code"} and first.json()["case_no"] == again.json()["case_no"]
    assert first.headers["Location"] == f"{V1}/cases/{first.json()['case_no']}"
    assert center.calls[0] == ("portal", True, "k 1")
    assert client.post_json(f"{V1}/cases", {"application_no": "A-1", "x": 1}).code == "application_conflict"


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
def test_a_bad_filing_is_refused_with_a_document(client: Client, body: bytes, kind: str, status: int) -> None:
    answer = client.ask("POST", f"{V1}/cases", body, "clerk", Content_Type=kind)
    assert answer.status == status == ERRORS[answer.code].status
    assert set(answer.json()["error"]) >= {"code", "message", "fields"}


@pytest.mark.parametrize("key", ["x" * 201, "", "ü"])
def test_a_bad_idempotency_key_is_422(client: Client, key: str) -> None:
    answer = client.post_json(f"{V1}/cases", {"application_no": "1"}, Idempotency_Key=key)
    assert answer.status == 422 and "Idempotency-Key" in answer.json()["error"]["fields"]


def test_a_large_body_is_413_and_the_answer_can_be_read(client: Client) -> None:
    answer = client.ask("POST", f"{V1}/cases", b" " * (6 << 20), "clerk", Content_Type="application/json")
    assert (answer.status, answer.code) == (413, "too_large")


def test_a_chunked_large_body_is_413(served: Served) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    pieces = iter([b" " * 65536] * 40)
    connection.request(
        "POST", f"{V1}/cases", pieces, {"Authorization": "Bearer clerk", "Content-Type": "application/json"}, encode_chunked=True
    )
    assert connection.getresponse().status == 413
    connection.close()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{V1}/nothing", 404),
        ("/api/v2/cases", 404),
        (f"{V1}/cases/%00", 400),
        (f"{V1}/cases/%ff%fe", 400),
        (f"{V1}/cases/%zz", 404),
        (f"{V1}/cases/" + "9" * 3000, 400),
        (f"{V1}/cases/%ed%a0%80", 400),
        (f"{V1}/cases?status=nonsense", 422),
        (f"{V1}/cases?limit=0", 422),
        (f"{V1}/cases?limit=9999999999999999999999999", 422),
        (f"{V1}/cases?limit=-1", 422),
        (f"{V1}/cases?limit=%D9%A3", 422),
        (f"{V1}/cases?cursor=" + "9" * 9000, 422),
        (f"{V1}/cases?cursor=abc", 422),
        (f"{V1}/cases?q=%00", 422),
        (f"{V1}/cases?q=%ff", 400),
        (f"{V1}/cases?unheard=1", 422),
        (f"{V1}/cases?status=draft&status=accepted", 422),
        (f"{V1}/stats?measure=wealth", 422),
        (f"{V1}/stats?by=age", 422),
        (f"{V1}/stats?from=2026-02-30", 422),
        (f"{V1}/stats?from=2026-02-02&to=2026-02-01", 422),
        (f"{V1}/oversight/cards", 404),
        (f"{V1}/oversight/scores", 404),
        (f"{V1}/oversight/gossip", 404),
        (f"{CASE}/papers/receipt", 404),
        (f"{CASE}/papers/love_letter", 404),
        (f"{V1}/requests/zz", 404),
        (f"{V1}/catalog/items/nope", 404),
        (f"{V1}/public/verify", 422),
        (f"{V1}/public/verify?code=x", 404),
    ],
)
def test_bad_addresses_and_queries(client: Client, path: str, status: int) -> None:
    answer = client.get(path, "clerk")
    assert answer.status == status == ERRORS[answer.code].status
    assert answer.headers["Content-Type"].startswith("application/json")


def test_what_is_not_built_says_so(client: Client) -> None:
    for path in (f"{V1}/oversight/cards", f"{V1}/oversight/scores", f"{CASE}/papers/receipt", f"{V1}/public/verify?code=x"):
        assert client.get(path, "clerk").code == "not_yet_available"


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "OPTIONS", "POST"])
def test_a_wrong_method_is_405_in_json(client: Client, method: str) -> None:
    answer = client.ask(method, CASE, b"{}" if method != "OPTIONS" else None, "clerk", Content_Type="application/json")
    assert (answer.status, answer.code, answer.headers["Allow"]) == (405, "method_not_allowed", "GET, HEAD")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer wrong", "Basic Y2xlcms6", "Bearer clerk clerk", "bearer\tclerk"])
def test_no_token_is_401(client: Client, header: str) -> None:
    for path in (f"{V1}/cases", CASE, f"{V1}/stats", f"{V1}/catalog/items", f"{V1}/oversight/nodes"):
        answer = client.get(path, Authorization=header)
        assert (answer.status, answer.code) == (401, "unauthenticated") and answer.headers["WWW-Authenticate"] == "Bearer"


def test_lists_pass_the_filter_on(client: Client, center: DoubleCenter) -> None:
    answer = client.get(f"{V1}/cases?status=accepted&item=ZW001&q=%E5%90%B4&cursor=8&limit=7", "clerk")
    assert answer.status == 200 and answer.json()["next"] is None
    assert center.asked[-1] == {"status": "accepted", "item": "ZW001", "q": "吴", "cursor": "8", "limit": 7}
    client.get(f"{V1}/cases?status=&item=&q=&cursor=", "clerk")
    assert center.asked[-1] == {"status": None, "item": None, "q": None, "cursor": None, "limit": 50}


def test_actions_answer_200_202_and_409(client: Client, center: DoubleCenter) -> None:
    done = client.post_json(f"{CASE}/actions/request_correction", {"items": "x", "expected_version": 3}, Idempotency_Key="k")
    assert done.status == 200 and center.acted[-1] == (NO, "request_correction", {"items": "x"}, 3, "k")
    assert client.ask("POST", f"{CASE}/actions/accept", None, "clerk").status == 200
    asked = client.post_json(f"{CASE}/actions/withdraw", {"reason": "x"})
    assert asked.status == 202 and asked.json()["request"]["state"] == "pending"
    assert client.get(f"{V1}/requests/{asked.json()['request']['id']}", "clerk").status == 200
    refused = client.post_json(f"{CASE}/actions/approve", {})
    assert (refused.status, refused.code) == (409, "illegal_action") and refused.json()["error"]["details"]["rule"]
    assert client.post_json(f"{CASE}/actions/accept", {"expected_version": 2}).code == "version_conflict"
    for bad in ("3", True, -1, 1 << 40):
        assert client.post_json(f"{CASE}/actions/accept", {"expected_version": bad}).code == "invalid_input"
    assert client.post_json(f"{CASE}/actions/Rm%20-rf", {}).status == 404
    assert client.post_json(f"{V1}/cases/none/actions/accept", {}).status == 404


def test_an_unpaired_surrogate_in_an_error_does_not_break_the_answer(client: Client) -> None:
    answer = client.ask(
        "POST", f"{V1}/cases", b'{"application_no":"\\ud800","source":"\\ud800"}', "clerk", Content_Type="application/json"
    )
    assert answer.status in (400, 422)
    again = client.ask("POST", f"{V1}/cases", b'{"application_no":"1","\\ud800":1}', "clerk", Content_Type="application/json")
    assert again.status in (201, 400, 422) and json.loads(again.body)


def test_a_failure_gives_a_ticket_and_no_details(client: Client, center: DoubleCenter, caplog: pytest.LogCaptureFixture) -> None:
    center.explode = True
    answer = client.get("/")
    assert answer.status == 500 and "吴鑫建" not in answer.text and "RuntimeError" not in answer.text
    assert "ticket" in caplog.text and "吴鑫建" not in caplog.text


def test_health_metrics_and_join(client: Client, center: DoubleCenter) -> None:
    assert client.get("/healthz").status == 200
    center.healthy = False
    assert client.get("/healthz").status == 503
    assert client.get("/metrics").text.startswith("# HELP") and client.get("/metrics").headers["Content-Type"].startswith(
        "text/plain"
    )
    good = client.ask("POST", "/join", b"sealed", Content_Type="application/octet-stream")
    assert (good.status, good.body) == (200, b"answer")
    assert client.ask("POST", "/join", b"other", Content_Type="application/octet-stream").code == "bad_join_code"
    assert client.ask("POST", "/join", b"sealed", Content_Type="application/json").status == 415
    assert client.ask("POST", "/join", b"x" * 70_000, Content_Type="application/octet-stream").status == 413
    assert client.get("/join").status == 405


def test_guessing_a_query_code_is_slowed_down(client: Client, center: DoubleCenter, ticks: object) -> None:
    path = f"{V1}/public/cases/{NO}?code="
    assert all(client.get(path + "ABCD1234").status == 200 for _ in range(30))
    statuses = [client.get(path + "WRONG").status for _ in range(30)]
    assert statuses[0] == 404 and statuses[-1] == 429
    refused = client.get(path + "ABCD1234")
    assert refused.code == "rate_limited" and int(refused.headers["Retry-After"]) > 0
    ticks.at = 60.0  # type: ignore[attr-defined]
    assert client.get(path + "ABCD1234").status == 200


def test_public_answers_need_no_token(client: Client) -> None:
    assert len(client.get(f"{V1}/public/items?q=%E6%B8%94%E4%B8%9A").json()["items"]) == 1
    assert client.get(f"{V1}/public/cases/{NO}?code=ABCD1234").json()["status"] == "submitted"
    assert client.get(f"{V1}/public/cases/{NO}").status == 422


def test_catalog_stats_oversight(client: Client) -> None:
    assert len(client.get(f"{V1}/catalog/items", "clerk").json()["items"]) == 64
    assert client.get(f"{V1}/catalog/items/ZW001", "clerk").json()["item_id"] == "ZW001"
    assert set(client.get(f"{V1}/stats?measure=overdue&by=node&from=2026-01-01&to=2026-12-31", "overseer").json()) >= {
        "as_of",
        "rows",
    }
    assert client.get(f"{V1}/oversight/nodes", "overseer").status == 200


def test_case_data_is_never_cached_and_headers_are_strict(client: Client) -> None:
    for path, token in ((CASE, "clerk"), ("/", ""), (f"{V1}/nothing", "")):
        headers = client.get(path, token).headers
        assert headers["Cache-Control"] == "no-store" and headers["X-Content-Type-Options"] == "nosniff"
        assert (
            "frame-ancestors 'none'" in headers["Content-Security-Policy"]
            and "default-src 'none'" in headers["Content-Security-Policy"]
        )


def test_rubbish_on_the_line_does_not_stop_the_node(served: Served, client: Client) -> None:
    for rubbish in (
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/9\r\n\r\n",
        b"POST /api/v1/cases HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", served.port), 5) as line:
            line.sendall(rubbish)
            line.shutdown(socket.SHUT_WR)
            line.recv(1000)
    assert client.get("/healthz").status == 200
