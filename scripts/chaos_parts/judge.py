"""What became of it: counted from what nodes say while they run, and from their databases when they have stopped."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from node.store.objects import SALT
from scripts.chaos_parts.country import NAMES, Country, path_up
from tests.support.processes import ENVIRONMENT, ROOT

REST_SECONDS = 60.0
QUIET_SECONDS = 2.0  # that everything must stay at rest


@dataclass
class Verdict:
    """Lines about each fault, and how long it took until all was at rest (None: it never was)."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disagree: list[str] = field(default_factory=list)
    restless: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    rest: float | None = None
    last_to_rest: list[str] = field(default_factory=list)
    losses: int = 0  # listed by verify: what a fire explains

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.doubled or self.disagree or self.restless or self.problems or self.others)

    def sentence(self) -> str:
        rest = "at rest" if not self.restless else "NOT at rest"
        verify = "verify without problems" if not self.problems else f"verify with {len(self.problems)} PROBLEMS"
        return f"{len(self.lost)} lost, {len(self.doubled)} doubled, {len(self.disagree)} disagree, {rest}, {verify}"


def judge(country: Country) -> Verdict:
    """To be asked when everything is healed and nobody acts any more. The processes are stopped."""
    verdict = Verdict()
    wait_for_rest(country, verdict)
    for name, status in country.network.stop().items():
        if status:
            verdict.others.append(f"{name} ended with {status}: {country[name].output()[-300:]}")
    cases = {name: cases_of(country, name) for name in NAMES}
    count_lost(country, cases, verdict)
    count_files(country, verdict)
    count_doubled(country, verdict)
    compare(cases, verdict)
    verify_all(country, verdict)
    return verdict


def wait_for_rest(country: Country, verdict: Verdict) -> None:
    began = quiet = time.monotonic()
    while True:
        restless = list(moving(country))
        now = time.monotonic()
        if restless:
            quiet, verdict.last_to_rest = now, restless
        elif now - quiet >= QUIET_SECONDS:
            verdict.rest = quiet - began
            return
        if now - began > REST_SECONDS + QUIET_SECONDS:
            verdict.restless = restless or ["it was quiet for less than two seconds"]
            return
        time.sleep(0.3)


def moving(country: Country) -> list[str]:
    found = []
    for name in NAMES:
        try:
            status = country[name].status()
        except Exception as failure:
            found.append(f"{name} does not answer ({type(failure).__name__})")
            continue
        if status["wanted"]:
            found.append(f"{name} wants {status['wanted']} objects")
        for link in status["links"]:
            if link["state"] != "online" or link["waiting"]:
                found.append(
                    f"{name}: link to {link['peer']} is {link['state']}, {link['waiting']} waiting, {link['last_error']}"
                )
    return found


def cases_of(country: Country, name: str) -> dict[str, tuple[Any, ...]]:
    rows = country.ask(name, "SELECT case_no, version, status, hex(custodian), term FROM cases")
    return {str(row[0]): row[1:] for row in rows}


def count_lost(country: Country, cases: dict[str, dict[str, tuple[Any, ...]]], verdict: Verdict) -> None:
    for (name, number), case_no in country.kept.cases.items():
        for at in path_up(name):
            if case_no not in cases[at]:
                verdict.lost.append(f"{case_no} ({number}), filed at {name}, is not at {at}")
    for (name, case_no), version in country.kept.acts.items():
        found = cases[name].get(case_no)
        if version and (found is None or found[0] < version):
            verdict.lost.append(f"an act at {name}: {case_no} was at version {version}, is at {found and found[0]}")


def count_files(country: Country, verdict: Verdict) -> None:
    there: dict[str, set[str]] = defaultdict(set)
    for name in {name for name, _ in country.kept.files}:
        for path in (country[name].folder / "objects").rglob("*"):
            if path.is_file():
                there[name].add(hashlib.sha256(path.read_bytes()[SALT:]).hexdigest())
        for (data,) in country.ask(name, "SELECT data FROM objects WHERE data IS NOT NULL"):
            there[name].add(hashlib.sha256(bytes(data)[SALT:]).hexdigest())  # type: ignore[call-overload]
    for (name, digest), case_no in country.kept.files.items():
        if digest not in there[name]:
            verdict.lost.append(f"a file of {case_no} at {name}")


def count_doubled(country: Country, verdict: Verdict) -> None:
    """An application is one case, wherever it is known; one that gave way to another after a restore is over."""
    numbers: dict[tuple[Any, ...], set[str]] = defaultdict(set)
    for name in NAMES:
        sql = (
            "SELECT a.source, a.application_no, hex(a.origin), a.case_no FROM applications a JOIN cases c ON c.case_no=a.case_no"
            " WHERE c.status <> 'voided'"
        )
        for source, number, origin, case_no in country.ask(name, sql):
            numbers[(source, number, origin)].add(str(case_no))
    for application, found in numbers.items():
        if len(found) > 1:
            verdict.doubled.append(f"{application[1]} is {', '.join(sorted(found))}")


def compare(cases: dict[str, dict[str, tuple[Any, ...]]], verdict: Verdict) -> None:
    for case_no in sorted({no for known in cases.values() for no in known}):
        states = {known[case_no] for known in cases.values() if case_no in known}
        if len(states) > 1 or case_no not in cases["city"]:
            told = ", ".join(f"{name}: {known[case_no][:2]}" for name, known in cases.items() if case_no in known)
            verdict.disagree.append(f"{case_no}: {told}")


def verify_all(country: Country, verdict: Verdict) -> None:
    """Two at a time."""
    for pair in zip(*[iter(NAMES)] * 2, strict=True):
        running = {
            name: subprocess.Popen(
                [sys.executable, "-m", "node.cli", "verify", str(country[name].folder), "--json"], cwd=ROOT, env=ENVIRONMENT,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
            )
            for name in pair
        }  # fmt: skip
        for name, process in running.items():
            out, err = process.communicate(timeout=600)
            try:
                found = json.loads(out)
            except ValueError:
                verdict.problems.append(f"{name}: {err.strip()[-300:]}")
                continue
            verdict.losses += len(found["losses"])
            verdict.problems += [f"{name}: {one['code']} {one['what']} ({one['where']})" for one in found["problems"]]
            if process.returncode and not found["problems"]:
                verdict.problems.append(f"{name}: verify ended with {process.returncode}")
