"""Monthly reports between real nodes: signed from the villages up with one village silent, frozen, late facts in the next month, counted
again at every tier (DESIGN, "Reports and roll-ups")."""

from __future__ import annotations

import datetime as dt
import os
import random
import urllib.parse
from collections import Counter
from typing import Any

import pytest

from node.domain.calendar import day_of
from node.domain.model import Actor, Role
from node.domain.reports.tally import Month
from node.domain.words.errors import TongbanError
from node.services.reports.making import Making
from node.services.reports.monthly import Monthly
from tests.network.test_heard import said
from tests.network.test_siblings import settled
from tests.support import slow_reports
from tests.support.network import Town

LAYOUT = "tree"
OVERSEER = Actor("s-overseer", Role.OVERSEER, "周督察")
HALF = 12 * 3_600_000
NAMES = {"filled_by": "周督察", "checked_by": "孙主任"}
COUNTED = (
    "received", "accepted", "not_accepted", "not_required", "corrections", "moved_in", "moved_out", "decided", "approved", "refused", "withdrawn",
    "withdrawn_before", "extended", "reopened", "carried", "open", "suspended",
)  # fmt: skip
ONWARD = ("hand_over", "receive", "accept", "complete_step", "refer", "approve", "conclude")
UP = ("village", "village2", "village3", "township", "township2", "district", "city")


def on(town: Town, day: dt.date) -> None:
    """Days go by until the morning of a day: who is on the line speaks, and everybody looks at the clock. Of a longer time only its last
    days are looked at."""
    town.world.advance(max(0, (day - day_of(town.world.time)).days - 2) * 2 * HALF)
    while day_of(town.world.time) < day:
        town.world.advance(HALF)
        for _ in range(2):
            for node in town.nodes.values():
                node.center.hearing.tick()
            said(town)
            town.world.advance(11 * 60_000)
        for node in town.nodes.values():
            node.center.tick()
        said(town)


def report(town: Town, name: str, month: str, at: str = "") -> dict[str, Any]:
    """The report of a node for a month, as it is read there or at another."""
    return dict(town[at or name].center.reports.report({"month": month, "node": town.code(name)}, OVERSEER))


def row(found: dict[str, Any], unit: str = "") -> dict[str, Any]:
    """The row of a unit, or the total; figures that are zero left out."""
    table = found["tables"]["cases"]
    line = next((one for one in table["rows"] if one["unit"] == unit), None) if unit else table["total"]
    return {name: n for name, n in (line or {}).items() if n and name != "unit" and isinstance(n, int)}


def sign(town: Town, name: str, month: str) -> dict[str, Any]:
    return dict(town[name].center.reports.submit(month, NAMES, OVERSEER))


def balanced(found: dict[str, Any]) -> bool:
    return all(one["holds"] for one in found["checks"])


def decided_at_district(town: Town) -> str:
    case = town.file("township", "ZW007")
    town.do("township", case, "accept")
    town.settle()
    return case


def of_reference(town: Town, at: str, unit: str, start: int, end: int) -> Counter[str]:
    """What the slow reference counts of the entries that are at a node."""
    center = town[at].center
    with center.store.reading() as view:
        numbers = [no for (no,) in view.connection.execute("SELECT case_no FROM cases").fetchall()]
        cases = []
        for no in numbers:
            case = view.cases.get(no)
            assert case is not None
            events = sorted((one.event for one in view.cases.entries(no)), key=lambda one: one.version)
            cases.append((events, center.rules.item_of(case, view)))
        places = {node.node_id: view.place(node.node_id) for node in view.trust.nodes()}
    return slow_reports.month(cases, places, town[unit].center.place.node_id, start, end)  # type: ignore[arg-type]


def test_a_month_signed_bottom_up_with_one_village_silent_and_its_facts_in_the_next(town: Town) -> None:
    on(town, dt.date(2026, 3, 10))
    first = decided_at_district(town)
    from_village = town.file("village")
    town.do("village", from_village, "hand_over")
    settled(town)
    town.do("township", from_village, "receive")
    town.do("township", from_village, "accept")
    settled(town)
    town.do("township", first, "withdraw")
    town.cut("village2")
    lost = town.file("village2")
    town.do("village2", lost, "hand_over")  # offered in March, and nobody above knows
    on(town, dt.date(2026, 3, 27))
    march = report(town, "township", "2026-03")
    assert march["state"] == "open" and row(march, town.code("township")) == {
        "received": 2, "accepted": 2, "withdrawn": 1, "open": 1, "commitment": 2, **_late(row(march, town.code("township"))),
    }  # fmt: skip
    with pytest.raises(TongbanError, match="没有结束"):
        sign(town, "village", "2026-03")

    on(town, dt.date(2026, 4, 1))
    with pytest.raises(TongbanError, match="下级单位还没有签报"):
        sign(town, "township", "2026-03")
    for name in UP:
        if name != "village2":
            made = sign(town, name, "2026-03")
            assert (made["state"], made["signed"], made["filled_by"]) == ("submitted", True, "周督察") and balanced(made)
            said(town)
    at_city = report(town, "city", "2026-03")
    assert [one["node"] for one in report(town, "township", "2026-03")["missing"]] == [town.code("village2")]
    assert report(town, "village3", "2026-03")["zero"] and row(at_city) == row(report(town, "district", "2026-03"))
    for name in UP:
        if name != "village2":  # every ancestor counts the same
            for above in [one for one in ("township", "township2", "district", "city") if _is_above(town, one, name)]:
                seen = report(town, name, "2026-03", above)
                assert (seen["recounted"], seen["differences"], seen["lacks"]) == (True, [], []), (name, above)
                assert row(seen) == row(report(town, name, "2026-03"))

    on(town, dt.date(2026, 4, 8))
    assert {report(town, name, "2026-03")["state"] for name in UP} == {"frozen"}
    with pytest.raises(TongbanError, match="已经冻结"):
        sign(town, "township", "2026-03")
    unsigned = report(town, "village2", "2026-03")
    assert unsigned["state"] == "frozen" and not unsigned["signed"] and unsigned["tables"]["agency"]["rows"][0]["registered"] == 1
    assert not unsigned["zero"]  # what a village registers stands in table 6 only
    assert row(report(town, "city", "2026-03")) == row(at_city)  # what is frozen stays

    settled(town)  # the village is back
    town.do("township", lost, "receive")
    town.do("township", lost, "accept")
    on(town, dt.date(2026, 5, 1))
    for name in UP:
        assert balanced(sign(town, name, "2026-04")), name
        said(town)
    april = report(town, "city", "2026-04")
    beside = town["city"].center.reports.report({"month": "2026-04", "compare": "1"}, OVERSEER)["earlier"]
    assert [(one["month"], one["state"]) for one in beside] == [("2026-03", "partial"), ("2025-04", "unknown")]
    assert {**beside[0]["tables"]["cases"]["合计"], "unit": ""}.items() >= row(at_city).items() and not beside[1]["tables"]
    assert "（上月数据不全，不作比较）" in april["text"]
    agency = {one["unit"]: one for one in report(town, "township", "2026-04")["tables"]["agency"]["rows"]}
    assert agency[town.code("village2")]["registered"] == 1  # the township counts it in April: its March did not know of it
    assert (
        report(town, "village2", "2026-04")["tables"]["agency"]["rows"][0]["registered"] == 0
    )  # the village counted it in March
    assert row(april)["carried"] == row(at_city)["open"] and row(april)["accepted"] == 1
    start, end = (int(dt.datetime(2026, n, 1, tzinfo=dt.timezone(dt.timedelta(hours=8))).timestamp() * 1000) for n in (4, 5))
    for at in ("city", "district", "township"):
        said_ = of_reference(town, at, "township", start, end)
        ours = row(report(town, "township", "2026-04", at), town.code("township"))
        assert {name: ours.get(name, 0) for name in ("received", "accepted", "carried", "open", "withdrawn")} == {
            name: said_[name] for name in ("received", "accepted", "carried", "open", "withdrawn")
        }, at
    on(town, dt.date(2026, 6, 1))
    for name in UP:
        sign(town, name, "2026-05")
        said(town)
    may = town["city"].center.reports.report({"month": "2026-05", "compare": "1"}, OVERSEER)
    assert (
        may["earlier"][0]["state"] == "whole" and "5月，本中心共收件0件，比上月减少100.0%" in may["text"] and not may["partial"]
    )
    for name in UP:
        assert town[name].center.upkeep.verify()["problems"] == [], name


def _late(found: dict[str, Any]) -> dict[str, Any]:
    return {name: found[name] for name in ("overdue_open", "gap", "urgent") if name in found}


def _is_above(town: Town, one: str, other: str) -> bool:
    with town["city"].center.store.reading() as view:
        return view.trust.is_below(town[other].center.place.node_id, town[one].center.place.node_id)


def test_every_figure_has_exactly_so_many_rows(town: Town) -> None:
    case = decided_at_district(town)
    handed = town.file("village3")
    town.cut("village3")
    town.do("village3", handed, "hand_over")
    town.world.advance(3 * 3_600_000)
    settled(town)
    town.do("township2", handed, "receive")
    town.do("township2", handed, "accept")
    town.do("township", case, "withdraw")
    settled(town)
    center = town["city"].center
    found = center.reports.report({"month": "2026-03"}, OVERSEER)
    opened = center.reports.report({"month": "2026-03", "open": f"{town.code('district')},{town.code('township2')}"}, OVERSEER)
    assert [one["node"] for one in opened["opened"]] == [town.code("district"), town.code("township2")]
    quarter = center.periods.report({"period": "2026-Q1"}, OVERSEER)
    tables = [found["tables"], *(one["tables"] for one in opened["opened"]), quarter]
    seen = [n for made in tables for name in ("cases", "signals", "agency") if made[name] for n in lists_hold(center, made[name])]
    seen += lists_hold(center, quarter["by_month"])
    assert len(seen) > 40
    table = opened["opened"][1]["tables"]["agency"]
    assert table is not None
    hours = {one["unit"]: one["outage_hours"] for one in table["rows"]}
    assert hours[town.code("village3")] == 2.0  # of three hours one is what a line may take
    whole = next(one for one in found["tables"]["cases"]["rows"] if one["unit"] == town.code("district"))
    parts: Any = opened["opened"][0]["tables"]["cases"]["rows"]
    assert [sum(one[name] for one in parts) for name in COUNTED] == [whole[name] for name in COUNTED]


def lists_hold(center: Any, table: Any) -> list[int]:
    """The figures of a table that lead to their rows, each to exactly so many."""
    seen: list[int] = []
    for line in [*table["rows"], table["total"]]:
        for column, address in table["lists"].get(str(line["unit"]), {}).items():
            path, _, query = address.partition("?")
            listed = getattr(center.reports, path.rpartition("/")[2])(
                {**dict(urllib.parse.parse_qsl(query)), "limit": "200"}, OVERSEER
            )
            rows = listed["cases" if "cases" in listed else "rows"]
            counted = listed["whole_hours"] if column == "outage_hours" else listed["total"]
            assert counted == line[column] and len(rows) == listed["total"] > 0, (line["unit"], column, address)
            assert column != "outage_hours" or abs(sum(listed["hours"]) - counted) <= 0.05 + 0.005 * len(rows)
            seen.append(listed["total"])
    return seen


def test_a_report_that_states_what_its_entries_do_not_is_found_by_every_ancestor(town: Town) -> None:
    decided_at_district(town)
    on(town, dt.date(2026, 4, 1))
    for name in ("village", "village2"):
        sign(town, name, "2026-03")
    said(town)
    liar = town["township"].center
    real = liar.reports._body

    def embellished(*args: Any) -> dict[str, Any]:
        body: dict[str, Any] = dict(real(*args))
        own = body["rows"]["cases"][town.code("township")]
        own["in_time"] = own.get("in_time", 0) + 7
        return body

    liar.reports._body = embellished  # type: ignore[method-assign, assignment]
    sign(town, "township", "2026-03")
    said(town)
    for above in ("district", "city"):
        town[above].center.reports.tick()
        seen = report(town, "township", "2026-03", above)
        assert [(one["column"], one["stated"], one["counted"]) for one in seen["differences"]] == [("in_time", 7, 0)]
        assert [one["node"] for one in report(town, above, "2026-03")["differing"]] == [town.code("township")]


def test_whatever_people_did_every_tier_counts_as_the_slow_reference(town: Town) -> None:
    """A month of acts as dice have them, over all tiers; every unit is counted at every tier above it."""
    dice = random.Random(int(os.environ.get("TONGBAN_SEED", "11")))
    cases: list[str] = []
    for _ in range(int(os.environ.get("TONGBAN_EXAMPLES", "20"))):
        if not cases or dice.random() < 0.3:
            place = dice.choice(("village", "village2", "village3", "township", "township2"))
            cases.append(town.file(place, "ZW007" if place.startswith("v") else dice.choice(("ZW007", "ZW135"))))
        case = dice.choice(cases)
        holder = next((one for one in UP if _holds(town, one, case)), "")
        offered = [one for one in town.offered(holder, case) if one not in ("edit_draft", "repin", "void")] if holder else []
        onward = [one for one in offered if one in ONWARD]
        if offered:
            town.do(holder, case, dice.choice(onward if onward and dice.random() < 0.8 else offered))
        town.world.advance(dice.randrange(1, 30) * 3_600_000)
        town.heal()
    month = day_of(town.world.time).isoformat()[:7]
    seen = Counter[str]()
    for unit in UP:
        for at in [unit, *(one for one in ("township", "township2", "district", "city") if _is_above(town, one, unit))]:
            found = report(town, unit, month, at)
            ours = row(found, town.code(unit))
            first = dt.datetime.fromisoformat(month + "-01T00:00:00+08:00")
            said_ = of_reference(town, at, unit, int(first.timestamp() * 1000), town.world.time + 1)
            assert {name: ours.get(name, 0) for name in COUNTED} == {name: said_[name] for name in COUNTED}, (unit, at)
            assert balanced(found)
            seen.update({name: n for name, n in ours.items() if n})
    assert seen["accepted"] and seen["moved_out"] + seen["decided"] + seen["withdrawn"]


def _holds(town: Town, name: str, case: str) -> bool:
    with town[name].center.store.reading() as view:
        found = view.cases.get(case)
        return found is not None and found.custodian == town[name].center.place.node_id


def test_a_cut_names_no_entry_that_the_tables_do_not_show_yet(town: Town) -> None:
    """What came over the line is durable a moment before it is projected: who signs just then counts up to what he shows."""
    district, month = town["district"].center, Month(2026, 3)
    district.store.writer.prompt = False  # until the next command
    decided_at_district(town)
    with district.store.reading() as view:
        making = Making(view, district.rules)
        cut = making.cut(district.place.node_id, month)
        stated = making.counted(district.place.node_id, month, cut, None)
    district.store.run(lambda tx: None)
    with district.store.reading() as view:
        making = Making(view, district.rules)
        assert making.counted(district.place.node_id, month, cut, None) == stated
        now = making.cut(district.place.node_id, month)
        assert now != cut and making.counted(district.place.node_id, month, now, None) != stated
    district.store.writer.prompt = False
    decided_at_district(town)
    with town["township"].center.store.reading() as view:
        whole = Making(view, district.rules).cut(town["township"].id, month)
    with district.store.reading() as view:
        assert Making(view, district.rules).cuts.lacks(whole)  # nobody is contradicted by what is not counted yet


def test_a_report_whose_words_have_not_come_is_waited_for(town: Town) -> None:
    """The entry comes before its words: which units it counted up to where is not known yet, and nobody signs above it."""
    decided_at_district(town)
    on(town, dt.date(2026, 4, 1))
    for name in UP[:-2]:
        sign(town, name, "2026-03")
        said(town)
    town.scans(False)
    sign(town, "district", "2026-03")
    said(town)
    with pytest.raises(TongbanError, match="下级单位还没有签报：district"):
        sign(town, "city", "2026-03")
    town.scans(True)
    town.settle()
    sign(town, "city", "2026-03")
    seen = report(town, "city", "2026-03")
    assert row(seen)["accepted"] == 1 and seen["recounted"] and not seen["differences"] and not seen["missing"]


def test_signing_twice_with_one_key_is_signing_once(town: Town) -> None:
    on(town, dt.date(2026, 4, 1))
    center = town["village"].center
    once = center.reports.submit("2026-03", NAMES, OVERSEER, idempotency_key="k-1")
    again = center.reports.submit("2026-03", NAMES, OVERSEER, idempotency_key="k-1")
    assert once["report"] == again["report"] and center.reports.submit("2026-03", NAMES, OVERSEER)["report"] != once["report"]
    with pytest.raises(TongbanError) as refused:
        center.reports.submit("2026-03", {"filled_by": " ", "checked_by": "x" * 50, "more": 1}, OVERSEER)
    assert refused.value.fields == {"filled_by": "missing", "checked_by": "too_long", "more": "unknown_field"}


def test_what_falls_at_24_of_the_last_day_counts_in_that_month(town: Town) -> None:
    """A0, A2: cards fall at 24:00 of a working day, which is that day; the figure, its list and the day of the card say the same."""
    on(town, dt.date(2026, 3, 27))
    case = town.file(
        "township", "ZW135"
    )  # promised for the next working day: due on Monday 30 March, yellow on the last of the month
    town.do("township", case, "accept")
    on(town, dt.date(2026, 4, 4))
    fell = {
        one["rung"]: one["fired_day"] for one in town["district"].center.cards.listed({"case_no": case}, OVERSEER)["cards"] if not one["line_of"]
    }  # fmt: skip
    assert (fell["yellow"], fell["red"]) == ("2026-03-31", "2026-04-02")
    for at in ("township", "city"):
        for month, cards in (("2026-03", {"yellow": 1}), ("2026-04", {"red": 1})):
            total = report(town, "township", month, at)["tables"]["signals"]["total"]
            assert {name: total[name] for name in ("yellow", "red") if total[name]} == cards, (at, month)
            for column in ("yellow", "red", "late_reported"):
                asked = {"month": month, "node": town.code("township"), "column": column}
                rows = town[at].center.reports.signals(asked, OVERSEER)["rows"]
                assert [one["signal"]["fired_day"][:7] for one in rows if one["signal"]] == [month] * cards.get(column, 0), (
                    month,
                    column,
                )


def test_a_month_signed_by_the_older_rule_stays_and_what_it_left_out_is_late_in_the_next(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reports of format 1 counted what falls at 24:00 of their last day in the month after."""

    def older(self: Monthly, making: Making, unit: Any, month: Month, names: tuple[str, str]) -> dict[str, Any]:
        cut, base = making.cut(unit.node_id, month), making.base(unit.node_id, month)
        body = making.body(unit, month, cut, making.counted(unit.node_id, month, cut, base, by=1), base, names)
        return {**body, "format": 1}

    on(town, dt.date(2026, 3, 27))
    case = town.file("township", "ZW135")
    town.do("township", case, "accept")
    on(town, dt.date(2026, 4, 1))
    with monkeypatch.context() as patched:
        patched.setattr(Monthly, "_body", older)
        for name in UP:
            sign(town, name, "2026-03")
            said(town)
    on(town, dt.date(2026, 4, 8))
    for at in ("township", "district", "city"):
        march = report(town, "township", "2026-03", at)
        assert (march["format"], march["recounted"], march["differences"]) == (1, True, [])
        assert march["tables"]["signals"]["total"]["yellow"] == 0
        april = report(town, "township", "2026-04", at)["tables"]["signals"]["total"]
        assert (april["yellow"], april["red"], april["late_reported"]) == (1, 1, 1), at
