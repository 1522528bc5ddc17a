"""What a projection is: the tables it keeps, a VERSION, and what it makes of a batch of entries.

A projection is one file with one subclass, and a line in `registry.py`. Projecting, rebuilding, the comparison of `verify` and the
opening of a node whose tables are of another version are driven by what it says of itself.

Raise VERSION with every change of TABLES or of what is written into them: the next opening then makes them anew from the journal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from node.store.maintenance import Compared

if TYPE_CHECKING:
    from node.domain.model import Case
    from node.store.standing import Settled
    from node.store.stored import Stored
    from node.store.turn import Turn


class Change(NamedTuple):
    """One entry of a case, a request or a note, in the order of arrival.

    `before` and `after`: the case without and with a case event; of a request or a note both are the case that it is about, as it
    stood when the entry came. None when nothing of the case is known."""

    stored: Stored
    before: Case | None
    after: Case | None


class Projection:
    """One projection. It keeps nothing in memory: what it knows stands in its tables or comes with the batch."""

    NAME = ""
    VERSION = 1
    TABLES = ""  # the statements that make its tables and their indexes, each ended by ";\n"; none for work in progress
    LATE: Sequence[str] = ()  # indexes that nothing looks into while all is projected anew: made when the rows are there
    COMPARED: Mapping[str, Compared] = {}  # table -> by what; a table that is not named here is not compared

    @property
    def tables(self) -> list[str]:
        """Their names."""
        return re.findall(r"CREATE TABLE (\w+)", self.TABLES)

    def apply(self, tx: Turn, changes: Sequence[Change]) -> None:
        """Take in a batch. What other projections before this one in the registry made of it is written already."""

    def leave(self, tx: Turn, case_nos: Sequence[str]) -> None:
        """The rows of these cases are about to be written anew or to go: they still stand as they were, in every table."""

    def settle(self, tx: Turn, cases: Sequence[Settled]) -> None:
        """Write what is kept of each case that changed in this command, once."""

    def drop(self, tx: Turn, case_nos: Sequence[str]) -> None:
        """Nothing effective is known of these cases (any more)."""

    def start(self, tx: Turn) -> None:
        """All is about to be projected anew into empty tables."""

    def finish(self, tx: Turn, first_bodies: Mapping[str, bytes]) -> None:
        """All was projected anew: add what does not follow from entries alone. `first_bodies`: case number -> hash of the body that
        says what was applied for."""


def drop_rows(tx: Turn, table: str, case_nos: Sequence[str]) -> None:
    """Remove the rows of cases."""
    if case_nos:
        tx.connection.executemany(f"DELETE FROM {table} WHERE case_no=?", [(case_no,) for case_no in case_nos])


def counted(table: str) -> str:
    """The statements of a table `…_of` that counts the findings of a table by author and flag: the database keeps it, so it cannot say
    anything else. A row is only put in (never over another) or deleted."""
    key = "author=OLD.author AND flag=OLD.flag"
    return (
        f"CREATE TABLE {table}_of(author BLOB, flag TEXT, n INTEGER NOT NULL, PRIMARY KEY(author, flag)) WITHOUT ROWID;\n"
        f"CREATE TRIGGER {table}_more AFTER INSERT ON {table} BEGIN INSERT INTO {table}_of VALUES(NEW.author, NEW.flag, 1)"
        " ON CONFLICT(author, flag) DO UPDATE SET n=n+1; END;\n"
        f"CREATE TRIGGER {table}_less AFTER DELETE ON {table} BEGIN UPDATE {table}_of SET n=n-1 WHERE {key};"
        f" DELETE FROM {table}_of WHERE {key} AND n=0; END;\n"
    )
