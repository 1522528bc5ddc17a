"""Receiving many cases in one act (批量签收): one outcome for each, and what was received before stays as it is."""

from __future__ import annotations

from node.domain.cases.access import Function, require
from node.domain.cases.desk_documents import ReceivedRow
from node.domain.model import Actor
from node.domain.words.errors import TongbanError
from node.services.cases.context import Rules
from node.services.cases.documents import summary
from node.services.cases.handling import Handling
from node.store.store import Store

AT_ONCE = 500  # cases of one act


class Receiving:
    """The receipt of a bag at one node."""

    def __init__(self, store: Store, rules: Rules, handling: Handling) -> None:
        self.store = store
        self.rules = rules
        self.handling = handling

    def receive(self, case_nos: list[str], actor: Actor) -> list[ReceivedRow]:
        """Receive each case; one that cannot be does not stop the others, and twice is once. The refusal of each stands in its row.
        Errors: `forbidden`."""
        require(Function.RECEIVE_MANY, self.store.place.tier, actor.role)
        return [self._one(case_no, actor) for case_no in dict.fromkeys(case_nos[:AT_ONCE])]

    def _one(self, case_no: str, actor: Actor) -> ReceivedRow:
        row = self._row(case_no)
        if row["outcome"] == "before":
            return row
        try:
            self.handling.act(case_no, "receive", {}, actor)
        except TongbanError as error:
            return {**row, "outcome": "refused", "why": error.sentence("zh"), "why_en": error.sentence("en")}
        return row

    def _row(self, case_no: str) -> ReceivedRow:
        """The row of a case, `before` when it was received here already."""
        with self.store.reading() as view:
            case = view.cases.get(case_no)
            if case is None:
                return {"case_no": case_no[:60], "applicant": "", "item_name": "", "outcome": "done", "why": "", "why_en": ""}
            me = view.identity.node_id
            received = (one.event.kind == "received" and one.event.author == me for one in view.cases.entries(case_no))
            before = case.custodian == me and case.status != "in_transit" and any(received)
            return {
                "case_no": case_no, "applicant": view.cases.applicant_name(case_no) or "", "item_name": summary(view, self.rules, case)["item_name"],
                "outcome": "before" if before else "done", "why": "", "why_en": "",
            }  # fmt: skip
