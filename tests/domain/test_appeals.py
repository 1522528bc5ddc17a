"""申诉: the table of DOMAIN A5, its limits, and that what becomes of a card does not depend on the order in which acts come.

The reference reads the contract once more, slowly: it goes through the stages by hand and knows nothing of the table."""

from __future__ import annotations

import datetime as dt
import os
import random
from pathlib import Path
from typing import Any

import pytest

from node.domain import notes
from node.domain.calendar import WorkCalendar, end_of_day_ms
from node.domain.supervision.appeals import (
    FINAL,
    GROUNDS,
    OUTCOMES,
    UNAPPLIED,
    UNDECIDED,
    UNREVIEWED,
    Act,
    Appeal,
    Parties,
    due,
    file_due,
    fold,
    next_lapse,
    why_not,
    writer,
)

CAL = WorkCalendar.from_csv((Path(__file__).parents[2] / "configs/calendar/days-2024-2026.csv").read_bytes())
MONDAY = dt.date(2026, 3, 2)
UNIT, SERVER, ABOVE, TOP, OTHER = (bytes([n]) * 16 for n in range(1, 6))
PLACES = {"other": OTHER}
PARTIES = Parties(UNIT, (SERVER, ABOVE, TOP), PLACES.get)
FILED = b"f" * 32


def noon(day: dt.date) -> int:
    return end_of_day_ms(day) - 12 * 3_600_000


def act(kind: str, author: bytes, day: int = 0, n: int = 0, about: str = "", **facts: Any) -> Act:
    id = FILED if kind == notes.APPEAL_FILED else bytes([n]) * 32
    more = {} if kind in (notes.APPEAL_FILED, notes.RECEIVED) else {"appeal": FILED}
    return Act(kind, author, noon(MONDAY + dt.timedelta(day)) + n, f"s{n}", id, {**more, **facts}, about)


FILE = act(notes.APPEAL_FILED, UNIT, ground="attribution")
TOLD = act(notes.RECEIVED, SERVER, 1, 1, notes.APPEAL_FILED)
UPHELD = act(notes.APPEAL_DECIDED, SERVER, 2, 2, outcome="uphold", unit="")
TELL = act(notes.RECEIVED, UNIT, 3, 3, notes.APPEAL_DECIDED)
ASK = act(notes.REVIEW_ASKED, UNIT, 4, 4)
THERE = act(notes.RECEIVED, ABOVE, 5, 5, notes.REVIEW_ASKED)
REVIEW = act(notes.REVIEW_DECIDED, ABOVE, 6, 6, outcome="revoke", unit="")
WHOLE = (FILE, TOLD, UPHELD, TELL, ASK, THERE, REVIEW)


def test_an_appeal_from_its_filing_to_the_review() -> None:
    seen = [fold(WHOLE[:n], PARTIES).state for n in range(len(WHOLE) + 1)]
    assert seen == ["", "filed", "delivered", "decided", "decided", "review", "review_delivered", "final"]
    last = fold(WHOLE, PARTIES)
    assert (last.outcome, last.final_at, last.id) == ("revoke", REVIEW.at, FILED)


def test_the_first_decision_holds_where_the_review_upholds_or_nobody_asks() -> None:
    moved = act(notes.APPEAL_DECIDED, SERVER, 2, 2, outcome="reassign", unit="other")
    kept = fold((FILE, TOLD, moved, TELL, ASK, THERE, act(notes.REVIEW_DECIDED, ABOVE, 6, 6, outcome="uphold", unit="")), PARTIES)
    assert (kept.state, kept.outcome, kept.to_unit) == (FINAL, "reassign", "other")
    lapsed = fold((FILE, TOLD, moved, TELL, act(notes.APPEAL_LAPSED, SERVER, 9, 6, what=UNAPPLIED)), PARTIES)
    assert (lapsed.state, lapsed.outcome, lapsed.lapsed) == (FINAL, "reassign", UNAPPLIED)
    by_other = fold((FILE, TOLD, moved, act(notes.REVIEW_ASKED, OTHER, 4, 4)), PARTIES)
    assert by_other.state == "review"  # whom it is moved to may ask as well


def test_what_is_revoked_is_final_at_once_and_silence_of_who_decides_revokes() -> None:
    revoked = fold((FILE, TOLD, act(notes.APPEAL_DECIDED, SERVER, 2, 2, outcome="revoke", unit="")), PARTIES)
    assert (revoked.state, revoked.outcome) == (FINAL, "revoke") and why_not(revoked, "apply")
    silent = fold((FILE, TOLD, act(notes.APPEAL_LAPSED, ABOVE, 9, 2, what=UNDECIDED)), PARTIES)
    assert (silent.state, silent.outcome) == (FINAL, "revoke")
    unreviewed = fold((*WHOLE[:6], act(notes.APPEAL_LAPSED, TOP, 19, 7, what=UNREVIEWED)), PARTIES)
    assert (unreviewed.state, unreviewed.outcome) == (FINAL, "revoke")
    late = act(notes.APPEAL_DECIDED, SERVER, 12, 2, outcome="uphold", unit="")
    assert fold((FILE, TOLD, late, act(notes.APPEAL_LAPSED, ABOVE, 9, 9, what=UNDECIDED)), PARTIES).outcome == "revoke"


def test_what_nobody_here_may_decide_goes_up_and_is_reviewed_one_above_that() -> None:
    passed = fold((FILE, TOLD, act(notes.APPEAL_PASSED, SERVER, 1, 2)), PARTIES)
    assert (passed.state, passed.decider, passed.reviewer) == ("filed", ABOVE, TOP)
    by_server = act(notes.APPEAL_DECIDED, SERVER, 2, 3, outcome="uphold", unit="")
    assert fold((FILE, TOLD, passed.acts[-1], by_server), PARTIES).state == "filed"
    by_above = act(notes.APPEAL_DECIDED, ABOVE, 2, 3, outcome="uphold", unit="")
    assert fold((FILE, TOLD, passed.acts[-1], by_above), PARTIES).state == "decided"


def test_at_the_root_its_own_unit_is_there_at_once() -> None:
    root = Parties(SERVER, (SERVER,), PLACES.get)
    filed = fold((act(notes.APPEAL_FILED, SERVER, ground="other"),), root)
    assert (filed.state, filed.decider, filed.reviewer) == ("delivered", SERVER, SERVER) and due(filed, CAL) == dt.date(
        2026, 3, 9
    )
    assert fold((act(notes.APPEAL_FILED, SERVER, ground="other"), act(notes.APPEAL_PASSED, SERVER, 1, 2)), root) == filed


def test_limits_are_three_five_three_five_working_days_from_when_it_came() -> None:
    assert file_due(noon(MONDAY), CAL) == dt.date(2026, 3, 5)
    for acts, day in (
        (WHOLE[:1], None), (WHOLE[:2], "2026-03-10"), (WHOLE[:3], None), (WHOLE[:4], "2026-03-10"), (WHOLE[:5], None),
        (WHOLE[:6], "2026-03-14"), (WHOLE, None),
    ):  # fmt: skip
        last = due(fold(acts, PARTIES), CAL)
        if day == "2026-03-14":  # five working days from Saturday 7 March
            assert last == dt.date(2026, 3, 13)
        else:
            assert last == (dt.date.fromisoformat(day) if day else None), len(acts)


def test_a_lapse_is_written_above_and_only_when_who_was_to_act_is_known_past_the_day() -> None:
    for acts, late, waited, by in (
        (WHOLE[:2], UNDECIDED, SERVER, ABOVE), (WHOLE[:4], UNAPPLIED, UNIT, SERVER), (WHOLE[:6], UNREVIEWED, ABOVE, TOP),
    ):  # fmt: skip
        appeal = fold(acts, PARTIES)
        last = due(appeal, CAL)
        assert last is not None
        for day, expected in ((last, ""), (last + dt.timedelta(1), late)):
            assert next_lapse(appeal, CAL, {waited: noon(day)}.__getitem__) == expected
        assert writer(appeal, late) == by
        assert (
            next_lapse(appeal, WorkCalendar(), {waited: noon(dt.date(2026, 12, 1))}.__getitem__) == ""
        )  # beyond the published calendar


@pytest.mark.parametrize("left", range(len(WHOLE)))
def test_nobody_acts_for_another_and_nothing_counts_without_what_comes_before(left: int) -> None:
    forged = [Act(one.kind, OTHER, one.at, one.staff_id, one.id, one.facts, one.about) for one in WHOLE]
    assert fold(forged, PARTIES).state == ""
    kept = fold([one for n, one in enumerate(WHOLE) if n != left], PARTIES)
    assert len(kept.acts) < len(WHOLE) and (left or kept.state == "")
    wrong = Act(notes.APPEAL_FILED, UNIT, 0, "s", FILED, {"ground": "nonsense"})
    assert fold((wrong,), PARTIES).state == ""


# against the reference ------------------------------------------------------------------------------------------------


def reference(acts: list[Act]) -> tuple[str, str, str, bool, int]:
    """(state, outcome, unit, passed, final at) by going through A5 from the top, each question once."""

    def of(kind: str, author: bytes | tuple[bytes, ...], about: str = "", **facts: Any) -> list[Act]:
        authors = author if isinstance(author, tuple) else (author,)
        fits = [
            one for one in acts
            if one.kind == kind and one.author in authors and one.about == about and all(one.facts.get(name) == v for name, v in facts.items())
        ]  # fmt: skip
        return sorted(fits, key=lambda one: (one.at, one.id))

    filed = [one for one in of(notes.APPEAL_FILED, UNIT) if one.facts.get("ground") in GROUNDS]
    if not filed:
        return "", "", "", False, 0
    named: dict[str, Any] = {"appeal": filed[0].id}
    passed = bool(of(notes.APPEAL_PASSED, SERVER, **named))
    decider, reviewer, above = (ABOVE, TOP, TOP) if passed else (SERVER, ABOVE, TOP)
    told = of(notes.RECEIVED, decider, notes.APPEAL_PASSED if passed else notes.APPEAL_FILED)
    ruled = [one for one in of(notes.APPEAL_DECIDED, decider, **named) if one.facts["outcome"] in OUTCOMES]
    ruled = [one for one in ruled if one.facts["outcome"] != "reassign" or one.facts["unit"]]
    gone = of(notes.APPEAL_LAPSED, reviewer, what=UNDECIDED, **named) if told else []
    first = min([*ruled, *gone], key=lambda one: (one.at, one.id), default=None)
    if first is None:
        return "delivered" if told else "filed", "", "", passed, 0
    if first in gone:
        return "final", "revoke", "", passed, first.at
    outcome, unit = str(first.facts["outcome"]), str(first.facts["unit"]) if first.facts["outcome"] == "reassign" else ""
    if outcome == "revoke":
        return "final", outcome, "", passed, first.at
    applicants = (UNIT, *((PLACES[unit],) if unit in PLACES else ()))
    asked, gone = of(notes.REVIEW_ASKED, applicants, **named), of(notes.APPEAL_LAPSED, decider, what=UNAPPLIED, **named)
    next_one = min([*asked, *gone], key=lambda one: (one.at, one.id), default=None)
    if next_one is None:
        return "decided", outcome, unit, passed, 0
    if next_one in gone:
        return "final", outcome, unit, passed, next_one.at
    told = of(notes.RECEIVED, reviewer, notes.REVIEW_ASKED)
    own = next_one.author == reviewer
    ruled = [one for one in of(notes.REVIEW_DECIDED, reviewer, **named) if one.facts["outcome"] in OUTCOMES]
    ruled = [one for one in ruled if one.facts["outcome"] != "reassign" or one.facts["unit"]]
    gone = of(notes.APPEAL_LAPSED, above, what=UNREVIEWED, **named) if told or own else []
    last = min([*ruled, *gone], key=lambda one: (one.at, one.id), default=None)
    if last is None:
        return "review_delivered" if told or own else "review", outcome, unit, passed, 0
    if last in gone:
        return "final", "revoke", "", passed, last.at
    if last.facts["outcome"] != "uphold":
        outcome, unit = str(last.facts["outcome"]), str(last.facts["unit"]) if last.facts["outcome"] == "reassign" else ""
    return "final", outcome, unit, passed, last.at


def any_act(dice: random.Random, n: int) -> Act:
    """One that may well be right: of the stage and by the node that it belongs to, mostly."""
    kind = dice.choice((*ON, notes.RECEIVED))
    authors = (UNIT, SERVER, ABOVE, TOP, OTHER)
    if kind == notes.RECEIVED:
        about = dice.choice(tuple(ON))
        return act(kind, dice.choice(authors), dice.randint(0, 20), n, about)
    facts: dict[str, Any] = {}
    if kind == notes.APPEAL_FILED:
        facts["ground"] = dice.choice((*GROUNDS[:2], "nonsense"))
    if kind in (notes.APPEAL_DECIDED, notes.REVIEW_DECIDED):
        facts = {"outcome": dice.choice((*OUTCOMES, "nonsense")), "unit": dice.choice(("", "other", "nowhere"))}
    if kind == notes.APPEAL_LAPSED:
        facts["what"] = dice.choice((UNDECIDED, UNAPPLIED, UNREVIEWED))
    return act(kind, dice.choice(ON[kind] if dice.random() < 0.9 else authors), dice.randint(0, 20), n, **facts)


ON: dict[str, tuple[bytes, ...]] = {
    notes.APPEAL_FILED: (UNIT,), notes.APPEAL_PASSED: (SERVER,), notes.APPEAL_DECIDED: (SERVER, ABOVE),
    notes.REVIEW_ASKED: (UNIT, OTHER), notes.REVIEW_DECIDED: (ABOVE, TOP), notes.APPEAL_LAPSED: (SERVER, ABOVE, TOP),
}  # fmt: skip


def test_the_fold_agrees_with_the_reference_in_whatever_order_acts_come() -> None:
    dice, seen = random.Random(16), set[str]()
    for _ in range(int(os.environ.get("TONGBAN_EXAMPLES", "4000"))):
        acts = [any_act(dice, n) for n in range(1, dice.randint(2, 16))]
        acts += [FILE] if dice.random() < 0.8 else []
        found = fold(acts, PARTIES)
        seen.add(found.state)
        told = (found.state, found.outcome, found.to_unit, found.passed, found.final_at)
        assert told == reference(acts), [(one.kind, one.author[:1], one.about, one.facts, one.at) for one in acts]
        for _ in range(2):
            dice.shuffle(acts)
            assert fold(acts, PARTIES) == found
        again = fold(found.acts, PARTIES)
        assert again == found
        assert bool(found.final_at) == (found.state == FINAL)
    assert seen == {"", "filed", "delivered", "decided", "review", "review_delivered", "final"}


def test_an_appeal_that_does_not_exist_has_nothing_to_decide() -> None:
    for action in ("decide", "apply", "review"):
        assert why_not(Appeal(PARTIES), action)
