"""The model with people who lie: a node with valid keys signs case events that are not so (see `machine.py`).

The program never does this, so the other machines cannot show whether anybody checks it. A lie stands in the good chain of its
author, so it travels as any entry does; what counts of a case must be the same everywhere as if it had not been said. Nothing
is excused, not even at the liar: its own store judges its own entries as everybody else's. Who wrote a lie is known by the
name of the person (`LIAR` and the kind of lie), which the product never reads.
"""

from __future__ import annotations

from collections.abc import Callable

import hypothesis.strategies as st
from hypothesis import note
from hypothesis.stateful import initialize, rule

from federation.protocol.facts import FactValue
from federation.protocol.proofs import RENEWAL
from federation.protocol.signing import Signer
from node.demo.memory_network import Node
from node.domain.model import Actor, Case, NewEvent
from node.store.journal import Draft
from node.store.store import Tx
from tests.network.invariants import KEY, LIAR, UNFOUNDED, decoded, rows
from tests.network.machine import ITEMS, PEOPLE, Life


def _older(tx: Tx, case: Case, pick: int) -> bytes:
    """An entry of the case before its head; nothing when there is no other."""
    entries = [one.event.hash for one in tx.cases.entries(case.case_no) if one.event.version < case.version]
    return entries[pick % len(entries)] if entries else b""


def _elsewhere(tx: Tx, case: Case, pick: int) -> bytes:
    """The head of another case."""
    others = [no for no in tx.cases.numbers() if no != case.case_no]
    other = tx.cases.get(others[pick % len(others)]) if others else None
    return other.head if other is not None else b""


PREV: dict[str, Callable[[Tx, Case, int], bytes]] = {
    "nothing": lambda tx, case, pick: bytes(31) + bytes([pick]),
    "older": _older,
    "elsewhere": _elsewhere,
}


def holds(node: Node, case: Case) -> bool:
    return case.custodian == node.id


def is_nothing_to(node: Node, case: Case) -> bool:
    return node.id not in (case.custodian, case.offer.target if case.offer is not None else b"")


class Liars(Life):
    """Any node may lie about any case it knows. It begins with a case in the village and one that the township works on."""

    is_known = False  # what is set aside holds up what is known of its author

    @initialize()
    def begin(self) -> None:
        super().begin()
        for item in ITEMS[:2]:
            self.file(3, item)
        moved = next(no for name, no in self.known(lambda node, case: True) if name == "village")
        self.town.do("village", moved, "hand_over")
        self.town.settle()
        self.town.do("township", moved, "receive")
        self.town.settle()

    @rule(which=st.integers(0, 20), pick=st.integers(0, 6), what=st.sampled_from(UNFOUNDED))
    def names_another_entry(self, which: int, pick: int, what: str) -> None:
        """A custodian signs the next version of its case on an entry that is not the last one."""

        def write(tx: Tx, case: Case) -> None:
            if prev := PREV[what](tx, case, pick):
                self.say(tx, case, case.version + 1, prev, what)

        self.lie(holds, which, write)

    @rule(which=st.integers(0, 20), what=st.sampled_from(UNFOUNDED), frames=st.integers(1, 12), who=st.sampled_from(PEOPLE))
    def lies_and_goes_on(self, which: int, what: str, frames: int, who: Actor) -> None:
        """The same, and work on the case and on the lines goes on."""
        self.names_another_entry(which, 0, what)
        for name, case_no in self.known(holds)[which % 3 :: 3]:
            self.step_forward(self.town[name], case_no, who)
        for line in range(len(self.town.lines)):
            self.run_line(line, frames, False)

    @rule(which=st.integers(0, 20))
    def says_it_otherwise(self, which: int) -> None:
        """A custodian signs a second entry for the place of the last one."""

        def write(tx: Tx, case: Case) -> None:
            last = [one.event for one in tx.cases.entries(case.case_no) if one.event.hash == case.head]
            self.say(tx, case, case.version, last[0].prev, "rival")

        self.lie(lambda node, case: holds(node, case) and case.version > 1, which, write)

    @rule(which=st.integers(0, 20))
    def counts_terms_wrong(self, which: int) -> None:
        """A custodian signs the next version of its case in a term that nobody gave it."""
        self.lie(holds, which, lambda tx, case: self.say(tx, case, case.version + 1, case.head, "term", term=case.term + 1))

    @rule(which=st.integers(0, 20), takes=st.booleans())
    def speaks_for_another(self, which: int, takes: bool) -> None:
        """Who does not hold the case signs its next version, or takes it unasked."""

        def write(tx: Tx, case: Case) -> None:
            kind, what = ("custody_taken", "theft") if takes else ("counselled", "stranger")
            self.say(tx, case, case.version + 1, case.head, what, kind=kind, term=case.term + takes)

        self.lie(is_nothing_to, which, write)

    @rule(pick=st.integers(0, 6))
    def names_a_key_for_its_child(self, pick: int) -> None:
        """A parent signs that a key of its own making is its child's from now on. The key is its, the proof too; the word is not."""
        node = self.node(pick)
        if node.parent is None:
            return
        made_up, parent = Signer.from_seed(bytes([pick]) * 32), self.town[node.parent]
        facts: dict[str, FactValue] = {
            "node": node.id, "key": made_up.public, "epoch": 1 << 20, "lives": (), "invitation": bytes(32), "parent": parent.id
        }  # fmt: skip
        facts["proof"] = RENEWAL.prove(made_up, facts)
        lie = Draft("node_rekeyed", "node", facts, staff_id=LIAR + KEY)
        self.attempt(lambda: parent.center.store.run(lambda tx: tx.journal.append(lie)))

    def known(self, fits: Callable[[Node, Case], bool]) -> list[tuple[str, str]]:
        """(node, case number) of what fits as each node knows it."""
        found = []
        for name, node in sorted(self.town.nodes.items()):
            with node.center.store.reading() as view:
                cases = [case for no in view.cases.numbers() if (case := view.cases.get(no)) is not None]
            found += [(name, case.case_no) for case in cases if fits(node, case)]
        return found

    def lie(self, fits: Callable[[Node, Case], bool], which: int, write: Callable[[Tx, Case], None]) -> None:
        """One of the nodes that may tell this lie does. What came just before may have changed whether it still is one."""
        chosen = self.known(fits)
        if not chosen:
            return
        name, case_no = chosen[which % len(chosen)]
        node = self.town[name]

        def command(tx: Tx) -> None:
            case = tx.cases.get(case_no)
            if case is not None and fits(node, case):
                write(tx, case)

        self.attempt(lambda: node.center.store.run(command))

    def say(self, tx: Tx, case: Case, version: int, prev: bytes, what: str, *, kind: str = "counselled", term: int = 0) -> None:
        me = tx.identity.node_id
        event = NewEvent(kind, {"topic": "general"}, case.status, me, term or case.term)
        stored = tx.journal.append_event(case.case_no, version, prev, event, staff_id=LIAR + what)
        note(f"lie ({what}) at {case.case_no}: version {version}, {stored.hash.hex()[:8]}")

    def healed(self) -> None:
        """No lie stopped a line: it, and all that came after it, is at the root (`check_healed` asks what everybody makes of it)."""
        super().healed()
        root = next(node for node in self.town.nodes.values() if node.parent is None)
        known = case_entries(root)
        for node in self.town.nodes.values():
            missing = case_entries(node) - known
            assert not missing, f"(5) {len(missing)} entries at {node.name} have not come to {root.name}"


def case_entries(node: Node) -> set[bytes]:
    with node.center.store.reading() as view:
        return {hash for _, header, hash, _, standing in rows(view) if standing == 0 and decoded(header).case is not None}
