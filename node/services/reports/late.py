"""The cases of a period that came late, one by one (季度通报, DOMAIN A8): those decided late, and those still open past their day at its end."""

from __future__ import annotations

from collections.abc import Sequence

from node.domain import notes
from node.domain.model import Place
from node.domain.reports.documents import LateCase
from node.domain.reports.tally import Month
from node.domain.supervision.documents import OversightCase
from node.services.reports.making import Making
from node.services.reports.units import Counted, RowOf, behind
from node.services.supervision.noted import body_of
from node.services.supervision.order_rows import text_of
from node.services.supervision.rows import Rows
from node.store import appeals, orders
from node.store.store import View

MOST = 200
_ORDERS = 5  # of a case, in which a cause is looked for
_NEWEST = 1 << 62


class Late:
    """Tells them within one view."""

    def __init__(self, making: Making, view: View) -> None:
        self._making, self._view = making, view
        self._decided = Rows(view, making.rules, making.fresh, True)
        self._open = Rows(view, making.rules, making.fresh, False)

    def of(self, unit: Place, months: Sequence[Month]) -> tuple[list[LateCase], int]:
        """(the first of them, how many there are), of the months of a period that have begun."""
        decided = [one for month in months for one in behind(self._making, unit, month, RowOf(), "late")]
        still = behind(self._making, unit, months[-1], RowOf(), "overdue_open") if months else []
        rows = [*[(self._decided, one, False) for one in decided], *[(self._open, one, True) for one in still]]
        found = [one for row, case, is_open in rows[:MOST] if (one := self._one(row, case, is_open)) is not None]
        return found, len(rows)

    def _one(self, rows: Rows, case: Counted, is_open: bool) -> LateCase | None:
        row = rows.row(case.case_no, case.node)
        if row is None:
            return None
        due, over = _passed(row, is_open)
        appealed, _ = appeals.page(self._view, appeals.Asked(case_no=case.case_no), _NEWEST, 1)
        return {
            "case_no": case.case_no, "item": row["item"], "unit": self._making.code(case.node), "name": rows.name(case.node), "due": due,
            "over_days": over, "open": is_open, "cause": self._cause(case.case_no), "segments": row["segments"],
            "appealed": bool(appealed), "ground": appealed[0].ground if appealed else None,
        }  # fmt: skip

    def _cause(self, case_no: str) -> str:
        """What the unit said was the cause, in its last answer to an order of which the words are here; "" for none."""
        rows, _ = orders.page(self._view, orders.Asked(case_no=case_no), _NEWEST, _ORDERS)
        for order in [whole for row in rows if (whole := orders.whole(self._view, row.id)) is not None]:
            for act in reversed(order.order.acts):
                if act.kind == notes.ORDER_REPLIED and (said := text_of(body_of(self._view, order, act.id), "cause")):
                    return said
        return ""


def _passed(row: OversightCase, is_open: bool) -> tuple[str | None, int]:
    """(the day that passed, by how many working days)."""
    if is_open or not row["was_late"]:
        return row["due"], row["over_days"]
    return row["was_late"][0]["due"], row["was_late"][0]["over_days"]
