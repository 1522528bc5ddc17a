"""A parent speaks for its child: it makes up a key for it, or an id, and signs in its name. Nobody believes it, everybody notes it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from federation.ports import WireEntry
from federation.protocol.envelope import CaseStamp, HeaderFields, encode_header
from federation.protocol.facts import FactValue
from federation.protocol.proofs import RENEWAL
from federation.protocol.signing import Signer
from node.store.journal import Draft, chain_head
from tests.network.invariants import KEY, LIAR, History, check_always, check_healed
from tests.support.hostile import Hostile
from tests.support.network import AGENT, Town

EPOCH = 700


def forged(town: Town, signer: Signer, case_no: str) -> WireEntry:
    """In the name of the village: the case was withdrawn there."""
    village = town["village"].id
    with town["district"].center.store.reading() as view:
        case, head = view.cases.get(case_no), chain_head(view, village)
    assert case is not None
    fields = HeaderFields(
        village, EPOCH, 1, head.hash, signer.key_id, "withdrawn", "case", staff_id="s-agent", recorded_at=town["city"].clock.now(),
        case=CaseStamp(case_no, case.version + 1, case.head, case.term, "withdrawn", village),
    )  # fmt: skip
    header = encode_header(fields)
    return WireEntry(header, signer.sign_entry(header))


def findings(town: Town, name: str) -> set[tuple[str, bytes]]:
    with town[name].center.store.reading() as view:
        return set(view.connection.execute("SELECT kind, author FROM findings"))


def statuses(town: Town, case_no: str) -> dict[str, str]:
    return {name: town[name].status(case_no) for name in town.nodes}


def rekeyed(liar: Signer, parent: bytes, child: bytes) -> dict[str, FactValue]:
    """As a parent wrote it before a key needed a word of its owner."""
    return {"node": child, "key": liar.public, "epoch": EPOCH, "lives": ()}


def rekeyed_with_a_proof(liar: Signer, parent: bytes, child: bytes) -> dict[str, FactValue]:
    """With all that a true one has; but the key was never the village's."""
    facts = {**rekeyed(liar, parent, child), "invitation": bytes(32)}
    return {**facts, "proof": RENEWAL.prove(liar, {**facts, "parent": parent})}


@pytest.mark.parametrize("says", [rekeyed, rekeyed_with_a_proof])
def test_a_withdrawal_that_a_township_forges_in_the_name_of_its_village(
    town: Town, says: Callable[[Signer, bytes, bytes], dict[str, FactValue]]
) -> None:
    case_no = town.file("village", application_no="A1")
    town.heal()
    village, liar = town["village"].id, Signer.generate()

    facts = says(liar, town["township"].id, village)
    lie = Draft("node_rekeyed", "node", facts, staff_id=LIAR + KEY)
    town["township"].center.store.run(lambda tx: tx.journal.append(lie))
    town.heal()
    Hostile(town["township"], town["district"]).send(forged(town, liar, case_no))
    town.heal()
    assert set(statuses(town, case_no).values()) == {"with_agent"}
    for name in town.nodes:
        assert ("key_unproven", town["township"].id) in findings(town, name), name
    assert ("bad_signature", village) in findings(town, "district")  # and it goes no further

    town.do("village", case_no, "hand_over", AGENT)
    town.heal()
    assert set(statuses(town, case_no).values()) == {"in_transit"}
    check_always(town, History())
    check_healed(town, History())
    for name in town.nodes:
        town[name].restart()
        assert ("key_unproven", town["township"].id) in findings(town, name), name
        assert town[name].status(case_no) == "in_transit"
