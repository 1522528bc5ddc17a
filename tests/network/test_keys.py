"""A parent speaks for its child: it makes up a key for it, or an id, and signs in its name. Nobody believes it, everybody notes it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from federation.ports import HeadMark, WireEntry
from federation.protocol.envelope import CaseStamp, HeaderFields, encode_header
from federation.protocol.facts import FactValue
from federation.protocol.proofs import ENROLMENT, RENEWAL, node_id_of
from federation.protocol.signing import Signer
from node.store.journal import Draft, chain_head, last_arrival
from node.store.store import Tx
from tests.network.healed import check_healed
from tests.network.invariants import KEY, LIAR, History, check_always
from tests.support.hostile import Hostile
from tests.support.network import AGENT, DAY, Town

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


def test_a_node_of_its_own_that_a_township_enrols_under_its_villages_code(town: Town) -> None:
    """It may enrol whom it likes; that is one node more, seen by everybody above, and not the village."""
    village, liar = town["village"].center.place, Signer.generate()

    def write(tx: Tx) -> None:
        facts: dict[str, FactValue] = {
            "node": node_id_of(liar.public), "key": liar.public, "code": village.code, "tier": "village", "link_key": bytes(32),
            "parent": tx.identity.node_id, "invitation": bytes(32),
        }  # fmt: skip
        tx.journal.append(Draft("node_enrolled", "node", {**facts, "proof": ENROLMENT.prove(liar, facts)}))

    town["township"].center.store.run(write)
    town.settle()
    for name in ("city", "district"):
        assert ("code_twice", town["township"].id) in findings(town, name)
        assert town[name].center.store.trust.active_code(village.code) == village.node_id


def told(town: Town) -> list[tuple[str, str]]:
    """What the village found."""
    with town["village"].center.store.reading() as view:
        return view.connection.execute("SELECT kind, detail FROM findings").fetchall()


def receipted(town: Town) -> HeadMark:
    with town["village"].center.store.reading() as view:
        row = view.connection.execute(
            "SELECT epoch, seq, head FROM receipts ORDER BY at_ms DESC, epoch DESC, seq DESC LIMIT 1"
        ).fetchone()
        return HeadMark(*row) if row else HeadMark()


def head(town: Town) -> HeadMark:
    with town["village"].center.store.reading() as view:
        return chain_head(view, town["village"].id)


def file_while_the_township_changes_its_key(town: Town) -> None:
    """The village's entries are on the line when the township rotates: its receipt overtakes its change of key."""
    town.file("village")
    town.lines["village"].pump()
    town["township"].center.tree.rotate_key()
    town.lines["village"].step()
    assert town.lines["village"].frames


def test_a_routine_change_of_a_parents_key_is_nothing_to_find_fault_with(town: Town) -> None:
    file_while_the_township_changes_its_key(town)
    town.settle()
    assert told(town) == []
    assert receipted(town) == head(town)  # and the receipt that came too early counts


@pytest.mark.parametrize("comes", ["with the next connection", "late", "never"])
def test_a_receipt_by_a_key_that_does_not_come(town: Town, comes: str) -> None:
    """The line is lost between the receipt and the change of key."""
    file_while_the_township_changes_its_key(town)
    line, before = town.lines["village"], receipted(town)
    while not acknowledged(town):
        assert line.step()
    town.cut("village")
    assert told(town) == [] and receipted(town) == before
    if comes != "with the next connection":
        held_back = town["township"].center.store.run(withhold)
    town.connect("village")
    town.settle()
    if comes != "with the next connection":
        assert told(town) == []
        town.world.advance(DAY)
        town.file("village")
        town.settle()
        assert ("receipt_not_kept", "unknown_key") in told(town) and receipted(town) == before
    if comes == "late":
        town["township"].center.store.run(lambda tx: tx.links.route(tx.author_row(town["village"].id), held_back))
    if comes != "never":
        town.settle()
        assert told(town) == [] and receipted(town) == head(town)


def acknowledged(town: Town) -> bool:
    """The township has said that it holds all of the village."""
    with town["village"].center.store.reading() as view:
        peer = view.links.get(town["township"].id)
        return peer is not None and peer.acked == last_arrival(view)


def withhold(tx: Tx) -> list[int]:
    """The township does not tell its child of the change of its key; answers the arrivals."""
    rotated = "SELECT arrival FROM entries WHERE kind='key_rotated'"
    found = [arrival for (arrival,) in tx.connection.execute(rotated)]
    tx.connection.execute(f"DELETE FROM down WHERE arrival IN ({rotated})")
    return found
