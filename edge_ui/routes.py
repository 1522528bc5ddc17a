"""Every address of a node, in one table: the API, the endpoints for machines, the pages of each area."""

from __future__ import annotations

from typing import Any

from tornado.routing import URLSpec

from edge_ui.api import cases, catalog, machine, materials, oversight, public
from edge_ui.route import Route
from edge_ui.web import live
from edge_ui.web.admin.routes import ROUTES as ADMIN
from edge_ui.web.agent.routes import ROUTES as AGENT
from edge_ui.web.city.routes import ROUTES as CITY
from edge_ui.web.hall.routes import ROUTES as HALL
from edge_ui.web.machine.routes import ROUTES as MACHINE
from edge_ui.web.oversight.routes import ROUTES as OVERSIGHT
from edge_ui.web.papers.routes import ROUTES as PAPERS
from edge_ui.web.people.routes import ROUTES as PEOPLE
from edge_ui.web.public.routes import ROUTES as PUBLIC

V1 = "/api/v1"
API: tuple[Route, ...] = (
    Route(f"{V1}/cases", cases.CasesHandler, "cases"),
    Route(f"{V1}/cases/{{no}}", cases.CaseHandler, "case"),
    Route(f"{V1}/cases/{{no}}/actions/{{action}}", cases.ActionHandler, "action"),
    Route(f"{V1}/cases/{{no}}/materials/{{material}}", materials.MaterialHandler, "material"),
    Route(f"{V1}/cases/{{no}}/papers", cases.PapersHandler, "papers"),
    Route(f"{V1}/cases/{{no}}/papers/{{paper}}", cases.PaperHandler, "paper"),
    Route(f"{V1}/requests/{{id}}", cases.RequestHandler, "request"),
    Route(f"{V1}/catalog/items", catalog.ItemsHandler, "items"),
    Route(f"{V1}/catalog/items/{{id}}", catalog.ItemHandler, "item"),
    Route(f"{V1}/oversight/cases", oversight.OversightCasesHandler, "oversight_cases"),
    Route(f"{V1}/oversight/nodes", oversight.OversightNodesHandler, "oversight_nodes"),
    Route(f"{V1}/oversight/findings", oversight.OversightFindingsHandler, "oversight_findings"),
    Route(f"{V1}/oversight/explain", oversight.ExplainHandler, "oversight_explain"),
    Route(f"{V1}/public/explain", public.PublicExplainHandler, "public_explain"),
    *(Route(f"{V1}/oversight/{name}", oversight.LaterHandler, f"oversight_{name}") for name in oversight.LATER),
    Route(f"{V1}/stats", oversight.StatsHandler, "stats"),
    Route(f"{V1}/public/verify", public.VerifyHandler, "public_verify"),
    Route(f"{V1}/public/items", public.PublicItemsHandler, "public_items"),
    Route(f"{V1}/public/cases/{{no}}", public.PublicCaseHandler, "public_case"),
    Route(f"{V1}/openapi.json", machine.OpenApiHandler, "openapi"),
    Route("/healthz", machine.HealthHandler, "healthz"),
    Route("/metrics", machine.MetricsHandler, "metrics"),
    Route("/join", machine.JoinHandler, "join"),
)
PAGES: tuple[Route, ...] = (Route("/pulse", live.PulseHandler, "pulse"),)
AREAS = AGENT + HALL + PUBLIC + PAPERS + CITY + OVERSIGHT + PEOPLE + ADMIN + MACHINE
ROUTES = API + AREAS + PAGES  # the first that fits answers


def specs() -> list[URLSpec]:
    """The table for Tornado."""
    found = []
    for route in ROUTES:
        arguments: dict[str, Any] = {"route": route.path}
        if route.handler is machine.OpenApiHandler:
            arguments["routes"] = API
        found.append(URLSpec(route.pattern(), route.handler, arguments, name=route.name))
    return found


__all__ = ["API", "PAGES", "ROUTES", "Route", "specs"]
