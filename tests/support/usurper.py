"""A node that signs case events it may not write, with its own program's journal: they stand in its chain and travel as any."""

from __future__ import annotations

from typing import Any

from node.domain.model import NewEvent
from node.store.store import Tx
from tests.support.network import Town

STATUS = {
    "lodged": "with_agent", "submitted": "submitted", "received": "submitted", "accepted": "accepted", "approved": "approved",
    "refused": "refused", "concluded": "concluded", "delivered": "delivered", "not_accepted": "not_accepted",
    "decided_at_once": "approved", "deemed_accepted": "accepted", "terminated": "terminated", "voided": "voided",
}  # fmt: skip


def usurp(town: Town, name: str, case_no: str, *kinds: str, staff: str = "s-usurper", status: str = "", **facts: Any) -> None:
    """The node writes these kinds, one after the other, whatever anybody may do."""

    def write(tx: Tx) -> None:
        for kind in kinds:
            case = tx.cases.get(case_no)
            assert case is not None
            event = NewEvent(kind, facts, status or STATUS.get(kind, case.status), tx.identity.node_id, case.term)
            tx.journal.append_event(case_no, case.version + 1, case.head, event, staff_id=staff)

    town[name].center.store.run(write)


def doubted(town: Town, name: str, case_no: str) -> int:
    """What the query table of a node says of the case: 0 clear, 1 in doubt, 2 not judged yet."""
    with town[name].center.store.reading() as view:
        row = view.connection.execute("SELECT doubted FROM cases WHERE case_no=?", (case_no,)).fetchone()
    assert row is not None, f"{case_no} is unknown at {name}"
    return int(row[0])


def flags(town: Town, name: str, case_no: str) -> list[str]:
    """Flags of the case at a node, by version."""
    with town[name].center.store.reading() as view:
        return [mark.flag for mark in view.cases.judged(case_no).marks]
