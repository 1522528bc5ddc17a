"""The form of a room: what each act and each kind of fact must say of itself. `acts/__init__` puts the rooms together.

An `Act` is an action of the table (or a request): its fields, how its event is built, how it is answered when it was asked for.
A `Kind` is a fact that acts leave: what it may carry, what it changes in the case, whether a person may take it back, on which
papers it is the basis, and which rules of the audit look at it. Guards stand by their name in the room whose rows name them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from node.domain.cases.commands import Command, Context
from node.domain.cases.events import Answer, Builder
from node.domain.cases.fields import Fields, only_note
from node.domain.cases.ledger import Changes
from node.domain.cases.lifecycle import Transition
from node.domain.model import Case, Event

if TYPE_CHECKING:
    from node.domain.calendar import WorkCalendar
    from node.domain.catalog.item import Item

# Types of facts. There is none for free text: opinions, reasons and names are bodies.
CODE, NUMBER, FLAG, HASH, DATE, CODES, HASHES = "code", "number", "flag", "hash", "date", "codes", "hashes"
PROOFS = "proofs"  # signed statements of nodes, with a name before them
# What an entry says of a paper that is issued: its number and its day. The frozen words are the body of the entry.
NUMBERED: Mapping[str, str] = {"organ": CODE, "type": CODE, "year": NUMBER, "series": CODE, "serial": NUMBER, "day": DATE}

# Why not, as a short Chinese sentence; empty when the condition holds.
Guard: TypeAlias = Callable[[Case, Command, Context], str]
Fold: TypeAlias = Callable[[Case, Event], Changes]


class Seen(NamedTuple):  # made for every entry: see model.py
    """What a rule of the audit looks at: an event as the successor of a case. What is None or "" is not known here."""

    case: Case
    event: Event
    item: Item | None
    tier: str
    calendar: WorkCalendar | None
    row: Transition | None


Rule: TypeAlias = Callable[[Seen], bool]


def nothing(case: Case, event: Event) -> Changes:
    """A fact that changes nothing but what every event does."""
    return {}


@dataclass(frozen=True, slots=True)
class Act:
    """An action. `fields` None: they come from our own services and are taken as they are. `build` None: it is only asked for."""

    action: str
    build: Builder | None
    fields: Fields | None = only_note
    answer: Answer | None = None  # what whoever holds the case makes of the request
    in_doubt: bool = False  # may be done with a case that rests on an act of somebody who may not do it: ask, pass on, end
    without_contents: bool = False  # may be done before the decision while the application is lost (DESIGN "A restored child")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact. The order of `rules` is that of the flags."""

    name: str
    facts: Mapping[str, str] = field(default_factory=dict)
    fold: Fold = nothing
    undo: bool = False  # a person may take it back the same day (row 45)
    starts: tuple[str, ...] = ()  # the clocks that it starts (`model.Started`)
    still: bool = False  # moves nothing: how long the case has been where it is goes on
    quiet: bool = False  # does not stand in the way of an undo
    internal: bool = False  # its body stays inside the organs
    papers: Mapping[str, str] = field(default_factory=dict)  # paper that rests on it -> variant of the paper
    issues: str = ""  # of these the paper that is issued with the act, in one entry: without it the act has no effect
    schema: int = 1  # of the entries that are written now; those of a lower one were written under the rules of their time
    feature: str = ""  # what a node of the way home must run to serve it, as a code; "" for what 1.0 knows
    rules: tuple[tuple[str, Rule], ...] = ()  # (flag, rule)
    of_item: bool = False  # its judgement rests on the item
    of_calendar: bool = False  # its judgement needs the calendar
    decides: bool = False  # a decision of the organ
    ends: bool = False  # a lawful end: takes back what stood before, whatever that was worth


@dataclass(frozen=True, slots=True)
class Room:
    """What one file of this folder brings."""

    acts: tuple[Act, ...] = ()
    kinds: tuple[Kind, ...] = ()
    guards: Mapping[str, Guard] = field(default_factory=dict)
