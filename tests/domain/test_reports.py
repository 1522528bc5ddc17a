"""A month worked out by hand: five cases of March 2026, their rows at three units, the words of the month (DOMAIN A0 "Counting", A8)."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from node.domain.model import Role
from node.domain.reports.columns import COLUMNS
from node.domain.reports.periods import Compared, Period, bulletin, joined, read_period
from node.domain.reports.rows import Row, case_row, checks, signal_row
from node.domain.reports.story import story
from node.domain.reports.tally import Month, added, of_case
from node.domain.reports.texts import Before, Part, month_text
from tests.domain.desk import BASIC, DISTRICT, LICENCE, PLACES, TOWNSHIP, VILLAGE
from tests.domain.test_signals import Watched, basis

MARCH, APRIL = Month(2026, 3), Month(2026, 4)


def day(month: int, number: int) -> dt.date:
    return dt.date(2026, month, number)


def done(hall: Watched, until: str = "approve", role: Role = Role.APPROVER) -> Watched:
    """Every step, then the act."""
    while until not in hall.names(role):
        hall.do("complete_step", Role.EXAMINER)
    hall.do(until, role)
    return hall


def accepted(on: dt.date, item: object = BASIC) -> Watched:
    hall = Watched(item=item)  # type: ignore[arg-type]
    hall.on(on)
    hall.file(TOWNSHIP)
    hall.do("accept", Role.CLERK)
    return hall


def cases() -> list[Watched]:
    """1 decided in time and early (promised for 10 working days, decided on the second), 2 decided late by the township, 3 withdrawn, 4 from
    the village and open, 5 kept too long below and decided late by the district."""
    first = accepted(day(3, 2))
    first.on(day(3, 4))
    second = accepted(day(3, 2))
    second.on(day(3, 18))
    third = accepted(day(3, 3))
    third.on(day(3, 5)).do("withdraw", Role.CLERK)
    fourth = Watched(item=BASIC)
    fourth.on(day(3, 9))
    fourth.file(VILLAGE)
    fourth.do("hand_over", Role.AGENT)
    fourth.take()
    fourth.do("receive", Role.CLERK)
    fourth.do("accept", Role.CLERK)
    fifth = accepted(day(3, 2), LICENCE)
    fifth.do("complete_step", Role.EXAMINER)
    fifth.on(day(3, 13)).do("refer", Role.APPROVER)
    fifth.take()
    fifth.on(day(3, 18))
    return [done(first), done(second), third, fourth, done(fifth)]


def rows(month: Month) -> dict[bytes, Counter[str]]:
    found: dict[bytes, Counter[str]] = {}
    for hall in cases():
        places = {one.hash: (1, n) for n, one in enumerate(hall.events)}
        told = story(hall.events, places, basis(hall.item), lambda node: PLACES[node].tier)
        for unit, counts in added(of_case(told, lambda cut: (), month, month.end, lambda n: None, lambda n: None)).items():
            found.setdefault(unit, Counter()).update(counts)
    return found


def shown(row: Row) -> Row:
    return {name: n for name, n in row.items() if n}


def test_the_month_by_hand() -> None:
    found = rows(MARCH)
    assert shown(case_row("township", found[TOWNSHIP])) == {
        "unit": "township", "received": 5, "accepted": 5, "moved_out": 1, "decided": 2, "approved": 2, "withdrawn": 1, "open": 1,
        "commitment": 5, "in_time": 1, "early": 1, "late": 2, "overdue_open": 1, "in_time_rate": 25.0, "handling_gain": 65.0,
        "mean_workdays": 7.0,
    }  # fmt: skip
    assert shown(case_row("district", found[DISTRICT])) == {
        "unit": "district", "moved_in": 1, "decided": 1, "approved": 1, "handling_gain": 40.0, "mean_workdays": 12.0,
    }  # fmt: skip
    assert found[VILLAGE]["received"] == 0 and (found[VILLAGE]["registered"], found[VILLAGE]["handed_in_time"]) == (1, 1)
    assert [(one["left"], one["right"]) for one in checks((str(n), counts) for n, counts in enumerate(found.values()))] == [
        (5, 5) if unit == TOWNSHIP else (1, 1) if unit == DISTRICT else (0, 0) for unit in found
    ]
    april = case_row("township", rows(APRIL)[TOWNSHIP])
    assert shown(april) == {"unit": "township", "carried": 1, "open": 1, "overdue_open": 1} and april["in_time_rate"] == 0.0


def test_the_quarter_is_the_sum_and_stands_as_its_last_month() -> None:
    whole = joined([rows(MARCH)[TOWNSHIP], rows(APRIL)[TOWNSHIP]])
    assert (whole["carried"], whole["accepted"], whole["decided"], whole["open"]) == (0, 5, 2, 1)
    assert checks([("x", whole)])[0]["holds"] and set(case_row("x", whole)) == set(COLUMNS)
    assert read_period("2026-Q1") == Period(2026, 1) and Period(2026, 1).before == Period(2025, 4)
    assert [read_period(text) for text in ("2026-Q5", "2026-q1", "26", "")] == [None] * 4


def test_the_month_in_words() -> None:
    found = rows(MARCH)
    parts = [Part("大智街道", case_row("t", found[TOWNSHIP]), False), Part("吉庆村", case_row("v", found[VILLAGE]), True)]
    said = month_text(3, parts[0].row, signal_row("t", {"yellow": 1}), Before(4), parts)
    assert said.startswith(
        "3月，本中心共收件5件，比上月增加25.0%；办结2件，按期办结率25.0%；承诺件平均用时7.0个工作日，办理提速65.0%；评议率、满意率未启用；黄牌1张、红牌0张。"
    )
    assert "受理量前10位的单位：大智街道（5件）" in said and "本月无业务的单位1个：吉庆村" in said
    busy = [parts[0], parts[1]._replace(registered=True)]  # it registered an application and handed it over
    assert "无业务" not in month_text(3, parts[0].row, signal_row("t", {}), Before(None, "before_unknown"), busy)


def test_the_bulletin_compares_only_what_is_whole() -> None:
    total = case_row("合计", {"received": 12, "accepted": 10, "decided": 8, "in_time": 6, "late": 2})
    before = case_row("合计", {"received": 10, "accepted": 10, "decided": 0, "in_time": 9, "late": 1})
    compared = [Compared("上季", before), Compared("上年同期", None, "上年同期月报不全")]
    said = dict(bulletin(total, signal_row("t", {"yellow": 1}), compared, [], 2, ["吉庆村"]))
    assert list(said) == ["一、总体情况", "二、办件时效", "三、监察信号和督办", "四、评价和投诉", "五、存在问题", "六、下步要求"]
    assert said["一、总体情况"] == (
        "本期共收件12件、受理10件、办结8件，按期办结率75.0%。"
        "与上季相比，收件增加20.0%（10件），受理持平（10件），办结增加8件（0件），按期办结率下降15.0个百分点（90.0%）。"
        "与上年同期相比，无法比较（上年同期月报不全）。"
    )
    assert "逐件如下" in said["二、办件时效"]
