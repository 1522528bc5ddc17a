"""Commands as people give them, each in a process of its own, without waiting a second for Python to load the program each time.

A server process (the standard library's fork server) has loaded the program and forks once for each command; the child has
its own arguments, environment and streams. Where there is no fork, and for what runs long, a new interpreter is started.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

FORKS = "forkserver" in multiprocessing.get_all_start_methods()
PROGRAM = [sys.executable, "-m", "node.cli"]


def run_command(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, timeout: float
) -> subprocess.CompletedProcess[str]:
    """`tongban ARGUMENTS`: exit status and what was printed. Raises subprocess.TimeoutExpired."""
    if not FORKS:
        return subprocess.run(
            [*PROGRAM, *arguments], cwd=folder, env=dict(environment), capture_output=True, encoding="utf-8", timeout=timeout,
            check=False,
        )  # fmt: skip
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["node.cli.main", "node.app", __name__])
    with tempfile.TemporaryDirectory(prefix="tongban-command-") as name:
        out, err = Path(name) / "out", Path(name) / "err"
        process = context.Process(target=_in_child, args=(list(arguments), dict(environment), str(folder), str(out), str(err)))
        process.start()
        process.join(timeout)
        if process.is_alive():
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired([*PROGRAM, *arguments], timeout)
        status = process.exitcode
        assert status is not None
        return subprocess.CompletedProcess([*PROGRAM, *arguments], status, out.read_text("utf-8"), err.read_text("utf-8"))


def _in_child(arguments: list[str], environment: dict[str, str], folder: str, out: str, err: str) -> None:
    from node.cli.main import main

    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, name, path in ((1, "stdout", out), (2, "stderr", err)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, number)
        os.close(file)
        setattr(sys, name, os.fdopen(number, "w", encoding="utf-8", closefd=False))
    sys.argv = ["tongban", *arguments]
    main()
