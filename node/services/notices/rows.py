"""A row of the outbox as people are shown it."""

from __future__ import annotations

from node.domain.notices.documents import NoticeRow
from node.services.times import iso
from node.store import outbox
from node.store.outbox import Notice
from node.store.projected.outbox import APPLICANT


def row_of(row: Notice) -> NoticeRow:
    """A row as it is shown: of what is handed over and not answered yet nobody knows; who on the staff it is for is not said."""
    state = outbox.UNKNOWN if row.state == outbox.HANDING else row.state
    waits = state == "waiting" and row.channel != outbox.SCREEN
    return NoticeRow(
        id=row.id, case_no=row.case_no, event=row.event, recipient=APPLICANT if row.recipient == APPLICANT else "staff",
        channel=row.channel, state=state, at=iso(row.at), due=iso(row.not_before) if waits else None, error=row.error,
    )  # fmt: skip
