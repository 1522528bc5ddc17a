"""The first run as a process: what `run` says without a node, and `setup` from the console's code to the running node."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
import urllib.parse
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT, Run
from tests.support.processes import free_ports
from tests.ui.wire import Client

PASSWORD = "a good password"


def test_run_without_a_node_says_what_to_do(tongban: Run, tmp_path: Path) -> None:
    done = tongban("run", tmp_path / "new")
    assert done.returncode == 1 and f"tongban setup {tmp_path / 'new'}" in done.stderr
    assert "请运行" in tongban("run", tmp_path / "new", LANG="zh_CN.UTF-8").stderr


def test_setup_is_for_this_machine_and_an_empty_directory(tongban: Run, tmp_path: Path) -> None:
    assert "this machine alone" in tongban("setup", tmp_path / "a", "--web", "0.0.0.0:8800").stderr
    (tmp_path / "letter.txt").write_text("x", encoding="utf-8")
    assert tongban("setup", tmp_path, "--web", "127.0.0.1:8800").returncode == 1


@pytest.mark.skipif(sys.platform == "win32", reason="stopped by a signal")
def test_setup_becomes_the_node_at_the_same_address(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    command = [
        sys.executable,
        "-m",
        "node.cli",
        "setup",
        str(tmp_path / "city"),
        "--web",
        f"127.0.0.1:{port}",
        "--grpc",
        "127.0.0.1:0",
    ]
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        url = urllib.parse.urlsplit(process.stdout.readline().strip())
        client = Client(port)
        assert client.get(f"{url.path}?{url.query}").status == 303
        made = client.form(
            "/setup/city", "/setup/city", code="420100000000", name="City", tier="city", password=PASSWORD, again=PASSWORD
        )
        assert made.headers["Location"] == "/setup/ready"
        assert client.get("/setup/ready").status == 200
        wait_for_node(port)
        browser = Client(port)
        assert browser.form("/login", "/login", username="admin", password=PASSWORD).status == 303
        assert browser.get("/admin").status == 200
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def wait_for_node(port: int) -> None:
    """Until the node answers at the wizard's address (another process: there is no clock to step)."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError("the node did not start")
