"""Four real processes, killed at random moments over lines that fail, while people go on working.

Three hundred applications are filed at the village, each tried again until the node confirmed it, handed over to the
township and accepted there; every third is referred to the district. Meanwhile nodes are killed without warning and lines
are closed, reset, swallowed, held back and delayed. Afterwards every confirmed case must exist exactly once at every tier,
all tiers must agree on it, and `verify` must find nothing at any node. TONGBAN_SEEDS=n tries n seeds (1).
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.support.processes import (
    CODES,
    ENVIRONMENT,
    ROOT,
    TIERS,
    GoneError,
    Process,
    ProcessNetwork,
    application,
    make_template,
)

pytestmark = pytest.mark.xdist_group("processes")  # one after the other: each has more processes than a small machine has cores

SEEDS = range(1, int(os.environ.get("TONGBAN_SEEDS", "1")) + 1)
APPLICATIONS = 300
LEAST_FAULTS = 14
WORK_SECONDS = 240.0  # a bound for a test that hangs, not for a machine that is slow
ACCEPT = ("receive", "accept")
REFER = ("receive", "accept", "complete_step", "refer")


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("processes") / "template"
    folder.mkdir()
    make_template(folder)
    return folder


class Worker(threading.Thread):
    """Somebody who goes on until the work is done, or it is too late; `failure` is what should not have happened."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name, daemon=True)
        self.failure: BaseException | None = None
        self.deadline = time.monotonic() + WORK_SECONDS
        self.pause = threading.Event()

    def run(self) -> None:
        try:
            self.work()
        except BaseException as failure:
            self.failure = failure

    def work(self) -> None:
        raise NotImplementedError

    def insist(self, node: Process, path: str, document: object, key: str = "") -> tuple[int, Any]:
        """Post until there is an answer that is not about the node's own trouble."""
        while True:
            assert time.monotonic() < self.deadline, "the work was not done in time"
            try:
                status, answer = node.post(path, document, key)
                if status < 500:
                    return status, answer
            except GoneError:
                pass
            self.pause.wait(0.03)


class Agent(Worker):
    """Files applications at the village and hands the cases over."""

    def __init__(self, network: ProcessNetwork, serials: range, seed: int) -> None:
        super().__init__(f"agent-{serials[0]}")
        self.village, self.serials, self.random = network["village"], serials, Random(seed)
        self.confirmed: dict[str, str] = {}  # application number -> case number

    def work(self) -> None:
        for serial in self.serials:
            document = application(serial)
            status, answer = self.insist(self.village, "/api/v1/cases", document)
            assert status in (200, 201), answer
            case_no = self.confirmed[document["application_no"]] = answer["case_no"]
            status, answer = self.insist(self.village, f"/api/v1/cases/{case_no}/actions/hand_over", {}, f"hand over {case_no}")
            assert status == 200, answer
            self.pause.wait(self.random.uniform(0.0, 0.06))


class Clerk(Worker):
    """Receives and accepts at the township what has come, and refers every third case."""

    def __init__(self, network: ProcessNetwork) -> None:
        super().__init__("clerk")
        self.township = network["township"]
        self.done: set[str] = set()

    def work(self) -> None:
        while len(self.done) < APPLICATIONS:
            assert time.monotonic() < self.deadline, f"{len(self.done)} of {APPLICATIONS} accepted in time"
            try:
                here = [case for case in self.township.cases().values() if case["custodian"] == CODES["township"]]
            except GoneError:
                here = []
            for case in here:
                if case["case_no"] not in self.done:
                    self.take(case["case_no"], REFER if goes_up(case["case_no"]) else ACCEPT)
                    self.done.add(case["case_no"])
            self.pause.wait(0.05)

    def take(self, case_no: str, actions: tuple[str, ...]) -> None:
        for action in actions:
            fields = {"opinion": "同意"} if action in ("complete_step", "refer") else {}
            path = f"/api/v1/cases/{case_no}/actions/{action}"
            status, answer = self.insist(self.township, path, fields, f"{action} {case_no}")
            assert status == 200, (action, answer)


def goes_up(case_no: str) -> bool:
    """Every third case, by its serial number."""
    return int(case_no.split("-")[-2]) % 3 == 0


class Trouble:
    """What happens to the network, by chance."""

    def __init__(self, network: ProcessNetwork, seed: int) -> None:
        self.network, self.random = network, Random(seed)
        self.log: list[str] = []

    def strike(self) -> None:
        random, pause = self.random, threading.Event()
        if random.random() < 0.45:
            name = random.choice(TIERS)
            self.log.append(f"kill {name}")
            self.network[name].kill()
            pause.wait(random.uniform(0.0, 0.4))
            self.network[name].start()
        else:
            name = random.choice(TIERS[1:])
            line = self.network.lines[name]
            fault = random.choice(("close", "cut", "black_hole", "hold", "delay"))
            self.log.append(f"{fault} {name}")
            if fault == "delay":
                line.delay(random.uniform(0.0, 0.3))
                line.bandwidth(random.choice((0, 50_000, 250_000)))
            elif fault == "cut":
                line.cut()
            else:
                {"close": line.close, "black_hole": line.black_hole, "hold": lambda: line.black_hole(keep=True)}[fault]()
                pause.wait(random.uniform(0.05, 0.8))
                line.open()
        pause.wait(random.uniform(0.05, 0.6))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_and_nothing_happens_twice(template: Path, tmp_path: Path, seed: int) -> None:
    with ProcessNetwork.copy(template, tmp_path / "network") as network:
        half = APPLICATIONS // 2
        agents = [Agent(network, range(half), seed), Agent(network, range(half, APPLICATIONS), -seed)]
        clerk = Clerk(network)
        trouble = Trouble(network, seed)
        for worker in (*agents, clerk):
            worker.start()
        while any(agent.is_alive() for agent in agents) or len(trouble.log) < LEAST_FAULTS:
            trouble.strike()
        network.heal()
        for worker in (*agents, clerk):
            worker.join(WORK_SECONDS)
            assert worker.failure is None, (worker.failure, trouble.log)
        network.settle()
        confirmed = agents[0].confirmed | agents[1].confirmed
        check_agreement(network, confirmed)
        assert network.stop() == dict.fromkeys(TIERS, 0)
        check_each(network)


def check_agreement(network: ProcessNetwork, confirmed: dict[str, str]) -> None:
    """Every confirmed case is at every tier, once, in the same state; there are no others."""
    assert len(confirmed) == APPLICATIONS
    numbers = sorted(confirmed.values())
    assert len(set(numbers)) == APPLICATIONS
    seen = {name: network[name].cases() for name in TIERS}
    for name, cases in seen.items():
        assert sorted(cases) == numbers, name
    for number in numbers:
        wanted = ("accepted", CODES["district" if goes_up(number) else "township"])
        assert {(cases[number]["status"], cases[number]["custodian"]) for cases in seen.values()} == {wanted}, number
    referred = sum(map(goes_up, numbers))
    held = {name: network[name].status()["held"] for name in TIERS}
    assert held == {"city": 0, "district": referred, "township": APPLICATIONS - referred, "village": 0}


def check_each(network: ProcessNetwork) -> None:
    """Each node's own store holds, and no process has died loudly."""
    running = {
        name: subprocess.Popen(
            [sys.executable, "-m", "node.cli", "verify", str(network[name].folder)], cwd=ROOT, env=ENVIRONMENT,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        )
        for name in TIERS
    }  # fmt: skip
    for name, process in running.items():
        told = process.communicate(timeout=60)[0]
        assert process.returncode == 0, (name, told)
        loud = [line for line in network[name].output().splitlines() if not line.startswith("running: pages at ")]
        assert not loud, (name, loud)
