"""Scripts find `.venv` by themselves: started with any Python, they go on with the one that has the packages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def enter(name: str) -> None:
    """Goes on as the same script under `.venv`'s Python, when `name` is `__main__` and another Python runs it. Without a `.venv`
    it ends with a sentence that says how to make one. A `.venv` that is a link to a folder elsewhere is that folder."""
    if name != "__main__" or Path(sys.prefix).resolve() == (ROOT / ".venv").resolve():
        return
    python = ROOT / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not python.exists():
        raise SystemExit("There is no .venv yet: run ./scripts/check (or ./scripts/demo) once, it makes one.")
    raise SystemExit(subprocess.run([str(python), *sys.argv]).returncode)
