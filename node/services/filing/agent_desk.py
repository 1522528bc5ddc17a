"""An agent's day at one look: what to bring, to answer, to deliver, what is stuck and why; and the hand-over of many at once.

Everything is read from the journal's tables at the moment of asking; nothing is counted twice or kept.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable

from node.domain.calendar import DAY_MS, day_of
from node.domain.cases.access import Function, require
from node.domain.cases.awaits import came_back
from node.domain.cases.corrections import copies
from node.domain.cases.sent_back import TURNED_DOWN, said_back, words_of
from node.domain.catalog.item import Item
from node.domain.catalog.item_documents import DepartmentCount, ItemsOffered, OfferedItem
from node.domain.filing.documents import (
    AgentHome,
    CaseBack,
    CaseHandedOver,
    CaseStuck,
    CaseUntil,
    DeskCase,
    DeskList,
    HandedOver,
    HandoverAct,
    HandoverList,
    LastHandover,
    WaitingCase,
    WaitingPage,
)
from node.domain.model import Actor, Case
from node.domain.upkeep.documents import Pulse, PulseLine
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.cases.documents import iso, summary
from node.services.cases.handling import Handling, find_case
from node.services.cases.timeline import filing_body, timeline
from node.services.tree.standing import is_apart
from node.store.database import StorageFailure, half_done
from node.store.desk import CAME_BACK, COUNTED
from node.store.store import Store, View

SHOWN = 6  # rows of each list on the home page
PAGE = 50
LATELY = 30 * DAY_MS  # ms for which what was turned down stands on the home page
NEWEST = 1 << 62
AT_ONCE = 500  # cases of one hand-over
MOVING = ("in_transit",)
UNDER_WAY = ("in_transit", "submitted", "accepted", "suspended")


class AgentDesk:
    """Lists and acts of the village agent."""

    def __init__(
        self, store: Store, rules: Rules, handling: Handling, line: Callable[[], Pulse], find: Callable[[str], list[OfferedItem]]
    ) -> None:  # fmt: skip
        """`line` gives the state of the line (the pulse), `find` the items that fit a search."""
        self.store = store
        self.rules = rules
        self.handling = handling
        self.line = line
        self.find = find

    def home(self, actor: Actor) -> AgentHome:
        """The first rows of each list, and the last hand-over. Errors: `forbidden`."""
        require(Function.AGENT_DESK, self.store.place.tier, actor.role)
        line = self.line()["line"]
        with self.store.reading() as view:
            moving = [find_case(view, no) for no in view.drafts.from_here(MOVING, SHOWN)]
            return {
                "came_back": self._came_back(view),
                "to_bring": self._held(view, "with_agent"),
                "to_deliver": self._held(view, "concluded"),
                "to_answer": self._from_here(view, ("awaiting_correction",)),
                "to_follow": self._to_follow(view),
                "stuck": {
                    "rows": [self._stuck(view, case, line) for case in moving],
                    "total": view.drafts.count_from_here(MOVING),
                },
                "under_way": view.drafts.count_from_here(UNDER_WAY),
                "handover": self._last_handover(view),
            }  # fmt: skip

    def _held(self, view: View, status: str) -> DeskList[DeskCase]:
        rows = [self._row(view, find_case(view, no)) for no, _ in view.drafts.held(status, SHOWN)]
        return {"rows": rows, "total": view.drafts.count_held(status)}

    def _came_back(self, view: View) -> DeskList[CaseBack]:
        """What was handed back to us, then what was turned down lately: the reason in words and what to do (`do`)."""
        since = view.now() - LATELY
        down = view.drafts.ended_from_here(tuple(TURNED_DOWN), since, COUNTED)
        back = [row.case_no for row in view.desk.page(CAME_BACK, ("", 0), SHOWN)]
        rows = [self._said(view, find_case(view, no)) for no in [*back, *down][:SHOWN]]
        return {"rows": rows, "total": view.desk.count(CAME_BACK) + len(down)}

    def _said(self, view: View, case: Case) -> CaseBack:
        said = said_back(case.status, timeline(view, self.rules, case, view.cases.entries(case.case_no)))
        words = {name: words_of(said, name) if said is not None else "" for name in ("zh", "en")}
        do = "serve" if case.status in TURNED_DOWN else "mend"
        at = said["recorded_at"] if said is not None else iso(case.moved_at)
        return {**self._row(view, case), "reason": words["zh"], "reason_en": words["en"], "do": do, "said_at": at}

    def _from_here(self, view: View, statuses: tuple[str, ...]) -> DeskList[CaseUntil]:
        cases = [find_case(view, no) for no in view.drafts.from_here(statuses, SHOWN)]
        rows: list[CaseUntil] = [
            {**self._row(view, case), "until": case.correction.due.isoformat() if case.correction.due else None} for case in cases
        ]
        return {"rows": rows, "total": view.drafts.count_from_here(statuses)}

    def _to_follow(self, view: View) -> DeskList[CaseUntil]:
        """What was filed here and accepted on the promise that something follows (容缺)."""
        cases = [find_case(view, no) for no in view.drafts.gaps_from_here(COUNTED)]
        due = [(case, case.gap.due) for case in cases[:SHOWN]]
        rows: list[CaseUntil] = [
            {**self._row(view, case), "until": until.isoformat() if until is not None else None} for case, until in due
        ]
        return {"rows": rows, "total": len(cases)}

    def _row(self, view: View, case: Case) -> DeskCase:
        row = summary(view, self.rules, case)
        missing = sum(1 for _, blob, size in case.materials if size and not blob)
        name = view.cases.applicant_name(case.case_no) or ""
        return {
            **row, "applicant": name, "filed_at": iso(case.filed_at), "since": iso(case.moved_at), "files_missing": missing
        }  # fmt: skip

    def _stuck(self, view: View, case: Case, line: PulseLine | None) -> CaseStuck:
        """A case that is on its way: why it does not get on, since when, and between whom."""
        row, offer = self._row(view, case), case.offer
        if offer is None:  # taken above by the machine, nobody has received it yet
            taken = case.hops[-1].taken_at if case.hops else case.last_at
            return {**row, "why": "not_received", "since": iso(taken), "at_tier": self._tier(view, case.custodian)}
        if offer.giver == view.identity.node_id and (line is None or line["state"] != "online"):
            why = "revoked" if is_apart(view) else "line"
        else:
            why = "coming_home" if str(offer.purpose) in ("home", "hand_back") else "not_taken"
        return {**row, "why": why, "since": iso(offer.since), "at_tier": self._tier(view, offer.target)}

    def _tier(self, view: View, node_id: bytes) -> str:
        place = view.place(node_id)
        return place.tier if place is not None else ""

    def _last_handover(self, view: View) -> LastHandover | None:
        """When a case was last handed over from here, and when it was taken (None: not yet known to be)."""
        case_no = view.drafts.last_offered()
        case = view.cases.get(case_no) if case_no else None
        if case is None or case_no is None:
            return None
        me = view.identity.node_id
        if case.offer is not None and case.offer.giver == me:
            return {"case_no": case_no, "at": iso(case.offer.since), "taken_at": None}
        taken = [hop for hop in case.hops if hop.giver == me]
        if not taken:
            return None
        return {"case_no": case_no, "at": iso(taken[-1].offered_at or 0), "taken_at": iso(taken[-1].taken_at)}

    # handing over ------------------------------------------------------------------------------------------------------

    def waiting(self, actor: Actor, cursor: str | None = None, limit: int = PAGE) -> WaitingPage:
        """Cases that wait to be handed over, the newest first; `next` is the cursor of the page after it. Of each: whether it is ready
        (filed today, complete, never handed back), and if not why. Errors: `forbidden`."""
        require(Function.AGENT_DESK, self.store.place.tier, actor.role)
        before = int(cursor) if cursor and cursor.isascii() and cursor.isdigit() and len(cursor) < 19 else NEWEST
        with self.store.reading() as view:
            found = view.drafts.held_newest("with_agent", limit + 1, before)
            rows = [self._waiting(view, find_case(view, no)) for no, _ in found[:limit]]
            total = view.drafts.count_held("with_agent")
        rows.sort(key=lambda row: not row["ready"])
        return {"rows": rows, "total": total, "next": str(found[limit - 1][1]) if len(found) > limit else None}

    def _waiting(self, view: View, case: Case) -> WaitingCase:
        row, today = self._row(view, case), day_of(view.now())
        said = self._said(view, case) if came_back(case, view.identity.node_id) else None
        age = (today - day_of(case.filed_at)).days
        ready = age <= 0 and not row["files_missing"] and said is None
        return {
            **row, "age": age, "ready": ready, "back": said is not None, "reason": said["reason"] if said else "",
            "reason_en": said["reason_en"] if said else "",
        }  # fmt: skip

    def chosen(self, case_nos: list[str], actor: Actor) -> list[WaitingCase]:
        """The chosen cases as they wait now, for the question before they are handed over; others are left out. Errors: `forbidden`."""
        require(Function.AGENT_DESK, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            cases = (view.cases.get(no) for no in dict.fromkeys(case_nos[:AT_ONCE]))
            mine = [
                one for one in cases if one is not None and one.custodian == view.identity.node_id and one.status == "with_agent"
            ]
            return [self._waiting(view, one) for one in mine]

    def hand_over(self, case_nos: list[str], actor: Actor) -> HandoverAct:
        """Hand each case over: {id, results}. One that cannot be does not stop the others; twice is once.

        The act is kept under `id` for its list (移交清单). Errors: `forbidden`.
        """
        require(Function.HAND_OVER_MANY, self.store.place.tier, actor.role)
        results = [self._one(case_no, actor) for case_no in dict.fromkeys(case_nos[:AT_ONCE])]
        id = secrets.token_hex(6)
        if count := sum(1 for row in results if row["ok"]):
            try:
                self.store.run(lambda tx: tx.drafts.note_handover(id, actor.staff_id, results))
            except StorageFailure as error:
                raise half_done(f"已移交 {count} 件", f"{count} handed over") from error
        return {"id": id, "results": results}

    def handover(self, id: str, actor: Actor) -> HandoverList:
        """One act of handing over with its cases as they stand now. Errors: `forbidden`, `not_found`."""
        require(Function.AGENT_DESK, self.store.place.tier, actor.role)
        with self.store.reading() as view:
            found = view.drafts.handover(id)
            if found is None:
                raise TongbanError("not_found", what="handover")
            name, at, results = found
            rows = [self._handed_over(view, find_case(view, row["case_no"])) for row in results if row["ok"]]
            parent = view.place(view.identity.parent) if view.identity.parent is not None else None
        failed = [row for row in results if not row["ok"]]
        code, tier = (parent.code, parent.tier) if parent is not None else ("", "")
        return {"id": id, "by": name, "at": iso(at), "rows": rows, "failed": failed, "to": code, "to_tier": tier}

    def _left(self, view: View, case: Case) -> bool:
        """Whether the hand-over has left this machine: taken above, or the node above has said that it has the entry."""
        offer, acked = case.offer, view.acked_by_parent()
        if offer is None or offer.giver != view.identity.node_id:
            return True
        offered = max((one.arrival for one in view.cases.entries(case.case_no) if one.event.kind == "custody_offered"), default=0)
        return acked is not None and acked[1] >= offered

    def _handed_over(self, view: View, case: Case) -> CaseHandedOver:
        """A row of the list: how many originals and copies lie with the case, as declared."""
        declared = filing_body(view, case).get("application", {}).get("attachments", [])
        forms = [one.get("form") for one in declared if isinstance(one, dict) and one.get("held") not in ("paper", "missing")]
        papers = sum(copies(case, material) for material in {one.material for one in case.pieces})
        originals = forms.count("original")
        return {
            **self._row(view, case), "originals": originals + papers, "copies": len(forms) - originals, "left": self._left(view, case)
        }  # fmt: skip

    def _one(self, case_no: str, actor: Actor) -> HandedOver:
        """The outcome of one case: {case_no, ok, before} or {case_no, ok, error, error_en}."""
        try:
            self.handling.act(case_no, "hand_over", {}, actor)
        except TongbanError as error:
            if error.code in ("in_transit", "not_custodian"):
                return {"case_no": case_no, "ok": True, "before": True}
            return {"case_no": case_no, "ok": False, "error": error.sentence("zh"), "error_en": error.sentence("en")}
        return {"case_no": case_no, "ok": True, "before": False}

    # what may be filed here --------------------------------------------------------------------------------------------

    def items(self, q: str, department: str, page: int) -> ItemsOffered:
        """By search words, the best first, also what is filed elsewhere (`here`, `at`); or what this node may file, by department and
        name; 50 to a page."""
        tier = self.store.identity.tier
        start = (max(page, 1) - 1) * PAGE
        words = q.strip()[:100]
        if words:
            fit = self.find(words)
            return {"items": fit[start : start + PAGE], "total": len(fit), "more": len(fit) > start + PAGE, "departments": []}
        items = [one for one in self.rules.catalog.snapshot().items.values() if tier in one.accept_levels]
        chosen = sorted(
            (one for one in items if not department or one.department == department), key=lambda one: (one.department, one.name)
        )
        rows: list[OfferedItem] = [{**one.to_document(), "here": True, "at": None} for one in chosen[start : start + PAGE]]
        return {
            "items": rows, "total": len(chosen), "more": len(chosen) > start + PAGE,
            "departments": [] if department else departments(items),
        }  # fmt: skip


def departments(items: list[Item]) -> list[DepartmentCount]:
    """How many items each department has, the largest first."""
    counts = Counter(item.department for item in items)
    return [{"department": name, "items": count} for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))]
