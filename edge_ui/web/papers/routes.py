"""Addresses of printed papers of a case."""

from __future__ import annotations

from edge_ui.route import Route
from edge_ui.web.papers import papers

ROUTES: tuple[Route, ...] = (
    Route("/cases/{no}/papers/{paper}", papers.PaperPageHandler, "paper_page"),
    Route("/cases/{no}/papers/{paper}/correct", papers.CorrectPageHandler, "correct_paper_page"),
    Route("/cases/{no}/papers/{paper}/revoke", papers.RevokePageHandler, "revoke_paper_page"),
    Route("/verify", papers.VerifyHandler, "verify"),
)
