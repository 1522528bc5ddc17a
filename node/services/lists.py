"""Lists of cases, and what the public may see of one."""

from __future__ import annotations

import hmac
from typing import Any

from node.domain.case_number import normalise_query_code, query_hash
from node.domain.errors import TongbanError
from node.domain.model import Case
from node.services.documents import DONE, iso, summary
from node.services.rules import Rules
from node.services.tracker import tracker
from node.store.store import Store, View

PAGE_AT_MOST = 200
LAST = 1 << 62


def cases(
    store: Store,
    rules: Rules,
    *,
    status: str | None = None,
    item: str | None = None,
    q: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """One page, newest first. `next` is the cursor of the page after it, or None."""
    before = _position(cursor)
    limit = max(1, min(limit, PAGE_AT_MOST))
    with store.reading() as view:
        rows = view.cases.page(status=status, item=item, q=(q or "").strip()[:100], before=before, limit=limit + 1)
        found = [(view.cases.get(case_no), position) for case_no, position in rows[:limit]]
        listed = [_row(view, rules, case) for case, _ in found if case is not None]
    following = str(rows[limit - 1][1]) if len(rows) > limit else None
    return {"cases": listed, "next": following}


def _row(view: View, rules: Rules, case: Case) -> dict[str, Any]:
    return {**summary(view, rules, case), "applicant": _name(view, case), "filed_at": iso(case.filed_at)}


def _name(view: View, case: Case) -> str | None:
    return view.cases.applicant_name(case.case_no)


def _position(cursor: str | None) -> int:
    if not cursor:
        return LAST
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise TongbanError("invalid_input", {"cursor": "invalid"})
    return int(cursor)


def public_case(store: Store, rules: Rules, case_no: str, code: str) -> dict[str, Any]:
    """Where a case is, for whoever has its number and query code (R71). No names; a wrong code is "not found"."""
    with store.reading() as view:
        case = view.cases.get(case_no)
        if case is None or not _right_code(case, code):
            raise TongbanError("not_found", what="办件编号或查询码")
        row = summary(view, rules, case)
        node = view.place(case.custodian) if case.custodian else None
        return {
            "case_no": case.case_no, "item_id": case.item_id, "item_name": row["item_name"], "status": case.status, "custodian": row["custodian"],
            "tier": node.tier if node is not None else None, "due": row["due"], "transit": row["transit"], "filed_at": iso(case.filed_at),
            "tracker": tracker(view, rules, case, None),
            "accepted_at": iso(case.accepted_at), "decided_at": iso(case.decided_at), "finished": case.status in DONE, "as_of": row["as_of"],
        }  # fmt: skip


def _right_code(case: Case, code: str) -> bool:
    given = normalise_query_code(code or "")
    return bool(given) and hmac.compare_digest(query_hash(case.query_salt, case.case_no, given), case.query_hash)
