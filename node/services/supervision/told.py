"""The way of a case as a supervisor reads it: acts, moments, whose time it was; facts alone, and of bodies only who signed.

The person who acted is named to the charged node and its parent, as in the lists (`rows`). What an act says in free text, what was
applied for and by whom, is not here: whoever needs it asks for the file with a reason (promise 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from node.domain.cases.bodies import hands, read_body
from node.domain.cases.dated import is_moved, is_unproven
from node.domain.cases.lateness import charged
from node.domain.cases.telling import tell
from node.domain.model import Case
from node.domain.supervision.documents import ActTold, Asked, CaseFacts
from node.domain.words.errors import TongbanError
from node.services.cases.legality import findings_of
from node.services.cases.names import names_of
from node.services.cases.notes import told_fact
from node.services.cases.timeline import is_borne_out
from node.services.supervision.rows import Rows
from node.services.times import iso
from node.services.tree.freshness import Freshness
from node.store import staff
from node.store.standing import CaseEntry
from node.store.store import View

if TYPE_CHECKING:
    from node.services.cases.context import Rules as CaseRules


def told(view: View, rules: CaseRules, fresh: Freshness, number: str) -> CaseFacts:
    """Errors: `not_found`."""
    case = view.cases.get(number)
    row = Rows(view, rules, fresh, False).row(number, charged(case)) if case is not None else None
    if case is None or row is None:
        raise TongbanError("not_found", what=number[:64])
    judged = view.cases.judged(number)
    sure = view.cases.sound(case, judged)
    return {
        "case": row, "filed_at": iso(case.filed_at), "accepted_at": iso(sure.accepted_at), "decided_at": iso(sure.decided_at),
        "concluded_at": iso(sure.concluded_at), "deadlines": rules.deadlines(view, sure), "findings": findings_of(view, case, judged),
        "asked": _asked(view, rules, case), "acts": _acts(view, rules, case),
    }  # fmt: skip


def _asked(view: View, rules: CaseRules, case: Case) -> list[Asked]:
    """What others asked of the case (reminders above all), and whether it was answered."""
    known = names_of(view, rules, case, {})
    return [
        {"asked": one.asked, "node_name": known.node(one.author), "state": one.state}
        for one in view.requests.of_case(case.case_no)
    ]


def _acts(view: View, rules: CaseRules, case: Case) -> list[ActTold]:
    standing = view.cases.remembered(case.case_no)
    dead = set(standing.void) | set(standing.parked) if standing is not None else set()
    entries = [one for one in view.cases.entries(case.case_no) if one.event.hash not in dead]
    signed = _signed(view, entries)
    return [_act(view, rules, case, one, signed) for one in sorted(entries, key=lambda one: one.event.version)]


def _act(view: View, rules: CaseRules, case: Case, entry: CaseEntry, signed: Mapping[tuple[bytes, str], str]) -> ActTold:
    event, known = entry.event, names_of(view, rules, case, {}, entry.event.version if case.repins else 0)
    place = view.place(event.author)
    return {
        "version": event.version, "action": event.kind, "status": event.status_after, "node": place.code if place is not None else None,
        "node_name": known.node(event.author), "person": signed.get((event.author, event.staff_id)), "at": iso(event.at),
        "claimed": iso(event.claimed) if is_moved(event) else None, "unproven": is_unproven(event, is_borne_out(view, entry), view.now()),
        "told": [told_fact(one) for one in tell(event, known)], "hash": event.hash.hex(),
    }  # fmt: skip


def _signed(view: View, entries: list[CaseEntry]) -> dict[tuple[bytes, str], str]:
    """Who acted, at this node and directly below it."""
    me = view.identity.node_id
    near = [one.event for one in entries if one.event.author == me or view.trust.parent(one.event.author) == me]
    found = hands((one.author, one.staff_id, read_body(view.objects.get(one.body_hash))) for one in near if one.body_hash)
    return found | {(me, staff_id): name for staff_id, name in staff.names(view.connection).items()}
