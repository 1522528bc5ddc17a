"""Addresses of catalog editor, network, counts."""

from __future__ import annotations

from edge_ui.route import Route

ROUTES: tuple[Route, ...] = ()
