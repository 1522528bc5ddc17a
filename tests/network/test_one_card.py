"""One card in full: the days of two tiers and what lay between, what a unit within its budget and a new holder read and what became of it
(SCREENS "One card", DOMAIN A2, A4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from node.domain.supervision.card_documents import CardTold
from tests.network.test_late_decisions import decided_late
from tests.network.test_signals import OVERSEER, pass_days
from tests.support.network import DAY, DIRECTOR, FOUR, Town, four_tiers

Told = tuple[Town, str, str, str]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Cases of ten working days that the township examines first (4 days of its own): one lay three days on its way, one the district sat on, one
    the township gave up when it was over."""
    town = four_tiers(tmp_path_factory.mktemp("t"))
    on_its_way = decided_late(town, 2, 3, 12)
    sat_on, given_up = (town.file("township", "ZW002") for _ in range(2))
    for case in (sat_on, given_up):
        town.do("township", case, "accept")
    for case, days in ((sat_on, 2.0), (given_up, 17.0)):
        pass_days(town, days, DAY // 2)
        town.do("township", case, "complete_step")
        town.do("township", case, "refer")
        town.heal()
    pass_days(town, 0.5)
    yield town, sat_on, given_up, on_its_way
    town.close()


def card(town: Town, name: str, case: str, rung: str) -> CardTold:
    listed = town[name].center.cards.listed({"case_no": case, "rule": "T05", "rung": rung}, OVERSEER)["cards"]
    return town[name].center.cards.one(listed[0]["signal_id"], OVERSEER)


def test_the_upper_unit_that_sat_on_it_is_named_with_both_budgets_and_the_lower_reads_that_it_kept_its_own(told: Told) -> None:
    town, case, _, _ = told
    for name in ("city", "district", "township"):
        one = card(town, name, case, "yellow")
        assert one["unit"] == FOUR["district"] and one["state"] == "in_force", name
        assert [(each["unit"], each["budget"], each["charged"]) for each in one["shares"]] == [
            (FOUR["district"], 6, True), (FOUR["township"], 4, False),
        ], name  # fmt: skip
        own, other = one["shares"]
        assert own["used"] > 6 and other["used"] <= 4 and own["used"] + other["used"] == 11  # the next working day has begun
        assert [each["unit"] for each in one["stretches"]] == [FOUR["township"], FOUR["district"]]
        assert "承诺10个工作日" in one["sentence"] and one["working"] is not None and one["versions"]["calendar"] > 0
    here = card(town, "township", case, "yellow")["here"]
    assert here is not None and here["within"] and (here["used"], here["budget"], here["taken_over"]) == (other["used"], 4, None)
    assert card(town, "district", case, "yellow")["here"] is None


def test_who_takes_over_what_is_over_reads_by_how_much_and_whose_it_is(told: Told) -> None:
    town, _, case, _ = told
    one = card(town, "district", case, "yellow")
    assert one["unit"] == FOUR["township"] and one["here"] is not None
    over = town["district"].center.cases.case(case, DIRECTOR)["late"]
    assert one["here"]["taken_over"] == next(one["over_days"] for one in over if one["clock"] == "P") > 0
    assert not one["here"]["within"]


def test_its_history(told: Told) -> None:
    town, case, _, _ = told
    one = card(town, "district", case, "yellow")
    fell = [each["rung"] for each in one["history"] if each["what"] == "fell"]
    assert fell == ["remind", "warn", "overdue", "yellow"] or fell == ["remind", "warn", "overdue", "yellow", "red"]
    assert [each["node"] for each in one["history"] if each["what"] == "served"] == [FOUR["city"]]
    assert [each["node"] for each in one["history"] if each["what"] == "arrived"] == [FOUR["district"]]
    made = town["district"].center.appeals.file(one["signal_id"], {"ground": "attribution", "text": "材料是后来才到的"}, DIRECTOR)
    town.heal()
    town["city"].center.appeals.act(made["appeal_id"], "decide", {"outcome": "uphold", "reason": "归责无误"}, OVERSEER)
    town.heal()
    acts = [(one["kind"], one["outcome"]) for one in card(town, "district", case, "yellow")["history"] if one["what"] == "appeal"]
    assert acts[0] == ("appeal_filed", "") and ("appeal_decided", "uphold") in acts


def test_days_on_the_way_are_nobodys(told: Told) -> None:
    town, _, _, case = told
    one = card(town, "district", case, "overdue")
    kinds = [(each["kind"], each["unit"]) for each in one["stretches"]]
    assert ("transit", None) in kinds and one["unit"] == FOUR["district"]
    assert sum(each["workdays"] for each in one["stretches"]) == 11
