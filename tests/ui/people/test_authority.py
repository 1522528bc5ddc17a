"""Who may open what: every page and endpoint against the table of `access`, for every role at every tier and for a stranger, over HTTP.

A handler without a statement of its own, or a route of which nobody said here what it is for, fails.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator

import pytest

from edge_ui.api.base import ApiHandler
from edge_ui.route import Route
from edge_ui.routes import AREAS, ROUTES
from edge_ui.web.base import PageHandler
from edge_ui.web.menu import menu_of
from node.domain.cases import access
from node.domain.cases.access import Function
from node.domain.model import TIERS, Role
from node.domain.papers.facts import may_ever_issue
from node.domain.papers.papers import BUILT
from node.domain.supervision.appeals import ACTIONS as OF_APPEAL
from node.domain.supervision.order_documents import ACTIONS
from tests.ui.real import Site
from tests.ui.wire import Answer, Client

F = Function
DECLARED: dict[str, Function | None] = {
    # people
    "/login": None, "/logout": None, "/switch": None, "/switch/{staff_id}": None, "/lock": None, "/lock/now": F.OWN_ACCOUNT,
    "/lock/active": F.OWN_ACCOUNT, "/lock/kept": F.OWN_ACCOUNT, "/me": F.OWN_ACCOUNT, "/me/password": F.OWN_ACCOUNT, "/me/pin": F.OWN_ACCOUNT,
    "/me/first-password": F.OWN_ACCOUNT, "/confirm": F.OWN_ACCOUNT, "/login/code": None, "/me/codes": F.SECOND_FACTOR,
    "/me/language": F.OWN_ACCOUNT, "/me/mail": F.READ_CASE, "/me/mail/again": F.READ_CASE, "/me/mail/confirm": F.READ_CASE,
    # the administrator
    "/admin": F.MANAGE_NODE, "/admin/staff": F.MANAGE_PEOPLE, "/admin/staff/card": F.MANAGE_PEOPLE, "/admin/staff/{staff_id}": F.MANAGE_PEOPLE,
    "/admin/staff/{staff_id}/{act}": F.MANAGE_PEOPLE,
    "/admin/readings": F.READING_LOG, "/admin/readings.csv": F.READING_LOG,
    "/admin/tokens": F.MANAGE_PEOPLE, "/admin/tokens/card": F.MANAGE_PEOPLE, "/admin/tokens/{token}/revoke": F.MANAGE_PEOPLE,
    "/admin/nodes": F.MANAGE_NODE, "/admin/nodes/card": F.MANAGE_NODE,
    "/admin/nodes/{code}/retry": F.MANAGE_NODE,
    "/admin/nodes/{code}/revoke": F.MANAGE_NODE, "/admin/invitations/{invitation}/cancel": F.MANAGE_NODE, "/admin/backup": F.BACKUP,
    "/admin/notices": F.MANAGE_NODE, "/admin/notices/retry": F.MANAGE_NODE,
    "/admin/backup/{name}": F.BACKUP, "/admin/audit": F.AUDIT_LOG,
    # agents and filing
    "/receive": F.WORKBENCH,
    "/agent": F.AGENT_DESK, "/handover": F.AGENT_DESK, "/handover/{id}": F.AGENT_DESK, "/new": F.DRAFT, "/new/{item}": F.DRAFT, "/drafts": F.DRAFT,
    "/drafts/{id}": F.DRAFT, "/drafts/{id}/lodge": F.DRAFT, "/drafts/{id}/discard": F.DRAFT,
    "/drafts/{id}/restore": F.DRAFT, "/drafts/{id}/person": F.DRAFT, "/drafts/{id}/done": F.DRAFT,
    "/drafts/{id}/files": F.DRAFT, "/drafts/{id}/sort": F.DRAFT, "/drafts/{id}/files/{file}": F.DRAFT,
    # halls
    "/work": F.WORKBENCH, "/cases": F.READ_CASE, "/cases/{no}": F.READ_CASE, "/cases/{no}/actions/{action}": F.READ_CASE,
    "/cases/{no}/actions/supply_correction": F.READ_CASE, "/cases/{no}/uploads": F.READ_CASE, "/cases/{no}/uploads/{material}": F.READ_CASE,
    "/messages": F.READ_CASE, "/messages/{no}": F.READ_CASE,
    "/cases/{no}/materials/{material}": F.READ_CASE, "/cases/{no}/files/{material}": F.READ_CASE, "/cases/{no}/papers/{paper}": F.READ_CASE,
    "/cases/{no}/papers/{paper}/correct": F.READ_CASE, "/cases/{no}/papers/{paper}/revoke": F.READ_CASE,
    "/cases/{no}/contact": F.READ_CASE, "/cases/{no}/told": F.READ_CASE, "/tell": F.READ_CASE, "/news": F.READ_CASE,
    # the city
    "/catalog": None, "/catalog/{id}": None, "/catalog/new": F.EDIT_CATALOG, "/catalog/changes": F.EDIT_CATALOG, "/catalog/import": F.EDIT_CATALOG,
    "/catalog/history": F.EDIT_CATALOG, "/catalog/history/{layer}/{revision}": F.EDIT_CATALOG, "/catalog/{id}/edit": F.EDIT_CATALOG,
    "/catalog/{id}/withdraw": F.EDIT_CATALOG, "/catalog/{id}/discard": F.EDIT_CATALOG, "/catalog/{id}/take-over": F.EDIT_CATALOG,
    "/calendar": None, "/calendar/import": F.PUBLISH_RULES, "/calendar/changes": F.PUBLISH_RULES,
    "/calendar/moved/{revision}": F.CALENDAR_MOVES, "/authority": F.READ_CATALOG, "/rules": F.READ_CATALOG,
    "/rules/supervision": F.READ_CATALOG, "/texts": F.READ_CATALOG,
    "/network": F.NETWORK, "/network/{peer}/retry": F.MANAGE_NODE,
    "/oversight": F.OVERSIGHT, "/oversight/findings": F.OVERSIGHT,
    "/oversight/signals/{id}": F.OVERSIGHT, "/appeals": F.OVERSIGHT, "/appeals/{id}": F.OVERSIGHT, "/appeals/{id}/{action}": F.OVERSIGHT,
    "/oversight/signals/{id}/proof": F.OVERSIGHT,
    "/appeals/{id}/evidence/{n}": F.OVERSIGHT,
    "/oversight/signals": F.OVERSIGHT, "/oversight/signals.{kind}": F.OVERSIGHT,
    "/oversight/findings/{id}": F.OVERSIGHT, "/oversight/draws/{no}": F.OVERSIGHT,
    "/orders": F.ORDERS, "/orders/new": F.ISSUE_ORDERS,
    "/orders/{id}": F.ORDERS, "/orders/{id}/paper": F.ORDERS, "/orders/{id}/attachments/{version}/{n}": F.ORDERS, "/orders/{id}/{action}": F.ORDERS,
    "/reminders": F.ORDERS, "/reminders/new": F.ISSUE_ORDERS, "/reminders/answer": F.ORDERS,
    "/oversight/units": F.OVERSIGHT, "/oversight/cases/{no}": F.OVERSIGHT, "/oversight/views": F.OVERSIGHT,
    "/oversight/monitors/{monitor}": F.OVERSIGHT, "/oversight/analysis": F.OVERSIGHT, "/oversight/analysis/saved": F.OVERSIGHT,
    "/oversight/shares": F.OVERSIGHT, "/oversight/items": F.OVERSIGHT,
    "/oversight/monitor-{monitor}.{kind}": F.OVERSIGHT,
    **{f"/oversight/{one}.{{kind}}": F.OVERSIGHT for one in ("desk", "cases", "units", "findings", "analysis", "shares", "items")},
    "/oversight/report": F.REPORTS, "/oversight/report/cases": F.REPORTS, "/oversight/report/print": F.REPORTS,
    "/oversight/report/mail": F.REPORT_MAIL, "/oversight/report/cases.{kind}": F.REPORTS, "/oversight/report/signals": F.REPORTS,
    "/oversight/report/signals.{kind}": F.REPORTS,
    "/oversight/report/sign": F.SUBMIT_REPORT, "/oversight/report/period": F.REPORTS, "/oversight/period.{kind}": F.REPORTS,
    "/oversight/report-{table}.{kind}": F.REPORTS,
    "/counts": F.STATS,
    "/counts.{kind}": F.STATS,
    # residents and the frame
    "/": None, "/pulse": None, "/guide": None, "/guide/{item}": None, "/status": None, "/verify": None, "/public": None,
    "/line": None,  # exists in a demonstration network only, where the handler asks for the role
}  # fmt: skip
PAGES: list[Route] = [
    route for n, route in enumerate(ROUTES)
    if issubclass(route.handler, PageHandler) and route.path not in {one.path for one in ROUTES[:n]}
]  # fmt: skip
SAMPLE = {"no": "420102002003-261123-K70-0001-5", "action": "accept", "paper": "receipt", "item": "ZW007", "act": "role"}


def stated(handler: type) -> bool:
    """Whether the handler says itself what it is for; the ground class says nothing."""
    return any("function" in vars(one) for one in handler.__mro__[: handler.__mro__.index(PageHandler)])


def address(path: str) -> str:
    for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
        path = path.replace("{" + name + "}", urllib.parse.quote(SAMPLE.get(name, "x1")))
    return path


@pytest.mark.parametrize("route", [one for one in PAGES if one in AREAS], ids=lambda route: route.path)
def test_every_handler_states_what_it_is_for_and_the_table_agrees(route: Route) -> None:
    assert route.path in DECLARED, "say in DECLARED what it is for"
    assert issubclass(route.handler, PageHandler)
    assert stated(route.handler), "the handler must set its function (None: everybody)"
    assert route.handler.function == DECLARED[route.path]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("authority"))
    yield made
    made.close()


def browsers(site: Site, tier: str) -> dict[str, Client]:
    """A browser of every role that the tier has, and a stranger's ("")."""
    found = {"": site.client(tier)}
    for role in access.persons(tier):
        site.ticks.at += 600
        found[str(role)] = site.client(tier, str(role))
    return found


@pytest.fixture(scope="module")
def clients(site: Site) -> dict[str, Client]:
    return browsers(site, "township")


@pytest.mark.parametrize("tier", TIERS)
def test_every_page_for_every_role_is_as_the_table_says(site: Site, tier: str) -> None:
    wrong = []
    for who, client in browsers(site, tier).items():
        for route in PAGES:
            allowed = permitted(route, tier, who)
            url, verbs = address(route.path), route.handler.verbs()
            answers = [client.get(url)] if "GET" in verbs else []
            if "POST" in verbs and not allowed:
                answers.append(post(client, url))
            wrong += [(who, url, answer.status) for answer in answers if not as_it_should(answer, who, allowed, url)]
    assert wrong == []


def as_it_should(answer: Answer, who: str, allowed: bool, url: str) -> bool:
    to_login = answer.status == 303 and str(answer.headers.get("Location", "")).startswith("/login?")
    if allowed:
        to_login &= not url.startswith(("/switch", "/lock"))  # who changes places or forgot the PIN is led there
        return answer.status < 500 and answer.status != 403 and not (who and to_login)
    return answer.status == 403 if who else to_login


def permitted(route: Route, tier: str, who: str) -> bool:
    assert issubclass(route.handler, PageHandler)
    function = route.handler.function
    return function is None or access.has(function, tier, Role(who) if who else None)


ENDPOINTS = [
    (route, verb) for route in ROUTES if issubclass(route.handler, ApiHandler) for verb in route.handler.operations
]  # fmt: skip


@pytest.mark.parametrize("tier", TIERS)
def test_every_endpoint_for_every_role_is_as_the_table_says(site: Site, tier: str) -> None:
    """About what does not exist and with an empty body: who has the function hears of that, who has not is refused before."""
    client, wrong = Client(site.served[tier].port), []
    for role in access.tokens(tier):
        token = site.center(tier).tokens.issue(f"walk {role}", str(role))
        for route, verb in ENDPOINTS:
            assert issubclass(route.handler, ApiHandler)
            function = route.handler.operations[verb].function
            if function is None:
                continue
            url = address(route.path)
            if route.path.endswith("/orders/{id}/{action}"):
                url, function = url.replace("/accept", "/reply"), F.ANSWER_ORDERS  # each act: below
            if route.path.endswith("/appeals/{id}/{action}"):
                url, function = url.replace("/accept", "/decide"), F.DECIDE_APPEALS
            answer = client.ask(verb, url, {"POST": b"{}", "PUT": b"x"}.get(verb), token, Content_Type="application/json")
            free = route.handler.operations[verb].free_here
            acts = "/cases/{no}/actions/{action}" in route.path and not access.may_ever(SAMPLE["action"], tier, role)
            papers = verb == "POST" and function is F.ISSUE_PAPER and not may_ever_issue(SAMPLE["paper"], tier, role)
            allowed = free or (access.has(function, tier, role) and not acts and not papers)
            if (answer.status == 403) == allowed:
                wrong.append((str(role), verb, route.path, answer.status))
    assert wrong == []


@pytest.mark.parametrize("tier", TIERS)
def test_every_paper_is_issued_by_who_may_do_the_act_it_rests_on(site: Site, tier: str) -> None:
    """By the API and from the page, each paper by each role: who may hears that there is no such case, who may not is refused before."""
    wires, pages, wrong = Client(site.served[tier].port), browsers(site, tier), []
    for role in access.tokens(tier):
        token = site.center(tier).tokens.issue(f"papers {role}", str(role))
        for paper in BUILT:
            allowed = may_ever_issue(paper, tier, role)
            answer = wires.ask(
                "POST", f"/api/v1/cases/{SAMPLE['no']}/papers/{paper}", b"{}", token, Content_Type="application/json"
            )
            if answer.status != (404 if allowed else 403):
                wrong.append(("api", str(role), paper, answer.status))
            if str(role) in pages:
                answer = post(pages[str(role)], f"/cases/{SAMPLE['no']}/papers/{paper}")
                if answer.status != (404 if allowed else 403):
                    wrong.append(("page", str(role), paper, answer.status))
    assert wrong == []


OF_ORDERS = {
    "sign": F.ISSUE_ORDERS, "receive": F.ANSWER_ORDERS, "reply": F.ANSWER_ORDERS, "close": F.ISSUE_ORDERS, "return": F.ISSUE_ORDERS,
    "circulate": F.ISSUE_ORDERS,
}  # fmt: skip


OF_APPEALS = {"decide": F.DECIDE_APPEALS, "apply": F.APPEAL_CARDS, "review": F.DECIDE_APPEALS}
ONE = "0" * 64
ACTS = [
    *((f"/api/v1/oversight/orders/{ONE}/{act}", f"/orders/{ONE}/{act}", function) for act, function in OF_ORDERS.items()),
    *((f"/api/v1/oversight/appeals/{ONE}/{act}", f"/appeals/{ONE}/{act}", function) for act, function in OF_APPEALS.items()),
    (f"/api/v1/oversight/cards/{ONE}/appeal", f"/oversight/signals/{ONE}", F.APPEAL_CARDS),
]


@pytest.mark.parametrize("tier", TIERS)
def test_every_act_on_an_order_and_on_an_appeal_is_done_by_whose_it_is(site: Site, tier: str) -> None:
    """By the API and from the page, each act by each role: who may hears that there is no such thing, who may not is refused before."""
    assert set(OF_ORDERS) == set(ACTIONS) and set(OF_APPEALS) == set(OF_APPEAL)
    wires, pages, wrong = Client(site.served[tier].port), browsers(site, tier), []
    for role in access.tokens(tier):
        token = site.center(tier).tokens.issue(f"acts {role}", str(role))
        for api, page, function in ACTS:
            expected = 404 if access.has(function, tier, role) else 403
            answers = [("api", wires.ask("POST", api, b"{}", token, Content_Type="application/json"))]
            if str(role) in pages:
                answers.append(("page", post(pages[str(role)], page)))
            wrong += [(kind, str(role), page, answer.status) for kind, answer in answers if answer.status != expected]
    assert wrong == []


@pytest.mark.parametrize("tier", TIERS)
def test_who_may_issue_papers_at_all_is_who_may_issue_one_of_them(tier: str) -> None:
    for role in access.tokens(tier):
        one = any(may_ever_issue(paper, tier, role) for paper in BUILT)
        assert access.has(Function.ISSUE_PAPER, tier, role) == one, role


@pytest.mark.parametrize("tier", TIERS)
def test_every_menu_leads_to_pages_that_its_role_may_open(tier: str) -> None:
    by_path = {route.path: route for route in PAGES}
    for role in access.persons(tier):
        for path in menu_of(role, tier):
            assert permitted(by_path[path], tier, str(role)), (role, path)


def post(client: Client, url: str):
    """A form with a right token but no fields: who may not is refused before anything is looked at."""
    page = client.get("/me" if any("session" in name for name in client.cookies) else "/login").text
    token = page.split('name="_xsrf" value="')[1].split('"')[0]
    return client.ask(
        "POST", url, f"_xsrf={urllib.parse.quote(token)}".encode(), Content_Type="application/x-www-form-urlencoded"
    )


@pytest.mark.parametrize("route", PAGES, ids=lambda route: route.path)
def test_a_form_without_its_token_is_refused(clients: dict[str, Client], route: Route) -> None:
    if "POST" not in route.handler.verbs():
        return
    for who, client in clients.items():
        answer = client.ask("POST", address(route.path), b"x=1", Content_Type="application/x-www-form-urlencoded")
        assert answer.status == 403, (who, route.path, answer.status)


@pytest.mark.parametrize("route", [one for one in ROUTES if issubclass(one.handler, ApiHandler)], ids=lambda route: route.path)
def test_the_api_asks_for_a_token_unless_it_says_otherwise(clients: dict[str, Client], route: Route) -> None:
    handler = route.handler
    assert issubclass(handler, ApiHandler)
    for verb, operation in handler.operations.items():
        if operation.function is not None and not operation.free_here:
            assert clients[""].ask(verb, address(route.path), b"{}" if verb == "POST" else None).status == 401, route.path
        else:
            assert "/public/" in route.path or route.path.endswith(("/openapi.json", "/join", "/healthz", "/metrics")), route.path
