"""Addresses of printed papers of a case."""

from __future__ import annotations

from edge_ui.route import Route

ROUTES: tuple[Route, ...] = ()
