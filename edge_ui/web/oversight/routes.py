"""Addresses of supervision."""

from __future__ import annotations

from edge_ui.route import Route
from edge_ui.web.oversight import supervision

ROUTES: tuple[Route, ...] = (
    Route("/oversight", supervision.OversightHandler, "oversight_page"),
    Route("/oversight/units", supervision.UnitsHandler, "oversight_units_page"),
    Route("/oversight/findings", supervision.FindingsHandler, "oversight_findings_page"),
)
