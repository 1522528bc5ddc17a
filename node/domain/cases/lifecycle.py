"""The lifecycle of a case as data: one table of every transition (LIFECYCLE.md).

A row says from which statuses an action may be taken, by which roles, under which guards, what fact it leaves behind,
which status follows, what happens to the clocks and which paper it makes. Nothing else in the program knows which
action is legal when: `decisions.decide` looks the row up, `actions.actions_for` lists from it, `audit` judges with it,
`docs/lifecycle.md` is drawn from it. Which tier may do what is the other half and stands in `access`.

Rows keep the numbers of LIFECYCLE.md. A row that is not built yet stays in the table with `built=False`: its place is
kept, its action is refused. What a row with `note=True` leaves is a note beside the case (`node.domain.papers.changed`), no event
of it. Acts that belong to no row (the mechanical half of custody, `opened`, requests and their answers, flags) stand beside the table in
EXTRA, in the same form.

`to` is the status that follows: a status, SAME, PREVIOUS (the status before, undo), RESUME (the one written in the offer).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

NEW = ""  # the source of a filing: there is no case yet
SAME = "="
PREVIOUS = "<"
RESUME = ">"

STATUSES = (
    "draft",
    "with_agent",
    "in_transit",
    "submitted",
    "awaiting_correction",
    "accepted",
    "suspended",
    "approved",
    "refused",
    "concluded",
    "delivered",
    "not_required",
    "not_accepted",
    "returned",
    "withdrawn",
    "terminated",
    "voided",
    "superseded",
)
UNDECIDED = ("with_agent", "in_transit", "submitted", "awaiting_correction", "accepted", "suspended")
OPEN = ("draft", *UNDECIDED, "approved", "refused", "concluded")
ENDED = tuple(status for status in STATUSES if status not in OPEN)
HELD = (
    "submitted",
    "awaiting_correction",
    "accepted",
    "suspended",
    "approved",
    "refused",
    "concluded",
)  # somebody's work in a hall
GOES_HOME = ("concluded", "not_accepted", "not_required", "terminated", "withdrawn")
FILINGS = ("draft_saved", "lodged", "submitted")


@dataclass(frozen=True, slots=True)
class Transition:
    """One row. `roles` does not name the director, who may do every case action of the node; `law` is the basis shown."""

    row: int
    sources: tuple[str, ...]
    action: str
    kind: str
    roles: tuple[str, ...]
    guards: tuple[str, ...]
    to: str
    clock: str
    paper: str
    law: str
    mechanical: bool
    forward: bool
    built: bool
    note: bool = False


def _row(
    row: int,
    sources: str | tuple[str, ...],
    action: str,
    kind: str,
    roles: str,
    guards: str,
    to: str,
    *,
    clock: str = "",
    paper: str = "",
    law: str = "",
    mechanical: bool = False,
    forward: bool = False,
    built: bool = True,
    note: bool = False,
) -> Transition:
    spread = sources if isinstance(sources, tuple) else tuple(sources.split()) or (NEW,)
    return Transition(
        row,
        spread,
        action,
        kind,
        tuple(roles.split()),
        tuple(guards.split()),
        to,
        clock,
        paper,
        law,
        mechanical,
        forward,
        built and not note,
        note,
    )


# fmt: off
TABLE: tuple[Transition, ...] = (
    _row(1, "", "enquire", "enquired", "agent clerk", "", SAME, paper="一次性告知单", built=False),
    _row(2, "", "save", "draft_saved", "agent clerk integration", "", "draft"),
    _row(3, "draft", "void_stale", "voided", "system", "never_received stale_draft clock_agrees", "voided", mechanical=True),
    _row(4, ("", "draft"), "lodge", "lodged", "agent integration", "at_village agent_may complete", "with_agent",
         clock="A starts", paper="代办登记回执", law="《行政许可法》第二十九条", forward=True),
    _row(5, ("", "draft"), "submit", "submitted", "clerk integration agent", "may_receive complete", "submitted",
         clock="R starts", paper="收件凭证", law="《行政许可法》第三十二条", forward=True),
    _row(6, "with_agent", "hand_over", "custody_offered", "agent", "has_parent", "in_transit",
         clock="A -> transit", paper="移交清单", forward=True),
    _row(6, "submitted", "hand_over", "custody_offered", "agent", "at_village has_parent", "in_transit",
         clock="R runs on", paper="移交清单", forward=True),
    _row(7, "in_transit", "receive", "received", "clerk", "papers_here", "submitted",
         clock="R runs since the take (papers wanted: since their arrival)", paper="签收", law="《行政许可法》第三十二条", forward=True),
    _row(9, "submitted", "correct_on_spot", "corrected_on_spot", "clerk", "", "submitted",
         law="《行政许可法》第三十二条第一款第三项", built=False),
    _row(20, "submitted", "decide_at_once", "decided_at_once", "clerk approver",
         "immediate_item still_offered item_is_current materials_complete decides_here", "approved",
         clock="same day", paper="办理结果", law="《行政许可法》第三十四条", forward=True),
    _row(16, "submitted", "accept", "accepted", "clerk", "still_offered item_is_current materials_complete", "accepted",
         clock="S, P from next workday", paper="受理通知书", law="《行政许可法》第三十二条第一款第五项", forward=True),
    _row(17, "submitted", "accept_with_gap", "accepted_with_gap", "clerk",
         "still_offered item_is_current gap_allowed gap_in_time pledge pledges_kept", "accepted",
         clock="S, P run", paper="补办件通知书，容缺受理承诺书", forward=True),
    _row(12, "submitted", "request_correction", "correction_requested", "clerk", "first_correction notice_in_time", "awaiting_correction",
         clock="R met", paper="补正告知书", law="《行政许可法》第三十二条第一款第四项"),
    _row(11, "submitted", "not_accept", "not_accepted", "clerk", "competent_is_another", "not_accepted",
         clock="R ends", paper="不予受理通知书", law="《行政许可法》第三十二条第一款第二项"),
    _row(10, "submitted", "not_required", "not_required_found", "clerk", "", "not_required",
         clock="R ends", paper="不受理告知书", law="《行政许可法》第三十二条第一款第一项"),
    _row(8, ("in_transit", "submitted"), "hand_back", "custody_offered", "clerk", "just_received giver_below", "in_transit",
         clock="transit ends", paper="退回移交单"),
    _row(19, ("submitted", "in_transit"), "deem_accepted", "deemed_accepted", "system",
         "licence notice_runs silent_five_days clock_agrees people_back", "accepted",
         clock="S, P from the day of receipt", paper="受理通知书（逾期视为受理）", law="《行政许可法》第三十二条第一款第四项",
         mechanical=True),
    _row(14, "awaiting_correction", "supply_correction", "correction_supplied", "clerk agent integration", "mandated corrected", "submitted",
         clock="R restarts", paper="补正收件凭证", law="《行政许可法》第三十二条第一款第五项", forward=True),
    _row(13, "awaiting_correction", "repeat_request", "correction_repeated", "clerk", "items_already_listed",
         "awaiting_correction",
         paper="补正告知书（续）", law="《行政许可法》第三十二条第一款第四项"),
    _row(13, "submitted", "repeat_request", "correction_repeated", "clerk",
         "supplied items_already_listed wanting_once notice_in_time", "awaiting_correction",
         clock="R met", paper="补正告知书（续）", law="《行政许可法》第三十二条第一款第四项"),
    _row(15, "awaiting_correction", "terminate", "terminated", "clerk", "correction_over reminded", "terminated",
         clock="end", paper="终止办理告知书"),
    _row(18, ("accepted", "suspended"), "fill_gap", "gap_filled", "clerk", "has_gap gap_runs gap_supplied", SAME,
         clock="=", paper="补齐材料收件凭证", forward=True),
    _row(18, ("accepted", "suspended"), "postpone_gap", "gap_postponed", "clerk approver", "has_gap postponed_once gap_in_time", SAME, clock="="),
    _row(18, ("accepted", "suspended"), "lapse_gap", "gap_lapsed", "system", "has_gap gap_over not_supplied clock_agrees people_back", SAME,
         clock="=", mechanical=True),
    _row(18, ("accepted", "suspended"), "terminate", "terminated", "examiner approver", "has_gap gap_ended", "terminated",
         clock="end", paper="终止办理告知书"),
    _row(21, "accepted", "complete_step", "step_completed", "examiner reviewer approver", "step_open", "accepted", clock="step",
         paper="跟踪表",
         law="《行政许可法》第三十四条", forward=True),
    _row(33, "accepted", "refer", "custody_offered", "approver", "below_approval has_parent examined_here", "in_transit",
         clock="lower stops on upper receipt", paper="初审意见，移交清单", law="《行政许可法》第三十五条、第四十三条", forward=True),
    _row(37, "accepted", "approve", "approved", "approver", "decides_here steps_done no_gap two_persons", "approved",
         clock="S, P end", paper="准予决定书", law="《行政许可法》第三十八条", forward=True),
    _row(38, "accepted", "offer_statement", "statement_offered", "examiner approver",
         "licence decides_here steps_done no_statement_open statement_days", "accepted",
         clock="S, P run on; days to answer", paper="陈述申辩权利告知书", law="《行政许可法》第三十六条"),
    _row(38, ("accepted", "suspended"), "record_statement", "statement_recorded", "clerk examiner approver",
         "statement_open statement_told", SAME, law="《行政许可法》第三十六条"),
    _row(38, "accepted", "refuse", "refused", "approver", "decides_here steps_done no_gap two_persons heard", "refused",
         clock="S, P end", paper="不予许可决定书", law="《行政许可法》第三十八条"),
    _row(21, HELD, "take", "taken_up", "clerk examiner reviewer approver", "unassigned does_step", SAME),
    _row(21, HELD, "assign", "assigned", "approver", "unassigned", SAME),
    _row(21, HELD, "reassign", "reassigned", "approver", "", SAME, paper="跟踪表"),
    _row(22, "accepted", "send_back", "sent_back", "reviewer approver", "a_step_done", "accepted",
         clock="runs on; step re-armed", paper="跟踪表"),
    _row(23, "accepted", "site_visit", "site_visited", "examiner", "two_visitors", "accepted", paper="踏勘联系单",
         law="《行政许可法》第三十四条", built=False),
    _row(24, "accepted", "ask_more", "more_asked", "examiner", "", "accepted", paper="补充材料通知", built=False),
    _row(25, "accepted", "suspend", "suspended", "approver", "stoppable", "suspended",
         clock="S, P stop", paper="特别程序所需时间告知书", law="《行政许可法》第四十五条"),
    _row(26, "suspended", "resume", "resumed", "examiner approver", "", "accepted",
         clock="S, P restart; excess attributed", paper="恢复办理告知", law="《行政许可法》第四十五条", forward=True),
    _row(27, "accepted", "offer_hearing", "hearing_offered", "examiner", "", "accepted", paper="听证告知书",
         law="《行政许可法》第四十七条", built=False),
    _row(28, "accepted", "extend", "extended", "approver", "extendable decides_here not_extended before_due", "accepted",
         clock="+10, joint +15, or as the item says", paper="延期通知书", law="《行政许可法》第四十二条"),
    _row(29, "accepted", "open_branches", "branches_opened", "examiner approver", "joint", "accepted", paper="征求意见函",
         built=False),
    _row(30, "accepted", "opine", "opined", "examiner", "own_branch", "accepted", clock="B stops", paper="意见单", built=False),
    _row(31, "accepted", "silence", "silence_recorded", "system", "silence_allowed", "accepted", clock="B ends", paper="默许记录",
         mechanical=True, built=False),
    _row(32, "accepted", "escalate", "escalated", "approver system", "own_licence", "accepted", clock="B overdue",
         paper="会议通知", built=False),
    _row(34, "in_transit", "take_custody", "custody_taken", "system", "", RESUME, clock="upper S starts; of a hand-over R and T", paper="签收",
         law="《行政许可法》第三十五条", mechanical=True),
    _row(35, "accepted", "return_to_lower", "custody_offered", "examiner approver", "giver_below referred_here", "in_transit",
         clock="lower resumes; upper time kept", paper="退回重报函", law="《行政许可法》第三十五条"),
    _row(39, "accepted", "return", "returned", "approver", "not_licence", "returned", paper="退办通知书", built=False),
    _row(40, ("accepted", "approved"), "notify_fee", "fee_notified", "clerk", "fee_in_item", SAME, paper="缴费通知",
         law="《行政许可法》第五十八条", built=False),
    _row(41, ("approved", "refused"), "conclude", "concluded", "clerk", "sealed", "concluded",
         clock="D from decision", paper="领取通知", law="《行政许可法》第四十四条", forward=True),
    _row(42, "concluded", "deliver", "delivered", "clerk agent", "identity_checked", "delivered",
         clock="D ends", paper="送达回证", law="《行政许可法》第四十四条", forward=True),
    _row(43, "concluded", "uncollected", "uncollected", "clerk", "two_notices", "concluded", paper="催领通知", built=False),
    _row(44, "delivered", "archive", "archived", "clerk", "checklist", "delivered", paper="卷内目录", built=False),
    _row(36, UNDECIDED, "withdraw", "withdrawn", "clerk agent integration", "mandated", "withdrawn", clock="end", paper="终止办理告知书"),
    _row(45, OPEN, "undo", "undone", "clerk agent examiner reviewer approver",
         "undo_same_person undo_same_day undo_nothing_out", PREVIOUS,
         clock="as unmoved"),
    _row(46, OPEN, "rectify_record", "rectified", "approver", "no_decision_content", SAME, paper="更正单", built=False),
    _row(47, ("draft", *UNDECIDED), "void", "voided", "approver", "applicant_told", "voided",
         clock="end; successor inherits the receipt date", paper="作废审批单"),
    _row(48, STATUSES, "correct_paper", "paper_corrected", "approver", "", SAME, paper="更正通知书", note=True),
    _row(49, ("approved", "refused", "concluded", "delivered", "in_transit"), "revoke", "paper_revoked", "approver", "", SAME,
         paper="撤销决定书", law="《行政许可法》第六十九条", note=True),
    _row(50, ("submitted", "accepted"), "deem_renewed", "deemed_renewed", "system", "renewal", "approved",
         paper="视为准予延续记录",
         law="《行政许可法》第五十条", mechanical=True, built=False),
)

# Beside the table: what moves no case by itself, or moves only custody.
EXTRA: tuple[Transition, ...] = (
    _row(0, GOES_HOME, "offer_home", "custody_offered", "system", "not_at_origin", "in_transit", mechanical=True),
    _row(0, STATUSES, "answer", "", "system", "not_answered", SAME, mechanical=True),
    _row(0, STATUSES, "open", "opened", "clerk examiner reviewer approver agent", "not_opened", SAME),
    _row(0, "awaiting_correction", "remind", "reminded", "clerk", "", SAME),
    _row(0, ("draft", *UNDECIDED), "supply_material", "material_added", "clerk agent integration", "material_named", SAME),
    _row(0, UNDECIDED, "record_papers", "papers_recorded", "clerk agent", "has_materials", SAME),
    _row(0, "submitted", "repin", "item_repinned", "clerk", "newer_in_force places_fit nothing_asked", SAME),
    _row(0, STATUSES, "refile", "refiled", "clerk agent integration", "contents_lost", SAME),
    _row(0, UNDECIDED, "set_urgent", "urgent_set", "approver", "", SAME),
)
# fmt: on

# What a node that is not the custodian may ask, and who may ask it there (settled details, "Requests").
REQUESTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "remind": ("clerk", "agent", "examiner", "approver"),
        "supply_correction": ("clerk", "agent", "integration"),
        "supply_material": ("clerk", "agent", "integration"),
        "record_papers": ("clerk", "agent"),
        "recall": ("clerk", "agent", "approver"),
        "withdraw": ("clerk", "agent", "integration"),
    }
)

# While a case is in these statuses it may be asked; whoever is waited for may be reminded until the result is served.
ASKED_WHILE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {action: (*UNDECIDED, "approved", "refused", "concluded") if action == "remind" else UNDECIDED for action in REQUESTS}
)

BUILT: tuple[Transition, ...] = tuple(row for row in (*TABLE, *EXTRA) if row.built)
NOTED: Mapping[str, Transition] = MappingProxyType({row.action: row for row in TABLE if row.note})
BY_ACTION: Mapping[str, tuple[Transition, ...]] = MappingProxyType(
    {action: tuple(row for row in BUILT if row.action == action) for action in dict.fromkeys(row.action for row in BUILT)}
)
INDEX: Mapping[tuple[str, str], Transition] = MappingProxyType(
    {(source, row.action): row for row in BUILT for source in row.sources}
)
KINDS = frozenset(row.kind for row in (*TABLE, *EXTRA) if row.kind and row.built) | {
    "custody_assigned",
    "request_declined",
    "released",
}


def transition(status: str, action: str) -> Transition | None:
    """The built row that lets `action` be taken in `status`, or None."""
    return INDEX.get((status, action))


def rows_of_kind(kind: str) -> tuple[Transition, ...]:
    """The built rows that leave a fact of this kind."""
    return tuple(row for row in BUILT if row.kind == kind)
