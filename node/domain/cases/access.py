"""Who may do what: role × tier × function in one table, and the authority over acts on cases (LIFECYCLE.md "Who may, by tier").

A *function* is what a door is for: read cases, take applications, look at the figures, run the node. `TABLE` says for each which roles
have it at which tier, and nothing else in the program lists roles: pages, API, commands and services name a function and ask `require`.
`ROLES` says which roles a tier has at all; nobody is given another. `docs/roles.md` is made from both.

An *act* on a case is finer: its row of the lifecycle names the roles, AT_VILLAGE says what of it a village may do. The functions about acts
(SUPPLY, FILE_CASE …) are derived from these rows. A village is no administrative organ: it saves, lodges, hands over, supplies, withdraws,
delivers, and never receives a licence, accepts or decides. A `director` may do every case action that the node itself may do (small centers
have one person). An `admin` never acts on cases; an overseer and a catalog editor neither (三员分立). Two-person powers until posts
exist (settled details): department head, window head, organ head and center are the `approver` or the `director`.

Order of checks everywhere (INTERFACE, third part): role, existence, jurisdiction, state. `require` and `require_act` are the first: who
may not do a thing in any state of any case is told so before anything is looked up, the repeat of a request included, so that he
learns nothing from the answer. `why_not` is the last word, of the row that the state of the case picks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

from node.domain.cases.lifecycle import BUILT, BY_ACTION, NOTED, REQUESTS, Transition
from node.domain.model import TIERS, Role
from node.domain.words.errors import TongbanError
from node.domain.words.labels import word
from node.domain.words.terms import label

HALLS = ("township", "district", "city")

# Which roles a tier has. Whoever takes applications stands first. `integration` is no post: other systems have it by token alone.
_HALL = (
    Role.CLERK, Role.EXAMINER, Role.REVIEWER, Role.APPROVER, Role.DIRECTOR, Role.OVERSEER, Role.CATALOG_EDITOR, Role.ADMIN, Role.AUDITOR,
    Role.INTEGRATION,
)  # fmt: skip
ROLES: Mapping[str, tuple[Role, ...]] = MappingProxyType(
    {
        "village": (Role.AGENT, Role.DIRECTOR, Role.OVERSEER, Role.ADMIN, Role.INTEGRATION),
        **dict.fromkeys(HALLS, _HALL),
    }
)
# Of these, who acts on cases.
CASE_ROLES: Mapping[str, tuple[Role, ...]] = MappingProxyType(
    {
        tier: tuple(one for one in roles if one not in (Role.OVERSEER, Role.CATALOG_EDITOR, Role.ADMIN, Role.AUDITOR))
        for tier, roles in ROLES.items()
    }
)


# ---- acts on cases ---------------------------------------------------------------------------------------------------

# What a village may do, and which roles do it there. Everything else is for halls.
AT_VILLAGE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "save": ("agent", "integration"),
        "lodge": ("agent", "integration"),
        "submit": ("agent", "integration"),  # commissioned receiving point only, never a licence (guard may_receive)
        "hand_over": ("agent",),
        "supply_correction": ("agent", "integration"),
        "supply_material": ("agent", "integration"),
        "record_papers": ("agent",),
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


def require_act(action: str, tier: str, role: Role) -> None:
    """Raises forbidden when the role may neither do nor ask `action` at this tier, whatever the case and its state.

    An action that the table does not know is for those who act on cases to hear of (illegal_action, after existence)."""
    rows = BY_ACTION.get(action, ())
    if may_ever(action, tier, role):
        return
    require(Function.READ_CASE, tier, role)
    if rows or action in REQUESTS:
        raise (
            refusal(rows[0], "forbidden", why_not(rows[0], tier, role))
            if rows
            else TongbanError("forbidden", rule=not_asked(action))
        )


def may_ever(action: str, tier: str, role: Role) -> bool:
    """Whether this role may do or ask `action` at this tier in some state of some case."""
    return may_ask(action, tier, role) or any(may(row, tier, role) for row in BY_ACTION.get(action, ()))


def refusal(row: Transition, code: str, reason: str) -> TongbanError:
    """The refusal by a row of the table: its number is for programs (`details.row`), the reason and the law for people."""
    said = TongbanError(code, rule=named(row, reason))
    if row.row:
        said.details["row"] = row.row
    return said


def named(row: Transition, reason: str) -> str:
    """A reason with the law it rests on."""
    return f"{reason}（{row.law}）" if row.law and "（" not in reason else reason


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
    if role not in CASE_ROLES.get(tier, ()):
        return f"本站没有可办理办件的“{word(role)}”岗位"
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
        return "村级代办站不是行政机关，不得办理（《行政许可法》第二十九条）"
    if tier != "village" and action in ONLY_AT_VILLAGE:
        return "只在村级代办站办理"
    return ""


def may(row: Transition, tier: str, role: Role) -> bool:
    """Whether this role may do the row's action at a node of this tier."""
    return not why_not(row, tier, role)


def may_ask(action: str, tier: str, role: Role) -> bool:
    """Whether this role may leave the request `action` at a node that is not the custodian."""
    if action not in REQUESTS or role not in CASE_ROLES.get(tier, ()):
        return False
    return role is Role.DIRECTOR or str(role) in REQUESTS[action]


# ---- functions -------------------------------------------------------------------------------------------------------


class Function(StrEnum):
    """What a door of the node is for. Its words stand in the glossary (group `function`)."""

    OWN_ACCOUNT = "own_account"
    SECOND_FACTOR = "second_factor"
    READ_CATALOG = "read_catalog"
    READ_CASE = "read_case"
    FILE_CASE = "file_case"
    DRAFT = "draft"
    SUPPLY = "supply"
    ISSUE_PAPER = "issue_paper"
    CHANGE_PAPER = "change_paper"
    HAND_OVER_MANY = "hand_over_many"
    RECEIVE_MANY = "receive_many"
    AGENT_DESK = "agent_desk"
    WORKBENCH = "workbench"
    RELEASE_CASE = "release_case"
    OVERSIGHT = "oversight"
    ORDERS = "orders"
    ISSUE_ORDERS = "issue_orders"
    ANSWER_ORDERS = "answer_orders"
    APPEAL_CARDS = "appeal_cards"
    DECIDE_APPEALS = "decide_appeals"
    REPORTS = "reports"
    SUBMIT_REPORT = "submit_report"
    REPORT_MAIL = "report_mail"
    STATS = "stats"
    NETWORK = "network"
    EDIT_CATALOG = "edit_catalog"
    PUBLISH_RULES = "publish_rules"
    CALENDAR_MOVES = "calendar_moves"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_NODE = "manage_node"
    BACKUP = "backup"
    AUDIT_LOG = "audit_log"
    READING_LOG = "reading_log"
    METRICS = "metrics"
    INBOUND = "inbound"


Tiers = Mapping[str, tuple[Role, ...]]  # tier -> the roles that have a function there


def _tiers(village: str, halls: str) -> Tiers:
    given = {"village": village, **dict.fromkeys(HALLS, halls)}
    return MappingProxyType({tier: tuple(Role(one) for one in given[tier].split()) for tier in TIERS})


def _of(fits: Callable[[str, Role], bool]) -> Tiers:
    return MappingProxyType({tier: tuple(role for role in ROLES[tier] if fits(tier, role)) for tier in TIERS})


def _acts(*actions: str) -> Tiers:
    """Who may do one of these acts."""
    return _of(lambda tier, role: any(may_ever(action, tier, role) for action in actions))


def _with_paper(tier: str, role: Role) -> bool:
    return any(may(row, tier, role) for row in BUILT if row.paper)


# The table. The role that stands first is the one under which the person at the machine gives a command for it (`operator`).
# `auditor` is never together with `admin` (三员分立): `services.people.staff` refuses it.
TABLE: Mapping[Function, Tiers] = MappingProxyType(
    {
        # for everybody who works here
        Function.OWN_ACCOUNT: _of(lambda tier, role: role is not Role.INTEGRATION),
        Function.READ_CATALOG: ROLES,
        # a code after the password, for whose account opens the node or decides
        Function.SECOND_FACTOR: _tiers("admin director", "admin director approver"),
        # cases
        Function.READ_CASE: CASE_ROLES,
        Function.FILE_CASE: _acts("lodge", "submit"),
        Function.DRAFT: _acts("save"),
        Function.SUPPLY: _acts("supply_material", "supply_correction"),
        Function.ISSUE_PAPER: _of(_with_paper),
        Function.CHANGE_PAPER: _of(lambda tier, role: any(may(row, tier, role) for row in NOTED.values())),
        Function.HAND_OVER_MANY: _acts("hand_over"),
        Function.RECEIVE_MANY: _acts("receive"),
        Function.AGENT_DESK: _tiers("agent director", ""),
        Function.WORKBENCH: _tiers("director", "clerk examiner reviewer approver director"),
        Function.RELEASE_CASE: _tiers("director", "director"),
        # supervision: the cases of the subtree are for who supervises; figures also for who decides about work, items or machines
        Function.OVERSIGHT: _tiers("overseer director", "overseer director"),
        # 督办单: who supervises issues and closes them, who leads the unit answers; a village has nobody below it
        Function.ORDERS: _tiers("agent director overseer", "overseer director approver clerk"),
        Function.ISSUE_ORDERS: _tiers("", "overseer director"),
        Function.ANSWER_ORDERS: _tiers("agent director", "director approver clerk"),
        # 申诉: the head of the charged unit appeals, who supervises decides; nobody is below a village
        Function.APPEAL_CARDS: _tiers("director", "director"),
        Function.DECIDE_APPEALS: _tiers("", "overseer director"),
        # 月报: read by who supervises, signed by who leads or supervises the unit that it is about
        Function.REPORTS: _tiers("overseer director", "overseer director"),
        Function.SUBMIT_REPORT: _tiers("overseer director", "overseer director"),
        Function.REPORT_MAIL: _tiers("director", "director"),
        Function.STATS: _tiers("overseer director admin", "overseer director approver catalog_editor admin"),
        Function.NETWORK: _tiers("admin overseer director", "admin overseer director"),
        # what is published: a township overlays, the root alone publishes rules (which is a state of the node, asked afterwards)
        Function.EDIT_CATALOG: _tiers("", "catalog_editor director"),
        Function.PUBLISH_RULES: _tiers("", "catalog_editor director"),
        # case numbers without anything of a person: for who works on cases, supervises, or publishes
        Function.CALENDAR_MOVES: _tiers(
            "agent director overseer", "director clerk examiner reviewer approver overseer catalog_editor"
        ),
        # the node
        Function.MANAGE_PEOPLE: _tiers("admin", "admin"),
        Function.MANAGE_NODE: _tiers("admin", "admin"),
        Function.BACKUP: _tiers("admin", "admin"),
        Function.AUDIT_LOG: _tiers("admin", "admin auditor"),
        Function.READING_LOG: _tiers("", "auditor"),
        Function.INBOUND: _of(lambda tier, role: role is Role.INTEGRATION),
        Function.METRICS: _tiers("admin director overseer integration", "admin director overseer integration"),
    }
)


def has(function: Function, tier: str, role: Role | None) -> bool:
    """Whether a role has a function at a node of this tier; a stranger (None) has none, the node itself every one."""
    return role is Role.SYSTEM or role in TABLE[function].get(tier, ())


def require(function: Function, tier: str, role: Role) -> None:
    """Raises forbidden, with who has the function here instead."""
    if not has(function, tier, role):
        raise TongbanError("forbidden", rule=_who_has(function, tier))


def _who_has(function: Function, tier: str) -> str:
    if roles := TABLE[function].get(tier, ()):
        return f"“{_name(function)}”只对{'、'.join(map(word, roles))}开放"
    return f"“{_name(function)}”不在{word(tier)}办理"


def _name(function: Function) -> str:
    return label(function, "zh", "function")


def operator(function: Function, tier: str) -> Role:
    """The role under which the person at the machine uses a function. Raises forbidden where nobody has it."""
    if roles := TABLE[function].get(tier, ()):
        return roles[0]
    raise TongbanError("forbidden", rule=_who_has(function, tier))


def persons(tier: str) -> tuple[Role, ...]:
    """The posts that a person may have at a node of this tier."""
    return TABLE[Function.OWN_ACCOUNT][tier]


def tokens(tier: str) -> tuple[Role, ...]:
    """The roles that a token may have at a node of this tier."""
    return ROLES[tier]


def require_role(role: str, tier: str, given: Callable[[str], tuple[Role, ...]]) -> None:
    """Raises `wrong_role` for a role that is not `given` (`persons`, `tokens`) at this tier."""
    if role not in given(tier):
        offered = "、".join(map(word, given(tier)))
        raise TongbanError("wrong_role", {"role": "not_a_choice"}, rule=f"{word(tier)}可选{offered}，没有“{word(role)}”")
