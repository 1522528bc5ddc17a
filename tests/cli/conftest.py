"""Running `tongban` as people do: in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def tongban() -> Run:
    """`tongban("status", DIR, LANG="zh_CN.UTF-8")`: upper-case keywords are environment variables."""

    def run(*args: object, timeout: float = 60, **environment: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "", **environment}
        command = [sys.executable, "-m", "node.cli", *map(str, args)]
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, encoding="utf-8", timeout=timeout, check=False)

    return run
