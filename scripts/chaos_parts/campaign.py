"""One seed after the other, and what is printed of each."""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from scripts.chaos_parts.country import LAYOUT, ROLES, Country
from scripts.chaos_parts.faults import Faults
from scripts.chaos_parts.judge import Verdict, judge
from scripts.chaos_parts.people import Person, hire
from tests.support.processes import make_template

SHOWN = 12
SLOW_SECONDS = 10.0
START_SECONDS = 300.0  # a bound for a machine that is busy


def campaign(seeds: Sequence[int], seconds: float, keep: Path) -> int:
    """All seeds; 0 when nothing was wrong with any."""
    with tempfile.TemporaryDirectory(prefix="tongban-chaos-", dir=Path.cwd()) as folder:
        template = Path(folder) / "template"
        template.mkdir()
        print("making a city, two districts, three townships and six villages", flush=True)
        make_template(template, LAYOUT, ROLES)
        verdicts = {seed: run(seed, seconds, template, Path(folder) / f"seed-{seed}", keep) for seed in seeds}
    for seed, verdict in verdicts.items():
        print(f"seed {seed}: {verdict.sentence()}")
    if len(verdicts) > 1:
        print(f"all {len(verdicts)} seeds: {in_sum(list(verdicts.values())).sentence()}", flush=True)
    return 0 if all(one.is_good for one in verdicts.values()) else 1


def run(seed: int, seconds: float, template: Path, folder: Path, keep: Path) -> Verdict:
    country = Country(template, folder)
    stop = threading.Event()
    failed: Path | None = keep / f"chaos-seed-{seed}"
    try:
        country.network.start(START_SECONDS)
        faults, people = Faults(country, seed, folder / "copies"), hire(country, seed, stop)
        for person in people:
            person.start()
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            faults.strike()
        faults.heal()
        stop.set()
        for person in people:
            person.join(120)
        verdict = judge(country)
        verdict.others += [
            f"{one.name}: {one.failure!r}" for one in people if one.failure is not None or one.is_alive()
        ] + faults.ended
        tell(seed, seconds, country, faults, people, verdict)
        failed = None if verdict.is_good else failed
    finally:
        stop.set()
        country.close(failed)
        shutil.rmtree(folder, ignore_errors=True)
    return verdict


def tell(seed: int, seconds: float, country: Country, faults: Faults, people: list[Person], verdict: Verdict) -> None:
    kept, done = country.kept, ", ".join(f"{count} {what}" for what, count in sorted(faults.counts.items()))
    print(f"seed {seed}, {seconds:.0f} s: {done}" + ("" if country.disks else " (no full disks: that needs root on Linux)"))
    print(f"  confirmed: {len(kept.cases)} cases, {kept.counts['acts']} acts, {kept.counts['requests']} requests, {len(kept.files)} files;"
          f" burnt with a disk: {dict(faults.burnt)}, texts that verify lists as burnt: {verdict.losses}")  # fmt: skip
    if verdict.rest is not None:
        last = f"; the last were: {'; '.join(verdict.last_to_rest[:3])}" if verdict.rest > SLOW_SECONDS else ""
        print(f"  at rest {verdict.rest:.1f} s after healing{last}")
    if kept.odd:
        print(f"  unexpected answers: {dict(kept.odd)}")
    for what in ("lost", "doubled", "disagree", "restless", "problems", "others"):
        lines = getattr(verdict, what)
        for line in lines[:SHOWN]:
            print(f"  {what}: {line}")
        if len(lines) > SHOWN:
            print(f"  {what}: … {len(lines)} in all")
    if not verdict.is_good:
        print(f"  faults: {'; '.join(faults.log)}")
    print("", end="", flush=True)


def in_sum(verdicts: list[Verdict]) -> Verdict:
    found = Verdict()
    for one in verdicts:
        for what in ("lost", "doubled", "disagree", "restless", "problems"):
            getattr(found, what).extend(getattr(one, what))
    return found
