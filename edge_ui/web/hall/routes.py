"""The addresses of a hall's work: the workbench, the list, one case."""

from __future__ import annotations

from edge_ui.route import Route
from edge_ui.web.hall import cases, receive, supply, work

ROUTES: tuple[Route, ...] = (
    Route("/work", work.WorkHandler, "work"),
    Route("/receive", receive.ReceiveHandler, "receive_page"),
    Route("/cases", work.CasesHandler, "cases_page"),
    Route("/cases/{no}", cases.CaseHandler, "case_page"),
    Route("/cases/{no}/actions/supply_correction", supply.SupplyHandler, "supply_page"),
    Route("/cases/{no}/uploads", supply.UploadHandler, "case_uploads"),
    Route("/cases/{no}/uploads/{material}", supply.UploadPieceHandler, "case_upload"),
    Route("/cases/{no}/actions/{action}", cases.ActionHandler, "action_page"),
    Route("/cases/{no}/materials/{material}", cases.MaterialHandler, "material_page"),
    Route("/cases/{no}/files/{material}", cases.FileHandler, "file_page"),
)
