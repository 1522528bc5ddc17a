"""Addresses of the line switch of the demo."""

from __future__ import annotations

from edge_ui.route import Route
from edge_ui.web.machine.line import LineHandler

ROUTES: tuple[Route, ...] = (Route("/line", LineHandler, "line"),)
