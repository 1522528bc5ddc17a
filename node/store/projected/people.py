"""Whose case it is: findable by name and number where the body of the filing is held. Never made from what a header says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from node.domain.cases.bodies import read_body
from node.store.projected.base import Compared, Projection

if TYPE_CHECKING:
    from node.store.store import Tx

_SLICE = 500  # bodies read at once


class People(Projection):
    """The body may come long after its entry, so a row is written when it is here (`note_person`), not with the entry."""

    NAME = "people"
    TABLES = """
CREATE TABLE people(case_no TEXT PRIMARY KEY, name TEXT NOT NULL, id_number TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX people_name ON people(name);
CREATE INDEX people_id ON people(id_number);
"""
    COMPARED = {"people": Compared("case_no, name, id_number", more_is_fine=True)}

    def finish(self, tx: Tx, first_bodies: Mapping[str, bytes]) -> None:
        pairs = sorted(first_bodies.items())
        for at in range(0, len(pairs), _SLICE):
            rows = [
                (case_no, *_who(read_body(body).get("application", {})))
                for case_no, hash in pairs[at : at + _SLICE]
                if (body := tx.objects.of_case(hash, case_no)) is not None
            ]
            tx.connection.executemany(_WRITE, rows)


_WRITE = "INSERT OR REPLACE INTO people VALUES(?,?,?)"


def note_person(tx: Tx, case_no: str, body: bytes | None) -> None:
    """Make a case findable where its filing body is held (bytes of the body)."""
    if body is not None:
        note_applicant(tx, case_no, read_body(body).get("application", {}))


def note_applicant(tx: Tx, case_no: str, application: Mapping[str, Any]) -> None:
    """The same, with the application at hand."""
    tx.connection.execute(_WRITE, (case_no, *_who(application)))


def _who(application: Mapping[str, Any]) -> tuple[str, str]:
    applicant = application.get("applicant") or {}
    return str(applicant.get("name", "")), str(applicant.get("id_number", ""))
