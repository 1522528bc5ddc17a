"""An idle node's memory, the time until it serves, and the memory of one more node in a shared process."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from node.app import assemble, init_node
from node.demo.memory_network import SimulatedClock, World

WEB = "127.0.0.1:18890"
SHARED = 60


def run() -> None:
    with tempfile.TemporaryDirectory(prefix="tongban-idle-") as name:
        folder = Path(name) / "node"
        init_node(folder, "city", "420100000000", "武汉市", WEB, "127.0.0.1:18891")
        start = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-m", "node.cli", "run", str(folder)])
        try:
            seconds = _until_served(start)
            time.sleep(1.0)
            print(f"serving after {seconds:.2f} s (at most 2); resident {_resident(process.pid):.0f} MB (at most 120)")
        finally:
            process.terminate()
            process.wait(20)
        _shared(folder, Path(name))


def _until_served(start: float) -> float:
    while time.perf_counter() - start < 20:
        try:
            with urllib.request.urlopen(f"http://{WEB}/healthz", timeout=1):
                return time.perf_counter() - start
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise SystemExit("the node does not serve")


def _resident(pid: int | str) -> float:
    """MB, from /proc (Linux only)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _shared(folder: Path, space: Path) -> None:
    clock = SimulatedClock(World())
    first = assemble(folder, clock, threaded=False)
    before = _resident("self")
    centers = []
    for number in range(SHARED):
        shutil.copytree(folder, space / f"n{number}")
        centers.append(assemble(space / f"n{number}", clock, threaded=False))
        centers[-1].upkeep.status()
    print(f"one more node in a shared process: {(_resident('self') - before) / SHARED:.2f} MB (at most 2)")
    for center in [first, *centers]:
        center.store.close()
