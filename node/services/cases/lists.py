"""Lists of cases."""

from __future__ import annotations

from collections.abc import Sequence

from node.domain.cases.documents import CaseListed, CasePageOf
from node.domain.model import Case
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.cases.documents import iso, summary
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
    meant: Sequence[str] = (),
) -> CasePageOf:
    """One page, newest first; `meant` are the items that `q` names. `next` is the cursor of the page after it, or None."""
    before = _position(cursor)
    limit = max(1, min(limit, PAGE_AT_MOST))
    with store.reading() as view:
        rows = view.cases.page(status=status, item=item, q=(q or "").strip()[:100], before=before, limit=limit + 1, meant=meant)
        found = [(view.cases.get(case_no), position) for case_no, position in rows[:limit]]
        listed = [_row(view, rules, case) for case, _ in found if case is not None]
    following = str(rows[limit - 1][1]) if len(rows) > limit else None
    return {"cases": listed, "next": following}


def _row(view: View, rules: Rules, case: Case) -> CaseListed:
    return {**summary(view, rules, case), "applicant": _name(view, case), "filed_at": iso(case.filed_at)}


def _name(view: View, case: Case) -> str | None:
    return view.cases.applicant_name(case.case_no)


def _position(cursor: str | None) -> int:
    if not cursor:
        return LAST
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise TongbanError("invalid_input", {"cursor": "invalid"})
    return int(cursor)
