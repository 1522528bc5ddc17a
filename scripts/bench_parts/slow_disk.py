"""Filing once more as on disks that really wait: every flush takes longer, for the bare commit and for ours alike.

A virtual disk answers a flush in about a tenth of a millisecond; an SSD of an office PC takes one to a few, a hard disk ten.
Needs a C compiler, on Linux: the flush is made slower below SQLite (`slow_disk.c`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FLUSHES_US = (500, 1000, 4000)
SOURCE = Path(__file__).with_suffix(".c")


def run() -> None:
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        print("left out: needs a C compiler, on Linux")
        return
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "slow_disk.so"
        subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", library, SOURCE, "-ldl"], check=True)
        for us in FLUSHES_US:
            print(f"-- a flush takes {us / 1000:g} ms more", flush=True)
            slower = {**os.environ, "LD_PRELOAD": str(library), "TONGBAN_FLUSH_US": str(us)}
            subprocess.run([sys.executable, str(SOURCE.parents[1] / "bench"), "filing"], env=slower, check=True)
