"""What the web side asks about the working calendar (`center.days`): see `node.services.catalog.working_days.WorkingDays`."""

from __future__ import annotations

from typing import Protocol

from node.domain.catalog.day_documents import CalendarRevision, DaysPublished, Moved, Proposal, YearOfDays
from node.domain.model import Actor


class DaysPort(Protocol):
    """The calendar of one node."""

    def year(self, year: int) -> YearOfDays:
        """Errors: none."""
        ...

    def revisions(self, limit: int = 20) -> tuple[CalendarRevision, ...]:
        """Errors: none."""
        ...

    def stage(self, day: str, kind: str, name: str, by: Actor) -> None:
        """Errors: `forbidden`, `wrong_tier`, `invalid_input` (day, kind, name)."""
        ...

    def stage_file(self, data: bytes, by: Actor) -> int:
        """Errors: `forbidden`, `wrong_tier`, `import_failed`."""
        ...

    def stage_undo(self, revision: int, by: Actor) -> None:
        """Errors: `forbidden`, `wrong_tier`, `not_found`."""
        ...

    def drop(self, by: Actor) -> None:
        """Errors: `forbidden`, `wrong_tier`."""
        ...

    def proposal(self, since: str, by: Actor) -> Proposal:
        """Errors: `forbidden`."""
        ...

    def publish(self, token: str, since: str, confirmed: bool, by: Actor) -> DaysPublished | None:
        """None when something else waits by now than was seen. Errors: `forbidden`, `wrong_tier`, `invalid_input` (since, removed)."""
        ...

    def moved(self, revision: int, page: int, by: Actor) -> Moved:
        """Errors: `forbidden`, `not_found`."""
        ...
