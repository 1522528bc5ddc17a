"""The story of a calendar that changes while a village's line is down: what moves is listed before, what was promised stays, and once the
line is whole again, without anybody's act, page, API and public page say the same at every tier."""

from __future__ import annotations

import datetime as dt
import re
from functools import partial
from typing import Any

from node.domain.calendar import WorkCalendar
from node.services.catalog.shipped import CALENDAR
from tests.browser import acts
from tests.browser.support import Demo, People, log_in
from tests.browser.test_stories_upper import ask_status
from tests.support.processes import wait_for

UP = ("village", "township", "district", "city")
DESKS = {"village": "agent", "township": "clerk", "district": "clerk", "city": "clerk"}
PROMISED = "高龄津贴"  # a promise in working days
FOLLOWING = "正在逐件重算"  # what the list says as long as it is not whole
LICENCE = "动物诊疗许可证核发"  # a promise, and the day of the law


def clocks(demo: Demo, name: str, number: str) -> dict[str, tuple[str, str | None]]:
    """Clock -> (day, the day by the other calendar), as a node's API says."""
    case = demo.api(name, DESKS[name], f"/cases/{number}")
    return {one["clock"]: (one["due"], one["other_date"]) for one in case["deadlines"]}


def said(demo: Demo, name: str, number: str) -> tuple[Any, ...]:
    """What a node says of a case: its document and its row in the list; nothing where it does not know it."""
    row: dict[str, Any] = next(iter(demo.api(name, DESKS[name], f"/cases?q={number}")["cases"]), {})
    return row.get("status"), row.get("due"), row.get("light"), clocks(demo, name, number) if row else {}


def followed(page: Any) -> bool:
    """Whether the list is whole; else it is looked at anew."""
    return FOLLOWING not in page.locator("main").inner_text() or not page.reload()


def rows(page: Any) -> dict[str, str]:
    """Case number -> what its row says, of the cases whose day moves, on the page that is open."""
    listed = page.locator("section[aria-labelledby=moves] tbody tr").all_inner_texts()
    return {found.group(): text for text in listed if (found := acts.CASE_NO.search(text))}


def words_of(day: str) -> str:
    return f"{int(day[5:7])}月{int(day[8:])}日"


def test_a_changed_calendar_moves_what_is_open_and_no_promise_at_every_tier(demo: Demo, people: People) -> None:
    with demo.unwatched_line("village") as line:
        agent, clerk = people.open("village", "agent"), people.open("township", "clerk")
        people.watched[0].expected += ("/pulse", "/lock/active")  # the village is started again at the end
        kept, waiting = (filed_and_received(agent, clerk, demo) for _ in range(2))
        acts.act(clerk, demo, "township", kept[0], "accept")
        licence = accepted_licence(people, demo)
        wait_for(lambda: all(said(demo, "village", one) == said(demo, "city", one) for one, _ in (kept, waiting)))
        wait_for(lambda: clocks(demo, "city", licence) == clocks(demo, "district", licence) != {})
        before = {one: clocks(demo, "city", one) for one in (kept[0], waiting[0], licence)}
        old, printed = before[waiting[0]]["R"][0], before[kept[0]]["P"][0]
        line.black_hole()
        late, _ = acts.file_case(agent, demo, words=PROMISED)  # by the calendar that is no longer the last
        acts.hand_over(agent, demo, late)
        revision, new = published(people, demo, old, {waiting[0]}, {kept[0], licence})
        assert clocks(demo, "village", waiting[0])["R"] == (old, None), "the line is down"
        line.open()
        cases = (kept[0], waiting[0], late)
        wait_for(lambda: all(said(demo, name, one) == said(demo, "city", one) for name in UP for one in cases), 60)
    for name in UP:
        assert clocks(demo, name, kept[0]) == {"P": (printed, later(printed))}, "what was promised stays"
        assert clocks(demo, name, waiting[0]) == {"R": (new, old)}
        assert said(demo, name, late)[0] == "in_transit" and clocks(demo, name, late)["R"][0] == new
        look(people, demo, name, kept, printed, "已告知的承诺日期不变")
        look(people, demo, name, waiting, new, f"期限随之由{words_of(old)}改为{words_of(new)}")
        listed = people.open(name, DESKS[name])
        listed.goto(demo.url(name, f"/calendar/moved/{revision}"))
        wait_for(partial(followed, listed))
        assert words_of(new) in rows(listed)[waiting[0]] and kept[0] not in rows(listed), name
    for name in ("district", "city"):
        after = clocks(demo, name, licence)
        assert after["P"][0] == before[licence]["P"][0] and after["S"] == (
            later(before[licence]["S"][0]),
            before[licence]["S"][0],
        )
    taken_back(people, demo, revision)
    wait_for(lambda: all(clocks(demo, name, waiting[0]) == {"R": (old, None)} for name in UP))


def filed_and_received(agent: Any, clerk: Any, demo: Demo) -> tuple[str, str]:
    number, code = acts.file_case(agent, demo, words=PROMISED)
    acts.hand_over(agent, demo, number)
    wait_for(lambda: demo.api("township", "clerk", f"/cases?q={number}")["cases"])
    acts.act(clerk, demo, "township", number, "receive")
    return number, code


def accepted_licence(people: People, demo: Demo) -> str:
    page = people.open("district", "clerk")
    number, _ = acts.file_case(page, demo, "district", LICENCE)
    acts.act(page, demo, "district", number, "accept")
    return number


def published(people: People, demo: Demo, day: str, moves: set[str], stay: set[str]) -> tuple[int, str]:
    """The city makes a day one off; what moves is listed before it is published. The revision, and the next working day."""
    page = people.open("city", "catalog_editor")
    page.goto(demo.url("city", "/calendar"))
    form = page.locator("main form[action='/calendar']:has(select)")
    form.locator("[name=day]").fill(day)
    form.locator("[name=name]").fill("雪灾停工")
    form.locator("button[value=add]").click()
    page.wait_for_url(re.compile("/calendar/changes"))
    new = later(day)
    listed = rows(page)
    assert moves <= set(listed) and not stay & set(listed), listed
    assert all(words_of(day) in listed[one] and words_of(new) in listed[one] for one in moves)
    page.locator("main button[value=publish]").click()
    page.wait_for_url(re.compile(r"/calendar/moved/\d+"))
    assert moves <= set(rows(page))
    return int(acts.path_of(page).rpartition("/")[2]), new


def later(day: str) -> str:
    """The working day after this one, by the calendar that every demo begins with."""
    return WorkCalendar.from_csv(CALENDAR.read_bytes()).add_workdays(dt.date.fromisoformat(day), 1).isoformat()


def look(people: People, demo: Demo, name: str, case: tuple[str, str], day: str, sentence: str) -> None:
    """The case page, the list and the resident's page of one node say that day, and why."""
    page = people.open(name)
    log_in(page, demo, name, DESKS[name])
    page.goto(demo.url(name, f"/cases/{case[0]}"))
    text = page.locator("main").inner_text()
    assert words_of(day) in text and sentence in text.replace("2026年", ""), (name, text)
    page.goto(demo.url(name, f"/cases?q={case[0]}"))
    assert words_of(day) in page.locator("#rows, main table").first.inner_text()
    page.goto(demo.url(name, "/status"))
    ask_status(page, *case)
    text = page.locator("main").inner_text()
    assert words_of(day) in text and sentence in text, (name, text)


def taken_back(people: People, demo: Demo, revision: int) -> None:
    page = people.open("city", "catalog_editor")
    page.goto(demo.url("city", f"/calendar/moved/{revision}"))
    page.locator("main button[value=undo]").click()
    page.check("main input[name=removed]")
    page.locator("main button[value=publish]").click()
    page.wait_for_url(re.compile(r"/calendar/moved/\d+"))
