"""What was recorded of format 1.0 (`scripts/record_format.py`) is understood: folders open, and their work goes on; the frames of a peer
of 1.0 bring and get what they need. A failure here is a fault of the program, not of the fixtures (docs/changing.md, "After 1.0")."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from federation.protocol.session import LinkSession, ObjectSession
from node.services.upkeep.verification import rebuild, verify
from protos.tongban.v1 import link_pb2 as pb
from scripts.recording import fixtures
from tests.network.healed import check_healed
from tests.network.invariants import History
from tests.support.network import AGENT, APPROVER, CHAIN, DIRECTOR, EXAMINER, Town

V1 = Path(__file__).resolve().parents[1] / "data" / "v1"
BROKEN = "A folder of 1.0 does not open any more. Folders of 1.0 must open for good: see docs/changing.md, “After 1.0”."


@cache
def recorded(name: str) -> Any:
    return json.loads((V1 / name).read_text("utf-8"))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """The recorded network, opened by this program, its lines down."""
    fixtures.unpack(V1 / fixtures.NETWORK, tmp_path)
    made = Town(tmp_path)
    made.world.time = recorded(fixtures.ABOUT)["time"]
    try:
        for name, parent, _ in CHAIN:
            made.adopt(name, parent)
    except Exception as error:
        raise AssertionError(BROKEN) from error
    yield made
    made.close()


def test_the_fixtures_are_whole_small_and_say_nothing_of_a_machine() -> None:
    assert list(fixtures.faults(V1)) == []


def test_a_folder_of_1_0_opens_with_every_case_as_it_was(town: Town) -> None:
    about = recorded(fixtures.ABOUT)
    for name in town.nodes:
        center = town[name].center
        known = {no: center.cases.case(no, DIRECTOR) for no in about["cases"][name]}
        found = {no: [one[key] for key in ("version", "status", "custodian", "due")] for no, one in known.items()}
        assert found == about["cases"][name], name
        assert verify(center.store)["problems"] == [], (name, BROKEN)
        assert center.store.identity.node_id.hex() == about["nodes"][name]["id"]
        for code, worth in about["papers"].items():
            assert center.papers.verify(code)["result"] == worth, (name, code)
    assert town["village"].center.store.identity.epoch > 0


def test_the_tables_of_1_0_are_what_a_rebuild_makes(town: Town) -> None:
    for name in town.nodes:
        store = town[name].center.store
        rebuild(store)
        assert verify(store)["problems"] == [], (name, BROKEN)
        found = {no: town[name].status(no) for no in recorded(fixtures.ABOUT)["cases"][name]}
        assert found == {no: one[1] for no, one in recorded(fixtures.ABOUT)["cases"][name].items()}, name


def test_the_work_of_1_0_goes_on(town: Town) -> None:
    """Every line speaks, and a case that was waiting goes up, is decided and comes home."""
    town.heal()
    cases = recorded(fixtures.ABOUT)["cases"]["village"]
    no = next(no for no in cases if "hand_over" in town.offered("village", no, AGENT))
    town.act("village", no, "hand_over", AGENT)
    town.heal()
    for action in ("receive", "accept", "complete_step", "refer"):
        town.do("township", no, action)
    town.heal()
    town.do("district", no, "complete_step", EXAMINER)
    town.do("district", no, "approve", APPROVER)
    town.do("district", no, "conclude")
    town.heal()
    assert town["village"].status(no) == "concluded"
    check_healed(town, History())


def test_a_node_that_joins_beside_a_village_of_1_0_hears_it_and_is_heard(town: Town) -> None:
    """What was recorded is a chain. A sibling needs the proofs of 1.0: enrolments, a renewed key, an epoch after a restore."""
    town.heal()
    town.child("village2", "township", "420102002004", "village")
    town.heal()
    cases = recorded(fixtures.ABOUT)["cases"]["village"]
    no = next(no for no in cases if "hand_over" in town.offered("village", no, AGENT))
    for sender, to, text in (("village", "village2", "请帮忙看一下"), ("village2", "village", "好的")):
        town[sender].center.messages.write(no, [town.code(to)], text, AGENT)
        town.heal()
    for name in ("village", "village2"):
        told = town[name].center.messages.listing(no, DIRECTOR)["messages"]
        assert [one["text"] for one in told] == ["好的", "请帮忙看一下"], name
    for node in town.nodes.values():
        with node.center.store.reading() as view:
            assert view.connection.execute("SELECT count(*) FROM evidence").fetchone()[0] == 0, node.name
    check_healed(town, History())


class Replayed:
    """One end of a line is a recording; the other is a node of this program."""

    def __init__(self, town: Town, here: str, there: str) -> None:
        self.town, self.there = town, there
        said = recorded(fixtures.FRAMES)[there]
        self.came: list[str] = said["came"]
        self.frames = [(channel, base64.b64decode(text)) for sender, channel, text in said["frames"] if sender == there]
        node, peer = town[here], town[there]
        self.dialer = here == "village"
        self.link = LinkSession(node.center.inbound, peer.id, dialer=self.dialer)
        self.objects = ObjectSession(node.center.inbound, peer.id)
        self.said: list[pb.Frame] = []
        self.node = node

    def run(self) -> None:
        self.hear(self.link.start() if self.dialer else [])
        for channel, data in self.frames:
            if channel != "link":
                continue
            frame = pb.Frame.FromString(data)
            if frame.WhichOneof("kind") != "ack":  # this program may have said more or less: it is acknowledged as it speaks
                self.hear(self.link.receive(frame))
            self.node.center.store.catch_up()
        for _ in range(10):
            self.fetch()
            self.node.center.store.catch_up()
            self.hear(self.link.pump())

    def hear(self, frames: list[pb.Frame]) -> None:
        """What the node says is noted, and its batches are acknowledged."""
        for frame in frames:
            wire = pb.Frame.FromString(frame.SerializeToString())
            self.said.append(wire)
            if wire.WhichOneof("kind") == "batch":
                ack = pb.Ack(generation=wire.batch.generation, watermark=wire.batch.last)
                self.hear(self.link.receive(pb.Frame(ack=ack)))

    def fetch(self) -> None:
        """Objects that the node wants come as they came then."""
        chunks = [pb.ObjectFrame.FromString(data) for channel, data in self.frames if channel == "object"]
        known = {(one.chunk.hash, one.chunk.offset): one for one in chunks if one.WhichOneof("kind") == "chunk"}
        asked = list(self.objects.pump(reset=True))
        while asked:
            frame = asked.pop(0)
            if frame.WhichOneof("kind") == "request":
                lacking = pb.ObjectFrame(chunk=pb.ObjectChunk(hash=frame.request.hash, missing=True))
                asked += self.objects.receive(known.get((frame.request.hash, frame.request.offset), lacking))


@pytest.mark.parametrize(("here", "there"), [("township", "village"), ("village", "township")])
def test_a_peer_of_1_0_is_understood_and_gets_what_it_needs(town: Town, here: str, there: str) -> None:
    line = Replayed(town, here, there)
    line.run()
    assert line.link.is_open and not line.link.error, line.link.error
    with town[here].center.store.reading() as view:
        known = {row[0].hex() for row in view.connection.execute("SELECT hash FROM entries WHERE standing=0").fetchall()}
        assert view.connection.execute("SELECT count(*) FROM evidence").fetchone()[0] == 0
    assert set(line.came) <= known, "entries of a 1.0 peer were not taken"
    kinds = [frame.WhichOneof("kind") for frame in line.said]
    assert kinds[0] == "hello" and "ack" in kinds and "status" in kinds, kinds
    acks = [frame.ack for frame in line.said if frame.WhichOneof("kind") == "ack"]
    told = [pb.Frame.FromString(data) for channel, data in line.frames if channel == "link"]
    last = max(frame.batch.last for frame in told if frame.WhichOneof("kind") == "batch")
    assert acks[-1].watermark == last  # nothing has to be sent again
    if here == "township":
        assert acks[-1].receipt.receipt  # its child is told that it has everything
        assert _taken(town), "what the village of 1.0 handed over was not taken into custody"


def _taken(town: Town) -> list[str]:
    """Cases that came with the recording and are held at the township."""
    before = recorded(fixtures.ABOUT)["cases"]["township"]
    with town["township"].center.store.reading() as view:
        numbers = [no for no in view.cases.numbers() if no not in before]
        cases = [view.cases.get(no) for no in numbers]
    return [case.case_no for case in cases if case is not None and case.custodian == town["township"].id]
