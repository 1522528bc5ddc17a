"""The first entry after a black-out: four real processes, the village's line swallows everything for a minute.

Filed in the dark at the village; measured from the moment the line carries again until the case is listed at the township and
at the city, whose lines stood all the time. No connection of before the black-out survives it.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from scripts.bench_parts.common import ROUNDS
from tests.support.processes import ProcessNetwork, application, make_template, wait_for

DARK_SECONDS = 60.0


def run() -> None:
    with tempfile.TemporaryDirectory(prefix="tongban-dark-", dir=Path.cwd()) as folder:
        template = Path(folder) / "template"
        make_template(template)
        with ProcessNetwork.copy(template, Path(folder) / "network") as network:
            network.settle()
            taken = [_round(network, number) for number in range(ROUNDS)]
    for name in ("township", "city"):
        seconds = [one[name] for one in taken]
        print(
            f"first entry after {DARK_SECONDS:.0f} s of darkness, at the {name} (at most 3 s): {max(seconds):.2f} s at worst"
            f" ({', '.join(f'{one:.2f}' for one in seconds)})",
            flush=True,
        )


def _round(network: ProcessNetwork, number: int) -> dict[str, float]:
    """Seconds until the case was listed, by node."""
    line = network.lines["village"]
    line.black_hole()
    dark = time.monotonic()
    status, filed = network["village"].post("/api/v1/cases", application(900 + number))
    assert status == 201, filed
    while time.monotonic() - dark < DARK_SECONDS:
        time.sleep(0.1)
    assert filed["case_no"] not in network["township"].cases()
    line.open()
    light = time.monotonic()
    found = {}
    for name in ("township", "city"):
        wait_for(lambda at=network[name]: filed["case_no"] in at.cases(), 60)  # type: ignore[misc]
        found[name] = time.monotonic() - light
    network.settle()
    return found
