"""What the web side asks about monthly reports (`center.reports`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from node.domain.model import Actor
from node.domain.reports.documents import MailedTo, MonthlyReport, PeriodReport, ReportCases, ReportSignals


class ReportsPort(Protocol):
    """`node.services.reports.monthly.Monthly`."""

    def report(self, given: Mapping[str, str], actor: Actor) -> MonthlyReport:
        """A month (`month`, YYYY-MM; the last that is over) of this node or of a unit below it (`node`, a division code).

        Example: report({"month": "2026-03"}, person). Errors: `forbidden`, `invalid_input`."""
        ...

    def cases(self, given: Mapping[str, str], actor: Actor) -> ReportCases:
        """The cases that a `column` of a row (`unit`) of 表一 or 表六 of such a report counts. Errors: `forbidden`, `invalid_input`."""
        ...

    def signals(self, given: Mapping[str, str], actor: Actor) -> ReportSignals:
        """The warnings, cards, appeals and orders that a `column` of 表二 counts. Errors: `forbidden`, `invalid_input`."""
        ...

    def submit(
        self, month: str, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None
    ) -> MonthlyReport:  # fmt: skip
        """Sign the report of this node: `filled_by` and `checked_by`.

        Errors: `forbidden`, `invalid_input`, `guard_failed`, `idempotency_conflict`."""
        ...


class PeriodsPort(Protocol):
    """`node.services.reports.periods.Periods`."""

    def report(self, given: Mapping[str, str], actor: Actor) -> PeriodReport:
        """A quarter or a year (`period`, YYYY-Qn or YYYY; the present quarter) of this node or of a unit below it (`node`).

        Example: report({"period": "2026-Q1"}, person). Errors: `forbidden`, `invalid_input`."""
        ...


class ReportMailPort(Protocol):
    """`node.services.notices.report_mail.ReportMail`."""

    def addresses(self, actor: Actor) -> list[MailedTo]:
        """Where the reports of this node are mailed to. Errors: `forbidden`."""
        ...

    def choose(self, addresses: Sequence[str], actor: Actor) -> None:
        """These and no others, from the next report on; a new one once the code that is mailed there is typed (`confirm`).

        Example: choose(["wang@example.cn"], person). Errors: `forbidden`, `invalid_input`."""
        ...

    def ask_again(self, address: str, actor: Actor) -> None:
        """Another code to an address that is not proven. Errors: `forbidden`, `invalid_input`."""
        ...

    def confirm(self, address: str, code: str, actor: Actor) -> None:
        """The code that its reader told. Errors: `forbidden`, `invalid_input` (code), `rate_limited`."""
        ...
