"""What the pages of monthly reports show: one frozen dataclass a page. No applicant stands in any of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from node.domain.reports.documents import MailedTo, MonthlyReport, PeriodReport, ReportSignal, ReportTable
from node.domain.supervision.documents import OversightCase


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A monthly report. `later`: tables whose subject is not built yet; `typed` and `errors`: the form that signs it. `mailed`: where the
    reports go by mail, None for who does not choose that. `chosen`: the table that is looked
    at."""

    report: MonthlyReport
    tables: Sequence[tuple[str, ReportTable]]
    later: Sequence[str]
    typed: Mapping[str, str]
    errors: Mapping[str, str]
    error: str
    form_id: str
    as_of: str | None
    silent: Sequence[tuple[str, str | None]]
    names: Mapping[str, str]
    mailed: Sequence[MailedTo] | None
    chosen: str


@dataclass(frozen=True, slots=True)
class ReportCasesPage:
    """The cases behind a figure of a report; `stated`: what the report says, where that is another number now.
    `hours` of each row and `whole_hours`, where a time is counted."""

    title: str
    stated: str
    rows: Sequence[OversightCase]
    total: int
    first_url: str
    next_url: str
    back: str
    as_of: str | None
    silent: Sequence[tuple[str, str | None]]
    names: Mapping[str, str]
    hours: Sequence[float] | None
    whole_hours: str


@dataclass(frozen=True, slots=True)
class ReportSignalsPage:
    """The signals, appeals and orders behind a figure of 表二."""

    title: str
    stated: str
    rows: Sequence[ReportSignal]
    total: int
    first_url: str
    next_url: str
    back: str
    as_of: str | None
    silent: Sequence[tuple[str, str | None]]
    names: Mapping[str, str]
    items: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ReportPrintPage:
    """A report as a form on paper."""

    report: MonthlyReport
    tables: Sequence[tuple[str, ReportTable]]
    back: str


@dataclass(frozen=True, slots=True)
class PeriodPage:
    """A quarter with its bulletin, or a year. `files`: (table, kind of file, address)."""

    report: PeriodReport
    tables: Sequence[tuple[str, ReportTable]]
    as_of: str | None
    silent: Sequence[tuple[str, str | None]]
    names: Mapping[str, str]
    files: Sequence[tuple[str, str, str]]
    error: str
