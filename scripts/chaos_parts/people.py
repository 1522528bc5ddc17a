"""Who works in the country while it is shaken: agents, halls, supervisors. Each insists until a node confirmed what it was told, and
notes it; nobody expects an answer at once."""

from __future__ import annotations

import hashlib
import threading
import time
from random import Random
from typing import Any

from scripts.chaos_parts.country import CODE, NAMES, Country
from tests.support.processes import GoneError, Process, application, tier_of

PATIENCE = 0.05  # seconds until it is tried again
LATER = frozenset({409, 403, 404, 422, 423})  # an answer: the case has moved on meanwhile, or is frozen after a restore
REQUESTS = ("remind", "withdraw", "recall")


class Person(threading.Thread):
    """Works at one node until `stop`; `failure` is what should not have happened."""

    def __init__(self, country: Country, name: str, seed: int, stop: threading.Event) -> None:
        super().__init__(name=f"{type(self).__name__} {name}", daemon=True)
        self.country, self.place, self.stop = country, name, stop
        self.random = Random(f"{seed} {type(self).__name__} {name}")
        self.failure: BaseException | None = None
        self.given_up = time.monotonic() + 600.0

    @property
    def node(self) -> Process:
        return self.country[self.place]

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                self.work()
                self.stop.wait(self.random.uniform(0.05, 0.5))
        except BaseException as failure:
            self.failure = failure

    def work(self) -> None:
        raise NotImplementedError

    def insist(self, send: Any, note: Any) -> tuple[int, Any]:
        """Again and again until there is an answer that is not about the node's own trouble; the answer is noted in the same breath."""
        while True:
            assert time.monotonic() < self.given_up, f"{self.name} was never answered"
            try:
                with self.country.held[self.place]:
                    status, answer = send()
                    if status < 500:
                        with self.country.kept.lock:
                            note(status, answer)
                        return status, answer
            except GoneError:
                pass
            time.sleep(PATIENCE)

    def act(self, case_no: str, action: str, fields: dict[str, Any], key: str) -> int:
        def note(status: int, answer: Any) -> None:
            kept = self.country.kept
            if status == 200:
                kept.counts["acts"] += 1
                kept.acts[(self.place, case_no)] = max(answer["version"], kept.acts.get((self.place, case_no), 0))
            elif status == 202:
                kept.counts["requests"] += 1
            elif status not in LATER:
                kept.odd[f"{action}: {status} {answer.get('error', {}).get('code')}"] += 1

        path = f"/api/v1/cases/{case_no}/actions/{action}"
        return self.insist(lambda: self.node.post(path, fields, key), note)[0]

    def look(self, case_no: str) -> dict[str, Any] | None:
        try:
            with self.country.held[self.place]:
                status, case = self.node.get(f"/api/v1/cases/{case_no}")
            return case if status == 200 else None
        except GoneError:
            return None

    def listed(self) -> list[dict[str, Any]]:
        try:
            with self.country.held[self.place]:
                status, page = self.node.get("/api/v1/cases?limit=100")
            return list(page["cases"]) if status == 200 else []
        except GoneError:
            return []


class Agent(Person):
    """Files applications at a village, sends papers to some, and hands over."""

    def __init__(self, country: Country, name: str, seed: int, stop: threading.Event) -> None:
        super().__init__(country, name, seed, stop)
        self.serial = 10_000 * (1 + NAMES.index(name))

    def work(self) -> None:
        self.serial += 1
        document = application(self.serial, code=CODE[self.place])
        number = document["application_no"]

        def note(status: int, answer: Any) -> None:
            kept = self.country.kept
            if status in (200, 201):
                kept.cases[(self.place, number)] = answer["case_no"]
            else:
                kept.odd[f"file: {status} {answer.get('error', {}).get('code')}"] += 1

        status, answer = self.insist(lambda: self.node.post("/api/v1/cases", document), note)
        if status not in (200, 201):
            return
        if self.random.random() < 0.3:
            self.send_file(answer["case_no"], document["attachments"][0]["size"])
        self.act(answer["case_no"], "hand_over", {}, f"hand over {answer['case_no']}")

    def send_file(self, case_no: str, size: int) -> None:
        data = f"%PDF-1.4 {self.place} {self.serial} ".encode().ljust(size, b".")
        digest = hashlib.sha256(data).hexdigest()

        def note(status: int, answer: Any) -> None:
            if status == 200:
                self.country.kept.files[(self.place, digest)] = case_no
            elif status != 202 and status not in LATER:
                self.country.kept.odd[f"file sent: {status} {answer.get('error', {}).get('code')}"] += 1

        self.insist(lambda: self.node.put(f"/api/v1/cases/{case_no}/materials/0", data, "application/pdf"), note)


class Hall(Person):
    """Does the next step of a case that its node holds; at a village, gives out what has come home."""

    def work(self) -> None:
        for case in self.listed():
            if case["custodian"] == CODE[self.place] and not self.stop.is_set() and self.random.random() < 0.5:
                self.step(case["case_no"])

    def step(self, case_no: str) -> None:
        case = self.look(case_no)
        for action in case["actions"] if case else ():
            if action["forward"] and action["as"] == "event":
                fields = {one["name"]: one["example"] for one in action["fields"]}
                self.act(case_no, action["action"], fields, f"{action['action']} {case_no} {case['version']}")  # type: ignore[index]
                return


class Asker(Person):
    """Asks something of a case wherever it is, now and then."""

    def work(self) -> None:
        cases = self.listed()
        if not cases:
            return
        case = self.look(self.random.choice(cases)["case_no"])
        for action in case["actions"] if case else ():
            if (
                action["as"] == "request"
                and action["action"] in REQUESTS
                and self.random.random() < (0.1 if action["action"] == "withdraw" else 0.7)
            ):
                fields = {one["name"]: one["example"] for one in action["fields"]}
                self.act(case["case_no"], action["action"], fields, f"{self.place} {self.random.random()}")  # type: ignore[index]
                break
        self.stop.wait(self.random.uniform(0.2, 1.5))


def hire(country: Country, seed: int, stop: threading.Event) -> list[Person]:
    """Everybody, not yet at work."""
    people: list[Person] = []
    for name in NAMES:
        kinds: dict[str, tuple[type[Person], ...]] = {
            "city": (Asker, Hall),
            "district": (Hall, Asker),
            "township": (Hall,),
            "village": (Agent, Hall),
        }
        people += [kind(country, name, seed, stop) for kind in kinds[tier_of(name)]]
    return people
