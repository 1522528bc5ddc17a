"""Which pages a person is led to: the menu and the home of each role. What a person may open, the table says (`access`)."""

from __future__ import annotations

from collections.abc import Mapping

from edge_ui.pages import NavLink
from node.domain.model import Role

STRANGER = ("/", "/guide", "/status", "/verify")
AGENT = ("/agent", "/new", "/cases", "/messages", "/orders", "/handover", "/guide")
HALL = ("/work", "/cases", "/messages", "/new", "/orders")
MENUS: Mapping[Role, tuple[str, ...]] = {
    Role.AGENT: AGENT,
    Role.CLERK: HALL,
    Role.EXAMINER: ("/work", "/cases", "/messages"),
    Role.REVIEWER: ("/work", "/cases", "/messages"),
    Role.APPROVER: ("/work", "/cases", "/messages", "/orders", "/counts"),
    Role.DIRECTOR: (*HALL, "/oversight", "/counts", "/network", "/calendar"),
    Role.OVERSEER: ("/oversight", "/orders", "/network", "/counts"),
    Role.CATALOG_EDITOR: ("/catalog", "/catalog/changes", "/calendar", "/counts"),
    Role.AUDITOR: ("/admin/audit", "/admin/readings"),
    Role.ADMIN: (
        "/admin",
        "/admin/staff",
        "/admin/tokens",
        "/admin/nodes",
        "/admin/notices",
        "/admin/backup",
        "/admin/audit",
        "/network",
        "/counts",
    ),
}
VILLAGE_DIRECTOR = (*AGENT, "/oversight", "/counts")


def menu_of(role: Role | None, tier: str) -> tuple[str, ...]:
    """The paths of the menu, the first being the person's home."""
    if role is None:
        return STRANGER
    if role is Role.DIRECTOR and tier == "village":
        return VILLAGE_DIRECTOR
    return MENUS.get(role, STRANGER)


def home_of(role: Role | None, tier: str) -> str:
    """Where a person begins."""
    return menu_of(role, tier)[0]


def nav(role: Role | None, tier: str, path: str, back: int = 0, orders: int = 0, appeals: int = 0) -> tuple[NavLink, ...]:
    """The menu with the entry of this page marked: the longest that the path lies under. `back`: what came back to the agent,
    `orders`: what a supervisor waits for, `appeals`: what is to be decided."""
    paths = menu_of(role, tier)
    under = [one for one in paths if path == one or (one != "/" and path.startswith(one + "/"))]
    here = max(under, key=len, default="")
    keys = (("menu" + (one.replace("/", ".") if one != "/" else ".home")) for one in paths)
    waiting = {"/agent": back, "/orders": orders, "/oversight": appeals}
    return tuple(NavLink(one, key, one == here, waiting.get(one, 0)) for one, key in zip(paths, keys, strict=True))
