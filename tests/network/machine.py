"""The model: people, lines and disks doing anything in any order, on real nodes (DESIGN, "What the model test must check").

Each example starts from a copy of a furnished network, so that it begins in a few milliseconds of work and with the same
keys. Every rule may be refused by the product; nothing may ever break an invariant.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from node.domain.errors import TongbanError
from node.domain.model import NewEvent
from node.memory_network import START, Node, SimulatedClock
from node.services.backup import backup, restore
from node.services.custody import write_events
from node.services.recovery import blocked
from node.store.store import Tx
from tests.network.invariants import History, check_always, check_healed
from tests.support.network import AGENT, APPROVER, CLERK, DIRECTOR, EXAMINER, PowerCut, Town

CHAIN = (("city", None, "420100000000"), ("district", "city", "420102000000"), ("township", "district", "420102002000"),
         ("village", "township", "420102002003"))  # fmt: skip
TREE = (*CHAIN, ("township2", "district", "420102003000"), ("village2", "township", "420102002004"),
        ("village3", "township2", "420102003001"))  # fmt: skip
ITEMS = ("ZW007", "ZW001", "ZW002")
PEOPLE = (DIRECTOR, CLERK, EXAMINER, APPROVER, AGENT)
DAY = 86_400_000


def tier_of(name: str) -> str:
    return name.rstrip("0123456789")


@lru_cache
def template(layout: str) -> Path:
    """A furnished, settled network on disk, made once."""
    folder = Path(tempfile.mkdtemp(prefix=f"tongban-{layout}-"))
    town = Town(folder)
    for name, parent, code in TREE if layout == "tree" else CHAIN:
        if parent is None:
            town.root(name, code)
        else:
            town.child(name, parent, code, tier_of(name))
    town.furnish()
    town.heal()
    for node in town.nodes.values():
        node.center.store.close()
    return folder


def fresh(layout: str, folder: Path) -> Town:
    """A copy of the template, opened."""
    town = Town(folder, batch=3, window=3)
    source = template(layout)
    for name, parent, _ in TREE if layout == "tree" else CHAIN:
        shutil.copytree(source / name, folder / name)
        town.adopt(name, parent)
    return town


class Life(RuleBasedStateMachine):
    """One run of the model."""

    layout = "chain"

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="tongban-life-"))
        self.town = fresh(self.layout, self.folder)
        self.history = History()
        self.backups: dict[str, Path] = {}
        self.held: list[tuple[str, str, Any]] = []
        self.revoked: set[str] = set()
        self.filed = 0

    @initialize()
    def begin(self) -> None:
        self.town.connect()

    # choosing ------------------------------------------------------------------------------------------------------

    def node(self, pick: int) -> Node:
        names = sorted(self.town.nodes)
        return self.town[names[pick % len(names)]]

    def case(self, node: Node, pick: int) -> str | None:
        with node.center.store.reading() as view:
            numbers = sorted(view.cases.numbers())
        return numbers[pick % len(numbers)] if numbers else None

    def attempt(self, act: Any) -> Any:
        """What somebody tries; a refusal is an answer. Returns None when refused or when the power went."""
        try:
            return act()
        except TongbanError as error:
            note(error.code)
        except PowerCut as cut:
            note(f"power cut at {cut.node}")
            self.power_back(self.town[cut.node])
        return None

    def power_back(self, node: Node) -> None:
        """The machine starts again; its connections are gone, and nobody was there to note it."""
        node.center.store.close()
        for name, line in self.town.lines.items():
            if node.name in (name, line.parent):
                self.attempt(lambda one=line: one.cut("power cut"))
        node.reopen()

    # people --------------------------------------------------------------------------------------------------------

    @rule(pick=st.integers(0, 6), item=st.sampled_from(ITEMS))
    def file(self, pick: int, item: str) -> None:
        node = self.node(pick)
        self.filed += 1
        document = self.town.application(node.name, item, application_no=f"H-{self.filed}")
        person = AGENT if node.center.place.tier == "village" else CLERK
        result = self.attempt(lambda: node.center.file_case(document, person))
        if result is not None and node.name not in self.revoked:
            self.history.confirmed[(node.name, f"H-{self.filed}")] = result.case_no
            again = self.attempt(lambda: node.center.file_case(document, person))
            assert again is None or again.case_no == result.case_no, "(5) filed again, another number"

    @rule(pick=st.integers(0, 6), which=st.integers(0, 20), choice=st.integers(0, 20), who=st.sampled_from(PEOPLE))
    def act(self, pick: int, which: int, choice: int, who: Any) -> None:
        node = self.node(pick)
        case_no = self.case(node, which)
        document = self.attempt(lambda: node.center.case(case_no, who)) if case_no else None
        if not case_no or not document or not document["actions"]:
            return
        action = document["actions"][choice % len(document["actions"])]
        fields = {field["name"]: field["example"] for field in action["fields"]}
        note(f"{node.name}: {action['action']} {action['as']} {case_no}")
        self.attempt(lambda: node.center.act(case_no, action["action"], fields, who))

    @rule(pick=st.integers(0, 6), which=st.integers(0, 20))
    def forward(self, pick: int, which: int) -> None:
        """The most likely next step of a case where it is held (keeps runs deep)."""
        node = self.node(pick)
        case_no = self.case(node, which)
        document = self.attempt(lambda: node.center.case(case_no, DIRECTOR)) if case_no else None
        for action in document["actions"] if document and case_no else ():
            if action["forward"] and case_no:
                fields = {field["name"]: field["example"] for field in action["fields"]}
                self.attempt(lambda a=action, f=fields: node.center.act(case_no, a["action"], f, DIRECTOR))
                return

    @rule(pick=st.integers(0, 6))
    def rotate(self, pick: int) -> None:
        """A backup from before a rotation is of no use afterwards (README, "Backups"): its key is no longer valid."""
        node = self.node(pick)
        self.attempt(node.center.rotate_key)
        self.backups.pop(node.name, None)

    # lines ---------------------------------------------------------------------------------------------------------

    @rule(pick=st.integers(0, 5), frames=st.integers(1, 12), twice=st.booleans())
    def run_line(self, pick: int, frames: int, twice: bool) -> None:
        line = self.line(pick)
        if not line.up:
            self.attempt(line.connect)
        self.attempt(line.pump)
        for _ in range(frames):
            if not self.attempt(lambda: line.step(duplicate=twice)):
                break

    @rule(pick=st.integers(0, 5))
    def cut(self, pick: int) -> None:
        self.attempt(self.line(pick).cut)

    @rule(pick=st.integers(0, 5))
    def keep_late(self, pick: int) -> None:
        """Frames that will come weeks late, in another connection."""
        line = self.line(pick)
        self.held += [
            (line.child, to, frame) for to, channel, frame in line.frames if channel == "link" and frame.HasField("batch")
        ]

    @precondition(lambda self: self.held)
    @rule(weeks=st.integers(0, 4))
    def come_late(self, weeks: int) -> None:
        child, to, frame = self.held.pop(0)
        line = self.town.lines[child]
        self.town.world.advance(weeks * 7 * DAY)
        if line.up:
            line.frames.append((to, "link", frame))

    def line(self, pick: int) -> Any:
        names = sorted(self.town.lines)
        return self.town.lines[names[pick % len(names)]]

    # time and power ------------------------------------------------------------------------------------------------

    @rule(hours=st.integers(1, 24 * 9))
    def time_passes(self, hours: int) -> None:
        self.town.world.advance(hours * 3_600_000)
        for node in self.town.nodes.values():
            self.attempt(node.center.tick)

    @rule(pick=st.integers(0, 6), skew=st.sampled_from((0, DAY, -DAY, 3_600_000, DAY - START)))
    def clock_goes_wrong(self, pick: int, skew: int) -> None:
        self.node(pick).clock.skew = skew

    @rule(pick=st.integers(0, 6), stage=st.sampled_from(("before_commit", "after_commit")))
    def power_fails_next(self, pick: int, stage: str) -> None:
        """The next commit of this node meets a power cut."""
        node = self.node(pick)
        writer = node.center.store.writer

        def fault(at: str) -> None:
            if at == stage:
                writer.fault = None
                raise PowerCut(node.name)

        writer.fault = fault

    @rule(pick=st.integers(0, 6))
    def disk_is_full_next(self, pick: int) -> None:
        """The next commit of this node fails as a full disk makes it fail."""
        writer = self.node(pick).center.store.writer

        def fault(at: str) -> None:
            if at == "before_commit":
                writer.fault = None
                raise sqlite3.OperationalError("database or disk is full")

        writer.fault = fault

    @rule(pick=st.integers(0, 6))
    def falls_behind(self, pick: int) -> None:
        """A busy node projects what came only when its next command needs it; or keeps up again."""
        writer = self.node(pick).center.store.writer
        writer.prompt = not writer.prompt

    @rule(pick=st.integers(0, 6), which=st.integers(0, 20))
    def a_later_version_writes(self, pick: int, which: int) -> None:
        """A custodian of a newer version writes an event of a kind that nobody here knows."""
        node = self.node(pick)
        case_no = self.case(node, which)

        def write(tx: Tx) -> None:
            case = tx.cases.get(case_no or "")
            if case is not None and case.custodian == node.id and not blocked(tx, case):
                event = NewEvent("counselled", {"topic": "general"}, case.status, node.id, case.term)
                write_events(tx, case, [event], "s-future")

        self.attempt(lambda: node.center.store.run(write))

    @rule(pick=st.integers(0, 6))
    def restart(self, pick: int) -> None:
        self.power_back(self.node(pick))

    @invariant()
    def always(self) -> None:
        check_always(self.town, self.history)

    def teardown(self) -> None:
        try:
            for node in self.town.nodes.values():
                node.center.store.writer.fault = None
                node.center.store.writer.prompt = True
                node.center.store.run(lambda tx: None)
                node.clock.skew = 0
            self.town.heal()
            check_always(self.town, self.history)
            check_healed(self.town, self.history)
        finally:
            self.town.close()


class Disasters(Life):
    """The same, with disks that burn and are restored, and nodes that are revoked."""

    layout = "tree"

    @rule(pick=st.integers(0, 6))
    def back_up(self, pick: int) -> None:
        node = self.node(pick)
        path = self.folder / f"{node.name}-{len(self.backups)}.zip"
        if self.attempt(lambda: backup(node.center.store, path)) is not None:
            self.backups[node.name] = path

    @precondition(lambda self: self.backups)
    @rule(pick=st.integers(0, 6))
    def disk_burns(self, pick: int) -> None:
        """The node is lost and comes back from its backup; what only it had is lost with it."""
        name = sorted(self.backups)[pick % len(self.backups)]
        node = self.town[name]
        known_above = self.known_above(node)
        for key, case_no in list(self.history.confirmed.items()):
            if key[0] == name and case_no not in known_above:
                del self.history.confirmed[key]
        self.replace(node, self.backups[name])

    @rule(pick=st.integers(0, 3))
    def revoke(self, pick: int) -> None:
        """A parent ends its trust in a leaf, with whatever is in flight; once a run."""
        name = ("village3", "village2", "township2", "village")[pick]
        if self.revoked:
            return
        parent = self.town[self.town[name].parent or ""]
        code = self.town[name].center.place.code
        outcome = self.attempt(lambda: parent.center.revoke(code, "lost"))
        if outcome is None:
            return
        below = {name, *(one.name for one in self.town.nodes.values() if one.parent == name)}
        self.revoked |= below
        self.history.assigned |= set(outcome["assigned"])
        known = self.known_above(self.town[name])
        for key, case_no in list(self.history.confirmed.items()):
            if key[0] in below and case_no not in known:
                del self.history.confirmed[key]

    def known_above(self, node: Node) -> set[str]:
        if node.parent is None:
            return set()
        with self.town[node.parent].center.store.reading() as view:
            return set(view.cases.numbers())

    def replace(self, node: Node, path: Path) -> None:
        node.center.store.close()
        for name, line in self.town.lines.items():
            if node.name in (name, line.parent):
                self.attempt(lambda one=line: one.cut("the disk burned"))
        shutil.rmtree(node.folder)
        restore(path, node.folder, SimulatedClock(self.town.world))
        node.reopen()
        with node.center.store.reading() as view:
            kept = set(view.cases.numbers())
        for key, case_no in list(self.history.confirmed.items()):
            if node.parent is None and key[0] == node.name and case_no not in kept:
                del self.history.confirmed[key]
