"""Addresses of the village agent: home, drafts, hand-over."""

from __future__ import annotations

from edge_ui.route import Route

ROUTES: tuple[Route, ...] = ()
