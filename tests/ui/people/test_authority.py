"""Who may open what: every route of a node against one declared table, for every role and for a stranger, over HTTP.

A handler without a statement of its own, or a route that is not in the table, fails.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator

import pytest

from edge_ui.api.base import ApiHandler
from edge_ui.route import Route
from edge_ui.routes import AREAS, ROUTES
from edge_ui.web.base import PageHandler
from node.domain.model import Role
from tests.ui.real import Site
from tests.ui.wire import Client

PUBLIC, LOGGED_IN = "everybody", "whoever is logged in"
PEOPLE = frozenset(Role) - {Role.SYSTEM, Role.INTEGRATION}


def roles(text: str) -> frozenset[Role]:
    return frozenset(Role(word) for word in text.split())


ADMIN = roles("admin")
FILING = roles("agent clerk director")
VILLAGE = roles("agent director")
CASES = roles("agent clerk examiner reviewer approver director")
HALL = roles("clerk examiner reviewer approver director")
EDITOR = roles("catalog_editor director")
DECLARED: dict[str, frozenset[Role] | str] = {
    # people
    "/login": PUBLIC, "/logout": PUBLIC, "/switch": PUBLIC, "/switch/{staff_id}": PUBLIC, "/lock": PUBLIC, "/lock/now": LOGGED_IN,
    "/lock/active": LOGGED_IN, "/lock/kept": LOGGED_IN, "/me": LOGGED_IN, "/me/password": LOGGED_IN, "/me/pin": LOGGED_IN,
    "/me/language": LOGGED_IN,
    # the administrator
    "/admin": ADMIN, "/admin/staff": ADMIN, "/admin/staff/card": ADMIN, "/admin/staff/{staff_id}": ADMIN,
    "/admin/staff/{staff_id}/{act}": ADMIN, "/admin/nodes": ADMIN, "/admin/nodes/card": ADMIN, "/admin/nodes/{code}/retry": ADMIN,
    "/admin/nodes/{code}/revoke": ADMIN, "/admin/invitations/{invitation}/cancel": ADMIN, "/admin/backup": ADMIN,
    "/admin/backup/{name}": ADMIN, "/admin/audit": ADMIN,
    # agents and filing
    "/agent": VILLAGE, "/handover": VILLAGE, "/handover/{id}": VILLAGE, "/new": FILING, "/new/{item}": FILING, "/drafts": FILING,
    "/drafts/{id}": FILING, "/drafts/{id}/lodge": FILING, "/drafts/{id}/discard": FILING, "/drafts/{id}/restore": FILING, "/drafts/{id}/done": FILING,
    "/drafts/{id}/files": FILING, "/drafts/{id}/sort": FILING, "/drafts/{id}/files/{file}": FILING,
    # halls
    "/work": HALL, "/cases": CASES, "/cases/{no}": CASES, "/cases/{no}/actions/{action}": CASES,
    "/cases/{no}/actions/supply_correction": CASES, "/cases/{no}/uploads": CASES, "/cases/{no}/uploads/{material}": CASES,
    "/cases/{no}/materials/{material}": CASES, "/cases/{no}/files/{material}": CASES, "/cases/{no}/papers/{paper}": CASES,
    # the city
    "/catalog": PUBLIC, "/catalog/{id}": PUBLIC, "/catalog/new": EDITOR, "/catalog/changes": EDITOR, "/catalog/import": EDITOR,
    "/catalog/history": EDITOR, "/catalog/history/{layer}/{revision}": EDITOR, "/catalog/{id}/edit": EDITOR,
    "/catalog/{id}/withdraw": EDITOR, "/catalog/{id}/discard": EDITOR, "/catalog/{id}/take-over": EDITOR,
    "/network": roles("admin director overseer"), "/network/{peer}/retry": ADMIN,
    "/oversight": roles("director overseer"), "/oversight/findings": roles("director overseer"),
    "/oversight/units": roles("director overseer"),
    "/counts": roles("admin approver catalog_editor director overseer"),
    "/counts.csv": roles("admin approver catalog_editor director overseer"),
    # residents and the frame
    "/": PUBLIC, "/pulse": PUBLIC, "/guide": PUBLIC, "/guide/{item}": PUBLIC, "/status": PUBLIC, "/verify": PUBLIC, "/public": PUBLIC,
    "/line": PUBLIC,  # exists in a demonstration network only, where the handler asks for the role
}  # fmt: skip
PAGES: list[Route] = [
    route for n, route in enumerate(ROUTES)
    if issubclass(route.handler, PageHandler) and route.path not in {one.path for one in ROUTES[:n]}
]  # fmt: skip
SAMPLE = {"no": "420102002003-261123-K70-0001-5", "action": "accept", "paper": "receipt", "item": "ZW007", "act": "role"}


def stated(handler: type) -> object:
    """What the handler says of itself; the ground class says nothing."""
    own = handler.__mro__[: handler.__mro__.index(PageHandler)]
    if not any("roles" in vars(one) or "login_needed" in vars(one) for one in own):
        return None
    if handler.roles is not None:  # type: ignore[attr-defined]
        return handler.roles  # type: ignore[attr-defined]
    return LOGGED_IN if handler.login_needed else PUBLIC  # type: ignore[attr-defined]


def address(path: str) -> str:
    for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
        path = path.replace("{" + name + "}", urllib.parse.quote(SAMPLE.get(name, "x1")))
    return path


@pytest.mark.parametrize("route", [one for one in PAGES if one in AREAS], ids=lambda route: route.path)
def test_every_handler_states_who_may_and_the_table_agrees(route: Route) -> None:
    assert route.path in DECLARED, "say in DECLARED who may open it"
    found = stated(route.handler)
    assert found is not None, "the handler must set roles (None: everybody) or login_needed"
    assert found == DECLARED[route.path]


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Client]]:
    """A browser of every role, and a stranger's (""), at the township (agents: at the village)."""
    site = Site(tmp_path_factory.mktemp("authority"))
    found = {"": site.client("township")}
    for role in PEOPLE:
        site.ticks.at += 600
        found[str(role)] = site.client("village" if role is Role.AGENT else "township", str(role))
    yield found
    site.close()


@pytest.mark.parametrize("route", PAGES, ids=lambda route: route.path)
def test_every_role_meets_what_is_declared(clients: dict[str, Client], route: Route) -> None:
    allowed = stated(route.handler) or PUBLIC
    url = address(route.path)
    for who, client in clients.items():
        answers = [client.get(url)] if "GET" in route.handler.verbs() else []
        if "POST" in route.handler.verbs() and not permitted(allowed, who):
            answers.append(post(client, url))
        for answer in answers:
            assert answer.status < 500, (who, url)
            if permitted(allowed, who):
                assert not str(answer.headers.get("Location", "")).startswith("/login") or route.path.startswith(
                    ("/switch", "/lock")
                ), who
            elif who:
                assert answer.status == 403, (who, url, answer.status)
            else:
                assert answer.status == 303 and answer.headers["Location"].startswith("/login?"), (url, answer.status)


def permitted(allowed: object, who: str) -> bool:
    if allowed == PUBLIC:
        return True
    if allowed == LOGGED_IN:
        return bool(who)
    assert isinstance(allowed, frozenset)
    return bool(who) and Role(who) in allowed


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
