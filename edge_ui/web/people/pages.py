"""What the pages of logging in, switching, locking and own settings show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from node.domain.notices.documents import MailSettings
from node.domain.people import AccountEvent, CodesDocument, Colleague
from node.domain.touched import seen_of


@dataclass(frozen=True, slots=True)
class LoginPage:
    """The login form; the password is never shown again. `colleagues`: whether persons are known at this browser."""

    next: str
    username: str = ""
    error: str = ""
    colleagues: bool = False
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CodePage:
    """The one-time code after a right password; `ticket` names the login that waits."""

    ticket: str
    next: str
    error: str = ""


@dataclass(frozen=True, slots=True)
class CodesPage:
    """One's own second factor. `picture`: the secret as a QR code while it is off; `recovery`: the codes on paper, this once."""

    codes: CodesDocument
    picture: str = ""
    recovery: Sequence[str] = ()
    notice: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class LogoutPage:
    """The question before logging out."""


@dataclass(frozen=True, slots=True)
class SwitchPage:
    """The names of the persons known at this browser."""

    colleagues: tuple[Colleague, ...]
    current: str
    next: str


@dataclass(frozen=True, slots=True)
class PinPage:
    """The PIN of one person. `locked`: it is the screen's own person, who goes on; `waits`: a form was kept and goes on."""

    staff_id: str
    name: str
    role: str
    has_pin: bool
    locked: bool
    next: str
    error: str = ""
    waits: bool = False
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """The password again. `waits`: a form was kept and goes on after it; else `next` is opened."""

    next: str
    waits: bool
    error: str = ""

    @property
    def back(self) -> str:
        """A page to go back to: a download has none of its own, its list has."""
        return "/admin/backup" if self.next.startswith("/admin/backup/") else self.next


@dataclass(frozen=True, slots=True)
class MePage:
    """Own settings. `errors` by field, `notice` a key of what was done, `first` right after the first login."""

    name: str
    username: str
    role: str
    has_pin: bool
    language: str
    last_login: object
    errors: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    first: bool = False
    next: str = "/"
    history: Sequence[AccountEvent] = ()
    mails: MailSettings | None = None

    @property
    def seen(self) -> str:
        return seen_of({"language": self.language})


@dataclass(frozen=True, slots=True)
class FirstPasswordPage:
    """A password instead of one that somebody else made; `reset_by` and `reset_at` when it was reset, else empty."""

    next: str
    reset_by: str
    reset_at: object
    history: Sequence[AccountEvent]
    errors: Mapping[str, str] = field(default_factory=dict)
