"""Who answers for a late decision is said once: the lists and counts of supervision, its units, the analysis, the case page and the monthly report
name the same unit, which need not be the one that decided (DOMAIN A0, A4)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.network.test_orders import REPLY, do, signed
from tests.services.test_charged import OVERSEER, figures, listed
from tests.support.network import DAY, DIRECTOR, FOUR, Town, four_tiers

UNKNOWN, MONTH = "unknown", "2026-03"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path / "t")
    yield made
    made.close()


def decided_late(town: Town, held: int, on_its_way: int, decided: int) -> str:
    """A case of ten working days that the district decides and the township examines first: how many days it lay where. Four days are the
    township's."""
    case = town.file("township", "ZW002")
    town.do("township", case, "accept")
    town.world.advance(held * DAY)
    town.do("township", case, "complete_step")
    if on_its_way:
        town.cut()
    town.do("township", case, "refer")
    town.world.advance(on_its_way * DAY)
    town.heal()
    town.world.advance(decided * DAY)
    while "approve" not in town.offered("district", case):
        town.do("district", case, "complete_step")
    town.do("district", case, "approve")
    town.heal()
    return case


def check(town: Town, case: str, unit: str) -> None:
    """`unit`: the division code of who answers, "" for nobody."""
    for name in ("city", "district"):
        center = town[name].center
        assert figures(town, name, "late", "node") == {unit or UNKNOWN: 1}, name
        assert figures(town, name, "decided", "node") == {FOUR["district"]: 1}
        assert figures(town, name, "on_time", "node") == {}
        for code in (FOUR["district"], FOUR["township"], UNKNOWN):
            assert listed(town, name, measure="late", holder=code)["total"] == (code == (unit or UNKNOWN)), (name, code)
        row = listed(town, name, view="past_overdue")["cases"][0]
        assert (row["case_no"], row["holder"]["node"], row["was_late"][0]["holder"]) == (case, unit or None, unit or None)
        late = center.cases.case(case, DIRECTOR)["late"]
        assert {one["holder"] for one in late if one["clock"] == "P"} == {unit or None}
        units = {
            one["code"]: one["figures"]["late"] for one in center.oversight.units({"at": FOUR["district"]}, OVERSEER)["units"]
        }
        assert units == {code: int(unit == code) for code in (FOUR["district"], FOUR["township"])}
        for asked in ({}, {"across": "month"}, {"from": f"{MONTH}-02", "to": f"{MONTH}-30"}):
            rows = center.analysis.of({"measure": "late", "by": "node", **asked}, OVERSEER)["rows"]
            assert {one["key"]: one["all"]["n"] for one in rows} == {unit or UNKNOWN: 1}, (name, asked)
        report = center.reports.report({"month": MONTH, "node": FOUR["district"]}, OVERSEER)["tables"]["cases"]["rows"]
        assert {str(one["unit"]): one["late"] for one in report if one["late"]} == ({unit: 1} if unit else {})
        assert {str(one["unit"]): one["decided"] for one in report if one["decided"]} == {FOUR["district"]: 1}
        assert center.upkeep.verify()["problems"] == []


def test_of_what_lay_at_the_township_the_township_answers(town: Town) -> None:
    case = decided_late(town, held=14, on_its_way=0, decided=2)
    check(town, case, FOUR["township"])
    id = signed(town, "district", "township", case_no=case)
    town.heal()
    for action, given in (("receive", {}), ("reply", REPLY)):
        do(town, "township", id, action, **given)
        town.heal()
    for name, cause in (("district", REPLY["cause"]), ("city", "")):  # the words are with who takes part
        late = town[name].center.periods.report({"period": "2026-Q1", "node": FOUR["district"]}, OVERSEER)["late"]
        assert [(one["case_no"], one["unit"], one["open"], one["cause"], one["appealed"]) for one in late] == [
            (case, FOUR["township"], False, cause, False)
        ], name
        assert late[0]["over_days"] > 0 and sum(one["workdays"] for one in late[0]["segments"]) > late[0]["over_days"]


def test_of_what_lay_at_the_district_the_district_answers(town: Town) -> None:
    case = decided_late(town, held=2, on_its_way=0, decided=16)
    check(town, case, FOUR["district"])
    kept = {
        name: [one["kept_days"] for one in town[name].center.cases.case(case, DIRECTOR)["late"] if one["clock"] == "P"]
        for name in ("township", "district")
    }
    assert (
        all(0 < days <= 4 for days in kept["township"] if days is not None) and None not in kept["township"] != []
    )  # 本单位 …，不计责
    assert set(kept["district"]) == {None}


def test_of_what_lay_on_the_way_nobody_answers(town: Town) -> None:
    check(town, decided_late(town, held=2, on_its_way=14, decided=1), "")
