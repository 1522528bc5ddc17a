"""疑似 → 核实中 → 成立 | 不成立: said by who is above the unit, known at every tier, once."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest

from node.domain.model import Actor, Role
from node.domain.supervision.judging import MOVES, why_not
from node.domain.words.errors import TongbanError
from node.store import findings
from tests.network.test_legality import usurped
from tests.network.test_orders import OVERSEER
from tests.support.network import DAY, Town


def states(town: Town, name: str, id: str) -> list[str]:
    found = town[name].center.findings.listed({}, OVERSEER)["findings"]
    return [one["state"] for one in found if one["finding_id"] == id]


@pytest.mark.parametrize(("state", "to"), list(itertools.product(MOVES, MOVES)))
def test_what_a_finding_may_be_called_next(state: str, to: str) -> None:
    allowed = {
        ("suspected", "checking"),
        ("suspected", "confirmed"),
        ("suspected", "dismissed"),
        ("checking", "confirmed"),
        ("checking", "dismissed"),
    }
    assert (why_not(state, to) == "") == ((state, to) in allowed)


def test_a_finding_is_looked_up_by_its_id_however_many_there_are(town: Town) -> None:
    usurped(town)
    id = next(one["finding_id"] for one in town["city"].center.findings.listed({}, OVERSEER)["findings"] if one["case_no"])
    with town["city"].center.store.reading() as view:
        asked: list[str] = []
        view.connection.set_trace_callback(asked.append)
        found = findings.one(view.connection, id)
        view.connection.set_trace_callback(None)
        plans = [row[3] for sql in asked for row in view.connection.execute(f"EXPLAIN QUERY PLAN {sql}")]
    assert found is not None and asked
    assert not [
        one for one in plans if one.startswith("SCAN ") and one.split()[1] not in ("m", "(subquery-1)", "switched_off")
    ], plans


def test_a_suspicion_is_checked_and_dismissed_and_every_tier_knows(town: Town) -> None:
    usurped(town)
    district = town["district"].center.findings
    found = [one for one in district.listed({"state": "suspected"}, OVERSEER)["findings"] if one["case_no"]]
    id, count = found[0]["finding_id"], len(found)
    calendar, day = town["district"].center.rules.calendar, dt.date.fromisoformat(str(found[0]["at"])[:10])
    assert found[0]["confirm_by"] == calendar.add_workdays(day, 3).isoformat() and found[0]["confirm_over"] == 0
    town.world.advance(7 * DAY)
    town.heal()
    assert district.one(id, OVERSEER)["confirm_over"] > 0  # nobody said anything for a week
    assert district.confirm(id, {"state": "checking", "reason": "调取案卷"}, OVERSEER)["state"] == "checking"
    assert district.confirm(id, {"state": "dismissed", "reason": "系统试运行期间录入"}, OVERSEER)["state"] == "dismissed"
    with pytest.raises(TongbanError, match="guard_failed"):
        district.confirm(id, {"state": "confirmed", "reason": "再看"}, OVERSEER)
    town.heal()
    for name in ("city", "district"):
        assert states(town, name, id) == ["dismissed"]
    assert district.one(id, OVERSEER)["confirm_by"] is None
    listed = district.listed({"state": "suspected"}, OVERSEER)
    assert listed["total"] == len(listed["findings"]) and id not in {one["finding_id"] for one in listed["findings"]}
    assert district.listed({"state": "dismissed"}, OVERSEER)["total"] == 1 and count >= 1
    assert all(town[name].center.upkeep.verify()["ok"] for name in ("city", "district", "township"))


def test_who_may_and_what_is_wrong(town: Town) -> None:
    usurped(town)
    district = town["district"].center.findings
    id = next(one["finding_id"] for one in district.listed({}, OVERSEER)["findings"] if one["case_no"])
    for given, field in (
        ({}, "state"),
        ({"state": "confirmed"}, "reason"),
        ({"state": "x", "reason": "y"}, "state"),
        ({"state": "suspected", "reason": "y"}, "state"),
    ):
        with pytest.raises(TongbanError) as refused:
            district.confirm(id, given, OVERSEER)
        assert field in refused.value.fields
    with pytest.raises(TongbanError, match="not_found"):
        district.confirm("0" * 32, {"state": "confirmed", "reason": "y"}, OVERSEER)
    with pytest.raises(TongbanError, match="forbidden"):
        district.confirm(id, {"state": "confirmed", "reason": "y"}, Actor("s", Role.CLERK))
    with pytest.raises(TongbanError, match="forbidden"):
        town["village"].center.findings.confirm(id, {"state": "dismissed", "reason": "y"}, Actor("s", Role.DIRECTOR))
    one = district.confirm(id, {"state": "confirmed", "reason": "y"}, OVERSEER, idempotency_key="k")
    assert district.confirm(id, {"state": "confirmed", "reason": "y"}, OVERSEER, idempotency_key="k") == one
