"""What happens to the country: killed processes, faulty lines, full disks, nodes that come back from a backup. All of it follows from
the seed: which fault, where, how long; what it meets is up to the machine."""

from __future__ import annotations

import shutil
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path
from random import Random

from scripts.chaos_parts.country import NAMES, Country, versions
from tests.support.commands import run_command
from tests.support.processes import ENVIRONMENT, ROOT, tongban

LINE_FAULTS = ("close", "cut", "black_hole", "hold", "slow")


class Faults:
    """`log` tells what was done, `burnt` how many confirmed things only a burnt disk had."""

    def __init__(self, country: Country, seed: int, copies: Path) -> None:
        self.country, self.copies = country, copies
        self.random = Random(f"{seed} faults")
        self.log: list[str] = []
        self.counts: Counter[str] = Counter()
        self.burnt: Counter[str] = Counter()
        self.ended: list[str] = []
        self.backups: dict[str, tuple[Path, dict[str, int], set[tuple[str, str]]]] = {}
        copies.mkdir(parents=True, exist_ok=True)

    def strike(self) -> None:
        """One fault, and the pause after it."""
        chance = self.random.random()
        if chance < 0.36:
            self.kill()
        elif chance < 0.70:
            self.spoil_line()
        elif chance < 0.78:
            self.fill_disk()
        elif chance < 0.88:
            self.back_up(self.random.choice(NAMES))
        else:
            self.burn()
        self.ended += self.country.revive()
        time.sleep(self.random.uniform(0.02, 0.3))

    def told(self, what: str, name: str) -> None:
        self.counts[what] += 1
        self.log.append(f"{what} {name}")

    # the faults ----------------------------------------------------------------------------------------------------

    def kill(self) -> None:
        """One or two machines lose their power at the same moment."""
        names = self.random.sample(NAMES, self.random.choice((1, 1, 2)))
        for name in names:
            self.told("kill", name)
            self.stop_dead(name)
        time.sleep(self.random.uniform(0.0, 0.8))
        self.country.down.difference_update(names)

    def stop_dead(self, name: str) -> None:
        self.country.down.add(name)
        self.country.killed.add(name)
        self.country[name].kill()

    def spoil_line(self) -> None:
        name = self.random.choice(NAMES[1:])
        line, fault = self.country.network.lines[name], self.random.choice(LINE_FAULTS)
        self.told(fault, name)
        if fault == "slow":
            line.delay(self.random.uniform(0.0, 0.3))
            line.bandwidth(self.random.choice((0, 50_000, 250_000)))
        elif fault == "cut":
            line.cut()
        else:
            if fault == "close":
                line.close()
            else:
                line.black_hole(keep=fault == "hold")
            time.sleep(self.random.uniform(0.1, 1.5))
            line.open()

    def fill_disk(self) -> None:
        name = self.random.choice(NAMES)
        pause = self.random.uniform(0.2, 1.5)
        killed = self.random.random() < 0.3
        if not self.country.disks:
            return
        self.told("full disk", name)
        self.country.fill(name)
        time.sleep(pause)
        if killed:  # power fails while the disk is full
            self.told("kill", name)
            self.stop_dead(name)
        self.country.drain(name)
        self.country.down.discard(name)

    def back_up(self, name: str) -> None:
        """A backup of a node, running or not; what was confirmed before it began is in it."""
        file = self.copies / f"{name}-{len(self.log)}.zip"
        with self.country.kept.lock:
            files = set(self.country.kept.files)
        done = run_command(["backup", str(self.country[name].folder), str(file)], ENVIRONMENT, ROOT, timeout=60)
        if done.returncode == 0:
            self.told("backup", name)
            self.backups[name] = (file, self.copied(file), files)

    def copied(self, file: Path) -> dict[str, int]:
        """Case -> version in a backup."""
        with zipfile.ZipFile(file) as archive, tempfile.TemporaryDirectory(dir=self.copies) as folder:
            archive.extract("node.db", folder)
            return versions(Path(folder) / "node.db")

    def burn(self) -> None:
        """A disk burns, and the node comes back from its last backup."""
        ready = [name for name in NAMES if name in self.backups]
        if not ready:
            self.back_up(self.random.choice(NAMES))
            return
        name = self.random.choice(ready)
        self.told("restore", name)
        file, copied, files = self.backups[name]
        self.stop_dead(name)
        with self.country.held[name]:  # whoever was answered has noted it
            self.forget(name, copied, files)
            folder = self.country[name].folder
            shutil.rmtree(folder)
            tongban("restore", file, folder)
        self.country.down.discard(name)

    def forget(self, name: str, copied: dict[str, int], files: set[tuple[str, str]]) -> None:
        """What only this disk had is not asked for any more, and counted."""
        known = dict(copied)
        for other in NAMES:
            if other != name:
                for case_no, version in self.country.known(other).items():
                    known[case_no] = max(version, known.get(case_no, 0))
        kept = self.country.kept
        with kept.lock:
            for at, number in [key for key, case_no in kept.cases.items() if key[0] == name and case_no not in known]:
                del kept.cases[(at, number)]
                self.burnt["cases"] += 1
            for key, version in [*kept.acts.items()]:
                if key[0] == name and version > known.get(key[1], 0):
                    kept.acts[key] = known.get(key[1], 0)
                    self.burnt["acts"] += 1
            for one in [key for key in kept.files if key[0] == name and key not in files]:
                del kept.files[one]
                self.burnt["files"] += 1

    def heal(self) -> None:
        """Everything as good as new."""
        for name in NAMES:
            if self.country.disks:
                self.country.drain(name)
        self.country.down.clear()
        self.ended += self.country.revive()
        self.country.network.heal(300.0)
