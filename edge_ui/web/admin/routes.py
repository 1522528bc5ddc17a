"""Addresses of the node's administrator."""

from __future__ import annotations

from edge_ui.route import Route
from edge_ui.web.admin import handlers

ROUTES: tuple[Route, ...] = (
    Route("/admin", handlers.OverviewHandler, "admin"),
    Route("/admin/staff", handlers.StaffHandler, "admin_staff"),
    Route("/admin/staff/card", handlers.StaffCardHandler, "admin_staff_card"),
    Route("/admin/staff/{staff_id}", handlers.PersonHandler, "admin_person"),
    Route("/admin/staff/{staff_id}/{act}", handlers.PersonActHandler, "admin_person_act"),
    Route("/admin/nodes", handlers.NodesHandler, "admin_nodes"),
    Route("/admin/nodes/card", handlers.NodeCardHandler, "admin_node_card"),
    Route("/admin/nodes/{code}/retry", handlers.NodeRetryHandler, "admin_node_retry"),
    Route("/admin/nodes/{code}/revoke", handlers.RevokeHandler, "admin_node_revoke"),
    Route("/admin/invitations/{invitation}/cancel", handlers.InvitationHandler, "admin_invitation"),
    Route("/admin/backup", handlers.BackupHandler, "admin_backup"),
    Route("/admin/backup/{name}", handlers.BackupFileHandler, "admin_backup_file"),
    Route("/admin/audit", handlers.AuditHandler, "admin_audit"),
)
