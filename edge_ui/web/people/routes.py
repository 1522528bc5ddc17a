"""Addresses of login, PIN, lock, own settings."""

from __future__ import annotations

from edge_ui.route import Route

ROUTES: tuple[Route, ...] = ()
