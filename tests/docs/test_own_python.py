"""A script goes on with the Python of `.venv`, once, also where `.venv` is a link to a folder elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """import sys, pathlib
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
with open("starts", "a") as file: file.write("start\\n")
from scripts.own_python import enter
enter(__name__)
print("ran", sys.argv[1:])
"""


@pytest.mark.parametrize("linked", [False, True])
def test_a_script_goes_on_once_under_the_python_of_venv(tmp_path: Path, linked: bool) -> None:
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    (project / "scripts").mkdir(parents=True)
    shutil.copy(ROOT / "scripts" / "own_python.py", project / "scripts")
    (project / "scripts" / "work.py").write_text(SCRIPT, encoding="utf-8")
    venv.create(elsewhere if linked else project / ".venv", symlinks=os.name != "nt", with_pip=False)
    if linked:
        try:
            (project / ".venv").symlink_to(elsewhere, target_is_directory=True)
        except OSError:
            pytest.skip("this user may make no links")
    base = getattr(sys, "_base_executable", sys.executable)
    for python, starts in ((base, 2), (project / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python"), 1)):
        (project / "starts").unlink(missing_ok=True)
        done = subprocess.run(
            [str(python), "scripts/work.py", "a", "b c"], cwd=project, capture_output=True, text=True, timeout=30, check=True
        )
        assert done.stdout == "ran ['a', 'b c']\n" and (project / "starts").read_text().count("start") == starts
