"""The working calendar: a year for everybody, single days and files put together, what they move, and what was published."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from edge_ui.settings import FILE_LIMIT
from edge_ui.web.city.base import CityHandler
from node.domain.cases.access import Function
from node.domain.catalog.day_documents import CalendarRevision, ListedDay, Moved, Proposal, YearOfDays
from node.domain.catalog.days import DayChange
from node.domain.words.errors import FIELD_ERRORS, TongbanError

_MONDAY_FIRST = calendar.Calendar()


@dataclass(frozen=True, slots=True)
class Square:
    """A day as it is drawn. tone: "" | off | work | provisional; `n` 0 is a day of another month."""

    n: int
    tone: str = ""
    title: str = ""
    today: bool = False


@dataclass(frozen=True, slots=True)
class Month:
    """A month as weeks from Monday. `listed` are its days with a name or against their weekday, for readers and narrow screens."""

    number: int
    weeks: tuple[tuple[Square, ...], ...]
    workdays: int


@dataclass(frozen=True, slots=True)
class YearPage:
    """A year, the publications, and for who may publish the forms."""

    year: YearOfDays
    months: tuple[Month, ...]
    revisions: tuple[CalendarRevision, ...]
    may_publish: bool
    may_see_moves: bool
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    faults: Sequence[tuple[str, str]] = ()
    notice: str = ""


@dataclass(frozen=True, slots=True)
class DayChangesPage:
    """What waits: difference, moved cases, the form that publishes."""

    proposal: Proposal
    may_open: bool
    errors: dict[str, str] = field(default_factory=dict)
    warning: str = ""


@dataclass(frozen=True, slots=True)
class MovedPage:
    """One publication: what it changed and moved."""

    moved: Moved
    may_open: bool
    may_undo: bool
    previous_url: str
    next_url: str
    notice: str = ""


class DaysHandler(CityHandler):
    """What these pages share."""

    @property
    def may_publish(self) -> bool:
        return self.may(Function.PUBLISH_RULES) and self.center.days.year(0).root

    def kind_text(self, change: DayChange, which: str) -> str:
        """One side of a difference in words."""
        kind, name = (change["old"], change["old_name"]) if which == "old" else (change["new"], change["new_name"])
        said = self.say("days.kind." + (kind or self.ordinary(change["day"])))
        return self.say("days.named", kind=said, name=name) if name else said

    def ordinary(self, day: str) -> str:
        return "weekend" if dt.date.fromisoformat(day).weekday() >= 5 else "workday"

    def kinds(self) -> list[tuple[str, str]]:
        return [(kind, self.say("days.kind." + kind)) for kind in ("off", "work")]

    def errors_of(self, error: TongbanError) -> dict[str, str]:
        if error.code != "invalid_input" or not error.fields:
            raise error
        index = 0 if self.language == "zh" else 1
        own = {name: f"days.bad.{code}" for name, code in error.fields.items()}
        has = self.application.words.has
        return {
            name: self.say(own[name]) if has("zh", own[name]) else FIELD_ERRORS[code][index]
            for name, code in error.fields.items()
        }


class YearHandler(DaysHandler):
    """A year for everybody; its forms put a day among what waits."""

    function: ClassVar[Function | None] = None
    writes = Function.PUBLISH_RULES

    async def on_get(self) -> None:
        done = self.argument("done", 20)
        await self.shown(notice=self.say("days.done." + done) if done in ("dropped", "unchanged") else "")

    async def on_post(self) -> None:
        do = self.fields.get("do", "")
        values = {name: self.fields.get(name, "").strip()[:200] for name in ("day", "kind", "name")}
        try:
            if do == "drop":
                await self.call(self.center.days.drop, self.person)
                self.see_other("/calendar?done=dropped")
                return
            if do == "undo":
                number = self.fields.get("revision", "")
                await self.call(
                    self.center.days.stage_undo, int(number) if number.isdecimal() and len(number) < 9 else 0, self.person
                )
            elif do == "remove":
                await self.call(self.center.days.stage, values["day"], "", "", self.person)
            else:
                await self.call(self.center.days.stage, values["day"], values["kind"] or "?", values["name"], self.person)
        except TongbanError as error:
            found = self.errors_of(error)
            errors = {f"{name}_back" if do == "remove" else name: text for name, text in found.items()}
            await self.shown(values, errors, status=422)
            return
        self.see_other("/calendar/changes")

    async def shown(
        self,
        values: dict[str, str] | None = None,
        errors: dict[str, str] | None = None,
        faults: Sequence[tuple[str, str]] = (),
        notice: str = "",
        status: int = 200,
    ) -> None:
        day = (values or {}).get("day", "")[:4]
        asked = self.argument("year", 4) or day
        year = await self.call(self.center.days.year, int(asked) if asked.isdecimal() else 0)
        revisions = await self.call(self.center.days.revisions)
        may = self.may(Function.PUBLISH_RULES) and year.root
        self.show("city/days.html", YearPage(
            year, tuple(self.month(year, n) for n in range(1, 13)), revisions, may, self.may(Function.CALENDAR_MOVES),
            values or {}, errors or {}, faults, notice,
        ), status)  # fmt: skip

    def month(self, year: YearOfDays, number: int) -> Month:
        listed = {one.date: one for one in year.days}
        weeks = [
            tuple(self.square(day, listed.get(day.isoformat()), year.today) if day.month == number else Square(0) for day in week)
            for week in _MONDAY_FIRST.monthdatescalendar(year.year, number)
        ]
        return Month(number, tuple(weeks), year.workdays[number - 1])

    def square(self, day: dt.date, one: ListedDay | None, today: str) -> Square:
        here = day.isoformat() == today
        if one is None:
            return Square(day.day, "rest" if day.weekday() >= 5 else "", "", here)
        tone = "provisional" if one.provisional else one.kind
        said = self.say("days.kind." + tone)
        return Square(day.day, tone, self.say("days.named", kind=said, name=one.name) if one.name else said, here)


class DaysFileHandler(YearHandler):
    """A calendar file: what it changes is put among what waits."""

    function = Function.PUBLISH_RULES
    body_limit = FILE_LIMIT // 5

    async def on_get(self) -> None:
        self.see_other("/calendar")

    async def on_post(self) -> None:
        given = next(iter(self.files.get("file", [])), None)
        if given is None or not given.body:
            await self.shown(errors={"file": self.say("days.bad.file")}, status=422)
            return
        try:
            count = await self.call(self.center.days.stage_file, given.body, self.person)
        except TongbanError as error:
            if error.code != "import_failed":
                raise
            index = 0 if self.language == "zh" else 1
            faults = [(self.place(path), FIELD_ERRORS[code][index]) for path, code in list(error.fields.items())[:100]]
            await self.shown(errors={"file": error.sentence(self.language)}, faults=faults, status=422)
            return
        self.see_other("/calendar/changes" if count else "/calendar?done=unchanged")

    def place(self, path: str) -> str:
        what, _, where = path.partition(" ")
        return self.say(f"days.{what}", where=where) if what in ("line", "column") else path


class DayChangesHandler(DaysHandler):
    """The difference, the cases whose day moves, the day it counts from; publishing is the form at its end."""

    function = Function.PUBLISH_RULES

    async def on_get(self) -> None:
        proposal = await self.call(self.center.days.proposal, self.argument("since", 12), self.person)
        self.show("city/day_changes.html", DayChangesPage(proposal, self.may(Function.READ_CASE)))

    async def on_post(self) -> None:
        since, confirmed = self.fields.get("since", "").strip()[:12], bool(self.fields.get("removed"))
        if self.fields.get("do") == "look":
            self.see_other(f"/calendar/changes?since={since}" if since.replace("-", "").isdigit() else "/calendar/changes")
            return
        try:
            done = await self.call(self.center.days.publish, self.fields.get("token", "")[:64], since, confirmed, self.person)
        except TongbanError as error:
            await self.again(since, self.errors_of(error), "", 422)
            return
        if done is None:
            await self.again(since, {}, self.say("days.clash"), 409)
        elif not done["changed"]:
            self.see_other("/calendar?done=unchanged")
        else:
            self.see_other(f"/calendar/moved/{done['revision']}?done=published")

    async def again(self, since: str, errors: dict[str, str], warning: str, status: int) -> None:
        proposal = await self.call(self.center.days.proposal, since, self.person)
        self.show("city/day_changes.html", DayChangesPage(proposal, self.may(Function.READ_CASE), errors, warning), status)


class MovedHandler(DaysHandler):
    """What one publication changed, and which due days of cases here it moved."""

    function = Function.CALENDAR_MOVES

    async def on_get(self, revision: str) -> None:
        number = int(revision) if revision.isdecimal() and len(revision) < 9 else 0
        found = await self.call(self.center.days.moved, number, self.number("page"), self.person)
        path, page = f"/calendar/moved/{number}?page=", found.page
        notice = self.say("days.done.published") if self.argument("done", 20) == "published" else ""
        self.show("city/days_moved.html", MovedPage(
            found, self.may(Function.READ_CASE), await self.call(lambda: self.may_publish), path + str(page - 1) if page > 1 else "",
            path + str(page + 1) if page < found.pages else "", notice,
        ))  # fmt: skip
