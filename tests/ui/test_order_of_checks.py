"""Role, existence, state, in this order, at every door (INTERFACE, third part): a role that may not do a thing sees one and the
same refusal for a case in the right state, for one in the wrong state and for one that does not exist, so that it learns nothing."""

from __future__ import annotations

import json
import re
import urllib.parse

import pytest

from edge_ui.api.base import ApiHandler
from edge_ui.routes import ROUTES
from edge_ui.web.base import PageHandler
from node.domain.cases import access
from node.domain.cases.lifecycle import BY_ACTION, REQUESTS
from node.domain.model import Role
from node.domain.supervision.appeals import ACTIONS as APPEAL_ACTIONS
from node.domain.supervision.order_documents import ACTIONS as ORDER_ACTIONS
from tests.ui.real import Site
from tests.ui.wire import Answer, Client

ROLES = [str(role) for role in access.tokens("township")]
PEOPLE = [str(role) for role in access.persons("township")]
ACTIONS = sorted({*BY_ACTION, *REQUESTS, "no_such_action"})
V1 = "/api/v1"
CASES: dict[str, str] = {}
ACTS = {
    "/api/v1/oversight/orders/{id}/{action}": (*ORDER_ACTIONS, "no_such_action"),
    "/api/v1/oversight/appeals/{id}/{action}": (*APPEAL_ACTIONS, "no_such_action"),
}
FOR_READERS = {"/messages/{no}"}  # whoever reads cases writes messages about them


@pytest.fixture(scope="module")
def cases(site: Site) -> dict[str, str]:
    """At the township: one that may be worked on, one that is withdrawn, one that nobody filed."""
    if not CASES:
        town = site.town
        CASES["open"], CASES["ended"] = town.file("township"), town.file("township")
        town.act("township", CASES["ended"], "withdraw", reason="不办了")
        last = CASES["open"]
        CASES["missing"] = last[:-6] + "7777-" + last[-1]
    return CASES


@pytest.fixture(scope="module")
def tokens(site: Site) -> dict[str, str]:
    return {role: site.center("township").tokens.issue(role, role) for role in ROLES}


def same_refusal(answers: dict[str, Answer], who: str) -> None:
    """Either nobody is told 403 before the case was looked at, or all three cases give the very same answer."""
    refused = {kind for kind, answer in answers.items() if answer.status == 403}
    if "missing" in refused or len(refused) == 3:
        assert refused == set(answers), (who, {kind: answer.status for kind, answer in answers.items()})
        assert len({answer.body for answer in answers.values()}) == 1, who
    else:
        assert answers["missing"].status in (404, 405), (who, answers["missing"].status)


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_of_the_api(site: Site, cases: dict[str, str], tokens: dict[str, str], action: str) -> None:
    client = Client(site.served["township"].port)
    for role in ROLES:
        try:
            access.require_act(action, "township", Role(role))
            may = True
        except Exception:
            may = False
        if may:  # only what does not exist: the others would be done
            url = f"{V1}/cases/{cases['missing']}/actions/{action}"
            assert client.post_json(url, {"expected_version": 9}, tokens[role]).status == 404, (role, action)
            continue
        answers = {
            kind: client.post_json(f"{V1}/cases/{no}/actions/{action}", {"expected_version": 999}, tokens[role])
            for kind, no in cases.items()
        }
        assert {answer.status for answer in answers.values()} == {403}, (role, action)
        same_refusal(answers, role)


@pytest.mark.parametrize(
    "body", [b"{}", b"not json", b'{"unknown": 1}', b""], ids=["empty", "no json", "unknown field", "nothing"]
)
def test_who_may_not_is_refused_before_the_request_is_read(
    site: Site, cases: dict[str, str], tokens: dict[str, str], body: bytes
) -> None:
    client = Client(site.served["township"].port)
    for role in ("admin", "overseer", "catalog_editor"):
        for url in (f"{V1}/cases", f"{V1}/cases/{cases['open']}/actions/accept"):
            answer = client.ask("POST", url, body, tokens[role], Content_Type="text/plain", Idempotency_Key="x" * 300)
            assert (answer.status, answer.code) == (403, "forbidden"), (role, url, answer.text)
        assert client.get(f"{V1}/cases?status=nonsense&limit=0&x=1", tokens[role]).status == 403


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        (verb, route.path) for route in ROUTES
        if issubclass(route.handler, ApiHandler) and "{no}" in route.path and "/public/" not in route.path and "{action}" not in route.path
        for verb in route.handler.verbs()
    ],
)  # fmt: skip
def test_every_other_endpoint_about_a_case(
    site: Site, cases: dict[str, str], tokens: dict[str, str], verb: str, path: str
) -> None:
    client = Client(site.served["township"].port)
    for role in ROLES:
        answers = {}
        for kind, no in cases.items():
            url = path.replace("{no}", no).replace("{material}", "0").replace("{paper}", "receipt")
            body = {"PUT": b"x", "POST": b"{}"}.get(verb)
            answers[kind] = client.ask(verb, url, body, tokens[role], Content_Type="application/json")
        same_refusal(answers, role)
        supervises = "/oversight/" in path
        if role in ("admin", "catalog_editor") or (role != "director" and supervises != (role == "overseer")):
            assert answers["missing"].status == 403, (role, path)


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        (verb, route.path.replace("{action}", action)) for route in ROUTES
        if issubclass(route.handler, ApiHandler) and re.search(r"/(oversight|reports)/.*[{]", route.path) and "{no}" not in route.path
        for action in (ACTS.get(route.path, ("",))) for verb in route.handler.verbs()
    ],
)  # fmt: skip
def test_what_does_not_exist_is_not_found_whatever_is_said_of_it(
    site: Site, tokens: dict[str, str], verb: str, path: str
) -> None:
    """Of supervision: who may not is refused, who may is told that there is none, before what he says is looked at."""
    client, seen = Client(site.served["township"].port), set[int]()
    for role in ROLES:
        answers = [
            client.ask(verb, re.sub(r"[{]\w+[}]", name, path), body, tokens[role], Content_Type="application/json")
            for name in ("0" * 64, "no-such", "2026-13") for body in ({"POST": (b"{}", b'{"nonsense": 1}')}.get(verb, (None,)))
        ]  # fmt: skip
        found = {answer.status for answer in answers}
        assert found in ({403}, {404}, {422} if "{month}" in path else {404}), (role, verb, path, found)
        seen |= found
    assert len(seen) == 2, seen


def test_requests_and_filing(site: Site, tokens: dict[str, str]) -> None:
    """The repeat of a filing gives number and query code to those alone who may file."""
    client = Client(site.served["township"].port)
    document = site.town.application("township")
    first = client.post_json(f"{V1}/cases", document, tokens["clerk"], Idempotency_Key="k1")
    assert first.status == 201, first.text
    fresh = {**document, "application_no": "never-filed"}
    for role in ("admin", "overseer", "catalog_editor", "reviewer", "approver", "examiner"):
        told = [client.post_json(f"{V1}/cases", one, tokens[role], Idempotency_Key="k1") for one in (document, fresh, {})]
        assert {answer.status for answer in told} == {403}, (role, [answer.text for answer in told])
        assert len({answer.body for answer in told}) == 1
        assert first.json()["case_no"] not in told[0].text
    for role in ("admin", "overseer", "catalog_editor"):
        answers = [client.get(f"{V1}/requests/{id}", tokens[role]) for id in ("00" * 32, "nonsense")]
        assert {answer.status for answer in answers} == {403}


@pytest.mark.parametrize("action", ["accept", "hand_over", "withdraw", "save", "no_such_action"])
def test_every_action_of_the_pages(site: Site, cases: dict[str, str], action: str) -> None:
    for role in PEOPLE:
        site.ticks.at += 600
        client = site.client("township", role)
        if _may(action, role):
            continue
        answers = {kind: post(client, f"/cases/{no}/actions/{action}") for kind, no in cases.items()}
        assert {answer.status for answer in answers.values()} == {403}, (role, action)


@pytest.mark.parametrize(
    "path",
    [
        one.path for one in ROUTES
        if issubclass(one.handler, PageHandler) and "{" in one.path and "/actions/" not in one.path and one.handler.function is not None
    ],
)  # fmt: skip
def test_every_page_about_something(site: Site, cases: dict[str, str], path: str) -> None:
    """By GET and POST: a role that the page is not for hears nothing of what exists."""
    handler = next(one.handler for one in ROUTES if one.path == path)
    assert issubclass(handler, PageHandler)
    for role in ("overseer", "catalog_editor", "admin", "reviewer"):
        site.ticks.at += 600
        client = site.client("township", role)
        if handler.function is None or access.has(handler.function, "township", Role(role)):
            continue
        answers = [ask(client, address(path, no)) for no in cases.values() for ask in (Client.get, post)]
        assert {answer.status for answer in answers} <= {403, 405}, (role, path)


@pytest.mark.parametrize(
    ("path", "verb"),
    [
        (one.path, verb) for one in ROUTES
        if issubclass(one.handler, PageHandler) and "{no}" in one.path and one.path not in FOR_READERS
        for verb in one.handler.verbs() if verb in ("POST", "PUT")
    ],
)  # fmt: skip
def test_every_form_and_upload_about_a_case(site: Site, cases: dict[str, str], path: str, verb: str) -> None:
    """Among those who may read cases: who may not do what the page is for hears nothing of the case."""
    site.ticks.at += 600
    reviewer = site.client("township", "reviewer")
    url = path.replace("{material}", "0").replace("{paper}", "receipt").replace("{action}", "accept")
    answers = [post(reviewer, url.replace("{no}", no), verb) for no in cases.values()]
    assert {answer.status for answer in answers} == {403}, [answer.status for answer in answers]
    assert len({re.sub("<[^>]*>", "", answer.text.partition("<main")[2]) for answer in answers}) == 1


def _may(action: str, role: str) -> bool:
    try:
        access.require_act(action, "township", Role(role))
    except Exception:
        return False
    return True


def address(path: str, no: str) -> str:
    return "/".join(urllib.parse.quote(no) if part.startswith("{") else part for part in path.split("/"))


def post(client: Client, url: str, verb: str = "POST") -> Answer:
    page = client.get("/me").text
    token = page.split('name="_xsrf" value="')[1].split('"')[0]
    data = f"_xsrf={urllib.parse.quote(token)}".encode()
    headers = {"Content_Type": "application/x-www-form-urlencoded", "X_XSRFToken": urllib.parse.unquote(token)}
    return client.ask(verb, url, data, **headers)


def test_the_documents_are_json(site: Site, tokens: dict[str, str]) -> None:
    client = Client(site.served["township"].port)
    assert json.loads(client.get(f"{V1}/cases", tokens["overseer"]).body)["error"]["code"] == "forbidden"
