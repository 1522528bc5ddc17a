"""What the administrator's pages show. Documents are those of `center.people` and `center.administration`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from node.domain.notices.documents import Outbox
from node.domain.people import AuditDocument, LoginCard, PersonDocument, StaffDocument, TokenCard
from node.domain.touched import seen_of
from node.domain.upkeep.documents import Backups, ChildLink, JoinCard, Neighbours, Overview, PlaceRow


@dataclass(frozen=True, slots=True)
class OverviewPage:
    """The node: what needs attention first, then how it is."""

    found: Overview
    warnings: tuple[Mapping[str, str], ...]
    notice: str = ""


@dataclass(frozen=True, slots=True)
class StaffPage:
    """Everybody who may log in, and the form for one more."""

    people: Sequence[StaffDocument]
    posts: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class PersonPage:
    """One person: post, password, PIN, sessions. `own`: it is the administrator's own account."""

    person: PersonDocument
    posts: tuple[str, ...]
    own: bool
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    notice: str = ""

    @property
    def seen(self) -> str:
        return seen_of({"role": str(self.person["role"])})


@dataclass(frozen=True, slots=True)
class CardPage:
    """A first password or a join code, shown once; None when it was shown before."""

    kind: str
    card: LoginCard | JoinCard | TokenCard | None
    back: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class NodesPage:
    """The nodes below, open invitations, the form for one more."""

    found: Neighbours
    places: Sequence[PlaceRow]
    q: str
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    notice: str = ""


@dataclass(frozen=True, slots=True)
class RevokePage:
    """The question before a revocation, answered by typing the code."""

    child: ChildLink
    reasons: tuple[str, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoticesPage:
    """The outbox: channels, counts, the newest rows of a state ("" all), the form of the test message."""

    found: Outbox
    states: tuple[str, ...]
    state: str
    values: Mapping[str, str]
    errors: Mapping[str, str]
    notice: str = ""
    error: str = ""
    older: str = ""


@dataclass(frozen=True, slots=True)
class BackupPage:
    """Backups, long work under way and its result, how to restore."""

    found: Backups
    error: str = ""


class AuditRow(AuditDocument):
    """A row in words: what was done, by whom, to whom."""

    did: str
    who: str
    whom: str


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Fifty rows of the audit and the search that found them."""

    rows: Sequence[AuditRow]
    kinds: tuple[str, ...]
    q: str
    kind: str
    day_from: str
    day_to: str
    next_url: str
    error: str = ""
