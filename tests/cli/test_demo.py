"""The demonstration: ports, what it never throws away, and running, stopping and starting again with real processes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.demo import main as demo
from node.domain.words.errors import TongbanError
from node.machine import config
from node.machine.oslayer import check_port_free
from node.running import control
from tests.cli.conftest import ROOT, Run
from tests.support.processes import wait_for

pytestmark = pytest.mark.xdist_group("demo")

CODES = {"city": "420100000000", "district": "420106000000", "township": "420106006000", "village": "420106006003"}


def free_base(after: int = 0) -> int:
    """The first of eight free ports in a row, below those that the system gives to outgoing connections."""
    for base in range(after + 8 if after else 10000 + os.getpid() % 2000 * 8, 32000, 8):
        with contextlib.suppress(TongbanError):
            for port in range(base, base + 8):
                check_port_free(f"127.0.0.1:{port}")
            return base
    raise AssertionError("no free ports")


def test_ports_count_up_from_the_city() -> None:
    ports = demo.ports_from(8800)
    assert [(p.web, p.grpc) for p in ports.values()] == [(8800, 8801), (8802, 8803), (8804, 8805), (8806, 8807)]
    assert list(ports) == ["city", "district", "township", "village"]


def test_a_taken_port_is_one_sentence_before_anything_is_made(tongban: Run, tmp_path: Path) -> None:
    base = free_base()
    with socket.create_server(("127.0.0.1", base + 2)):
        done = tongban("demo", "--dir", tmp_path / "demo", "--port-base", base, "--no-browser")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"address 127.0.0.1:{base + 2} is already in use\n")
    assert not (tmp_path / "demo").exists()


def test_a_network_that_does_not_serve_yet_has_no_list_of_addresses(network: Path) -> None:
    """Who waits for demo.json finds nodes that answer."""
    base = int(listed(network)["city"]["web"].rpartition(":")[2])
    with demonstration(network, base) as process:
        wait_for(lambda: not (network / "demo.json").exists() or process.poll() is not None)
        wait_for(lambda: (network / "demo.json").exists() or process.poll() is not None)
        for node in listed(network).values():
            with urllib.request.urlopen(node["web"] + "/healthz", timeout=10) as answer:
                assert answer.status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


def test_a_folder_that_was_not_made_by_the_demo_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "district").mkdir()
    (tmp_path / "district" / "precious").touch()
    with pytest.raises(TongbanError) as caught:
        demo.make(tmp_path, demo.ports_from(8800))
    assert caught.value.code == "already_a_node"
    assert (tmp_path / "district" / "precious").exists()


@pytest.fixture
def network(made_network: Path, tmp_path: Path) -> Path:
    """Four nodes made by hand, and the list of them that making the demonstration would have written."""
    shutil.copytree(made_network, tmp_path, dirs_exist_ok=True)
    ports = demo.ports_from(free_base())
    demo.move_to_ports(tmp_path, ports)
    demo.save(tmp_path, ports, list(listed(tmp_path).values()), {})
    return tmp_path


@pytest.fixture(scope="module")
def made_network(tongban: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    tmp_path, above = tmp_path_factory.mktemp("made"), ""
    ports = demo.ports_from(free_base())
    with contextlib.ExitStack() as stack:
        for name, code in CODES.items():
            where = ["--web", ports[name].web_address, "--grpc", ports[name].grpc_address]
            if not above:
                done = tongban("init", tmp_path / name, "--tier", name, "--code", code, "--name", name, *where)
            else:
                invited = tongban("invite", tmp_path / above, code, "--name", name, "--tier", name)
                done = tongban("join", tmp_path / name, invited.stdout.strip(), *where)
            assert done.returncode == 0, done.stderr
            stack.enter_context(run(tmp_path / name))
            above = name
    nodes = [{"name": n, "code": c, "logins": [{"role": "clerk", "username": "u", "password": "p"}]} for n, c in CODES.items()]
    demo.save(tmp_path, ports, nodes, {})
    return tmp_path


@contextlib.contextmanager
def run(folder: Path) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "node.cli", "run", str(folder)], cwd=ROOT)
    try:
        wait_for(lambda: control.answers(folder) or process.poll() is not None)
        yield
    finally:
        process.terminate()
        process.wait(30)


def listed(root: Path) -> dict[str, Any]:
    return {node["name"]: node for node in json.loads((root / "demo.json").read_bytes())["nodes"]}


@contextlib.contextmanager
def demonstration(root: Path, base: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "node.cli", "demo", "--dir", str(root), "--port-base", str(base), "--no-browser"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
    assert process.stdout is not None
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=60)


def until_printed(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if text in line:
            return seen
    assert process.stderr is not None
    raise AssertionError(seen + process.stderr.read())


def online(root: Path) -> bool:
    """Every link of the network is up and has nothing waiting."""
    links = [link for name in CODES for link in control.call(root / name, "status", {})["links"]]
    return len(links) == 6 and all(link["state"] == "online" and link["waiting"] == 0 for link in links)


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_it_runs_stops_and_goes_on_at_other_ports(network: Path) -> None:
    first = int(listed(network)["city"]["web"].rpartition(":")[2])
    for base in (first, free_base(first)):
        with demonstration(network, base) as process:
            until_printed(process, f"http://127.0.0.1:{base + 6}/")
            nodes = listed(network)
            assert [nodes[name]["web"] for name in CODES] == [f"http://127.0.0.1:{base + n}" for n in (0, 2, 4, 6)]
            with urllib.request.urlopen(nodes["village"]["web"] + "/healthz", timeout=10) as answer:
                assert answer.status == 200
            wait_for(lambda: online(network))
            assert config.load_dir(network / "village").parent.address == nodes["village"]["line"]["relay"]
            os.kill(nodes["district"]["pid"], signal.SIGKILL)  # the others and the demonstration go on
            assert process.stderr is not None
            assert "district" in process.stderr.readline()
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        for node in nodes.values():
            with pytest.raises(ProcessLookupError):
                os.kill(node["pid"], 0)
        assert all(node["pid"] is None for node in listed(network).values())


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_nodes_stop_when_the_demonstration_is_killed(network: Path) -> None:
    base = int(listed(network)["city"]["web"].rpartition(":")[2])
    with demonstration(network, base) as process:
        until_printed(process, f"http://127.0.0.1:{base + 6}/")
        process.kill()
        process.wait(30)
        wait_for(lambda: not any(control.answers(network / name) for name in CODES))
