"""公开、收费监察: which items do not say what must be public, whose fee rests on nothing, whose catalog is not in step (O01, F01, O02)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from node.domain.supervision.finding_documents import FoundFlaw
from node.domain.words.errors import TongbanError
from tests.network.editing import EDITOR, catalog_row, changed_item
from tests.network.test_heard import MINUTE, pass_time, said
from tests.network.test_signals import OVERSEER
from tests.support.network import DAY, DIRECTOR, FOUR, Town, four_tiers


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = four_tiers(tmp_path / "t")
    yield made
    made.close()


def publish(town: Town, node: str = "city", **changed: str) -> None:
    """ZW007 with other words, published by a node."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(catalog_row()))
    writer.writeheader()
    writer.writerow({**catalog_row(), **changed})
    town[node].center.catalog.import_csv(out.getvalue().encode(), EDITOR)
    town.heal()


def found(town: Town, name: str, **given: str) -> list[FoundFlaw]:
    """Every row of a list, page by page."""
    center, rows = town[name].center, list[FoundFlaw]()
    center.disclosing.tick()
    answer = center.findings.listed({**given, "limit": "20"}, OVERSEER)
    while True:
        rows += answer["findings"]
        if answer["next"] is None:
            assert len(rows) == answer["total"] == len({row["finding_id"] for row in rows})
            return rows
        answer = center.findings.listed({**given, "limit": "20", "cursor": answer["next"]}, OVERSEER)


def of(rows: list[FoundFlaw], item: str = "ZW007") -> dict[str, str]:
    return {row["rule"]: row["zh"] for row in rows if row["item_id"] == item}


def test_an_item_is_found_until_it_says_what_it_must(town: Town) -> None:
    assert of(found(town, "city", monitor="disclosure")) == {}
    publish(town, legal_basis="", fee="每证10元")
    for name in FOUR:
        disclosed, fees = (found(town, name, monitor=one) for one in ("disclosure", "fee"))
        assert of(disclosed) == {"O01": "事项公开缺项：依据、收费依据"} and of(fees) == {
            "F01": "事项写明收费，没有写明收费依据：每证10元"
        }
        rows = {row["rule"]: row for row in town[name].center.monitors.monitor("disclosure", OVERSEER)["rules"]}
        assert rows["O01"]["findings"] == len(found(town, name, rule="O01")) and rows["O01"]["in_use"]
        assert not rows["O03"]["in_use"]
        assert found(town, name) == []  # lists of their own: no figure of a unit counts them
    row = next(row for row in found(town, "village", rule="F01") if row["item_id"] == "ZW007")
    assert row["subject"] == {"type": "item", "id": "ZW007"} and row["charged"]["node"] == FOUR["city"] and row["case_no"] is None
    assert row["evidence"] and not row["judged_here"]
    publish(town, fee="每证10元（鄂价费〔2019〕12号）")
    for name in FOUR:
        assert of(found(town, name, monitor="disclosure")) == of(found(town, name, monitor="fee")) == {}


def test_what_an_overlay_may_not_change_is_charged_above_and_its_own_item_to_itself(town: Town) -> None:
    publish(town, legal_basis="")
    publish(town, "district", legal_basis="", promised_limit_workdays="5")
    publish(town, "district", item_id="QU001", name="区级备案", legal_basis="", conditions="")
    for name, own in (("city", []), *((name, [FOUR["district"]]) for name in ("district", "township", "village"))):
        rows = found(town, name, rule="O01")
        assert [row["charged"]["node"] for row in rows if row["item_id"] == "ZW007"] == [FOUR["city"]], name
        assert [row["charged"]["node"] for row in rows if row["item_id"] == "QU001"] == own, name


def test_who_is_above_says_what_it_is_and_every_tier_knows(town: Town) -> None:
    publish(town, "district", item_id="QU001", name="区级备案", legal_basis="")
    id = next(row["finding_id"] for row in found(town, "township", rule="O01") if row["item_id"] == "QU001")
    found(town, "district")
    with pytest.raises(TongbanError, match="not_found"):  # the unit that published it is above
        town["township"].center.findings.confirm(id, {"state": "dismissed", "reason": "不属实"}, OVERSEER)
    town["district"].center.findings.confirm(id, {"state": "confirmed", "reason": "核对属实"}, OVERSEER)
    town.heal()
    assert town["district"].center.findings.one(id, OVERSEER)["state"] == "confirmed"
    with pytest.raises(TongbanError, match="guard_failed"):
        town["district"].center.findings.confirm(id, {"state": "dismissed", "reason": "再看"}, OVERSEER)
    assert all(town[name].center.upkeep.verify()["ok"] for name in ("city", "district"))


def test_a_rule_that_is_switched_off_finds_no_item(town: Town) -> None:
    publish(town, legal_basis="")
    assert of(found(town, "city", monitor="disclosure"))
    text = 'kind = "supervision"\n[[rule]]\ncode = "O01"\nactive = false\n'
    town["city"].center.watch_rules.publish(text.encode(), DIRECTOR)
    town.world.advance(2 * DAY)
    assert found(town, "city", monitor="disclosure") == []


def test_a_unit_that_is_heard_and_does_not_follow_is_found_after_three_days(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    pass_time(town, 30 * MINUTE)
    reader = town["township"].center.store.catalog
    before = reader.cites()
    with monkeypatch.context() as stuck:  # what the township says of itself
        stuck.setattr(reader, "cites", lambda: before)
        town["city"].center.catalog.import_csv(changed_item(1), EDITOR)
        said(town)
        for days, units in ((2, []), (1.1, [FOUR["township"]])):
            town.world.advance(int(days * DAY))
            pass_time(town, 60 * MINUTE)
            for name in ("city", "district"):
                rows = found(town, name, rule="O02")
                assert [row["charged"]["node"] for row in rows] == units, (name, days)
        assert rows[0]["subject"] == {"type": "unit", "id": FOUR["township"]}
        assert rows[0]["zh"] == "目录更新三天以后没有同步：现用第1版，第2版没有到"
        one = {row["finding_id"] for name in ("city", "district") for row in found(town, name, rule="O02")}
        assert len(one) == 1  # the same at every tier
        town["city"].center.findings.confirm(one.pop(), {"state": "confirmed", "reason": "已电话核实"}, OVERSEER)
        town.heal()
        assert [town[name].center.item_cards.tick() for name in FOUR] == [0, 1, 0, 0]
        town.heal()
        for name in ("city", "district", "township"):  # the district, its parent, serves the card
            (card,) = town[name].center.cards.listed({"rule": "O02"}, OVERSEER)["cards"]
            assert (card["subject"], card["served_by"]) == ({"type": "unit", "id": FOUR["township"]}, FOUR["district"]), name
    pass_time(town, 30 * MINUTE)
    assert found(town, "city", rule="O02") == []


def test_a_silent_unit_is_unknown_and_not_behind(town: Town) -> None:
    pass_time(town, 30 * MINUTE)
    town.lines["township"].cut()
    town["city"].center.catalog.import_csv(changed_item(1), EDITOR)
    town.world.advance(5 * DAY)
    pass_time(town, 60 * MINUTE)
    assert found(town, "city", rule="O02") == []
    assert FOUR["township"] in town["city"].center.findings.listed({"rule": "O02"}, OVERSEER)["unknown_since"]
