"""What a builder gets and how it makes an event: shared by the rooms of `acts`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from node.domain.calendar import due_date
from node.domain.cases.commands import Command, Context
from node.domain.cases.deadlines import promised_at_once, promised_days
from node.domain.cases.lifecycle import PREVIOUS, SAME, Transition, transition
from node.domain.catalog.limits import Limits
from node.domain.model import Case, Facts, FactValue, NewEvent

APPLICATION, INTERNAL, NOTICE = "application", "internal", "notice"  # body classes; `internal` is not sent to villages


@dataclass(frozen=True, slots=True)
class Built:
    """A command that passed all checks, with the row it takes."""

    case: Case
    command: Command
    ctx: Context
    row: Transition

    def text(self, name: str) -> str:
        value = self.command.fields.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str, default: int = 0) -> int:
        value = self.command.fields.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    def date(self, name: str) -> dt.date | None:
        value = self.command.fields.get(name)
        return value if isinstance(value, dt.date) else None

    def texts(self, *names: str) -> dict[str, object]:
        """The given text fields and the note: the body of the event."""
        fields = self.command.fields
        return {name: fields[name] for name in (*names, "note") if fields.get(name) not in (None, "")}

    def event(
        self,
        facts: Facts | None = None,
        body: Mapping[str, object] | None = None,
        *,
        status: str = "",
        term: int = 0,
        body_class: str = NOTICE,
        custodian: bytes | None = None,
    ) -> NewEvent:
        """The row's event; a request that is answered is named in the facts."""
        said: dict[str, FactValue] = dict(facts or {})
        if self.command.request:
            said["request"] = self.command.request
        after = status or self._status_after()
        holder = self.ctx.here.node_id if custodian is None else custodian
        return NewEvent(self.row.kind, said, after, holder, term or self.case.term or 1, body or None, body_class if body else "")

    def _status_after(self) -> str:
        if self.row.to == SAME:
            return self.case.status
        return self.case.undo.status if self.row.to == PREVIOUS else self.row.to


Builder: TypeAlias = Callable[[Built], NewEvent]
Answer: TypeAlias = Callable[[Built], "NewEvent | str"]  # the event, or the rule by which the request is declined


def as_kind(built: Built, kind: str) -> Built:
    """The same with a row beside the table that leaves a fact of this kind and moves nothing."""
    row = Transition(0, (), "answer", kind, ("system",), (), SAME, "", "", "", True, False, True)
    return Built(built.case, built.command, built.ctx, row)


def with_row(built: Built, action: str) -> Built | None:
    """The same with the row by which `action` may be taken now, if there is one."""
    row = transition(built.case.status, action)
    return Built(built.case, built.command, built.ctx, row) if row is not None else None


def promised_facts(ctx: Context, start: dt.date, limits: Limits) -> dict[str, FactValue]:
    """The printed promise that counts from the day after `start`: none when the item promises nothing, or when it is to be done at
    once by a higher node (then it counts from the upper take)."""
    item = ctx.known_item
    facts: dict[str, FactValue] = {"item_version": item.version}
    days = promised_days(item, limits)
    if days is None or (promised_at_once(item) and not item.decides_at(ctx.here.tier)):
        return facts
    due = due_date(ctx.calendar, start, days)
    facts["due"] = due.date
    if due.provisional:
        facts["provisional"] = True
    return facts
