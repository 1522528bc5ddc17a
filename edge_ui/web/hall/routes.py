"""The addresses of a hall's work: the workbench, the list, one case."""

from __future__ import annotations

from edge_ui.route import Route
from edge_ui.web.hall import case, work

ROUTES: tuple[Route, ...] = (
    Route("/work", work.WorkHandler, "work"),
    Route("/cases", work.CasesHandler, "cases_page"),
    Route("/cases/{no}", case.CaseHandler, "case_page"),
    Route("/cases/{no}/actions/{action}", case.ActionHandler, "action_page"),
    Route("/cases/{no}/materials/{material}", case.MaterialHandler, "material_page"),
    Route("/cases/{no}/files/{material}", case.FileHandler, "file_page"),
)
