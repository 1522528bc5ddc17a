"""The papers that nodes issued: one row for each note `paper_issued`, for each notice about a paper, and for each act that was issued
with its paper.

It holds what the notes say, right or wrong (`node.store.papers`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from federation.protocol.envelope import HeaderFields
from node.domain.cases.acts import ISSUES
from node.domain.papers.facts import ISSUED, NOTICE_OF, PaperFact, issued_with, read_fact
from node.store.maintenance import Compared
from node.store.projected.base import Change, Projection
from node.store.stored import Stored

if TYPE_CHECKING:
    from node.store.turn import Turn


class Papers(Projection):
    """By the arrival of the note."""

    NAME = "papers"
    VERSION = 5
    TABLES = """
CREATE TABLE papers(
  arrival INTEGER PRIMARY KEY,  -- of the note, or the act, that says so
  case_no TEXT NOT NULL, paper TEXT NOT NULL, basis BLOB NOT NULL, version INTEGER NOT NULL,  -- the act it rests on
  author BLOB NOT NULL, organ TEXT NOT NULL, type TEXT NOT NULL, year INTEGER NOT NULL, series TEXT NOT NULL, serial INTEGER NOT NULL,
  day TEXT NOT NULL, document BLOB NOT NULL, staff_id TEXT NOT NULL, issued_at INTEGER NOT NULL,
  about TEXT NOT NULL);
CREATE INDEX papers_case ON papers(case_no);
CREATE INDEX papers_changed ON papers(arrival) WHERE about<>'';
CREATE INDEX papers_number ON papers(author, organ, type, year, series, serial);
"""
    COMPARED = {
        "papers": Compared(
            "arrival, case_no, paper, basis, version, author, organ, type, year, series, serial, day, document, staff_id, issued_at,"
            " about"
        )
    }

    def apply(self, tx: Turn, changes: Sequence[Change]) -> None:
        found = [
            (stored.arrival, fact.case_no, fact.paper, fact.basis, fact.version, fact.author, fact.organ, fact.kind, fact.year,
             fact.series, fact.serial, fact.day.isoformat(), fact.document, fact.staff_id, fact.issued_at, fact.about)
            for stored, _, _ in changes
            if (fact := fact_of(stored)) is not None
        ]  # fmt: skip
        if found:
            tx.connection.executemany(f"INSERT INTO papers VALUES({','.join('?' * len(found[0]))})", found)


def fact_of(stored: Stored) -> PaperFact | None:
    """The paper that an entry says was issued; None when it is about none."""
    if stored.fields.case is not None and stored.fields.kind in ISSUES:
        return issued_with(stored.event())
    is_note = stored.fields.entry_class == "note" and stored.fields.kind in (ISSUED, *NOTICE_OF)
    return _read(stored.author, stored.fields) if is_note else None


def _read(author: bytes, fields: HeaderFields) -> PaperFact | None:
    return read_fact(fields.kind, fields.subject, author, fields.staff_id, fields.recorded_at, fields.body_hash, fields.facts)
