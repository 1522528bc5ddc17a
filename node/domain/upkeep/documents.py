"""The documents about the node itself that services hand to pages, commands and the API. Times are ISO 8601 texts, None for never."""

from __future__ import annotations

from typing import NotRequired, TypedDict


class NodeSelf(TypedDict):
    """Who the node is. `key`: ok or superseded; `parent`: a division code, None at the root."""

    code: str
    name: str
    tier: str
    parent: str | None
    node_id: str
    epoch: int
    generation: str
    test_clock: bool
    revoked: bool
    cut_off: bool
    key: str


class LinkStatus(TypedDict):
    """A line to a neighbour. `direction`: up or down; `waiting` is all that has to cross it; `clock_skew_ms` in milliseconds."""

    peer: str
    direction: str
    state: str
    last_contact: str | None
    waiting: int
    last_error: str | None
    reason: str
    error_at: str | None
    entries: int
    objects: int
    cases: int
    confirmed: bool
    clock_skew_ms: int


class JournalStatus(TypedDict):
    entries: int
    head: str
    epoch: int
    seq: int
    authors: int


class CatalogStatus(TypedDict):
    items: int
    revision: int


class CalendarStatus(TypedDict):
    """`known_until` is the last day whose calendar is known."""

    revision: int
    known_until: str | None


class StatusFinding(TypedDict):
    at: str | None
    author: str | None
    node: str
    kind: str
    detail: str


class NodeStatus(TypedDict):
    """`tongban status --json` (INTERFACE.md). `cases` by status, `objects` by kind."""

    node: NodeSelf
    as_of: str | None
    links: list[LinkStatus]
    journal: JournalStatus
    catalog: CatalogStatus
    calendar: CalendarStatus
    cases: dict[str, int]
    held: int
    objects: dict[str, int]
    wanted: int
    findings: list[StatusFinding]


class PulseLine(TypedDict):
    """The line to the parent; `state` is that of the link, or `cut_off`."""

    peer: str
    state: str
    last_contact: str | None
    waiting: int
    last_error: str | None
    tier: str


class Pulse(TypedDict):
    """What a page asks every few seconds. `head` is the last arrival; `line` None at the root; `back`: at a village, how many cases were
    handed back to it or wait for a correction; `orders`: how many orders of supervision wait for this unit,
    `appeals`: how many appeals wait for its decision, `cards`: against how many cards it may still appeal."""

    head: int
    line: PulseLine | None
    back: int
    orders: int
    appeals: int
    cards: int


class Health(TypedDict):
    ok: bool
    node: str
    time: str | None
    software: str


class Trying(TypedDict):
    """The answer to "dial now"."""

    peer: str
    trying: bool


# what an administrator reads ------------------------------------------------------------------------------------------


class Span(TypedDict):
    """A span of time as people say it: `unit` is minutes, hours or days."""

    n: int
    unit: str


class Warned(TypedDict):
    """What needs attention: a code for which the page has a sentence and a remedy, and what these name."""

    code: str
    free: NotRequired[int]
    days: NotRequired[int | None]
    since: NotRequired[str]
    apart: NotRequired[Span]
    peer: NotRequired[str]
    name: NotRequired[str]
    until: NotRequired[str | None]
    count: NotRequired[int]
    role: NotRequired[str]


class Disk(TypedDict):
    """Bytes."""

    free: int
    total: int


class DatabaseSize(TypedDict):
    bytes: int


class LastBackup(TypedDict):
    """`days`: how old the newest is; None without one."""

    count: int
    at: str | None
    days: int | None


class CertificateRow(TypedDict):
    """`until` is its last day, `ms` the moment, since 1970."""

    name: str
    until: str
    ms: int


class PeopleCount(TypedDict):
    active: int
    admins: int
    without_pin: int


class NodeFacts(TypedDict):
    """How the node is, before it is judged."""

    node: NodeSelf
    as_of: str | None
    links: list[LinkStatus]
    findings: list[StatusFinding]
    calendar_until: str | None
    entries: int
    items: int
    divisions: int
    folder: str
    web: str
    grpc: str
    disk: Disk
    database: DatabaseSize
    backup: LastBackup
    certificates: list[CertificateRow]
    people: PeopleCount


class Overview(NodeFacts):
    """The administrator's first page: how the node is and what needs attention, the gravest first."""

    warnings: list[Warned]


class ParentLink(LinkStatus):
    name: str


class ChildLink(LinkStatus):
    name: str
    tier: str


class InvitationRow(TypedDict):
    """An invitation that nobody has used."""

    id: str
    code: str
    name: str
    tier: str
    expires: str | None


class OrphanRow(TypedDict):
    """A case of a revoked node that nobody has: it must be filed anew where it was filed. `origin` is that node's code."""

    case_no: str
    item_id: str
    item_name: str
    origin: str
    origin_name: str
    since: str | None


class Neighbours(TypedDict):
    """The nodes around this one, and what the form for one more needs. `orphans`: cases that must be filed anew after a revocation."""

    parent: ParentLink | None
    children: list[ChildLink]
    invitations: list[InvitationRow]
    orphans: list[OrphanRow]
    web: str
    grpc: str
    grpc_host: str
    tiers: list[str]
    reasons: list[str]
    as_of: str | None


class PlaceRow(TypedDict):
    """A row of the division table; `parent` is a division code."""

    code: str
    name: str
    tier: str
    parent: str


class JoinCard(TypedDict):
    """A join code, shown once; valid for `days`."""

    join_code: str
    code: str
    name: str
    tier: str
    days: int


# backups, checks ------------------------------------------------------------------------------------------------------


class BackupRow(TypedDict):
    """A backup in DIR/backups. `at_ms`: when it was begun, milliseconds since 1970; `sealed`: encrypted to the backup key."""

    name: str
    bytes: int
    at: str | None
    at_ms: int
    sealed: bool


class BackupKey(TypedDict):
    """A new backup key: the private half, shown once, and the public one, which the node keeps."""

    key: str
    public: str


class BackupFile(TypedDict):
    """A backup that is about to be downloaded."""

    path: str
    bytes: int


class BackupMade(TypedDict):
    """What `tongban backup` answers."""

    file: str
    bytes: int
    entries: int
    contains: list[str]
    warning: str
    warning_zh: str


class Position(TypedDict):
    """A place in the journal of one author."""

    epoch: int
    seq: int


class Reopened(TypedDict):
    """A node that was opened from a backup."""

    node: str
    code: str
    tier: str
    epoch: int
    entries: int
    head: Position


class Restored(Reopened):
    """What `tongban restore` answers. `backup_of_ms`: when the backup was made, milliseconds since 1970."""

    backup_of_ms: int


class Problem(TypedDict):
    code: str
    what: str
    where: str


class LossRow(TypedDict):
    """What a disk lost of a case, in both languages."""

    case_no: str
    code: str
    where: str
    what: str
    what_zh: str


class Verified(TypedDict):
    """What `tongban verify` answers. `checked` counts entries, receipts, objects, cases; `problems` lists at most 200 of each code."""

    ok: bool
    checked: dict[str, int]
    problems: list[Problem]
    problem_count: int
    problem_kinds: dict[str, int]
    losses: list[LossRow]
    findings: int
    finding_kinds: dict[str, int]
    recent: bool


class Rebuilt(TypedDict):
    tables: list[str]
    cases: int


class JobResult(TypedDict, total=False):
    """What long work found: of a backup {name, bytes, entries}, of a check {ok, files}, of a verification under way what it `checked` so far."""

    name: str
    bytes: int
    entries: int
    ok: bool
    files: int
    checked: dict[str, int]


class JobRow(TypedDict):
    """Long work under way or just done. `state`: running, done or failed; `error` in both languages, "" without one."""

    kind: str
    what: str
    state: str
    done: int
    total: int
    started_at: str | None
    result: JobResult | Verified
    error: str
    error_en: str


class Backups(TypedDict):
    """The page of backups. `days`: how old the newest is; `has_key`: whether there is a backup key, without which none is made."""

    folder: str
    node_folder: str
    files: list[BackupRow]
    days: int | None
    old: bool
    job: JobRow | None
    has_key: bool
