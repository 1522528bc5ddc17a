"""What a projection is: the tables it keeps, a VERSION, and what it makes of a batch of entries.

A projection is one file with one subclass, and a line in `registry.py`. Projecting, rebuilding, the comparison of `verify` and the
opening of a node whose tables are of another version are driven by what it says of itself.

Raise VERSION with every change of TABLES or of what is written into them: the next opening then makes them anew from the journal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from node.domain.model import Case
    from node.store.cases import Standing
    from node.store.journal import Stored
    from node.store.store import Tx


class Change(NamedTuple):
    """One entry of a case, a request or the note of a paper, in the order of arrival.

    `before` and `after`: the case without and with a case event; of a request or a paper both are the case that it is about, as it
    stood when the entry came. None when nothing of the case is known."""

    stored: Stored
    before: Case | None
    after: Case | None


class Settled(NamedTuple):
    """A case that changed. `sure` is what stands of it without doubt (`CaseReader.sound`)."""

    standing: Standing
    sure: Case

    @property
    def case(self) -> Case:
        return self.standing.case


@dataclass(frozen=True, slots=True)
class Compared:
    """By what a table and its rebuilt twin are compared: columns, which rows, whether the live one may hold more."""

    columns: str
    rows: str = "1"
    more_is_fine: bool = False


class Projection:
    """One projection. It keeps nothing in memory: what it knows stands in its tables or comes with the batch."""

    NAME = ""
    VERSION = 1
    TABLES = ""  # the statements that make its tables and their indexes, each ended by ";\n"; none for work in progress
    COMPARED: Mapping[str, Compared] = {}  # table -> by what; a table that is not named here is not compared

    @property
    def tables(self) -> list[str]:
        """Their names."""
        return re.findall(r"CREATE TABLE (\w+)", self.TABLES)

    def apply(self, tx: Tx, changes: Sequence[Change]) -> None:
        """Take in a batch. What other projections before this one in the registry made of it is written already."""

    def settle(self, tx: Tx, cases: Sequence[Settled]) -> None:
        """Write what is kept of each case that changed in this command, once."""

    def drop(self, tx: Tx, case_nos: Sequence[str]) -> None:
        """Nothing effective is known of these cases (any more)."""

    def start(self, tx: Tx) -> None:
        """All is about to be projected anew into empty tables."""

    def finish(self, tx: Tx, first_bodies: Mapping[str, bytes]) -> None:
        """All was projected anew: add what does not follow from entries alone. `first_bodies`: case number -> hash of the body that
        says what was applied for."""


def drop_rows(tx: Tx, table: str, case_nos: Sequence[str]) -> None:
    """Remove the rows of cases."""
    tx.connection.executemany(f"DELETE FROM {table} WHERE case_no=?", [(case_no,) for case_no in case_nos])
