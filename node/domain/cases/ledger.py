"""What the changes of a case are made from: facts read without judging them, and the clock ledger continued.

A getter answers an empty value for what is missing or of another type, so that no entry, whoever signed it, stops a fold.

The clock ledger. `Line.spans` lists intervals: R (notice within five days), A (agent), S (statutory, with who had the
case), D (service) on the lead's line, B (an opinion) on a branch. Every event that moves a clock closes the open span of its
line and opens the next: the spans of one line follow one another and never count an instant twice; those of two lines run side
by side. A stop (Art. 45) is a span of S with `running=False`; P stops with S. `why` says whose time it was: agent, handler,
upper (after a referral), transit, applicant (a correction or the collection of the result is awaited), statutory_pause.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, TypeAlias

from node.domain.calendar import day_of, end_of_day_ms, ms_of
from node.domain.model import Case, Facts, Line, Span

Changes: TypeAlias = dict[str, Any]
STOPPED = "statutory_pause"


def code(facts: Facts, key: str) -> str:
    value = facts.get(key)
    return value if isinstance(value, str) else ""


def number(facts: Facts, key: str) -> int:
    value = facts.get(key)
    return int(value) if isinstance(value, int) else 0


def octets(facts: Facts, key: str) -> bytes:
    value = facts.get(key)
    return value if isinstance(value, bytes) else b""


def day(facts: Facts, key: str) -> dt.date | None:
    value = facts.get(key)
    if isinstance(value, dt.datetime):
        return day_of(ms_of(value))
    return value if isinstance(value, dt.date) else None


def codes(facts: Facts, key: str) -> tuple[str, ...]:
    value = facts.get(key)
    return tuple(one for one in value if isinstance(one, str)) if isinstance(value, tuple) else ()


def hashes(facts: Facts, key: str) -> tuple[bytes, ...]:
    value = facts.get(key)
    return tuple(one for one in value if isinstance(one, bytes)) if isinstance(value, tuple) else ()


def clocks(case: Case, at: int, *opened: Span, line: int = 0) -> tuple[Span, ...]:
    """The spans of a line when its open one, which is the last, is closed at `at` and the given one opened."""
    spans = case.lines[line].spans if line else case.lead.spans
    if spans and spans[-1].end is None:
        spans = (*spans[:-1], *closed(case, spans[-1], at))
    return spans + opened


def timed(case: Case, at: int, *opened: Span) -> Line:
    """The lead's line with its clocks continued."""
    return tuple.__new__(
        Line, (clocks(case, at, *opened), *case.lead[1:])
    )  # as `_replace(spans=…)`, but that takes three times as long


def timed_branch(case: Case, line: int, at: int, *opened: Span) -> tuple[Line, ...]:
    """The branches with the clocks of one of them continued; the lead's and the others' go on as they were. `line` from 1."""
    branch = case.branches[line - 1]._replace(spans=clocks(case, at, *opened, line=line))
    return (*case.branches[: line - 1], branch, *case.branches[line:])


def nobodys(case: Case, at: int, *opened: Span) -> Line:
    """The same, and nobody's: another stage begins."""
    return tuple.__new__(Line, (clocks(case, at, *opened), "", *case.lead[2:]))


def afresh(line: Line) -> Line:
    """The line at its first step: another tier goes through its own."""
    return Line(line.spans, line.assignee)


def closed(case: Case, last: Span, at: int) -> tuple[Span, ...]:
    """The open span as it is when it ends at `at`. A statutory pause stops nothing beyond its stated end: what is over is the
    time of who has the case (row 26, A4)."""
    at, over = max(at, last.start), _stated_end(case)
    if last.why != STOPPED or over is None or at <= over:
        return (replace(last, end=at),)
    over = max(over, last.start)
    return replace(last, end=over), Span(last.clock, over, at, True, whose(case), last.holder)


def still_stopped(case: Case, at: int) -> bool:
    """Whether a suspension has not reached its stated end."""
    over = _stated_end(case)
    return over is None or at <= over


def _stated_end(case: Case) -> int | None:
    """The last instant (ms) of the stated last day; None when none was stated, or an absurd one."""
    until = case.pause.until
    return end_of_day_ms(until) - 1 if until is not None and until.year < dt.MAXYEAR else None


def whose(case: Case) -> str:
    """Whose time it is while the case is worked on."""
    return "upper" if case.examined_below else "handler"
