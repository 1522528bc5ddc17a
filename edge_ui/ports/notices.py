"""What the web side asks about notices (`center.notices`)."""

from __future__ import annotations

from typing import Protocol

from edge_ui.ports.published import PublishedPort
from node.domain.model import Actor
from node.domain.notices.documents import (
    Answered,
    CaseNotices,
    MailSettings,
    NewsCount,
    NewsDocument,
    Outbox,
    TextsDocument,
    TextsPreview,
    ToTell,
    Tried,
)


class TextsPort(PublishedPort[TextsDocument, TextsPreview], Protocol):
    """The texts of messages (`node.services.notices.published.TextsService`)."""


class NoticesPort(Protocol):
    """`node.services.notices.notices.Notices`."""

    def show(self, by: Actor, *, state: str = "", before: int = 0, most: int = 200) -> Outbox:
        """The newest rows of the outbox and how the channels are; `state` also `to_tell`, what waits for a person.

        Errors: `forbidden`."""
        ...

    def test(self, channel: str, to: str, by: Actor) -> Tried:
        """A test message, sent now. Errors: `forbidden`, `no_channel`, `invalid_input` (to)."""
        ...

    def retry(self, by: Actor, id: int = 0) -> int:
        """Try now what waits, or one row; how many rows. Errors: `forbidden`, `not_found`, `notice_over`."""
        ...

    def inbound(self, sender: str, text: str, by: Actor) -> Answered:
        """A question that came by SMS or mail. Errors: `forbidden`, `invalid_input` (from, text)."""
        ...

    def of_case(self, case_no: str, by: Actor) -> CaseNotices:
        """What the applicant of a case was told. Errors: `forbidden`, `not_found`."""
        ...

    def record_contact(self, case_no: str, phone: str, email: str, whose: str, off: bool, by: Actor) -> None:
        """Where he wants to be told, and whether. Errors: `forbidden`, `not_found`, `invalid_input` (phone, email, whose),
        `guard_failed`."""
        ...

    def told_in_person(self, case_no: str, id: int, by: Actor) -> None:
        """Somebody told him face to face. Errors: `forbidden`, `not_found`."""
        ...

    def to_tell(self, by: Actor, most: int = 200) -> list[ToTell]:
        """Who is to be told face to face, the longest waiting first. Errors: `forbidden`."""
        ...

    def count_to_tell(self, by: Actor) -> int:
        """How many these are. Errors: `forbidden`."""
        ...


class NewsPort(Protocol):
    """`node.services.notices.news.News` (`center.news`)."""

    def count(self, person: Actor) -> NewsCount | None:
        """How much is new for somebody; None for who has no turn in a case. Errors: none."""
        ...

    def page(self, by: Actor) -> NewsDocument:
        """What is new, with its cases. Errors: `forbidden`."""
        ...

    def looked(self, head: int, by: Actor) -> None:
        """All that had arrived up to `head` was looked at. Errors: `forbidden`."""
        ...

    def settings(self, person: Actor) -> MailSettings | None:
        """How somebody wants it by mail; None for who has no turn in a case. Errors: none."""
        ...

    def set_mail(self, email: str, mail: str, by: Actor) -> None:
        """An address, and none, morning or twice; one that is not proven gets a code first. Errors: `forbidden`, `invalid_input` (email, mail)."""
        ...

    def ask_again(self, by: Actor) -> None:
        """Another mail with a code. Errors: `forbidden`, `invalid_input` (email)."""
        ...

    def confirm_mail(self, code: str, by: Actor) -> None:
        """The code that was mailed. Errors: `forbidden`, `invalid_input` (code), `rate_limited`."""
        ...
