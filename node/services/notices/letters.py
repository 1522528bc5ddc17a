"""A mail to somebody of the staff, made when it goes out (`digests`, `confirming`, `report_mail`)."""

from __future__ import annotations

from typing import NamedTuple


class Letter(NamedTuple):
    """A mail that may go out; `why` it may not, as a code of the outbox."""

    to: str = ""
    text: str = ""
    why: str = ""
    subject: str = ""
