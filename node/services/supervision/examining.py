"""What came of looking at a file that was drawn by lot (随机抽查, DOMAIN A1): 无问题, 瑕疵 or 违规, with words.

It is a note beside the case with the reason 抽查: it stands on the page of the case at every node that has it, signed by who looked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from node.domain.cases.access import Function, require
from node.domain.cases.bodies import signature
from node.domain.model import Actor
from node.domain.notes import EXAMINED
from node.domain.supervision.draw import RESULTS, Examined
from node.domain.supervision.judging import read_given
from node.domain.words.errors import TongbanError
from node.services.supervision import query as asked
from node.services.supervision.looked import drawn
from node.store import notes
from node.store.journal import Draft
from node.store.requests import Repeats
from node.store.store import Store, Tx, View


class Examining:
    """The draw of one node."""

    def __init__(self, store: Store, secret: bytes) -> None:
        self._store, self._secret = store, secret

    def one(self, case_no: str, month: str, actor: Actor) -> Examined:
        """A drawn case and what was found ("" while nobody looked). Errors: `forbidden`, `not_found` (also of what is not drawn)."""
        require(Function.OVERSIGHT, self._store.place.tier, actor.role)
        with self._store.reading() as view:
            return self._found(view, case_no, month)

    def examine(
        self, case_no: str, given: Mapping[str, object], actor: Actor, *, idempotency_key: str | None = None
    ) -> Examined:  # fmt: skip
        """Record what was found. Errors: `forbidden`, `not_found`, `invalid_input`, `guard_failed`, `idempotency_conflict`."""
        require(Function.ISSUE_ORDERS, self._store.place.tier, actor.role)
        return self._store.run(lambda tx: self._examine(tx, case_no, given, actor, idempotency_key))

    def _examine(self, tx: Tx, case_no: str, given: Mapping[str, object], actor: Actor, key: str | None) -> Examined:
        repeats, said = Repeats(tx, self._secret), {"examined": case_no, "given": dict(given)}
        if (before := repeats.find(actor.staff_id, key, said)) is not None:
            return Examined(case_no=case_no, month=str(before[1]["month"]), result=str(before[1]["result"]))
        month = given.get("month")
        found = self._found(tx, case_no, month if isinstance(month, str) else "")
        result, reason = read_given(given, "result", RESULTS, ("month",))
        if found["result"]:
            raise TongbanError("guard_failed", rule="这件的抽查结果已经登记")
        body = tx.encode_body({"reason": reason, **signature(actor.name)})
        facts = {"result": result, "why": "spot_check", "month": found["month"]}
        tx.journal.append(
            Draft(EXAMINED, "note", facts, subject=case_no, staff_id=actor.staff_id, body=body, body_class="finding")
        )
        examined = Examined(case_no=case_no, month=found["month"], result=result)
        repeats.keep(actor.staff_id, key, said, 200, examined)
        return examined

    def _found(self, view: View | Tx, case_no: str, month: str) -> Examined:
        flaws: dict[str, str] = {}
        first: dt.date | None = asked.month_of(month, flaws)
        if flaws:
            raise TongbanError("invalid_input", flaws)
        draw = drawn(view, first).document
        if case_no not in draw["cases"]:
            raise TongbanError("not_found", what=case_no[:64])
        said = [
            one.facts["result"]
            for one in notes.of_case(view.connection, case_no)
            if one.kind == EXAMINED and one.author == view.identity.node_id and one.facts.get("month") == draw["month"]
        ]
        return Examined(case_no=case_no, month=draw["month"], result=str(said[0]) if said and said[0] in RESULTS else "")
