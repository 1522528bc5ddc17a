"""督办单: the table of DOMAIN A6, its limits, and that the state does not depend on the order in which acts come."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from pathlib import Path

import pytest

from node.domain import notes
from node.domain.calendar import WorkCalendar, end_of_day_ms
from node.domain.supervision.orders import (
    CIRCULATE,
    ISSUER,
    NODE,
    OPEN,
    OVERDUE,
    STATES,
    TABLE,
    UNANSWERED,
    UNIT,
    UNSIGNED,
    WAITING,
    Act,
    Order,
    answered_in_time,
    by_hand,
    circulate_due,
    fold,
    next_rung,
    receive_due,
    reply_due,
    shown,
    step,
    why_not,
)

CAL = WorkCalendar.from_csv((Path(__file__).parents[2] / "configs/calendar/days-2024-2026.csv").read_bytes())
MONDAY = dt.date(2026, 3, 2)
SIDES = {row.kind: row.side for row in TABLE}
ACTIONS = {row.kind: row.action for row in TABLE}


def noon(day: dt.date) -> int:
    return end_of_day_ms(day) - 12 * 3_600_000


def act(kind: str, of: int, day: dt.date = MONDAY, n: int = 0, **facts: object) -> Act:
    return Act(kind, SIDES[kind], of, noon(day) + n, "s", bytes([n]) * 32, facts)  # type: ignore[arg-type]


SIGN = act(notes.ORDER_SIGNED, 1, reply_by=dt.date(2026, 3, 5))
TOLD = act(notes.RECEIVED, 1, n=1)
RECEIVE = act(notes.ORDER_RECEIVED, 1, n=2)
REPLY = act(notes.ORDER_REPLIED, 1, dt.date(2026, 3, 4), n=3)
RETURN = act(notes.ORDER_RETURNED, 2, dt.date(2026, 3, 5), n=4, reply_by=dt.date(2026, 3, 10))
TOLD_AGAIN = act(notes.RECEIVED, 2, dt.date(2026, 3, 6), n=5)
REPLY_AGAIN = act(notes.ORDER_REPLIED, 2, dt.date(2026, 3, 10), n=6)
CLOSE = act(notes.ORDER_CLOSED, 3, dt.date(2026, 3, 11), n=7)
WHOLE = (SIGN, TOLD, RECEIVE, REPLY, RETURN, TOLD_AGAIN, REPLY_AGAIN, CLOSE)

# A6: 草拟 → 签发 → 送达 → 签收 → 回复 → 核销 | 退回重办（一次）→ 通报. (state, act) -> state; what is not here is refused.
A6 = {
    ("draft", notes.ORDER_SIGNED): "signed",
    ("signed", notes.RECEIVED): "delivered",
    ("signed", notes.ORDER_RECEIVED): "received",  # the reader saw the receipt of the machine later
    ("delivered", notes.ORDER_RECEIVED): "received",
    ("delivered", notes.ORDER_REMINDED): "delivered",
    ("delivered", notes.ORDER_CIRCULATED): "circulated",
    ("received", notes.ORDER_REPLIED): "replied",
    ("received", notes.ORDER_REMINDED): "received",
    ("received", notes.ORDER_CIRCULATED): "circulated",
    ("replied", notes.ORDER_CLOSED): "closed",
    ("replied", notes.ORDER_RETURNED): "returned",
    ("replied", notes.ORDER_CIRCULATED): "circulated",
    ("returned", notes.RECEIVED): "returned",
    ("returned", notes.ORDER_REPLIED): "replied",
    ("returned", notes.ORDER_REMINDED): "returned",
    ("returned", notes.ORDER_CIRCULATED): "circulated",
    ("circulated", notes.ORDER_REPLIED): "circulated",
}


@pytest.mark.parametrize(("state", "kind"), list(itertools.product(STATES, SIDES)))
def test_every_act_in_every_state_does_what_the_table_says_or_nothing(state: str, kind: str) -> None:
    before = Order(state=state)
    if state == "replied":
        before = Order(state=state, answered=True)
    after = step(before, act(kind, 1))
    if (state, kind) in A6:
        assert after.state == A6[state, kind] and after.acts and why_not(before, ACTIONS[kind]) == ""
    else:
        assert after is before and why_not(before, ACTIONS[kind])


def test_an_order_from_its_draft_to_its_end() -> None:
    seen = [fold(WHOLE[:n]).state for n in range(len(WHOLE) + 1)]
    assert seen == ["draft", "signed", "delivered", "received", "replied", "returned", "returned", "replied", "closed"]
    assert fold(WHOLE).returns == 1 and fold(WHOLE).version == 3


def test_it_is_returned_once_and_then_closed_or_circulated() -> None:
    twice = fold((*WHOLE[:7], act(notes.ORDER_RETURNED, 3, n=8)))
    assert (twice.state, twice.returns) == ("replied", 1) and "一次" in why_not(twice, "return")
    assert fold((*WHOLE[:7], act(notes.ORDER_CIRCULATED, 3, n=8))).state == "circulated"


def test_what_was_circulated_is_closed_once_it_is_answered() -> None:
    circulated = (*WHOLE[:3], act(notes.ORDER_CIRCULATED, 2, n=8))
    assert fold((*circulated, act(notes.ORDER_CLOSED, 3, n=9))).state == "circulated"
    late = (*circulated, act(notes.ORDER_REPLIED, 2, n=9))
    assert fold(late).state == "circulated" and fold((*late, act(notes.ORDER_CLOSED, 3, n=10))).state == "closed"
    assert fold((*late, act(notes.ORDER_REPLIED, 2, n=11))) == fold(late)


def test_a_reply_that_crossed_the_return_answers_what_stood_before_it() -> None:
    crossed = act(notes.ORDER_REPLIED, 1, dt.date(2026, 3, 9), n=9)
    assert fold((*WHOLE[:6], crossed)).state == "returned"


def test_nobody_acts_for_the_other_side() -> None:
    forged = [Act(one.kind, UNIT if one.side == ISSUER else ISSUER, one.of, one.at, "s", one.id, one.facts) for one in WHOLE]
    assert fold(forged).state == "draft"
    assert fold((SIGN, Act(notes.ORDER_RECEIVED, NODE, 1, 0, "s", b"", {}))).state == "signed"


def test_the_state_is_a_function_of_the_set_of_acts() -> None:
    """2,000 sets of acts, sound and not, each in several orders; and no act that does not count changes anything."""
    dice = random.Random(6)
    kinds = list(SIDES)
    for _ in range(2000):
        acts = [
            act(dice.choice(kinds), dice.randint(1, 4), MONDAY + dt.timedelta(dice.randint(0, 20)), n=n, rung=UNSIGNED)
            for n in range(dice.randint(1, 9))
        ]
        own = dice.random() < 0.3
        found = fold(acts, own)
        for _ in range(3):
            dice.shuffle(acts)
            assert fold(acts, own) == found
        assert found.state in STATES and found.returns <= 1
        counted = fold(found.acts, own)
        assert (counted.state, counted.acts, counted.told_at, counted.rungs) == (
            found.state,
            found.acts,
            found.told_at,
            found.rungs,
        )
        assert found.state != "closed" or found.answered
        assert next_rung(found, CAL, 0) == ""


def test_an_order_to_ones_own_hall_is_there_at_once() -> None:
    own = fold((SIGN,), own=True)
    assert (own.state, own.told_at) == ("delivered", SIGN.at)


def test_limits_run_from_the_day_it_came_and_never_before_the_day_it_names() -> None:
    order = fold(WHOLE[:2])
    assert (receive_due(order, CAL), reply_due(order, CAL), circulate_due(order, CAL)) == (
        dt.date(2026, 3, 3), dt.date(2026, 3, 5), dt.date(2026, 3, 12),
    )  # fmt: skip
    late = fold((SIGN, act(notes.RECEIVED, 1, dt.date(2026, 3, 6), n=1)))  # the line was down for four days
    assert reply_due(late, CAL) == dt.date(2026, 3, 11)
    urgent = fold((act(notes.ORDER_SIGNED, 1, urgent=True, reply_by=dt.date(2026, 3, 3)), TOLD))
    assert reply_due(urgent, CAL) == dt.date(2026, 3, 3)
    assert reply_due(fold((SIGN,)), CAL) is None and receive_due(fold((SIGN,)), CAL) is None


def test_rungs_come_by_the_limits_and_only_when_the_unit_is_known_past_them() -> None:
    order = fold(WHOLE[:2])
    assert next_rung(order, CAL, noon(dt.date(2026, 3, 3))) == ""
    assert next_rung(order, CAL, noon(dt.date(2026, 3, 4))) == UNSIGNED
    reminded = fold((*WHOLE[:2], act(notes.ORDER_REMINDED, 2, n=8, rung=UNSIGNED)))
    assert next_rung(reminded, CAL, noon(dt.date(2026, 3, 5))) == ""
    assert next_rung(reminded, CAL, noon(dt.date(2026, 3, 6))) == UNANSWERED
    assert next_rung(order, CAL, noon(dt.date(2026, 3, 20))) == UNANSWERED  # both passed unseen: the graver one alone
    again = fold((*reminded.acts, act(notes.ORDER_REMINDED, 3, n=9, rung=UNANSWERED)))
    assert next_rung(again, CAL, noon(dt.date(2026, 3, 12))) == ""
    assert next_rung(again, CAL, noon(dt.date(2026, 3, 13))) == CIRCULATE
    assert next_rung(fold(WHOLE[:4]), CAL, noon(dt.date(2026, 6, 1))) == ""  # answered


def test_a_return_starts_the_limits_anew() -> None:
    order = fold((*WHOLE[:3], act(notes.ORDER_REMINDED, 2, n=8, rung=UNANSWERED), REPLY))
    returned = fold((*order.acts, act(notes.ORDER_RETURNED, 3, n=9, reply_by=dt.date(2026, 3, 10)), act(notes.RECEIVED, 3, n=10)))
    assert returned.rungs == () and not returned.answered and reply_due(returned, CAL) == dt.date(2026, 3, 10)


def test_nothing_is_written_on_a_day_beyond_the_published_calendar() -> None:
    assert next_rung(fold(WHOLE[:2]), WorkCalendar(), noon(dt.date(2026, 12, 1))) == ""


def test_how_it_reads() -> None:
    order = fold(WHOLE[:3])
    assert shown(order, CAL, dt.date(2026, 3, 5)) == "received" and shown(order, CAL, dt.date(2026, 3, 6)) == OVERDUE
    assert answered_in_time(fold(WHOLE[:4]), CAL) is True and answered_in_time(order, CAL) is None
    late = act(notes.ORDER_REPLIED, 1, dt.date(2026, 3, 6), n=3)
    assert answered_in_time(fold((*WHOLE[:3], late)), CAL) is False


def test_a_person_circulates_what_was_answered_badly_and_silence_is_for_the_limits() -> None:
    for state in WAITING:
        assert "自动通报" in by_hand(Order(state=state), "circulate")
    assert by_hand(Order(state="replied", answered=True), "circulate") == ""
    assert set(OPEN) == set(STATES) - {"draft", "closed"}
