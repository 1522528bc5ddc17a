"""What is put to the rules: a command (imperative, with its fields and who gives it) and the context it is judged in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from node.domain.calendar import day_of
from node.domain.catalog.limits import LAWFUL, Limits
from node.domain.model import Actor, Place
from node.domain.words.errors import TongbanError

if TYPE_CHECKING:
    from node.domain.calendar import WorkCalendar
    from node.domain.catalog.item import Item
    from node.domain.catalog.revisions import Counting


@dataclass(frozen=True, slots=True)
class Command:
    """One wish. `request` is the hash of the request entry that an `answer` answers, else empty."""

    action: str
    fields: Mapping[str, object]
    actor: Actor
    request: bytes = b""


def _nowhere(_: bytes) -> Place | None:
    return None


def _nameless(_: bytes) -> str:
    return ""


def _everybody_can(_: str) -> Place | None:
    return None


class Context(NamedTuple):
    """Everything of the moment that a decision may look at. `now` is ms; the functions look up a node and the way to it."""

    here: Place
    item: Item | None
    calendar: WorkCalendar
    now: int
    place: Callable[[bytes], Place | None] = _nowhere
    parent: Place | None = None
    frozen: bool = False
    papers_out: bool = False  # a paper of the last act was issued: it cannot be undone
    route: Callable[[bytes], Place | None] = _nowhere  # the neighbour on the way to a node
    clock_agrees: bool = False  # the local clock agrees with the last receipt (effects of absence need it)
    witnessed: int = 0  # ms: up to when somebody else's clock bears ours out; a root's own clock is its witness
    contents_missing: bool = False  # the application is not here: lost with a disk, for only this node had it
    people: tuple[Actor, ...] = ()  # the active people of this node, while the case is here
    sent: tuple[tuple[str, bytes], ...] = ()  # (material, blob) that this node sent after the case since the last notice
    doubted: bool = False  # it rests on an act of somebody who may not do it (`audit`)
    rules: Mapping[int, Limits] = LAWFUL  # the published limits, every revision that is here
    revisions: Counting | None = None  # every revision of the calendar that is here
    in_force: Item | None = None  # the item as it is published now, withdrawn ones too; None when it is not known here
    in_force_hash: bytes = b""  # and its hash
    back_on: dt.date | None = None  # the first working day of this node's people after it was off itself; None when it was not
    asked_organ: Callable[[], str] = str  # whose name a turning-down bears here; "" unknown
    flaws: tuple[str, ...] = ()  # fields of a saved draft that are missing or wrong: it cannot be handed in yet
    said_missing: frozenset[str] = frozenset()  # materials that a saved draft says are missing, by name
    called: Callable[[bytes], str] = _nameless  # what people call a node
    tells: bool = False  # this node has a channel to residents (SMS or mail)
    broken_pledge: Callable[[], str] = (
        str  # a case of the applicant in which he did not bring what he promised (容缺), a year back; ""
    )
    heard_below: Callable[[], int] = int  # ms: until when the way to where the case was filed is known here
    asked_of_it: Callable[[], bool] = bool  # whether somebody asked something of the case that is not answered yet
    cannot_serve: Callable[[str], Place | None] = _everybody_can  # the first node of the way home that lacks a feature

    @property
    def today(self) -> dt.date:
        """The day in China Standard Time."""
        return day_of(self.now)

    @property
    def counting(self) -> Counting:
        """By which days a clock is counted that runs already; a new one by `calendar`, which the act cites."""
        return self.revisions or self.calendar

    @property
    def limits(self) -> Limits:
        """The published limits in force: those of the latest revision that is here."""
        return self.rules[max(self.rules)]

    @property
    def known_item(self) -> Item:
        """The item version of the case. guard_failed when it has not reached this node yet."""
        if self.item is None:
            raise TongbanError("guard_failed", rule="办件所用的事项版本尚未同步到本站，请稍后再办")
        return self.item

    def code_of(self, node_id: bytes) -> str:
        """Division code of a node, for sentences; its id in hex when unknown here."""
        place = self.place(node_id) if node_id else None
        return place.code if place is not None else node_id.hex()

    def name_of(self, node_id: bytes) -> str:
        """What people call a node; its code where nobody has told its name."""
        place = self.place(node_id) if node_id else None
        return self.called(node_id) or (place.code if place is not None else "外单位")
