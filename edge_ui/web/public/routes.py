"""Addresses of the resident: landing, guide, status."""

from __future__ import annotations

from edge_ui.route import Route
from edge_ui.web.public import handlers

ROUTES: tuple[Route, ...] = (
    Route("/", handlers.LandingHandler, "home"),
    Route("/guide", handlers.GuideHandler, "guide"),
    Route("/guide/{item}", handlers.ItemHandler, "guide_item"),
    Route("/status", handlers.StatusHandler, "status"),
    Route("/public", handlers.OldAddressHandler, "public_page"),
)
