"""The model with nodes that abuse what they hold (issue 14.7): a node with valid keys, custodian of a case, decides above its power,
skips a step, lets one person examine and approve without saying so, dates an act before its bounds, or says of a child that it did
nothing. Its own program never does this; a changed one may.

Each tier but the root does it, over any lines and clocks; when all is well again each abuse is a finding at every tier above, about
the very entry. Who wrote it is known by the name of the person (`ABUSER` and what it was), which the product never reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import hypothesis.strategies as st
from hypothesis import note
from hypothesis.stateful import initialize, rule

from node.demo.memory_network import Node
from node.domain.cases.dated import MOVED_MS
from node.domain.catalog.item import Item
from node.domain.model import TIERS, Case, Facts, NewEvent
from node.domain.tree.heard import KIND, Heard, name_of
from node.store.disputed import WORDS_MADE_UP
from node.store.journal import Draft
from node.store.store import Tx
from tests.network.invariants import ABUSER
from tests.network.machine import DAY, Life

DECIDED_BY = {"township": "ZW021", "district": "ZW007", "city": "ZW178"}  # items by the tier that decides
FOUND_AS = {
    "power": {"decided_below", "beyond_tier"},
    "skip": {"steps_skipped", "not_in_table"},
    "alone": {"same_person"},
    "back": {"claim_moved"},
}  # fmt: skip
RECEIVED = ("with_agent", "submitted", "received", "accepted")


@dataclass(frozen=True)
class Abuse:
    """Entry `hash` of node `by` in a case."""

    by: str
    case_no: str
    what: str
    hash: bytes


class Abuses(Life):
    """Cases stand at every tier from the beginning, so that each may be abused at once."""

    def __init__(self) -> None:
        super().__init__()
        self.abuses: list[Abuse] = []

    @initialize()
    def begin(self) -> None:
        super().begin()
        for item in DECIDED_BY.values():
            for _ in range(2):
                self.confirm_at("village", item)
        for name, item in (("township", "ZW021"), ("township", "ZW178"), ("district", "ZW007"), ("district", "ZW178")):
            self.confirm_at(name, item)
        self.town.settle()
        for name, case_no in self.holdings(lambda name, case, item: name in ("township", "district")):
            self.attempt(lambda one=case_no, at=name: self.town.do(at, one, "accept"))
        self.town.settle()

    def confirm_at(self, name: str, item: str) -> None:
        self.file(sorted(self.town.nodes).index(name), item)

    @rule(which=st.integers(0, 20))
    def decides_above_its_power(self, which: int) -> None:
        def fits(name: str, case: Case, item: Item) -> bool:
            return case.status in RECEIVED and TIERS.index(item.approval_level) > TIERS.index(self.tier(name))

        self.abuse("power", fits, which, lambda tx, case, item, tier: self.say(tx, case, "approved", "power"))

    @rule(which=st.integers(0, 20))
    def skips_a_step(self, which: int) -> None:
        def fits(name: str, case: Case, item: Item) -> bool:
            return case.status == "accepted" and item.approval_level == self.tier(name) and not case.lead.steps_done

        self.abuse("skip", fits, which, lambda tx, case, item, tier: self.say(tx, case, "approved", "skip"))

    @rule(which=st.integers(0, 20))
    def examines_and_approves_alone(self, which: int) -> None:
        def fits(name: str, case: Case, item: Item) -> bool:
            return case.status == "accepted" and item.approval_level == self.tier(name) and not case.lead.steps_done

        def write(tx: Tx, case: Case, item: Item, tier: str) -> bytes:
            for step in item.steps_at(tier):
                if step.code != "approve":
                    self.say(tx, case, "step_completed", "alone", {"step": step.code})
                    case = tx.cases.get(case.case_no) or case
            return self.say(tx, case, "approved", "alone")

        self.abuse("alone", fits, which, write)

    @rule(which=st.integers(0, 20), days=st.integers(1, 30))
    def dates_it_back(self, which: int, days: int) -> None:
        """It claims a time before the receipt that its entry cites."""

        def write(tx: Tx, case: Case, item: Item, tier: str) -> bytes:
            event = NewEvent("counselled", {"topic": "general"}, case.status, tx.identity.node_id, case.term)
            made = tx.journal.append_event(case.case_no, case.version + 1, case.head, event, staff_id=ABUSER + "back")
            outside = made.fields.not_before_ms - made.fields.recorded_at > MOVED_MS
            return made.hash if outside else b""

        def fits(name: str, case: Case, item: Item) -> bool:
            return case.status in RECEIVED

        for node in self.town.nodes.values():
            node.clock.skew -= days * DAY
        try:
            self.abuse("back", fits, which, write)
        finally:
            for node in self.town.nodes.values():
                node.clock.skew += days * DAY

    @rule(pick=st.integers(0, 6), which=st.integers(0, 6))
    def says_that_its_child_did_nothing(self, pick: int, which: int) -> None:
        """It shows no word of the child for it, since the child signed none."""
        node = self.node(pick)
        children = sorted(one.name for one in self.town.nodes.values() if one.parent == node.name)
        if node.parent is None or not children:
            return
        name = name_of(self.town[children[which % len(children)]].id)

        def write(tx: Tx) -> bytes:
            word = Heard(tx.now(), spoke={name: bytes(16)})
            return tx.journal.append(Draft(KIND, "note", word.facts(), staff_id=ABUSER + "word")).hash

        if self.attempt(lambda: node.center.store.run(write)):
            self.history.false.add(node.name)

    # how ----------------------------------------------------------------------------------------------------------

    def tier(self, name: str) -> str:
        return self.town[name].center.place.tier

    def holdings(self, fits: Callable[[str, Case, Item], bool]) -> list[tuple[str, str]]:
        """(node, case) of what nodes below the root hold and that fits."""
        found = []
        for name, node in sorted(self.town.nodes.items()):
            if node.parent is None:
                continue
            with node.center.store.reading() as view:
                for case_no in view.cases.numbers():
                    case = view.cases.get(case_no)
                    item = node.center.store.catalog.item_of(case, view) if case is not None else None
                    if case is not None and item is not None and case.custodian == node.id and fits(name, case, item):
                        found.append((name, case_no))
        return found

    def abuse(
        self, what: str, fits: Callable[[str, Case, Item], bool], which: int, write: Callable[[Tx, Case, Item, str], bytes]
    ) -> None:
        chosen = self.holdings(fits)
        if not chosen:
            return
        name, case_no = chosen[which % len(chosen)]
        node = self.town[name]

        def command(tx: Tx) -> bytes:
            case = tx.cases.get(case_no)
            item = node.center.store.catalog.item_of(case, tx) if case is not None else None
            if case is None or item is None or case.custodian != node.id or not fits(name, case, item):
                return b""  # what came just before changed it
            return write(tx, case, item, self.tier(name))

        if written := self.attempt(lambda: node.center.store.run(command)):
            note(f"abuse ({what}) at {name}: {case_no} {written.hex()[:8]}")
            self.abuses.append(Abuse(name, case_no, what, written))

    def say(self, tx: Tx, case: Case, kind: str, what: str, facts: Facts | None = None) -> bytes:
        status = "approved" if kind == "approved" else case.status
        event = NewEvent(kind, facts or {}, status, tx.identity.node_id, case.term)
        return tx.journal.append_event(case.case_no, case.version + 1, case.head, event, staff_id=ABUSER + what).hash

    def healed(self) -> None:
        super().healed()
        for abuse in self.abuses:
            for above in self.above(self.town[abuse.by]):
                with above.center.store.reading() as view:
                    found = {mark.flag for mark in view.cases.judged(abuse.case_no).marks if mark.event == abuse.hash}
                assert found & FOUND_AS[abuse.what], f"(12) {above.name} does not find that {abuse.by} did this: {abuse}, {found}"

        for name in self.history.false:
            with self.town[self.town[name].parent or ""].center.store.reading() as view:
                sql = "SELECT 1 FROM findings WHERE kind=? AND author=?"
                found_out = view.connection.execute(sql, (WORDS_MADE_UP, self.town[name].id)).fetchone()
            assert found_out, f"(12) nobody found that {name} said what its child had not"

    def above(self, node: Node) -> list[Node]:
        found = []
        while node.parent is not None:
            node = self.town[node.parent]
            found.append(node)
        return found
