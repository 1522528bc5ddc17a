"""Addresses of catalog editor, network, counts."""

from __future__ import annotations

from edge_ui.route import Route
from edge_ui.web.city import authority, catalog, counts, days, publishing, rules, texts, tree, watch

ROUTES: tuple[Route, ...] = (
    Route("/catalog", catalog.CatalogListHandler, "city_catalog"),
    Route("/catalog/new", catalog.EditHandler, "city_new"),
    Route("/catalog/changes", publishing.ChangesHandler, "city_changes"),
    Route("/catalog/import", publishing.ImportHandler, "city_import"),
    Route("/catalog/history", publishing.HistoryHandler, "city_history"),
    Route("/catalog/history/{layer}/{revision}", publishing.PublicationHandler, "city_publication"),
    Route("/catalog/{id}", catalog.CatalogItemHandler, "city_item"),
    Route("/catalog/{id}/edit", catalog.EditHandler, "city_edit"),
    Route("/catalog/{id}/withdraw", catalog.WithdrawHandler, "city_withdraw"),
    Route("/catalog/{id}/discard", catalog.DiscardHandler, "city_discard"),
    Route("/catalog/{id}/take-over", catalog.TakeOverHandler, "city_take_over"),
    Route("/calendar", days.YearHandler, "city_calendar"),
    Route("/calendar/import", days.DaysFileHandler, "city_calendar_import"),
    Route("/calendar/changes", days.DayChangesHandler, "city_calendar_changes"),
    Route("/calendar/moved/{revision}", days.MovedHandler, "city_calendar_moved"),
    Route("/authority", authority.AuthorityHandler, "city_authority"),
    Route("/rules", rules.RulesHandler, "city_rules"),
    Route("/rules/supervision", watch.WatchRulesHandler, "city_watch_rules"),
    Route("/texts", texts.TextsHandler, "city_texts"),
    Route("/network", tree.NetworkHandler, "city_network"),
    Route("/network/{peer}/retry", tree.RetryLinkHandler, "city_retry"),
    Route("/counts", counts.CountsHandler, "city_counts"),
    Route("/counts.{kind}", counts.CountsSheetHandler, "city_counts_sheet"),
)
