"""A card is proven by its file alone: the checker shares no code with the program, and nothing in the file can be changed (R50)."""

from __future__ import annotations

import base64
import datetime as dt
import functools
import importlib.util
import itertools
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from federation.protocol.envelope import HeaderFields, decode_header, encode_header, entry_hash
from node.domain.model import Actor, Role
from node.domain.supervision.orders import ORDER_RULE
from node.domain.supervision.signals import signal_id
from node.store import orders, signals
from tests.network.test_heard import said
from tests.network.test_signals import pass_days
from tests.support.network import Town, four_tiers

OVERSEER = Actor("s-overseer", Role.OVERSEER)
FILE = Path(__file__).parents[2] / "scripts" / "check_card.py"


@pytest.fixture(scope="module")
def checker() -> Any:
    spec = importlib.util.spec_from_file_location("check_card", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Cards of several rules: a promise broken at the township, one not answered, one not received, one not handed over, one not served; and of
    an order that was not answered."""
    made = four_tiers(tmp_path_factory.mktemp("t"))
    issued = made["city"].center.orders
    issued.act(issued.draft({"to": made.code("township"), "demand": "请说明"}, OVERSEER)["order_id"], "sign", {}, OVERSEER)
    sat_on = made.file("township", "ZW135")
    made.do("township", sat_on, "accept")
    made.file("township", "ZW135")
    made.file("village", "ZW100")
    handed = made.file("village", "ZW100")
    made.act("village", handed, "hand_over")
    made.heal()
    pass_days(
        made,
        14,
    )
    for name in ("city", "district"):  # it is reminded of, and the unit's parent serves the card
        made[name].center.orders.tick()
        said(made)
        made[name].center.order_cards.tick()
        said(made)
    yield made
    made.close()


def cards(town: Town) -> list[signals.Row]:
    with town["city"].center.store.reading() as view:
        found, _ = signals.page(view.connection, signals.Wanted(("overdue", "yellow", "red")), (1 << 62, b"\xff"), 100)
    return [one for one in found if one.entry]


def proof_of(town: Town, card: signals.Row) -> dict[str, Any]:
    return json.loads(town["city"].center.proving.proof(card.id.hex(), OVERSEER))  # type: ignore[no-any-return]


def test_every_card_is_recomputed_from_its_file(
    town: Town, checker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = cards(town)
    assert {one.rule for one in found} >= {"T01", "T02", "T05", "T09", ORDER_RULE}, {one.rule for one in found}
    for card in (one for one in found if one.rule != ORDER_RULE):
        text = checker.check(proof_of(town, card), "")
        assert text.startswith(f"holds: {card.rule} {card.rung}, due {card.due}"), text
    for card in (found[0], of_order(town)):
        file = tmp_path / "proof.json"
        file.write_bytes(town["city"].center.proving.proof(card.id.hex(), OVERSEER))
        monkeypatch.setattr(sys, "argv", ["check_card.py", str(file)])
        assert checker.main() == 0
        monkeypatch.setattr(sys, "argv", ["check_card.py", str(file), "00" * 8])
        assert checker.main() == 1


def counted(checker: Any, proof: dict[str, Any]) -> dict[bytes, tuple[int, int]]:
    """Of each unit the days and the budget by which the checker says who answers."""
    found: list[dict[str, Any]] = []

    def look(frame: Any, event: str, _: object) -> None:
        if event == "return" and frame.f_code is checker.Story.charged.__code__ and "over" in frame.f_locals:
            found.append(dict(frame.f_locals))

    sys.setprofile(look)
    try:
        checker.check(proof, "")
    finally:
        sys.setprofile(None)
    return {unit: (days, days - found[-1]["over"][unit]) for unit, days in found[-1]["used"].items()}


def test_the_page_says_why_as_the_file_is_recomputed_and_counts_to_the_day(town: Town, checker: Any) -> None:
    divided = 0
    for row in (one for one in cards(town) if one.rule != ORDER_RULE):
        told = town["city"].center.cards.one(row.id.hex(), OVERSEER)
        working = told["working"]
        assert working is not None and working["due"] == told["due"] == row.due == working["days"][-1]["date"], row.rule
        assert sum(day["counted"] for day in working["days"]) == row.days == (working["limit"] or 0) + working["extension"], (
            row.rule
        )
        assert [one["charged"] for one in told["shares"]].count(True) == 1 and told["shares"][0]["unit"] == told["unit"]
        spent = sum(one["workdays"] for one in told["stretches"] if one["unit"] == told["unit"])
        assert spent == told["shares"][0]["used"] and told["versions"]["entries"] == len(told["proof"]) > 0
        if row.rule in ("T05", "T06"):
            divided += 1
            by_code = {
                town[name].center.store.identity.code: pair
                for name in town.nodes
                for unit, pair in counted(checker, proof_of(town, row)).items()
                if town[name].id == unit
            }
            assert by_code == {one["unit"]: (one["used"], one["budget"]) for one in told["shares"] if one["used"]}
    assert divided


def of_order(town: Town) -> signals.Row:
    return next(one for one in cards(town) if one.rule == ORDER_RULE)


def test_the_card_of_an_order_has_its_acts_and_all_that_the_unit_wrote_at_every_tier(
    town: Town, checker: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signatures, chain and positions are checked; no day is counted, and it says so. No word of the order stands in the file."""
    for name in ("city", "district", "township"):
        file = tmp_path / f"{name}.json"
        file.write_bytes(town[name].center.proving.proof(of_order(town).id.hex(), OVERSEER))
        monkeypatch.setattr(sys, "argv", ["check_card.py", str(file)])
        assert checker.main() == 0, (name, capsys.readouterr().out)
        assert capsys.readouterr().out == "signatures, chain and positions hold; rule not recomputed\n"
        kinds = [decode_header(base64.b64decode(header)).kind for header, _ in json.loads(file.read_bytes())["entries"]]
        assert {"order_signed", "order_reminded", "note_received", "order_card_served", "heard"} <= set(kinds), name
        assert "请说明".encode() not in b"".join(
            base64.b64decode(header) for header, _ in json.loads(file.read_bytes())["entries"]
        )


def test_the_page_of_an_orders_card_names_the_order_and_counts_no_days(town: Town) -> None:
    row = of_order(town)
    for name in ("city", "district", "township"):
        told = town[name].center.cards.one(row.id.hex(), OVERSEER)
        assert (told["shares"], told["stretches"], told["working"], told["here"]) == ([], [], None, None)
        assert told["subject"] == {"type": "order", "id": row.order_id.hex()} and told["provable"]
        assert [one["order_id"] for one in told["history"] if one["what"] == "order"] == [row.order_id.hex()], name
        assert any(one["what"] == "served" for one in told["history"])


def holds(checker: Any, proof: dict[str, Any]) -> bool:
    try:
        checker.check(proof, "")
    except Exception as error:  # whatever it stumbles over: it does not hold
        return isinstance(error, checker.Beyond)
    return True


def remember(checker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is unchanged is verified once: each change costs only itself."""
    keys, verified = checker.Ed25519PublicKey, set[tuple[bytes, bytes]]()

    class Key:
        def __init__(self, data: bytes) -> None:
            self.key = keys.from_public_bytes(data)

        def verify(self, signature: bytes, text: bytes) -> None:
            if (signature, text) not in verified:
                self.key.verify(signature, text)
                verified.add((signature, text))

        from_public_bytes = staticmethod(functools.lru_cache(lambda data: Key(data)))

    monkeypatch.setattr(checker, "Ed25519PublicKey", Key)


def changes(data: bytes, dice: random.Random) -> Iterator[bytes]:
    """The same with one byte changed, each in turn."""
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1 << dice.randrange(8)
        yield bytes(changed)


@pytest.mark.parametrize("rule", ["T05", ORDER_RULE])
def test_no_byte_can_be_changed_and_no_entry_left_out(
    town: Town, checker: Any, monkeypatch: pytest.MonkeyPatch, rule: str
) -> None:  # fmt: skip
    """Each byte of each signed part, in turn; of the documents, which are long and hashed whole, some of each. Signatures are checked
    before anything else, in the order of the file: what stands behind a change need not be read again."""
    card = next(one for one in cards(town) if one.rule == rule)
    proof, dice = proof_of(town, card), random.Random(7)
    assert holds(checker, proof)
    remember(checker, monkeypatch)
    parts = [tuple(map(base64.b64decode, pair)) for pair in proof["entries"]]
    entries = [checker.Entry(*pair) for pair in parts]
    for n, (header, signature) in enumerate(parts):
        if rule == ORDER_RULE and entries[n].kind not in ("order_signed", "order_reminded", "note_received", "order_card_served"):
            continue  # the other kinds are in the proof of the other card
        wrong = itertools.chain(
            ((one, signature) for one in changes(header, dice)), ((header, one) for one in changes(signature, dice))
        )
        for pair in wrong:
            with pytest.raises(Exception):  # noqa: B017  # whatever it stumbles over
                checker.authentic([*entries[:n], checker.Entry(*pair)], "")
    assert holds(checker, proof)
    for part, document in enumerate(proof["documents"]):
        data = base64.b64decode(document)
        for at in dice.sample(range(len(data)), 30):
            changed = bytearray(data)
            changed[at] ^= 1
            other = json.loads(json.dumps(proof))
            other["documents"][part] = base64.b64encode(changed).decode()
            assert not holds(checker, other), (part, at)
    headers = [decode_header(base64.b64decode(header)) for header, _ in proof["entries"]]
    acts = [n for n, one in enumerate(headers) if (one.case is not None if rule == "T05" else of_the_order(town, one, card))]
    assert len(acts) > 1
    for part in acts:
        other = json.loads(json.dumps(proof))
        del other["entries"][part]
        assert not holds(checker, other), (part, headers[part].kind)


def of_the_order(town: Town, header: HeaderFields, card: signals.Row) -> bool:
    """An act of the issuer up to the reminder, or what the unit wrote since it had the order."""
    with town["city"].center.store.reading() as view:
        reminded = orders.whole(view, card.order_id).kept[card.anchor].fields.position  # type: ignore[union-attr]
    if header.author_id != card.charged:
        return header.kind in ("order_signed", "order_reminded") and header.position <= reminded
    return header.kind not in ("node_enrolled", "key_rotated")


@pytest.mark.parametrize("name", ["due", "earlier", "fell", "over", "charged", "rung", "rule", "anchor"])
def test_a_card_that_its_server_made_up_does_not_hold(town: Town, checker: Any, name: str) -> None:
    """The parent signs another day, unit, rung or rule, with the id that belongs to it: the days are counted anew, of each rung."""
    by = -1 if name == "earlier" else 1
    name = "due" if name == "earlier" else name
    chosen = [one for one in cards(town) if one.rule in ("T01", "T02", "T05", "T09") and not one.line_of]
    for card in {(one.rule, one.rung): one for one in chosen if one.rung == "yellow" or name in ("due", "fell", "over")}.values():
        proof = proof_of(town, card)
        for part, (header, _) in enumerate(proof["entries"]):
            fields = decode_header(base64.b64decode(header))
            if fields.kind != "signal_served":
                continue
            facts: dict[str, Any] = dict(fields.facts)
            facts[name] = {
                "due": lambda old: old + dt.timedelta(days=by), "fell": lambda old: old + 86_400_000, "over": lambda old: old + 1,
                "charged": lambda old: town["village2" if "village2" in town.nodes else "city"].id, "rung": lambda old: "red",
                "rule": lambda old: "T08", "anchor": lambda old: b"\1" * 32,
            }[name](facts[name])  # fmt: skip
            facts["id"] = signal_id(fields.subject, facts["rule"], facts["anchor"], facts["due"], facts["charged"], facts["rung"])
            fields.stated = facts
            server = next(node for node in town.nodes.values() if node.id == fields.author_id)
            made = encode_header(fields)
            signature = server.center.store.signer.sign_hash(entry_hash(made))
            proof["entries"][part] = [base64.b64encode(made).decode(), base64.b64encode(signature).decode()]
            proof["card"] = facts["id"].hex()
        assert not holds(checker, proof), (card.rule, name)


def test_an_order_that_was_answered_or_was_another_units_has_no_card(town: Town, checker: Any) -> None:
    card = of_order(town)
    entries = [checker.Entry(*map(base64.b64decode, pair)) for pair in proof_of(town, card)["entries"]]
    nodes = checker.authentic(entries, "")
    facts = next(one.facts for one in entries if one.kind == "order_card_served")
    with pytest.raises(checker.Beyond):
        checker.order(facts, entries, nodes)
    for wrong in (
        {card.charged: (*nodes[card.charged][:2], "420102003000")},
        {card.charged: (None, "township", town.code("township"))},
    ):
        with pytest.raises((checker.Wrong, LookupError)):
            checker.order(facts, entries, {**nodes, **wrong})
    came = next(one for one in entries if one.kind == "note_received")
    own = next(one for one in entries if one.author == card.charged and one.place > came.place)
    own.kind, own.facts, own.claim = "order_replied", {"order": card.order_id, "version": 1}, card.fell_ms
    with pytest.raises(checker.Beyond):
        checker.order(facts, entries, nodes)  # it came too late
    own.claim -= 1
    with pytest.raises(checker.Wrong, match="it was answered"):
        checker.order(facts, entries, nodes)


def test_it_shares_no_code_and_is_short() -> None:
    source = FILE.read_text("utf-8")
    assert len(source.splitlines()) <= 250
    assert not any(
        f"{how} {name}" in source for how in ("import", "from") for name in ("node", "federation", "protos", "edge_ui")
    )
