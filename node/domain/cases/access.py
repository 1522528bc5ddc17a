"""Who may do what, by tier and role: the authority table of LIFECYCLE.md ("Who may, by tier") as data.

The transition table names the roles of an action; this table says what of it a village may do at all, and which roles exist
where. A village is no administrative organ: it saves, lodges, hands over, supplies, withdraws, delivers, and never receives
a licence, accepts or decides. A `director` may do every case action that the node itself may do (small centers have one
person). An `admin` never acts on cases; an overseer and a catalog editor neither.

Order of checks everywhere (INTERFACE, third part): role, existence, jurisdiction, state. `require` is the first of them, for
every door to an action: a role that may do it in no state of any case is told so before anything is looked up, the repeat of
a request included, so that who may not learns nothing from the answer. `why_not` is the last word, of the row that the state
of the case picks.

Two-person powers until posts exist (settled details): department head, window head, organ head and center are the
`approver` or the `director`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from node.domain.cases.lifecycle import BY_ACTION, REQUESTS, Transition
from node.domain.model import Role
from node.domain.words.errors import TongbanError
from node.domain.words.labels import word

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


# Who may read cases: those who act on them, and machines of departments.
READERS: frozenset[Role] = frozenset(
    {Role.DIRECTOR, Role.CLERK, Role.EXAMINER, Role.REVIEWER, Role.APPROVER, Role.AGENT, Role.INTEGRATION, Role.SYSTEM}
)


def require_reader(role: Role) -> None:
    """Raises forbidden for a role that sees no cases."""
    if role not in READERS:
        raise TongbanError("forbidden", rule="办件内容只对办件岗位开放")


def require(action: str, tier: str, role: Role) -> None:
    """Raises forbidden when the role may neither do nor ask `action` at this tier, whatever the case and its state.

    An action that the table does not know is for those who act on cases to hear of (illegal_action, after existence)."""
    rows = BY_ACTION.get(action, ())
    if not rows and action not in REQUESTS:
        require_reader(role)
        return
    if may_ask(action, tier, role) or any(may(row, tier, role) for row in rows):
        return
    require_reader(role)
    raise TongbanError("forbidden", rule=named(rows[0], why_not(rows[0], tier, role)) if rows else not_asked(action))


def require_filing(tier: str, role: Role, *, draft: bool = False) -> None:
    """Raises forbidden when the role may not file (or, with `draft`, save) an application at this tier."""
    first, *others = ("save",) if draft else ("lodge", "submit") if tier == "village" else ("submit",)
    if not any(may(row, tier, role) for action in others for row in BY_ACTION[action]):
        require(first, tier, role)


def named(row: Transition, reason: str) -> str:
    """A reason with the row of the table and the law it rests on."""
    place = f"第{row.row}行:" if row.row else ""
    law = f"({row.law})" if row.law and "(" not in reason else ""
    return f"{place}{reason}{law}"


def not_asked(action: str) -> str:
    """Who may leave this request."""
    return f"请求“{word(action)}”须由{'、'.join(map(word, REQUESTS[action]))}提出"


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
