"""The working calendar as people keep it: a year to look at, single days put together, published with what that moves, and the record.

Changes are put together in one place for all who may publish (a value in `meta`), shown with their difference and the open cases
whose due day would move, and published under the token of what was seen. They name days, not a whole calendar, so a publication in
between takes nothing of them away. To take a day back is one more publication: nothing published is ever unsaid.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise

from federation.protocol.envelope import decode_header
from node.domain.calendar import FIXED, ONE, WorkCalendar, day_of, flaw_of, kind_of, read_day
from node.domain.cases.access import Function, require
from node.domain.catalog.day_documents import (
    CalendarRevision,
    DaysListed,
    DaysPublished,
    ListedDay,
    Moved,
    MoveRow,
    Proposal,
    YearOfDays,
)
from node.domain.catalog.days import DayChange, Listed, changed, changes_between, difference, first_moved, listed
from node.domain.model import Actor
from node.domain.published import CALENDAR
from node.domain.words.errors import TongbanError
from node.services.cases.timers import Timers
from node.services.catalog.catalog import CatalogService, require_root
from node.services.times import iso
from node.store import catalog_tables as tables
from node.store import enrolments, moves, staff
from node.store.catalog import chain_of, in_force
from node.store.catalog_tables import Publication
from node.store.reckoning import FOLLOWED, due_day, followed_revision
from node.store.store import Store, Tx, View

DRAFT = "calendar_draft"  # meta
LOOKED = 2000  # cases a preview looks at; the rest is found while the table of cases follows the publication
PAGE = 100
TOLD = 1000
FIRST_YEAR, LAST_YEAR = 1990, 2100


@dataclass(frozen=True, slots=True)
class Draft:
    """Days put together, the years that a file made known, and who did it last."""

    changes: Mapping[dt.date, Listed] = field(default_factory=dict)
    years: frozenset[int] = frozenset()
    by: str = ""

    def stored(self) -> bytes:
        days = {day.isoformat(): [one.kind, one.name] for day, one in sorted(self.changes.items())}
        return json.dumps({"days": days, "years": sorted(self.years), "by": self.by}, ensure_ascii=False).encode()

    @classmethod
    def read(cls, stored: bytes | None) -> Draft:
        if not stored:
            return cls()
        given = json.loads(stored)
        days = {dt.date.fromisoformat(day): Listed(*said) for day, said in given["days"].items()}
        return cls(days, frozenset(given["years"]), given["by"])


class WorkingDays:
    """The calendar of one node; only the root writes."""

    def __init__(self, store: Store, catalog: CatalogService, timers: Timers) -> None:
        self._store, self._catalog, self._timers = store, catalog, timers

    # looking -------------------------------------------------------------------------------------------------------

    def year(self, year: int) -> YearOfDays:
        """A year for everybody; this year when the number is none. Errors: none."""
        with self._store.reading() as view:
            today, root, draft = day_of(view.now()), view.identity.parent is None, self._draft(view)
        year = year if FIRST_YEAR <= year <= LAST_YEAR else today.year
        calendar = self._catalog.calendar()
        months = [dt.date(year, month, 1) for month in range(1, 13)] + [dt.date(year + 1, 1, 1)]
        counted = [calendar.count_workdays(first - ONE, last - ONE) for first, last in pairwise(months)]
        return YearOfDays(
            year, tuple(sorted(calendar.years)), calendar.revision, year in calendar.years, tuple(_listed_of(calendar, year)),
            tuple(counted), today.isoformat(), len(draft.changes), root,
        )  # fmt: skip

    def listing(self, year: int | None) -> DaysListed:
        """The listed days of a year, or of every year; fixed holidays of a year that is not published are provisional. Errors: none."""
        calendar = self._catalog.calendar()
        years = [year] if year is not None else sorted({*calendar.years, *(day.year for day in calendar.days)})
        rows = [asdict(row) for one in years if FIRST_YEAR <= one <= LAST_YEAR for row in _listed_of(calendar, one)]
        return {"revision": calendar.revision, "years": sorted(calendar.years), "days": rows}

    # putting together ----------------------------------------------------------------------------------------------

    def stage(self, day: str, kind: str, name: str, by: Actor) -> None:
        """Put one day among what waits: off, work, or "" for an ordinary day. Errors: `forbidden`, `wrong_tier`, `invalid_input`."""
        self._require(by)
        read, one = _checked(day, kind, name)

        def put(draft: Draft, calendar: WorkCalendar, tx: Tx) -> Draft:
            rest = {other: said for other, said in draft.changes.items() if other != read}
            if not one.kind and listed(calendar, read) == Listed() and read not in draft.changes:
                raise TongbanError("invalid_input", {"day": "not_listed"})
            said = {read: one} if listed(calendar, read) != one else {}
            return Draft({**rest, **said}, draft.years, by.name)

        self._change_draft(put)

    def stage_file(self, data: bytes, by: Actor) -> int:
        """Put what a file changes among what waits; how many days that are. Errors: as `stage`, `import_failed` by line."""
        self._require(by)
        given = WorkCalendar.from_csv(data)

        def put(draft: Draft, calendar: WorkCalendar, tx: Tx) -> Draft:
            new = calendar.merged(given)
            years = draft.years | (given.years - calendar.years)
            return Draft({**draft.changes, **changes_between(calendar, new)}, years, by.name)

        return len(self._change_draft(put).changes)

    def stage_undo(self, revision: int, by: Actor) -> None:
        """Put the reverse of a publication among what waits. Errors: as `stage`, `not_found`."""
        self._require(by)

        def put(draft: Draft, calendar: WorkCalendar, tx: Tx) -> Draft:
            before, after = self._calendar_of(tx, revision - 1), self._calendar_of(tx, revision)
            if before is None or after is None:
                raise TongbanError("not_found", what=str(revision)[:12])
            back = {day: one for day, one in changes_between(after, before).items() if listed(calendar, day) != one}
            return Draft({**draft.changes, **back}, draft.years, by.name)

        self._change_draft(put)

    def drop(self, by: Actor) -> None:
        """Forget what waits. Errors: `forbidden`, `wrong_tier`."""
        self._require(by)
        self._change_draft(lambda draft, calendar, tx: Draft())

    def _change_draft(self, put: Callable[[Draft, WorkCalendar, Tx], Draft]) -> Draft:
        def command(tx: Tx) -> Draft:
            require_root(tx, CALENDAR)
            draft = put(self._draft(tx), self._catalog.calendar(), tx)
            if draft.changes or draft.years:
                tx.meta.set(DRAFT, draft.stored())
            else:
                tx.meta.remove(DRAFT)
            return draft

        return self._store.run(command)

    def _draft(self, view: View | Tx) -> Draft:
        return Draft.read(view.meta.get(DRAFT))

    def _require(self, by: Actor) -> None:
        require(Function.PUBLISH_RULES, self._store.place.tier, by.role)

    # publishing ----------------------------------------------------------------------------------------------------

    def proposal(self, since: str, by: Actor) -> Proposal:
        """What waits, as it would count from `since` (tomorrow when that is no day). Errors: `forbidden`."""
        self._require(by)
        calendar = self._catalog.calendar()
        with self._store.reading() as view:
            draft, tomorrow = self._draft(view), day_of(view.now()) + ONE
            first = read_day(since) or tomorrow
            new = changed(calendar, draft.changes, draft.years, first)
            rows, unseen = self._moving(view, calendar, new)
            told = self._rows(view, rows)
        late = changed(new, {day: one for day, one in draft.changes.items() if day < first})
        found = tuple(difference(calendar, new))
        return Proposal(
            _token(draft, calendar.revision), first.isoformat(), found, tuple(difference(new, late)), _removed(found),
            tuple(sorted(draft.years - calendar.years)), told, unseen, calendar.revision, draft.by,
        )  # fmt: skip

    def publish(self, token: str, since: str, confirmed: bool, by: Actor) -> DaysPublished | None:
        """Publish what waits; None when that is no longer what was seen. Days of the draft before `since` are dropped.

        Errors: `forbidden`, `wrong_tier`, `invalid_input` (since; removed: days are taken away and nobody said so)."""
        self._require(by)
        first = read_day(since)
        if first is None:
            raise TongbanError("invalid_input", {"since": "invalid" if since else "missing"})

        def command(tx: Tx) -> tuple[int, bool] | None:
            require_root(tx, CALENDAR)
            draft, calendar = self._draft(tx), self._catalog.calendar()
            if token != _token(draft, calendar.revision):
                return None
            new = changed(calendar, draft.changes, draft.years, first)
            if not confirmed and _removed(difference(calendar, new)):
                raise TongbanError("invalid_input", {"removed": "not_confirmed"})
            tx.meta.remove(DRAFT)
            return self._put(tx, new, first, by)

        before = self._catalog.calendar()
        done = self._store.run(command)
        return self._told(before, *done) if done is not None else None

    def change(self, day: str, kind: str, name: str, by: Actor) -> DaysPublished:
        """Publish one day at once. Errors: `forbidden`, `wrong_tier`, `invalid_input` (also a day that is not on the list)."""
        self._require(by)
        read, one = _checked(day, kind, name)

        def command(tx: Tx) -> tuple[int, bool]:
            require_root(tx, CALENDAR)
            calendar = self._catalog.calendar()
            if not one.kind and read not in calendar.days:
                raise TongbanError("invalid_input", {"day": "not_listed"})
            return self._put(tx, changed(calendar, {read: one}), None, by)

        before = self._catalog.calendar()
        return self._told(before, *self._store.run(command))

    def import_file(self, data: bytes, by: Actor, *, replace: bool = False, since: dt.date | None = None) -> DaysPublished:
        """Publish a file at once. Errors: as `CatalogService.import_document`."""
        self._require(by)
        given = WorkCalendar.from_csv(data)

        def command(tx: Tx) -> tuple[int, bool]:
            require_root(tx, CALENDAR)
            calendar = self._catalog.calendar()
            merged = calendar.merged(given)
            new = changed(calendar, changes_between(calendar, merged), merged.years, since)
            self._catalog.lost(tx, CALENDAR, new.to_document(), replace=replace)
            return self._put(tx, new, since, by)

        before = self._catalog.calendar()
        return self._told(before, *self._store.run(command))

    def _put(self, tx: Tx, calendar: WorkCalendar, since: dt.date | None, by: Actor) -> tuple[int, bool]:
        """(revision, whether anything is new)."""
        extra = {"since": since.isoformat()} if since is not None else {}
        if calendar == self._catalog.calendar():
            return calendar.revision, False
        return self._catalog.publish(tx, CALENDAR.name, {**calendar.to_document(), **extra}, by)

    def _told(self, before: WorkCalendar, revision: int, new: bool) -> DaysPublished:
        """What was published, once the table of cases has followed it (of very many cases: begun to)."""
        whole = self._timers.follow() if new else True
        calendar = self._catalog.calendar()
        found = difference(before, calendar) if new else []
        with self._store.reading() as view:
            rows = moves.moved_by(view.connection, revision, 0, TOLD) if new else []
            total = moves.counts(view.connection).get(revision, 0) if new else 0
            told = [asdict(one) for one in self._rows(view, rows)]
        return {
            "days": len(calendar.days), "years": [calendar.first_year, calendar.last_year], "changed": new, "revision": revision,
            "added": sum(not one["old"] for one in found), "removed": _removed(found),
            "altered": sum(bool(one["old"] and one["new"]) for one in found), "moved_count": total, "following": not whole, "moved": told,
        }  # fmt: skip

    # what moves ----------------------------------------------------------------------------------------------------

    def _moving(self, view: View, old: WorkCalendar, new: WorkCalendar) -> tuple[list[moves.Move], int]:
        """The open cases whose due day would be another, by the present day; and how many were not looked at."""
        first = first_moved(old, new)
        if first is None:
            return [], 0
        found, then = [], self._catalog.snapshot().calendars.with_another(new, view.now())
        looked = moves.due_from(view.connection, first.isoformat(), LOOKED)
        for one in looked:
            case = view.cases.get(one.case_no)
            if case is None:
                continue
            sure = view.cases.sound(case, view.cases.judged(one.case_no))
            due = due_day(view, sure, then).due
            if due != one.before:
                found.append(moves.Move(one.case_no, one.before, due, one.item_id, one.custodian))
        return found, max(0, moves.count_from(view.connection, first.isoformat()) - len(looked))

    def _rows(self, view: View, found: Sequence[moves.Move]) -> tuple[MoveRow, ...]:
        """Moves for people: items and centers by their names."""
        snapshot, names = self._catalog.snapshot(), enrolments.names(view.connection)
        names[view.identity.node_id] = view.identity.name
        items = {**snapshot.withdrawn, **snapshot.items}
        rows = []
        for one in found:
            place, item = view.place(one.custodian), items.get(one.item_id)
            code = place.code if place is not None else ""
            division = snapshot.divisions.get(code)
            unit = names.get(one.custodian) or (division.name if division is not None else "")
            rows.append(
                MoveRow(one.case_no, one.item_id, item.name if item is not None else "", code, unit, one.before, one.after or "")
            )
        return tuple(rows)

    # the record ----------------------------------------------------------------------------------------------------

    def revisions(self, limit: int = 20) -> tuple[CalendarRevision, ...]:
        """The latest publications that are here, newest first. Errors: none."""
        with self._store.reading() as view:
            return tuple(found for one in self._numbers(view)[:limit] if (found := self._revision(view, one)) is not None)

    def moved(self, revision: int, page: int, by: Actor) -> Moved:
        """What a publication changed and which due days it moved at this node. Errors: `forbidden`, `not_found`."""
        require(Function.CALENDAR_MOVES, self._store.place.tier, by.role)
        with self._store.reading() as view:
            found = self._revision(view, revision) if revision in self._numbers(view) else None
            if found is None:
                raise TongbanError("not_found", what=str(revision)[:12])
            pages = max(1, -(-found.moved // PAGE))
            page = min(max(page, 1), pages)
            told = self._rows(view, moves.moved_by(view.connection, revision, (page - 1) * PAGE, PAGE))
            following = followed_revision(view.meta.get(FOLLOWED)) != self._catalog.calendar().revision
        return Moved(found, told, found.moved, page, pages, following)

    def _numbers(self, view: View) -> list[int]:
        return sorted({row.revision for row, _ in self._stored(view)}, reverse=True)

    def _stored(self, view: View | Tx) -> list[tuple[Publication, str]]:
        row = in_force(view, chain_of(view), CALENDAR.name)
        return tables.documents_of(view.connection, row.layer, CALENDAR.name) if row is not None else []

    def _calendar_of(self, view: View | Tx, revision: int) -> WorkCalendar | None:
        if revision == 0:
            return WorkCalendar()
        found = self._document(view, revision)
        return WorkCalendar.from_document({**json.loads(found[1]), "revision": revision}) if found is not None else None

    def _document(self, view: View | Tx, revision: int) -> tuple[Publication, str] | None:
        """Of two of one number the later, which counts."""
        return next((one for one in reversed(self._stored(view)) if one[0].revision == revision), None)

    def _revision(self, view: View, revision: int) -> CalendarRevision | None:
        calendar, before = self._calendar_of(view, revision), self._calendar_of(view, revision - 1)
        one = self._document(view, revision)
        if calendar is None or one is None:
            return None
        header = tables.header_of(view.connection, one[0])
        fields = decode_header(header) if header is not None else None
        names = {person.staff_id: person.name for person in staff.everyone(view.connection)}
        since = str(json.loads(one[1]).get("since", ""))
        return CalendarRevision(
            revision, iso(fields.recorded_at) or "" if fields is not None else "",
            names.get(fields.staff_id, "") if fields is not None else "", since,
            tuple(difference(before, calendar)) if before is not None else (), moves.counts(view.connection).get(revision, 0),
        )  # fmt: skip


def _checked(day: str, kind: str, name: str) -> tuple[dt.date, Listed]:
    """A day that a person named. Raises invalid_input with each wrong field."""
    read, one = read_day(day), Listed(kind_of(kind), " ".join(name.split()) if kind else "")
    flaws = {}
    if read is None or not FIRST_YEAR <= read.year <= LAST_YEAR:
        flaws["day"] = "invalid" if day.strip() else "missing"
    elif kind and (flaw := flaw_of(read, one.kind, one.name)):
        flaws[{"not_a_choice": "kind", "out_of_range": "kind"}.get(flaw, "name")] = (
            "weekday_works" if flaw == "out_of_range" else flaw
        )
    if flaws or read is None:
        raise TongbanError("invalid_input", flaws)
    return read, one


def _listed_of(calendar: WorkCalendar, year: int) -> list[ListedDay]:
    days = {day for day in calendar.days if day.year == year}
    fixed = {dt.date(year, *one) for one in FIXED if calendar.is_fixed(dt.date(year, *one))} - days
    return [
        ListedDay(day.isoformat(), "off" if day in fixed else calendar.days[day], calendar.names.get(day, ""), day in fixed)
        for day in sorted(days | fixed)
    ]


def _removed(changes: Sequence[DayChange]) -> int:
    return sum(not one["new"] for one in changes)


def _token(draft: Draft, revision: int) -> str:
    return hashlib.sha256(draft.stored() + str(revision).encode()).hexdigest()[:24]
