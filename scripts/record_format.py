#!/usr/bin/env python3
"""Record what a version of the format looks like: a small network of four folders, and the frames of its lines.

    scripts/record_format.py           make the fixtures anew, into tests/data/v1/ (only before a format is frozen)
    scripts/record_format.py --check   that they are there, are small, and hold nothing of the machine that made them

What is recorded is frozen: later versions have to open these folders and to understand these frames (docs/changing.md, "After 1.0"). Who
made a version that cannot mends the version, not the fixtures. A later format gets a folder of its own beside this one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from scripts.own_python import enter  # noqa: E402

enter(__name__)

from scripts.recording import fixtures, story  # noqa: E402

TARGET = ROOT / "tests" / "data" / "v1"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args(arguments)
    if given.check:
        faults = list(fixtures.faults(TARGET))
        print("\n".join(faults) or "the fixtures are whole")
        return 1 if faults else 0
    with tempfile.TemporaryDirectory(prefix="tongban-record-") as folder:
        fixtures.write(TARGET, story.tell(Path(folder)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
