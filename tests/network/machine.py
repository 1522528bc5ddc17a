"""The model: people, lines and clocks doing anything in any order, on real nodes (DESIGN, "What the model test must check").

Each example starts from a copy of a furnished network, so that it begins in a few milliseconds of work and with the same
keys. Every rule may be refused by the product; nothing may ever break an invariant. `disasters.py` adds disks that burn,
go back in time or run twice, and nodes that are revoked.
"""

from __future__ import annotations

import sqlite3
import tempfile
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import note
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from node.demo.memory_network import START, Node
from node.domain.model import Actor, NewEvent, Role
from node.domain.papers.papers import BUILT
from node.domain.words.errors import TongbanError
from node.services.cases.custody import write_events
from node.services.tree.recovery import blocked
from node.store.store import Tx
from tests.network.editing import EDITOR, changed_item
from tests.network.healed import check_healed, check_known
from tests.network.invariants import History, check_always, check_sent
from tests.support.by_itself import go_on
from tests.support.dice import Dice
from tests.support.network import AGENT, APPROVER, CLERK, DIRECTOR, EXAMINER, PowerCut, fresh

ITEMS = ("ZW007", "ZW001", "ZW002")
PEOPLE = (DIRECTOR, CLERK, EXAMINER, APPROVER, AGENT)
REQUESTS = ("remind", "recall", "withdraw", "supply_correction")
DAY = 86_400_000


def person_of(node: Node) -> Actor:
    """Who files at a node."""
    return AGENT if node.center.place.tier == "village" else CLERK


class Life(RuleBasedStateMachine):
    """One run of the model."""

    layout = "chain"
    is_known = True  # whether everybody can be known at the end

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="tongban-life-"))
        self.town = fresh(self.layout, self.folder)
        self.dice = Dice()
        self.dice.throw(1)
        self.history = History()
        self.held: list[tuple[str, str, Any]] = []
        self.revoked: set[str] = set()
        self.documents: dict[tuple[str, str], dict[str, Any]] = {}  # what was filed, by (node, application number)

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
        """The machine starts again."""
        self.switch_off(node)
        node.reopen()

    def switch_off(self, node: Node) -> None:
        """The machine is off; its connections are gone, and nobody was there to note it."""
        node.center.store.close()
        for name, line in self.town.lines.items():
            if node.name in (name, line.parent):
                self.attempt(lambda one=line: one.cut("power cut"))

    def known_above(self, node: Node) -> set[str]:
        if node.parent is None:
            return set()
        with self.town[node.parent].center.store.reading() as view:
            return set(view.cases.numbers())

    def forget_what_only_it_had(self, name: str) -> None:
        known = self.known_above(self.town[name]) if name not in self.revoked else set()  # a revoked node is told nothing
        for key, case_no in list(self.history.confirmed.items()):
            if key[0] == name and case_no not in known:
                del self.history.confirmed[key]

    # people --------------------------------------------------------------------------------------------------------

    @rule(pick=st.integers(0, 6), item=st.sampled_from(ITEMS))
    def file(self, pick: int, item: str) -> None:
        node = self.node(pick)
        number, document = self.application(node, item)
        result = self.attempt(lambda: node.center.intake.file(document, person_of(node)))
        self.confirm(node, number, result)

    @precondition(lambda self: self.history.confirmed)
    @rule(which=st.integers(0, 20))
    def file_again(self, which: int) -> None:
        """Somebody does not trust the screen, or the answer was lost. A node whose disk forgot the case and that has not been told of
        it yet cannot know, and files another; which of the two counts must be the same everywhere in the end."""
        name, number = sorted(self.history.confirmed)[which % len(self.history.confirmed)]
        node, first = self.town[name], self.history.confirmed[(name, number)]
        with node.center.store.reading() as view:
            forgot = view.cases.get(first) is None and name in self.history.restored | self.history.damaged
        again = self.attempt(lambda: node.center.intake.file(self.documents[(name, number)], person_of(node)))
        assert again is None or forgot or again.case_no == first, f"(5) {number} was {first} and is now {again.case_no}"

    @rule(pick=st.integers(0, 6), item=st.sampled_from(ITEMS), broken=st.integers(0, 3))
    def rush(self, pick: int, item: str, broken: int) -> None:
        """Four people press the button together; one command of the group fails."""
        node = self.node(pick)
        intake, person = node.center.intake, person_of(node)

        def fails(tx: Tx) -> None:
            tx.meta.set("never", b"1")
            raise TongbanError("guard_failed", rule="broken")

        numbers: list[str] = []
        group: list[tuple[Any, Future[Any]]] = []
        for _ in range(3):
            number, document = self.application(node, item)
            clean = self.attempt(lambda d=document: intake.validate(d, "default", False))
            if clean is not None:
                numbers.append(number)
                group.append((lambda tx, one=clean: intake._file(tx, one, person, False, None), Future()))
        group.insert(min(broken, len(group)), (fails, Future()))
        self.attempt(lambda: node.center.store.run(lambda tx: None))  # what waits is projected before a command of people
        self.attempt(lambda: node.center.store.writer.run_group(group))
        answers = [future for command, future in group if command is not fails]
        for number, future in zip(numbers, answers, strict=True):
            if future.done() and future.exception() is None:
                self.confirm(node, number, future.result())
        with node.center.store.reading() as view:
            assert view.meta.get("never") is None, "what a failed command wrote was kept"

    def application(self, node: Node, item: str) -> tuple[str, dict[str, Any]]:
        number = f"H-{len(self.documents) + 1}"
        document = self.town.application(node.name, item, application_no=number)
        self.documents[(node.name, number)] = document
        return number, document

    def confirm(self, node: Node, number: str, result: Any) -> None:
        """What somebody was told is saved."""
        if result is not None and node.name not in self.revoked | self.history.damaged:
            self.history.confirmed[(node.name, number)] = result.case_no

    @rule(pick=st.integers(0, 6), which=st.integers(0, 20), choice=st.integers(0, 20), who=st.sampled_from(PEOPLE))
    def act(self, pick: int, which: int, choice: int, who: Any) -> None:
        node = self.node(pick)
        case_no = self.case(node, which)
        document = self.attempt(lambda: node.center.cases.case(case_no, who)) if case_no else None
        if not case_no or not document or not document["actions"]:
            return
        action = document["actions"][choice % len(document["actions"])]
        fields = {field["name"]: field["example"] for field in action["fields"]}
        note(f"{node.name}: {action['action']} {action['as']} {case_no}")
        self.attempt(lambda: node.center.cases.act(case_no, action["action"], fields, who))

    @rule(pick=st.integers(0, 6), which=st.integers(0, 20))
    def forward(self, pick: int, which: int) -> None:
        """The most likely next step of a case where it is held (keeps runs deep)."""
        node = self.node(pick)
        case_no = self.case(node, which)
        if case_no:
            self.step_forward(node, case_no, DIRECTOR)

    def step_forward(self, node: Node, case_no: str, who: Actor) -> None:
        document = self.attempt(lambda: node.center.cases.case(case_no, who))
        for action in document["actions"] if document else ():
            if action["forward"]:
                fields = {field["name"]: field["example"] for field in action["fields"]}
                self.attempt(lambda a=action, f=fields: node.center.cases.act(case_no, a["action"], f, who))
                return

    @rule(pick=st.integers(0, 6), which=st.integers(0, 20), what=st.sampled_from(REQUESTS))
    def ask(self, pick: int, which: int, what: str) -> None:
        """Ask something of a case wherever it is: an act of its custodian, a request of everybody else."""
        node = self.node(pick)
        case_no = self.case(node, which)
        document = self.attempt(lambda: node.center.cases.case(case_no, DIRECTOR)) if case_no else None
        for action in document["actions"] if document and case_no else ():
            if action["action"] == what and case_no:
                fields = {field["name"]: field["example"] for field in action["fields"]}
                note(f"{node.name}: {what} {action['as']} {case_no}")
                self.attempt(lambda f=fields: node.center.cases.act(case_no, what, f, DIRECTOR))

    @rule(pick=st.integers(0, 6), which=st.integers(0, 20), paper=st.sampled_from(BUILT))
    def issue(self, pick: int, which: int, paper: str) -> None:
        """Somebody issues a paper, and whoever holds the case looks at it."""
        node = self.node(pick)
        if case_no := self.case(node, which):
            note(f"{node.name}: issue {paper} {case_no}")
            self.attempt(lambda: node.center.papers.issue(case_no, paper, DIRECTOR))
            self.attempt(lambda: node.center.papers.show(case_no, paper, DIRECTOR))

    @rule(pick=st.integers(0, 6))
    def rotate(self, pick: int) -> None:
        self.attempt(self.node(pick).center.tree.rotate_key)

    @rule(pick=st.integers(0, 6), kind=st.sampled_from(("catalog", "calendar")), number=st.integers(1, 9))
    def publish(self, pick: int, kind: str, number: int) -> None:
        """The city publishes; a lower tier overlays (a tighter promise) or is refused."""
        center = self.node(pick).center
        if kind == "catalog":
            self.attempt(lambda: center.catalog.import_csv(changed_item(number), EDITOR))
        else:
            self.attempt(
                lambda: center.catalog.import_calendar(
                    f"date,kind,name\n2026-04-{number + 10},off,x\n".encode(), EDITOR, replace=True
                )
            )

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

    @rule()
    def a_good_day(self) -> None:
        """Every line works until all is said."""
        self.attempt(self.town.connect)
        self.attempt(self.town.settle)

    @rule()
    def a_day_without_scans(self) -> None:
        """Every line works until all is said, but no object comes; until the next good day."""
        for line in self.town.lines.values():
            line.objects_up = False
        self.a_good_day()

    @rule(pick=st.integers(0, 5))
    def scans_stop(self, pick: int) -> None:
        """The channel of objects fails on a line, or works again; entries go on."""
        line = self.line(pick)
        line.objects_up = not line.objects_up

    @rule(pick=st.integers(0, 5))
    def cut(self, pick: int) -> None:
        self.attempt(self.line(pick).cut)

    @rule(pick=st.integers(0, 5))
    def keep_late(self, pick: int) -> None:
        """Frames that will come weeks late, in another connection."""
        line = self.line(pick)
        for to, channel, frame in line.frames:
            if channel == "link" and frame.HasField("batch"):
                self.held.append((line.child, to, frame))
                self.history.late.append(frame)

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
        self.history.skewed |= skew != 0

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

    @rule(pick=st.integers(0, 6), works=st.booleans())
    def a_line_speaks_during_the_commit(self, pick: int, works: bool) -> None:
        """The links of a node look for what to send while its next commit is under way; it may yet fail."""
        node = self.node(pick)
        writer = node.center.store.writer

        def fault(at: str) -> None:
            if at != "before_commit":
                return
            writer.fault = None
            for name, line in self.town.lines.items():
                if node.name in (name, line.parent) and line.up:
                    line._send(node.name, "link", line.sessions[node.name].pump())
            if not works:
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
                write_events(tx, case, [event], Actor("s-future", Role.CLERK))

        self.attempt(lambda: node.center.store.run(write))

    @rule(pick=st.integers(0, 6))
    def restart(self, pick: int) -> None:
        self.power_back(self.node(pick))

    @invariant()
    def always(self) -> None:
        check_sent(self.town, self.history)
        check_always(self.town, self.history)

    def heals_by_itself(self) -> None:
        """All lines and machines are well again, and nobody does anything: within a minute everything has arrived and is known."""
        go_on(self.town)

    def healed(self) -> None:
        """What must hold when everything was said."""
        check_always(self.town, self.history)
        check_healed(self.town, self.history)

    def teardown(self) -> None:
        try:
            for line in self.town.lines.values():
                line.objects_up = True
            for node in self.town.nodes.values():
                node.center.store.writer.fault = None
                node.center.store.writer.prompt = True
                node.clock.skew = 0
            healed_ms = self.town.world.time
            self.heals_by_itself()
            self.healed()
            if self.is_known:
                check_known(self.town, self.history, healed_ms)
        finally:
            self.dice.put_away()
            self.town.close()
