"""A confirmed finding about an item or a unit (F01, O01, O02) is a card of its own: served once by the parent of who answers, kept for good,
counted, appealed against and proven like any other, and no case is named in it (DOMAIN A2)."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest

from federation.protocol.envelope import decode_header, encode_header, entry_hash
from node.domain import notes
from node.domain.calendar import day_of
from node.domain.supervision.card_documents import CardDocument
from node.domain.supervision.signals import signal_id
from node.domain.words.errors import TongbanError
from node.store import outdated
from tests.network.test_card_proofs import checker, holds  # noqa: F401
from tests.network.test_disclosing import found, publish
from tests.network.test_heard import MINUTE, pass_time
from tests.network.test_signals import OVERSEER
from tests.support.network import DIRECTOR, FOUR, Town, four_tiers


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """F01 and O01 of an item of the city, which serves its own cards; O01 of one of the district, which it confirms itself: the city, which
    has not got that item, serves."""
    made = four_tiers(tmp_path_factory.mktemp("t"))
    publish(made, fee="每证10元")
    publish(made, "district", item_id="QU001", name="区级备案", legal_basis="")
    confirm(made, "city", "F01", "ZW007")
    confirm(made, "city", "O01", "ZW007")
    confirm(made, "district", "O01", "QU001")
    pass_time(made, 30 * MINUTE)
    yield made
    made.close()


def confirm(town: Town, name: str, rule: str, item: str) -> None:
    id = next(row["finding_id"] for row in found(town, name, rule=rule) if row["item_id"] == item)
    town[name].center.findings.confirm(id, {"state": "confirmed", "reason": "核对属实"}, OVERSEER)
    town.heal()


def cards(town: Town, name: str) -> list[CardDocument]:
    return sorted(town[name].center.cards.listed({}, OVERSEER)["cards"], key=lambda one: (one["item_id"], one["rule"]))


def test_each_is_served_once_and_reads_the_same_where_it_is_known(town: Town) -> None:
    for _ in range(2):
        for node in town.nodes.values():
            node.center.tick()
        pass_time(town, 30 * MINUTE)
    told = [(one["rule"], one["rung"], one["subject"], one["unit"], one["state"], one["case_no"]) for one in cards(town, "city")]
    assert told == [
        ("O01", "yellow", {"type": "item", "id": "QU001"}, FOUR["district"], "in_force", ""),
        ("F01", "red", {"type": "item", "id": "ZW007"}, FOUR["city"], "in_force", ""),
        ("O01", "yellow", {"type": "item", "id": "ZW007"}, FOUR["city"], "in_force", ""),
    ]
    assert {one["served_by"] for one in cards(town, "city")} == {FOUR["city"]}
    assert [one["rule"] for one in cards(town, "district")] == ["O01"]  # its own, that it may appeal against
    with town["city"].center.store.reading() as view:
        assert view.connection.execute("SELECT count(*) FROM served").fetchone()[0] == 3
    assert all(town[name].center.upkeep.verify()["ok"] for name in ("city", "district"))


def test_the_month_counts_it_under_fees_and_process_and_lists_what_it_counts(town: Town) -> None:
    with town["city"].center.store.reading() as view:
        month = day_of(view.now()).isoformat()[:7]
    reports = town["city"].center.reports
    rows = {row["unit"]: row for row in reports.report({"month": month}, OVERSEER)["tables"]["signals"]["rows"]}
    assert [rows[FOUR["city"]][name] for name in ("yellow", "red", "fee", "process", "logic", "time")] == [1, 1, 1, 1, 0, 0]
    assert [rows[FOUR["district"]][name] for name in ("yellow", "red", "process")] == [1, 0, 1]
    for unit, column in ((FOUR["city"], "fee"), (FOUR["city"], "process"), (FOUR["district"], "yellow")):
        asked = {"month": month, "unit": unit, "column": column}
        listed = [row["signal"] for row in reports.signals(asked, OVERSEER)["rows"]]
        assert [one["subject"]["type"] for one in listed if one is not None] == ["item"], asked


def test_the_unit_appeals_and_who_confirmed_does_not_decide(town: Town) -> None:
    card = cards(town, "district")[0]["signal_id"]
    district = town["district"].center.appeals
    assert card in {one["signal_id"] for one in district.open_cards(DIRECTOR)["cards"]}
    made = district.file(card, {"ground": "item_limit", "text": "该项依据正在修订"}, DIRECTOR)
    town.heal()
    assert next(one["state"] for one in cards(town, "city") if one["signal_id"] == card) == "appealed"
    town["city"].center.appeals.act(made["appeal_id"], "decide", {"outcome": "revoke", "reason": "依据已补"}, OVERSEER)
    town.heal()
    assert {next(one["state"] for one in cards(town, name) if one["signal_id"] == card) for name in ("city", "district")} == {
        "revoked"
    }


def test_the_file_proves_who_confirmed_what_and_nothing_in_it_can_be_changed(town: Town, checker: Any) -> None:  # noqa: F811
    for card in cards(town, "city"):
        proof = json.loads(town["city"].center.proving.proof(card["signal_id"], OVERSEER))
        with pytest.raises(checker.Beyond):
            checker.check(proof, "")
        for n, (header, signature) in enumerate(proof["entries"]):
            kind = decode_header(base64.b64decode(header)).kind
            if kind in ("finding_judged", "item_card_served"):
                other = json.loads(json.dumps(proof))
                del other["entries"][n]
                assert not holds(checker, other), kind
                for at in range(0, len(base64.b64decode(header)), 7):
                    changed = bytearray(base64.b64decode(header))
                    changed[at] ^= 1
                    other = json.loads(json.dumps(proof))
                    other["entries"][n] = [base64.b64encode(changed).decode(), signature]
                    assert not holds(checker, other), (kind, at)
        assert len(proof["documents"]) == (card["item_id"] == "ZW007")


@pytest.mark.parametrize("name", ["item", "fell", "charged"])
def test_a_card_of_something_else_than_was_confirmed_does_not_hold(town: Town, checker: Any, name: str) -> None:  # noqa: F811
    card = next(one for one in cards(town, "city") if one["rule"] == "F01")
    proof = json.loads(town["city"].center.proving.proof(card["signal_id"], OVERSEER))
    n = next(n for n, one in enumerate(proof["entries"]) if decode_header(base64.b64decode(one[0])).kind == "item_card_served")
    fields = decode_header(base64.b64decode(proof["entries"][n][0]))
    facts: dict[str, Any] = dict(fields.facts)
    facts[name] = {"item": "ZW008", "fell": facts["fell"] + 1, "charged": town["district"].id}[name]
    facts["id"] = signal_id(facts["item"], facts["rule"], facts["anchor"], facts["due"], facts["charged"], facts["rung"])
    fields.stated = facts
    made = encode_header(fields)
    signature = town["city"].center.store.signer.sign_hash(entry_hash(made))
    proof["entries"][n] = [base64.b64encode(made).decode(), base64.b64encode(signature).decode()]
    assert not holds(checker, {**proof, "card": facts["id"].hex()})


def test_what_was_served_stays_when_the_item_is_mended(town: Town) -> None:
    before = cards(town, "city")
    publish(town, fee="每证10元（鄂价费〔2019〕12号）")
    assert not [row for row in found(town, "city", rule="F01") if row["item_id"] == "ZW007"]
    for node in town.nodes.values():
        node.center.tick()
    assert cards(town, "city") == before
    with pytest.raises(TongbanError, match="not_found"):
        town["township"].center.cards.one(before[0]["signal_id"], OVERSEER)


def test_nodes_that_do_not_know_such_notes_carry_them_to_the_unit(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a peer of 1.0 reads it: a kind that is not in its table goes to whom it names (docs/changing.md, "After 1.0")."""
    publish(town, "district", item_id="QU002", name="区级登记", legal_basis="")
    confirm(town, "district", "O01", "QU002")
    with monkeypatch.context() as older:
        town["city"].center.item_cards.tick()
        older.setattr(notes, "BY_NAME", {name: row for name, row in notes.BY_NAME.items() if name != notes.ITEM_CARDED})
        older.setattr(outdated, "KINDS", 1)
        town["district"].restart()
        town.heal()
        with town["district"].center.store.reading() as view:
            kept = view.connection.execute("SELECT count(*) FROM entries WHERE kind=?", (notes.ITEM_CARDED,)).fetchone()
        assert kept[0] == 2
    town["district"].restart()  # upgraded: its tables are made anew
    town.heal()
    assert town["district"].center.upkeep.verify()["problems"] == []
    assert {one["item_id"] for one in cards(town, "district")} == {"QU001", "QU002"}
