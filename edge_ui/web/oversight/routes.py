"""Addresses of supervision."""

from __future__ import annotations

from edge_ui.route import Route
from edge_ui.web.oversight import handlers

ROUTES: tuple[Route, ...] = (
    Route("/oversight", handlers.OversightHandler, "oversight_page"),
    Route("/oversight/units", handlers.UnitsHandler, "oversight_units_page"),
    Route("/oversight/findings", handlers.FindingsHandler, "oversight_findings_page"),
)
