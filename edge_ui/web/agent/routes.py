"""Addresses of the village agent: home, drafts, hand-over."""

from __future__ import annotations

from edge_ui.route import Route
from edge_ui.web.agent import drafts, files, handover, home, new

ROUTES: tuple[Route, ...] = (
    Route("/agent", home.AgentHomeHandler, "agent"),
    Route("/new", new.NewHandler, "new"),
    Route("/new/{item}", new.ItemStartHandler, "new_item"),
    Route("/drafts", new.DraftsHandler, "drafts"),
    Route("/drafts/{id}", drafts.DraftHandler, "draft"),
    Route("/drafts/{id}/lodge", drafts.LodgeHandler, "draft_lodge"),
    Route("/drafts/{id}/person", drafts.PersonHandler, "draft_person"),
    Route("/drafts/{id}/discard", drafts.DiscardHandler, "draft_discard"),
    Route("/drafts/{id}/restore", drafts.RestoreHandler, "draft_restore"),
    Route("/drafts/{id}/done", drafts.DoneHandler, "draft_done"),
    Route("/drafts/{id}/files", files.FilesHandler, "draft_files"),
    Route("/drafts/{id}/sort", files.SortHandler, "draft_sort"),
    Route("/drafts/{id}/files/{file}", files.FileHandler, "draft_file"),
    Route("/handover", handover.HandoverHandler, "handover"),
    Route("/handover/{id}", handover.HandoverListHandler, "handover_list"),
)
