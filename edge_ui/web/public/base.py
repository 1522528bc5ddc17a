"""What the pages of the resident share: they need no login and keep nothing about who asks."""

from __future__ import annotations

import re

from edge_ui.web.base import PageHandler

_NUMBER = re.compile(r"\d[\d ()-]{2,}")


class ResidentHandler(PageHandler):
    """What the pages share. A stranger's machine that asks without pause is slowed down; a person is not."""

    def count_stranger(self) -> None:
        """Errors: `rate_limited`."""
        if self.session is None:
            self.application.public_reads.take(self.client)

    def tel(self, text: str) -> str:
        """The first number of some words as an address that a phone dials; "" when there is none."""
        number = _NUMBER.search(text)
        return "tel:" + re.sub(r"\D", "", number[0]) if number else ""
