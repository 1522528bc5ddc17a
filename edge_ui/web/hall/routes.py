"""Addresses of window and examiner: workbench, cases."""

from __future__ import annotations

from edge_ui.route import Route

ROUTES: tuple[Route, ...] = ()
