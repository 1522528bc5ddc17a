"""The addresses of a hall's work: the workbench, the list, one case."""

from __future__ import annotations

from edge_ui.route import Route
from edge_ui.web.hall import cases, materials, messages, notices, receive, supply, work

ROUTES: tuple[Route, ...] = (
    Route("/work", work.WorkHandler, "work"),
    Route("/receive", receive.ReceiveHandler, "receive_page"),
    Route("/cases", work.CasesHandler, "cases_page"),
    Route("/cases/{no}", cases.CaseHandler, "case_page"),
    Route("/cases/{no}/actions/supply_correction", supply.SupplyHandler, "supply_page"),
    Route("/cases/{no}/uploads", supply.UploadHandler, "case_uploads"),
    Route("/cases/{no}/uploads/{material}", supply.UploadPieceHandler, "case_upload"),
    Route("/cases/{no}/actions/{action}", cases.ActionHandler, "action_page"),
    Route("/cases/{no}/contact", notices.ContactHandler, "case_contact"),
    Route("/cases/{no}/told", notices.ToldHandler, "case_told"),
    Route("/messages", messages.MessagesHandler, "messages_page"),
    Route("/messages/{no}", messages.ThreadHandler, "thread_page"),
    Route("/news", notices.NewsHandler, "news"),
    Route("/tell", notices.ToTellHandler, "tell"),
    Route("/cases/{no}/materials/{material}", materials.MaterialHandler, "material_page"),
    Route("/cases/{no}/files/{material}", materials.FileHandler, "file_page"),
)
