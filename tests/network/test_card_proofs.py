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

from federation.protocol.envelope import decode_header, encode_header, entry_hash
from node.domain.model import Actor, Role
from node.domain.supervision.signals import signal_id
from node.store import signals
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
    """Cards of several rules: a promise broken at the township, one not answered, one not received, one not handed over, one not served."""
    made = four_tiers(tmp_path_factory.mktemp("t"))
    sat_on = made.file("township", "ZW135")
    made.do("township", sat_on, "accept")
    made.file("township", "ZW135")
    made.file("village", "ZW100")
    handed = made.file("village", "ZW100")
    made.act("village", handed, "hand_over")
    made.heal()
    pass_days(made, 14, 6 * 3_600_000)
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
    assert {one.rule for one in found} >= {"T01", "T02", "T05", "T09"}, {one.rule for one in found}
    for card in found:
        said = checker.check(proof_of(town, card), "")
        assert said.startswith(f"holds: {card.rule} {card.rung}, due {card.due}"), said
    file = tmp_path / "proof.json"
    file.write_bytes(town["city"].center.proving.proof(found[0].id.hex(), OVERSEER))
    monkeypatch.setattr(sys, "argv", ["check_card.py", str(file)])
    assert checker.main() == 0
    monkeypatch.setattr(sys, "argv", ["check_card.py", str(file), "00" * 8])
    assert checker.main() == 1


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


def test_no_byte_can_be_changed_and_no_entry_left_out(town: Town, checker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte of each signed part, in turn; of the documents, which are long and hashed whole, some of each. Signatures are checked
    before anything else, in the order of the file: what stands behind a change need not be read again."""
    card = next(one for one in cards(town) if one.rule == "T05")
    proof, dice = proof_of(town, card), random.Random(7)
    assert holds(checker, proof)
    remember(checker, monkeypatch)
    parts = [tuple(map(base64.b64decode, pair)) for pair in proof["entries"]]
    entries = [checker.Entry(*pair) for pair in parts]
    for n, (header, signature) in enumerate(parts):
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
    case = [n for n, (header, _) in enumerate(proof["entries"]) if decode_header(base64.b64decode(header)).case is not None]
    assert case
    for part in case:
        other = json.loads(json.dumps(proof))
        del other["entries"][part]
        assert not holds(checker, other), part


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


def test_it_shares_no_code_and_is_short() -> None:
    source = FILE.read_text("utf-8")
    assert len(source.splitlines()) <= 250
    assert not any(
        f"{how} {name}" in source for how in ("import", "from") for name in ("node", "federation", "protos", "edge_ui")
    )
