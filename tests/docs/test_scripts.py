"""The scripts as somebody without an activated environment starts them, and the lists of packages."""

import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

from scripts import make_locks
from scripts.chaos_parts import judge

ROOT = Path(__file__).resolve().parents[2]
BARE = Path(sysconfig.get_config_var("BINDIR") or sys.base_prefix) / "python3"


@pytest.mark.skipif(not BARE.exists(), reason="no Python beside the environment's")
@pytest.mark.parametrize(
    "script", ["make_docs.py", "make_state_diagram.py", "gen_protos.py", "make_locks.py", "record_format.py"]
)
def test_a_script_finds_its_environment_whatever_python_starts_it(script):
    done = subprocess.run([str(BARE), f"scripts/{script}", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_program_says_its_version():
    done = subprocess.run([sys.executable, "-m", "node.cli", "--version"], cwd=ROOT, capture_output=True, text=True)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert (done.returncode, done.stdout, done.stderr) == (0, f"tongban {version}\n", "")


def test_a_node_needs_nothing_of_the_tests_and_every_package_has_its_wheels(monkeypatch):
    assert list(make_locks.check()) == []
    listed = (ROOT / "requirements.lock").read_text("utf-8")
    assert not any(f"\n{name}==" in listed for name in ("pytest", "mypy", "playwright", "ruff", "hypothesis"))


def test_a_package_without_a_wheel_for_a_machine_is_named(monkeypatch):
    monkeypatch.setitem(make_locks.MACHINES, "a toaster", lambda platform: platform == "toaster")
    assert any("grpcio has no wheel for a toaster" in fault for fault in make_locks.check())


def test_chaos_says_what_it_does_and_tells_nodes_that_disagree():
    done = subprocess.run([sys.executable, "scripts/chaos", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and "--seeds" in done.stdout
    verdict = judge.Verdict()
    state, other = (3, "accepted", "AA", 1), (2, "submitted", "AA", 1)
    judge.compare({"city": {"1": state, "2": state}, "village": {"1": state, "2": other, "3": state}}, verdict)
    assert [line.partition(":")[0] for line in verdict.disagree] == ["2", "3"]  # another state; unknown at the root
    assert verdict.sentence() == "0 lost, 0 doubled, 2 disagree, at rest, verify without problems"
