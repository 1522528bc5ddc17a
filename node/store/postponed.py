"""Cases whose mechanical steps were broken off, so that no turn of the writer grows with what waits for one case.

The writer goes on with them in turns of its own when nobody waits. Nothing is written down for that: after a failure or a restart the
database says which cases of this node have something to be answered, or have ended and are not at home yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.domain.cases.lifecycle import GOES_HOME

if TYPE_CHECKING:
    from node.store.turn import Turn

AT_ONCE = 16  # cases gone on with in one turn
_ENDED = ",".join("?" * len(GOES_HOME))
_LEFT = (
    "SELECT DISTINCT r.case_no FROM requests r JOIN cases c ON c.case_no=r.case_no WHERE r.state='pending' AND c.custodian=?1"
    f" UNION SELECT case_no FROM cases WHERE custodian=?1 AND status IN ({_ENDED}) AND origin<>?1"
)


class Postponed:
    """What one node's writer has to go on with."""

    def __init__(self, tx: Turn) -> None:
        self._tx = tx
        self._cases: set[str] | None = None  # None: not known, the database is asked

    def forget(self) -> None:
        self._cases = None

    @property
    def waits(self) -> bool:
        return bool(self._read())

    def add(self, case_no: str) -> None:
        self._read().add(case_no)

    def go_on(self) -> None:
        """Let the next steps of some of them be taken at the end of this command."""
        cases = self._read()
        for case_no in sorted(cases)[:AT_ONCE]:
            cases.discard(case_no)
            self._tx.cases.touched.add(case_no)

    def _read(self) -> set[str]:
        if self._cases is None:
            me = self._tx.identity.node_id
            self._cases = {row[0] for row in self._tx.connection.execute(_LEFT, (me, *GOES_HOME)).fetchall()}
        return self._cases
