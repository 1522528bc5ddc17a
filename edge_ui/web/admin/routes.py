"""Addresses of the node's administrator."""

from __future__ import annotations

from edge_ui.route import Route
from edge_ui.web.admin import audit, notices, people, readings, tokens, tree, upkeep

ROUTES: tuple[Route, ...] = (
    Route("/admin", upkeep.OverviewHandler, "admin"),
    Route("/admin/staff", people.StaffHandler, "admin_staff"),
    Route("/admin/staff/card", people.StaffCardHandler, "admin_staff_card"),
    Route("/admin/staff/{staff_id}", people.PersonHandler, "admin_person"),
    Route("/admin/staff/{staff_id}/{act}", people.PersonActHandler, "admin_person_act"),
    Route("/admin/tokens", tokens.TokensHandler, "admin_tokens"),
    Route("/admin/tokens/card", tokens.TokenCardHandler, "admin_token_card"),
    Route("/admin/tokens/{token}/revoke", tokens.TokenRevokeHandler, "admin_token_revoke"),
    Route("/admin/nodes", tree.NodesHandler, "admin_nodes"),
    Route("/admin/nodes/card", tree.NodeCardHandler, "admin_node_card"),
    Route("/admin/nodes/{code}/retry", tree.NodeRetryHandler, "admin_node_retry"),
    Route("/admin/nodes/{code}/revoke", tree.RevokeHandler, "admin_node_revoke"),
    Route("/admin/invitations/{invitation}/cancel", tree.InvitationHandler, "admin_invitation"),
    Route("/admin/notices", notices.NoticesHandler, "admin_notices"),
    Route("/admin/notices/retry", notices.NoticesRetryHandler, "admin_notices_retry"),
    Route("/admin/backup", upkeep.BackupHandler, "admin_backup"),
    Route("/admin/backup/{name}", upkeep.BackupFileHandler, "admin_backup_file"),
    Route("/admin/readings", readings.ReadingsHandler, "admin_readings"),
    Route("/admin/readings.csv", readings.ReadingsFileHandler, "admin_readings_file"),
    Route("/admin/audit", audit.AuditHandler, "admin_audit"),
)
