"""Addresses of the resident: landing, guide, status."""

from __future__ import annotations

from edge_ui.route import Route
from edge_ui.web.public import cases, catalog

ROUTES: tuple[Route, ...] = (
    Route("/", catalog.LandingHandler, "home"),
    Route("/guide", catalog.GuideHandler, "guide"),
    Route("/guide/{item}", catalog.ItemHandler, "guide_item"),
    Route("/status", cases.StatusHandler, "status"),
    Route("/public", cases.OldAddressHandler, "public_page"),
)
