"""`scripts/bench pairs OTHER [PART ...]`: this checkout and another one (`git worktree add`), each part in turns, nine pairs.

Printed is the median of the pairs' ratios, ours ÷ theirs, and both medians, in µs where nothing else is said. Each turn is a process
of its own (`probe.py`), so nothing that one warmed up serves the other.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

PAIRS = 9
HERE = Path(__file__).resolve().parents[2]
PROBE = Path(__file__).with_name("probe.py")
PARTS = ("filing", "link", "workbench", "rebuild", "idle")
Figures = dict[str, float]


def run(arguments: list[str]) -> None:
    if not arguments:
        raise SystemExit(__doc__)
    other = Path(arguments[0]).resolve()
    for part in arguments[1:] or PARTS:
        taken = [_pair(other, part, turn) for turn in range(int(os.environ.get("TONGBAN_BENCH_PAIRS", PAIRS)))]
        for name in taken[0][0]:
            ours, theirs = [pair[0][name] for pair in taken], [pair[1][name] for pair in taken]
            ratios = [mine / its for mine, its in zip(ours, theirs, strict=True)]
            print(
                f"{part} {name}: {statistics.median(ratios):.2f} of the other (min {min(ratios):.2f}, max {max(ratios):.2f});"
                f" {statistics.median(ours):.0f}, theirs {statistics.median(theirs):.0f}",
                flush=True,
            )


def _pair(other: Path, part: str, turn: int) -> tuple[Figures, Figures]:
    """Who goes first changes from pair to pair."""
    found = {root: _measured(root, part) for root in ((HERE, other) if turn % 2 else (other, HERE))}
    return found[HERE], found[other]


def _measured(root: Path, part: str) -> Figures:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # an installed node has them
    command = [sys.executable, str(PROBE), part]
    done = subprocess.run(command, cwd=root, env=env | {"PYTHONPATH": str(root)}, stdout=subprocess.PIPE, check=True)
    figures: Figures = json.loads(done.stdout.splitlines()[-1])
    return figures
