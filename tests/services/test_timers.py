"""What happens because nobody acted, and what a new calendar moves."""

from __future__ import annotations

from node.domain.model import Actor, Role
from tests.support.network import AGENT, CLERK, CONFIGS, DAY, Town


def stored_due(town: Town, name: str, case_no: str) -> str | None:
    with town[name].center.store.reading() as view:
        row = view.connection.execute("SELECT due FROM cases WHERE case_no=?", (case_no,)).fetchone()
    return row[0] if row else None


def test_a_licence_nobody_answers_in_five_working_days_is_accepted_as_of_its_receipt(town: Town) -> None:
    """行政许可法 32(4)."""
    case_no = town.file("township", item="ZW002", actor=CLERK)
    town.heal()
    town.world.advance(5 * DAY)
    town["township"].center.tick()
    assert town["township"].status(case_no) == "submitted"
    town.world.advance(4 * DAY)
    town.file("township", item="ZW002", actor=CLERK)
    town.heal()  # a receipt that agrees with the clock
    town["township"].center.tick()
    assert town["township"].status(case_no) == "accepted"


def test_a_licence_that_nobody_receives_is_accepted_as_of_the_day_it_was_taken(town: Town) -> None:
    """The five days run from the mechanical take (DOMAIN 0.1)."""
    item = next(
        one["item_id"]
        for one in town["village"].center.catalog.documents()
        if one["regime"] == "licence" and "village" in one["accept_levels"] and one["agent_allowed"]
    )
    case_no = town.file("village", item=item, actor=AGENT)
    town.act("village", case_no, "hand_over", AGENT)
    town.heal()
    shown = town["township"].center.cases.case(case_no, CLERK)
    assert (shown["status"], shown["due"], shown["light"]) == ("in_transit", "2026-03-03", "green")
    assert [one["clock"] for one in shown["deadlines"]] == ["T", "R"]
    town.world.advance(9 * DAY)
    assert town["township"].center.cases.case(case_no, CLERK)["light"] == "red"
    town.file("township", item="ZW002", actor=CLERK)
    town.heal()
    town["township"].center.tick()
    accepted = town["township"].center.cases.case(case_no, CLERK)
    assert (accepted["status"], accepted["accepted_at"]) == ("accepted", shown["received_at"])


def test_after_an_outage_of_its_own_a_node_gives_its_people_the_first_working_day(town: Town) -> None:
    """Off from Monday until Wednesday of the week after: deemed acceptance waits until that day is over."""
    case_no = town.file("township", item="ZW002", actor=CLERK)
    town.heal()
    town["township"].center.tick()
    town.world.time += 9 * DAY  # and it did not run
    town["township"].restart()
    town.connect()
    town.file("township", item="ZW002", actor=CLERK)
    town.heal()
    town["township"].center.tick()
    assert town["township"].status(case_no) == "submitted"
    town.world.advance(DAY)
    town.file("township", item="ZW002", actor=CLERK)
    town.heal()
    town["township"].center.tick()
    assert town["township"].status(case_no) == "accepted"


def test_a_night_is_no_outage(town: Town) -> None:
    case_no = town.file("township", item="ZW002", actor=CLERK)
    town.heal()
    town.world.advance(8 * DAY)
    town["township"].center.tick()
    town.world.time += 16 * 3_600_000  # switched off at night
    town["township"].restart()
    town.connect()
    town.file("township", item="ZW002", actor=CLERK)
    town.heal()
    town["township"].center.tick()
    assert town["township"].status(case_no) == "accepted"


def test_silence_has_no_effect_while_the_parent_has_not_been_heard(town: Town) -> None:
    """Everyone who could have acted must be witnessed past the deadline: the last receipt is from before it."""
    case_no = town.file("township", item="ZW002", actor=CLERK)
    town.heal()
    town.cut()
    town["township"].clock.skew = -400 * DAY  # a dead clock battery: the clock does not agree with the last receipt
    town["township"].center.tick()
    assert town["township"].status(case_no) == "submitted"


def test_a_clock_that_ran_ahead_while_the_line_was_down_accepts_nothing(town: Town) -> None:
    """Everyone who could have acted must be witnessed past the deadline: here only our own clock says that it is over."""
    case_no = town.file("township", item="ZW002", actor=CLERK)
    town.heal()
    town.cut()
    town["township"].clock.skew = 30 * DAY
    town["township"].center.tick()
    assert town["township"].status(case_no) == "submitted"
    town["township"].clock.skew = 0
    town.world.advance(30 * DAY)
    town.connect()
    town.settle()
    town["township"].center.tick()
    assert town["township"].status(case_no) == "accepted"


def test_a_new_calendar_moves_the_due_dates_of_open_cases(town: Town) -> None:
    case_no = town.file("village", actor=AGENT)
    town.heal()
    before = stored_due(town, "village", case_no)
    assert before == "2026-03-03"
    rows = (CONFIGS / "calendar" / "days-2024-2026.csv").read_bytes() + b"2026-03-03,off,a new holiday\n"
    town["city"].center.catalog.import_calendar(rows, Actor("s-admin", Role.CATALOG_EDITOR))
    town.heal()
    for node in town.nodes.values():
        node.center.tick()
    assert stored_due(town, "village", case_no) == "2026-03-04"
    assert town["village"].center.cases.case(case_no, AGENT)["due"] == "2026-03-04"


def test_a_draft_nobody_touched_for_a_month_voids_by_itself_and_nothing_else_does(town: Town) -> None:
    """R12: only drafts void by themselves."""
    center = town["village"].center
    draft = center.intake.file(town.application("village"), AGENT, draft=True).case_no
    lodged = town.file("village")
    town.world.advance(30 * DAY)
    town.heal()
    center.tick()
    assert town["village"].status(draft) == "draft"
    town.world.advance(2 * DAY)
    town.file("village")
    town.heal()  # a receipt that agrees with the clock
    center.tick()
    assert (town["village"].status(draft), town["village"].status(lodged)) == ("voided", "with_agent")


def test_a_parent_whose_clock_once_ran_ahead_is_forgotten_with_its_next_receipt(town: Town) -> None:
    """The receipt of the latest entry counts, not the one with the latest date."""
    town.file("village")
    town["township"].clock.skew = 400 * DAY
    town.heal()
    town["township"].clock.skew = 0
    town.file("village")
    town.heal()
    with town["village"].center.store.reading() as view:
        assert view.links.last_receipt[1] <= town.world.time
        assert town["village"].center.rules.clock_agrees(view)


def test_a_clock_that_jumps_while_the_line_is_up_accepts_nothing(town: Town) -> None:
    """The greeting was good and the line stays up: what jumps afterwards is our own clock, and nobody bears it out."""
    case_no = town.file("township", item="ZW002", actor=CLERK)
    town.heal()
    for ahead in (30 * DAY, 400 * DAY, -400 * DAY):
        town["township"].clock.skew = ahead
        town["township"].center.tick()
        assert town["township"].status(case_no) == "submitted"
    town["township"].clock.skew = 0
    town.world.advance(30 * DAY)
    town["township"].center.tick()  # the line is up: the parent's clock, carried on, says that the days are over
    assert town["township"].status(case_no) == "accepted"


def at_root(town: Town) -> str:
    item = next(
        one["item_id"]
        for one in town["city"].center.catalog.documents()
        if "city" in one["accept_levels"] and one["regime"] == "licence"
    )
    return town.file("city", item=item, actor=CLERK)


def test_a_root_is_its_own_witness_while_its_clock_is_steady(town: Town) -> None:
    case_no = at_root(town)
    town.cut()  # nobody else to ask
    city = town["city"]
    city.clock.skew = 30 * DAY
    city.center.tick()
    assert city.status(case_no) == "submitted", "the clock has just jumped"
    city.restart()
    city.center.tick()
    assert city.status(case_no) == "submitted", "a restart makes no witness of it"
    city.clock.skew = 0
    city.center.tick()
    town.world.advance(30 * DAY)
    city.center.tick()
    assert city.status(case_no) == "accepted"
    town.connect()


def test_a_root_whose_children_say_otherwise_does_nothing_irrevocable(town: Town) -> None:
    """However long it runs on like that: most of its children on the line know better."""
    case_no = at_root(town)
    town.heal()
    town["city"].clock.skew = 30 * DAY
    with town["city"].center.store.reading() as view:
        assert not town["city"].center.rules.clock_agrees(view)
    town["city"].center.tick()
    assert town["city"].status(case_no) == "submitted"
    town["city"].clock.skew = 0
