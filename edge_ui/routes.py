"""Every address of a node, in one table: the API, the endpoints for machines, the pages of each area."""

from __future__ import annotations

from typing import Any

from tornado.routing import URLSpec

from edge_ui.api import (
    analysis,
    appeals,
    cases,
    catalog,
    machine,
    materials,
    messages,
    notices,
    orders,
    oversight,
    prompts,
    public,
    reports,
)
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
    Route(f"{V1}/cases/{{no}}/papers/{{paper}}/correct", cases.CorrectPaperHandler, "correct_paper"),
    Route(f"{V1}/cases/{{no}}/papers/{{paper}}/revoke", cases.RevokePaperHandler, "revoke_paper"),
    Route(f"{V1}/cases/{{no}}/messages", messages.MessagesHandler, "messages"),
    Route(f"{V1}/requests/{{id}}", cases.RequestHandler, "request"),
    Route(f"{V1}/catalog/items", catalog.ItemsHandler, "items"),
    Route(f"{V1}/catalog/items/{{id}}", catalog.ItemHandler, "item"),
    Route(f"{V1}/oversight/cases", oversight.OversightCasesHandler, "oversight_cases"),
    Route(f"{V1}/oversight/cases/{{no}}", oversight.OversightCaseHandler, "oversight_case"),
    Route(f"{V1}/oversight/nodes", oversight.OversightNodesHandler, "oversight_nodes"),
    Route(f"{V1}/oversight/desk", oversight.OversightDeskHandler, "oversight_desk"),
    Route(f"{V1}/oversight/monitors/{{monitor}}", oversight.OversightMonitorHandler, "oversight_monitor"),
    Route(f"{V1}/oversight/analysis", analysis.AnalysisHandler, "oversight_analysis"),
    Route(f"{V1}/oversight/shares", analysis.SharesHandler, "oversight_shares"),
    Route(f"{V1}/oversight/items", analysis.OfferedItemsHandler, "oversight_items"),
    Route(f"{V1}/oversight/units", oversight.OversightUnitsHandler, "oversight_units"),
    Route(f"{V1}/oversight/findings", oversight.OversightFindingsHandler, "oversight_findings"),
    Route(f"{V1}/oversight/cards", oversight.CardsHandler, "oversight_cards"),
    Route(f"{V1}/oversight/cards/{{id}}", oversight.CardHandler, "oversight_card"),
    Route(f"{V1}/oversight/cards/{{id}}/appeal", appeals.CardAppealHandler, "oversight_card_appeal"),
    Route(f"{V1}/oversight/appeals", appeals.AppealsHandler, "oversight_appeals"),
    Route(f"{V1}/oversight/appeals/{{id}}", appeals.AppealHandler, "oversight_appeal"),
    Route(f"{V1}/oversight/appeals/{{id}}/evidence/{{n}}", appeals.AppealFileHandler, "oversight_appeal_file"),
    Route(f"{V1}/oversight/appeals/{{id}}/{{action}}", appeals.AppealActHandler, "oversight_appeal_act"),
    Route(f"{V1}/oversight/cases/{{no}}/examine", prompts.ExamineHandler, "oversight_examine"),
    Route(f"{V1}/oversight/findings/{{id}}/confirm", prompts.FindingConfirmHandler, "oversight_finding_confirm"),
    Route(f"{V1}/oversight/reminders", prompts.RemindersHandler, "oversight_reminders"),
    Route(f"{V1}/oversight/reminders/{{id}}/answer", prompts.ReminderAnswerHandler, "oversight_reminder_answer"),
    Route(f"{V1}/oversight/orders", orders.OrdersHandler, "oversight_orders"),
    Route(f"{V1}/oversight/orders/{{id}}", orders.OrderHandler, "oversight_order"),
    Route(f"{V1}/oversight/orders/{{id}}/papers/order", orders.OrderPaperHandler, "oversight_order_paper"),
    Route(f"{V1}/oversight/orders/{{id}}/attachments/{{version}}/{{n}}", orders.OrderFileHandler, "oversight_order_file"),
    Route(f"{V1}/oversight/orders/{{id}}/{{action}}", orders.OrderActHandler, "oversight_order_act"),
    Route(f"{V1}/oversight/explain", oversight.ExplainHandler, "oversight_explain"),
    Route(f"{V1}/public/explain", public.PublicExplainHandler, "public_explain"),
    *(Route(f"{V1}/oversight/{name}", oversight.LaterHandler, f"oversight_{name}") for name in oversight.LATER),
    Route(f"{V1}/reports/monthly", reports.MonthlyReportHandler, "monthly_report"),
    Route(f"{V1}/reports/period", reports.PeriodHandler, "period_report"),
    Route(f"{V1}/reports/monthly/cases", reports.ReportCasesHandler, "report_cases"),
    Route(f"{V1}/reports/monthly/signals", reports.ReportSignalsHandler, "report_signals"),
    Route(f"{V1}/reports/monthly/{{month}}/submit", reports.SubmitReportHandler, "submit_report"),
    Route(f"{V1}/stats", oversight.StatsHandler, "stats"),
    Route(f"{V1}/public/verify", public.VerifyHandler, "public_verify"),
    Route(f"{V1}/public/items", public.PublicItemsHandler, "public_items"),
    Route(f"{V1}/public/search", public.PublicSearchHandler, "public_search"),
    Route(f"{V1}/public/cases/{{no}}", public.PublicCaseHandler, "public_case"),
    Route(f"{V1}/notices/inbound", notices.InboundHandler, "notices_inbound"),
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
