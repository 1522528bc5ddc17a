"""The words the pure rules speak: events of a case, the case they add up to, and who is acting.

Everything here is a frozen value; what is made anew with every entry is a named tuple, because making a frozen object of many
fields takes three times as long. Times are integer milliseconds since 1970 (UTC); dates are `datetime.date`
in China Standard Time; node ids are 16 raw bytes; hashes are 32 raw bytes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

CST = dt.timezone(dt.timedelta(hours=8), "CST")
TIERS = ("village", "township", "district", "city")  # lowest first

# What a fact may hold. str means a code ([A-Za-z0-9._:;+-]{0,128}); there is no free text.
# int is a number, bytes a hash, dt.date a date, dt.datetime (aware) an instant.
FactValue: TypeAlias = str | int | bool | bytes | dt.date | dt.datetime | tuple[str, ...] | tuple[bytes, ...]
Facts: TypeAlias = Mapping[str, FactValue]


class Role(StrEnum):
    ADMIN = "admin"
    DIRECTOR = "director"
    CLERK = "clerk"
    EXAMINER = "examiner"
    REVIEWER = "reviewer"
    APPROVER = "approver"
    AGENT = "agent"
    OVERSEER = "overseer"
    CATALOG_EDITOR = "catalog_editor"
    AUDITOR = "auditor"
    INTEGRATION = "integration"
    SYSTEM = "system"  # mechanical acts of the node itself: takes, home offers, timers, answers


class Purpose(StrEnum):
    """Why custody is offered."""

    HAND_OVER = "hand_over"  # agent -> hall (row 6); after the take the status stays in_transit until `receive`
    HAND_BACK = "hand_back"  # row 8
    REFER = "refer"  # row 33
    RETURN = "return"  # row 35
    HOME = "home"  # mechanical, after the end of a case


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `staff_id` is opaque; `name` travels in bodies only, to the nodes of the case."""

    staff_id: str
    role: Role
    name: str = ""

    @property
    def mechanical(self) -> bool:
        return self.role is Role.SYSTEM


SYSTEM = Actor("system", Role.SYSTEM)
LOCAL_OPERATOR = "local-operator"  # the staff id of who gives commands at the machine; has no name


@dataclass(frozen=True, slots=True)
class Place:
    """A node as the rules see it. `parent` is None at the root; `commissioned` are item ids it may receive for others."""

    node_id: bytes
    code: str
    tier: str
    parent: bytes | None = None
    commissioned: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What `decide` wants written: the journal adds author, epoch, seq, prev, key and signature."""

    kind: str
    facts: Facts
    status_after: str
    custodian_after: bytes  # b"" in transit
    term: int
    body: Mapping[str, object] | None = None  # personal data and free text; None when there is none
    body_class: str = ""


class Cited(NamedTuple):
    """The revisions of what is published that an entry rests on, as its header says; 0 for none. A mark is the beginning of the hash
    of the document, b"" where the author did not say: two documents may have one number."""

    catalog: int = 0
    calendar: int = 0
    rules: int = 0
    calendar_mark: bytes = b""
    rules_mark: bytes = b""


NOTHING_CITED = Cited()


class Event(NamedTuple):
    """A case event as read back from an authentic entry. `at` is when it was done as everybody counts it (`cases.dated`), `claim` when
    its author says so (None: at that time); neither is used for order."""

    kind: str
    author: bytes
    staff_id: str
    at: int
    facts: Facts
    case_no: str
    version: int
    prev: bytes
    term: int
    status_after: str
    custodian_after: bytes
    hash: bytes
    body_hash: bytes = b""
    schema: int = 1
    cites: Cited = NOTHING_CITED
    claim: int | None = None

    @property
    def claimed(self) -> int:
        """When its author says that it was done, ms."""
        return self.at if self.claim is None else self.claim


@dataclass(frozen=True, slots=True)
class Offer:
    """An open offer of custody. `objects` are the bodies the taker must hold, `blobs` may follow."""

    giver: bytes
    target: bytes
    purpose: Purpose
    resume_status: str
    since: int
    objects: tuple[bytes, ...] = ()
    blobs: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """One interval of a clock's ledger, ms; `end` None while it runs. `why` is a code (handler, upper, statutory_pause, …)."""

    clock: str  # A R S P D
    start: int
    end: int | None
    running: bool
    why: str
    holder: bytes


@dataclass(frozen=True, slots=True)
class Hop:
    """One custody of the case: who held it, whence, why, from when until when (ms); `cites`: of the entry that began it."""

    node: bytes
    giver: bytes | None
    reason: str
    offered_at: int | None
    taken_at: int
    left_at: int | None = None
    cites: Cited = NOTHING_CITED


class Started(NamedTuple):
    """What the entries cite that started the clocks of a case: R with the receipt or a complete supply, S and P with the acceptance,
    D with the decision. (A, and S of who took a referral, start with a custody.) What is published later does not move them."""

    received: Cited = NOTHING_CITED
    accepted: Cited = NOTHING_CITED
    decided: Cited = NOTHING_CITED


class Piece(NamedTuple):
    """What came for a material: a file, or `copies` originals on paper. `notice` numbers the notice it follows, 0 for none."""

    material: str
    blob: bytes
    size: int
    at: int
    notice: int = 0
    copies: int = 0


class Line(NamedTuple):
    """One strand of work: what comes next in it, whose it is, and its clocks, which follow one another.

    The lead's line is the case as its custodian handles it; R, A, S, P and D run on it. A branch is an opinion that another unit is
    asked for meanwhile; only B runs on it.
    """

    spans: tuple[Span, ...] = ()
    assignee: str = ""  # opaque id of the staff member the present step was given to
    step: int = 0  # index of the next step of the item's process at the present tier
    steps_done: tuple[str, ...] = ()
    examined_by: tuple[str, ...] = ()
    unit: str = ""  # code of the unit that is asked; "" for the lead
    limit: int = 0  # working days of B, as the branch was opened with


class Correction(NamedTuple):
    """What the applicant was asked to put right (rows 12 to 15)."""

    due: dt.date | None = None  # until when; None while nothing is awaited
    items: tuple[str, ...] = ()  # materials that the last notice ticked
    listed: tuple[str, ...] = ()  # what the first notice ticked; a repeated one may tick nothing else
    asked: int = 0  # first notices: one at most is lawful
    notices: int = 0  # notices, repeated ones included
    supplied_at: int = 0
    found_wanting: bool = False  # a supply was found insufficient once
    reminded_at: int = 0  # the applicant was reminded


class Repin(NamedTuple):
    """A move to another version of the item, at `version` of the chain: which version of the item (number, hash) it was before, and the
    pairs `old:new` of places in the lists of materials; None where the places stay."""

    version: int
    item_version: int
    item_hash: bytes
    places: tuple[str, ...] | None = None


class Gap(NamedTuple):
    """What the applicant promised to bring after an acceptance with a gap (容缺, rows 17, 18): until when, and which materials (their
    places in the item's list); `items` () when nothing is to follow. `lapsed_at` (ms): its day passed and something was not there."""

    due: dt.date | None = None
    items: tuple[str, ...] = ()
    postponed: bool = False  # once, where the applicant was kept from it (不可抗力)
    lapsed_at: int = 0
    pauses: bool = False  # after the lapse the promise stands until it comes, where the published limits say so
    stood: tuple[tuple[dt.date, dt.date], ...] = ()  # the days on which it stood: first and last

    @property
    def is_open(self) -> bool:
        return bool(self.items)


class Pause(NamedTuple):
    """A stop of the statutory clocks (rows 25, 26) that is open; `kind` "" when none is. `stops`: how many there were."""

    kind: str = ""
    since: int = 0
    until: dt.date | None = None
    stops: int = 0


class Statement(NamedTuple):
    """陈述、申辩 before a licence is refused: told when (ms), until when it may be made, what came of it (a code) and when (ms)."""

    offered_at: int = 0
    due: dt.date | None = None
    outcome: str = ""
    recorded_at: int = 0


NO_STATEMENT = Statement()


class Undo(NamedTuple):
    """What row 45 would take back: who did what when (ms), and how the case stood; `status` "" when nothing can be undone.

    `to` has the old values of the fields of the case that changed."""

    status: str = ""
    to: Mapping[str, object] = MappingProxyType({})
    staff: str = ""
    at: int = 0
    kind: str = ""


NO_UNDO = Undo()


class Case(NamedTuple):
    """What the events of a case add up to at one reader. `version` 0 means nothing effective is known yet.

    A named tuple, because a case is copied with every event, and copying a frozen object of so many fields takes ten times as long.
    """

    case_no: str
    version: int = 0
    head: bytes = b""
    term: int = 0
    status: str = ""
    last_kind: str = ""
    last_staff: str = ""
    last_at: int = 0
    custodian: bytes = b""
    origin: bytes = b""
    item_id: str = ""
    item_version: int = 0
    item_hash: bytes = b""
    source: str = ""
    application_no: str = ""
    channel: str = ""
    filed_at: int = 0
    received_at: int = 0  # R starts
    accepted_at: int = 0
    decided_at: int = 0
    concluded_at: int = 0
    delivered_at: int = 0
    decision: str = ""  # approved | refused
    lead: Line = Line()
    branches: tuple[Line, ...] = ()
    correction: Correction = Correction()
    pause: Pause = Pause()
    undo: Undo = NO_UNDO
    promised_due: dt.date | None = None
    extension_days: int = 0
    extended: bool = False
    examined_below: bool = False
    urgent: bool = False
    gap: Gap = Gap()
    repins: tuple[Repin, ...] = ()
    offer: Offer | None = None
    previous_custodian: bytes = b""
    opened_by: frozenset[bytes] = frozenset()
    hops: tuple[Hop, ...] = ()
    materials: tuple[tuple[str, bytes, int], ...] = ()  # (material index as a code, blob hash or b"" when only declared, size)
    bodies: tuple[bytes, ...] = ()  # hashes of every body that belongs to the case
    answered: frozenset[bytes] = frozenset()  # request entry hashes already answered
    query_salt: bytes = b""
    query_hash: bytes = b""
    moved_at: int = 0  # since when (ms) the case has been where it is, and what brought it there
    moved_kind: str = ""
    turned_hash: bytes = b""  # the entry that brought it into its present turn (there, or to its owner), and who wrote that
    turned_staff: str = ""
    unknown_kinds: tuple[str, ...] = ()  # not empty: never taken here (needs_upgrade)
    received_status: str = ""  # status that a `receive` leads to, kept over a hand-over
    village: str = ""  # division code of the village the application names
    accepted_by: bytes = b""  # the organ that accepted; b"" before
    decided_by: bytes = b""  # the organ that decided
    ground: str = ""  # why a refusal is a 退办 (H3.7), empty when it is none
    ended_at: int = 0  # ended without a decision: not accepted, withdrawn, terminated, voided
    mandate: tuple[str, ...] = ()  # what the applicant lets the agent do (`mandate.SCOPES`); empty when none is recorded
    mandate_until: dt.date | None = None
    replaces: str = ""  # the voided case in whose place this one was filed (row 47)
    received_on: dt.date | None = None  # and the receipt date of that, which this one inherits
    internal_bodies: tuple[bytes, ...] = ()  # of `bodies`: opinions inside the organs, not sent to villages
    pieces: tuple[Piece, ...] = ()  # everything that ever came for the materials, in order
    started: Started = Started()
    statement: Statement = NO_STATEMENT
    pressed_at: int = 0  # whoever has the case was reminded last (ms)
    sender: bytes = b""  # the hall that sends the notices of the case; b"" while none has said that it does

    @property
    def lines(self) -> tuple[Line, ...]:
        """Where work goes on: line 0 is the lead's, the others are its branches."""
        return (self.lead, *self.branches)

    @property
    def in_transit(self) -> bool:
        return self.offer is not None

    @property
    def blobs(self) -> tuple[bytes, ...]:
        """Every file of the case, earlier versions too."""
        return tuple(dict.fromkeys(one.blob for one in self.pieces if one.blob))
