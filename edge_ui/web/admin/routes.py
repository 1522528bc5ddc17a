"""Addresses of the node administrator and the first-run wizard."""

from __future__ import annotations

from edge_ui.route import Route

ROUTES: tuple[Route, ...] = ()
