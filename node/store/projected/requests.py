"""What non-custodians ask of a case, and whether it was answered.

Who has no part in the case never sees the event that answers. The node that answered tells it by a note (`request_answered`), which counts
here only about a request of our own and while we know nothing of the case: who knows the case goes by its events.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from node.domain.notes import ANSWERED, addressed, answers
from node.store.maintenance import Compared
from node.store.projected.base import Change, Projection

if TYPE_CHECKING:
    from node.store.turn import Turn

_CASE, _ASKED, _AUTHOR, _STATE, _ANSWER = 1, 2, 3, 6, 7  # places in a row


class Requests(Projection):
    """`state` is pending, done or declined; `answer` the entry that answered it."""

    NAME = "requests"
    VERSION = 2
    TABLES = """
CREATE TABLE requests(id BLOB PRIMARY KEY, case_no TEXT NOT NULL, asked TEXT NOT NULL, author BLOB NOT NULL, body_hash BLOB,
  arrival INTEGER NOT NULL, state TEXT NOT NULL, answer BLOB) WITHOUT ROWID;
CREATE INDEX requests_case ON requests(case_no);
CREATE INDEX requests_open ON requests(state) WHERE state = 'pending';
"""
    COMPARED = {"requests": Compared("id, case_no, asked, author, body_hash, arrival, state, answer")}

    def apply(self, tx: Turn, changes: Sequence[Change]) -> None:
        """An answer counts for a request that came before it; one that comes after its answer is done when it comes."""
        new, answered = dict[bytes, list[Any]](), list[tuple[str, bytes, bytes]]()
        me, told = tx.identity.node_id, list[tuple[str, bytes, bytes, bytes]]()
        for change in changes:
            fields = change.stored.fields
            if fields.entry_class == "request":
                new.setdefault(change.stored.hash, _row(change))
            elif (said := _told(change, tx.identity.code)) is not None:
                asked, outcome, answer = said
                told.append((outcome, answer, asked, me))
                if asked in new and new[asked][_AUTHOR] == me:
                    new[asked][_STATE], new[asked][_ANSWER] = outcome, answer
            elif (request := _answered_by(change)) is not None:
                state = "declined" if fields.kind == "request_declined" else "done"
                answered.append((state, change.stored.hash, request))
                if request in new:
                    new[request][_STATE], new[request][_ANSWER] = state, change.stored.hash
        if answered:
            tx.connection.executemany("UPDATE requests SET state=?, answer=? WHERE id=?", answered)
        if told:
            tx.connection.executemany("UPDATE requests SET state=?, answer=? WHERE id=? AND author=?", told)
        if new:
            rows = sorted(new.values(), key=lambda row: row[0])
            tx.connection.executemany("INSERT OR IGNORE INTO requests VALUES(?,?,?,?,?,?,?,?)", rows)
            for case_no in {row[_CASE] for row in rows if row[_ASKED] == "remind"}:
                tx.cases.write_again(case_no)


def _row(change: Change) -> list[Any]:
    stored, case = change.stored, change.after
    fields = stored.fields
    done = case is not None and stored.hash in case.answered
    return [
        stored.hash, fields.subject, str(fields.facts.get("asked", "")), stored.author, fields.body_hash or None, stored.arrival,
        "done" if done else "pending", None,
    ]  # fmt: skip


def _told(change: Change, code: str) -> tuple[bytes, str, bytes] | None:
    """What a note to us says of a request about a case that we do not know."""
    fields = change.stored.fields
    if fields.entry_class != "note" or fields.kind != ANSWERED or change.after is not None or code not in addressed(fields.facts):
        return None
    return answers(fields.facts)


def _answered_by(change: Change) -> bytes | None:
    """The request that a case event answers, when the event counts."""
    stored, case = change.stored, change.after
    if stored.fields.entry_class != "case" or case is None or not case.answered:
        return None
    request = stored.fields.facts.get("request")
    return request if isinstance(request, bytes) and request in case.answered else None
