"""What readers of reports ask for: which unit, which month, and the cases behind a figure."""

from __future__ import annotations

from node.domain.model import Place
from node.domain.reports.tally import Month, month_of, read_month
from node.domain.words.errors import TongbanError
from node.services.reports.making import Making
from node.store.store import View


def unit_of(view: View, making: Making, code: str) -> Place:
    """Errors: `invalid_input` for what is not of the subtree."""
    me = view.identity.place
    if not code or code == me.code:
        return me
    place = view.find_code(code)
    if place is None or not view.trust.is_below(place.node_id, me.node_id):
        raise TongbanError("invalid_input", {"node": "unknown_division"})
    return place


def asked_month(view: View, text: str) -> Month:
    """The last that is over where none is named. Errors: `invalid_input`."""
    present = month_of(view.now())
    month = read_month(text) if text else present.before
    if month is None or month > present:
        raise TongbanError("invalid_input", {"month": "invalid" if month is None else "out_of_range"})
    return month


def behind(making: Making, unit: Place, month: Month, row: str, column: str) -> list[tuple[str, bytes]]:
    """(case, unit that it counts for) of a column of a row ("" for all), as often as it is counted. Errors: `invalid_input`."""
    groups = dict(making.groups(unit.node_id))
    if row and row not in groups:
        raise TongbanError("invalid_input", {"unit": "unknown_division"})
    wanted = set(groups[row]) if row else {node for units in groups.values() for node in units}
    written = making.cuts.latest(unit.node_id, month)
    cut = written.cut if written is not None else making.cut(unit.node_id, month)
    base = making.cuts.written(written.base) if written is not None else making.base(unit.node_id, month)
    told = making.counting.cases(making.asked(unit.node_id, month, cut, base))
    return [(no, one.unit) for no, one in told if one.unit in wanted for _ in range(one.counts.get(column, 0))]
