"""Who may do what, by tier and role: the authority table of LIFECYCLE.md ("Who may, by tier") as data.

The transition table names the roles of an action; this table says what of it a village may do at all, and which roles exist
where. A village is no administrative organ: it saves, lodges, hands over, supplies, withdraws, delivers, and never receives
a licence, accepts or decides. A `director` may do every case action that the node itself may do (small centers have one
person). An `admin` never acts on cases; an overseer and a catalog editor neither.

Two-person powers until posts exist (settled details): department head, window head, organ head and center are the
`approver` or the `director`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from node.domain.lifecycle import REQUESTS, Transition
from node.domain.model import Role
from node.domain.words import word

HALLS = ("township", "district", "city")

# What a village may do, and which roles do it there. Everything else is for halls.
AT_VILLAGE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "save": ("agent", "integration"),
        "lodge": ("agent", "integration"),
        "submit": ("agent", "integration"),  # commissioned receiving point only, never a licence (guard may_receive)
        "hand_over": ("agent",),
        "supply_correction": ("agent", "integration"),
        "supply_material": ("agent", "integration"),
        "refile": ("agent", "integration"),
        "withdraw": ("agent", "integration"),
        "remind": ("agent",),
        "recall": ("agent",),
        "deliver": ("agent",),
        "undo": ("agent",),
        "open": ("agent",),
    }
)
ONLY_AT_VILLAGE = frozenset({"lodge", "hand_over"})
# Mechanical acts of a village. It accepts nothing, not even by silence: what it holds is accepted where it is handed over to.
BY_ITSELF_AT_VILLAGE = frozenset({"take_custody", "offer_home", "answer", "void_stale"})

# Roles that act on cases, by kind of node. The agent exists at villages only.
CASE_ROLES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "village": frozenset({"agent", "integration", "director"}),
        **{tier: frozenset({"clerk", "examiner", "reviewer", "approver", "integration", "director"}) for tier in HALLS},
    }
)


def why_not(row: Transition, tier: str, role: Role) -> str:
    """Why this role may not do the row's action at a node of this tier; empty when it may."""
    if role is Role.SYSTEM:
        return not_at(row, tier) if "system" in row.roles else "须由工作人员办理"
    if "system" in row.roles and len(row.roles) == 1:
        return "由系统自动办理"
    if (reason := _not_at(row.action, tier)) != "":
        return reason
    if role not in CASE_ROLES.get(tier, frozenset()):
        return f"本节点没有可办理办件的“{word(role)}”岗位"
    roles = AT_VILLAGE[row.action] if tier == "village" else row.roles
    if role is Role.DIRECTOR or str(role) in roles:
        return ""
    return f"须由{'、'.join(word(one) for one in roles if one not in ('system', 'agent' if tier != 'village' else ''))}办理"


def not_at(row: Transition, tier: str) -> str:
    """Why nobody may do the row's action at a node of this tier, not even the node by itself; empty when somebody may."""
    if tier == "village" and "system" in row.roles and row.action in BY_ITSELF_AT_VILLAGE:
        return ""
    return _not_at(row.action, tier)


def _not_at(action: str, tier: str) -> str:
    if tier == "village" and action not in AT_VILLAGE:
        return "村级代办点不是行政机关,不得办理(行政许可法第二十九条)"
    if tier != "village" and action in ONLY_AT_VILLAGE:
        return "只在村级代办点办理"
    return ""


def may(row: Transition, tier: str, role: Role) -> bool:
    """Whether this role may do the row's action at a node of this tier."""
    return not why_not(row, tier, role)


def may_ask(action: str, tier: str, role: Role) -> bool:
    """Whether this role may leave the request `action` at a node that is not the custodian."""
    if action not in REQUESTS or str(role) not in CASE_ROLES.get(tier, frozenset()):
        return False
    return role is Role.DIRECTOR or str(role) in REQUESTS[action]
