"""A deadline explained: the days that are counted are those of the limit and its extension, whatever stops there were."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from node.domain.cases.deadlines import deadlines
from node.domain.cases.explain import explained
from node.domain.model import Role
from tests.domain.test_history import REVIEWED, Recorded
from tests.domain.test_stops import CALENDAR, day


def test_every_day_says_whether_it_counts_and_why() -> None:
    hall = Recorded(item=REVIEWED)
    hall.begun(day(9, 18))  # a Friday; Sunday the 20th is a make-up day, the 25th a holiday
    hall.stop(2, day(9, 22))
    one = next(one for one in deadlines(hall.the, REVIEWED, "township", CALENDAR) if one.clock == "P")
    found = {row["date"]: (row["counted"], row["why"]) for row in explained(one, CALENDAR, hall.record().pauses)}
    assert found["2026-09-18"] == (False, "start") and found["2026-09-19"] == (False, "weekend")
    assert found["2026-09-20"] == (True, "makeup") and found["2026-09-21"] == (True, "workday")
    assert found["2026-09-22"] == found["2026-09-23"] == (False, "pause")
    assert found["2026-09-25"] == (False, "holiday") and max(found) == one.due.isoformat()


@given(st.dates(dt.date(2024, 3, 1), dt.date(2026, 3, 1)), st.integers(0, 9), st.integers(1, 20), st.booleans())
def test_as_many_days_are_counted_as_the_limit_has(start: dt.date, later_by: int, days: int, longer: bool) -> None:
    hall = Recorded(item=REVIEWED)
    hall.begun(start)
    if longer:
        hall.do("extend", Role.APPROVER)
    hall.stop(days, start + dt.timedelta(days=later_by), 20)
    for one in deadlines(hall.the, REVIEWED, "township", CALENDAR):
        rows = explained(one, CALENDAR, hall.record().pauses)
        assert sum(row["counted"] for row in rows) == one.limit + one.extension
        assert rows[-1]["date"] == one.due.isoformat()
