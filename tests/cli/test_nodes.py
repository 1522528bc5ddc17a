"""Commands at real nodes, running and not: every test makes its own in a temporary folder."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from federation.transport import tls
from node.machine import config
from node.running import control
from node.services.tree.keys import KeyFiles
from tests.cli.conftest import CITY, DISTRICT, ROOT, Run, document
from tests.support.processes import free_ports, wait_for

CALENDAR = "date,kind,name\n2026-03-09,off,holiday\n2026-03-14,work,adjusted\n"


@contextlib.contextmanager
def running(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`tongban run`, until its control endpoint answers; stopped at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "node.cli", "run", str(folder)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        wait_for(lambda: control.answers(folder) or process.poll() is not None)
        assert process.poll() is None, process.stderr and process.stderr.read()
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


def asked(folder: Path) -> Any:
    """What a running node says of itself, without starting a command to ask."""
    return control.call(folder, "status", {})


def test_a_fresh_root(tongban: Run, city: Path) -> None:
    status = document(tongban("status", city, "--json"))
    assert status["node"]["code"] == CITY
    assert status["node"]["parent"] is None
    assert status["links"] == []
    assert status["cases"] == {}
    assert tongban("verify", city).returncode == 0
    again = tongban("init", city, "--tier", "city", "--code", CITY, "--name", "武汉市")
    assert (again.returncode, again.stdout, again.stderr.count("\n")) == (1, "", 1)


@pytest.mark.skipif(sys.platform == "win32", reason="modes are no protection on Windows")
def test_opening_a_directory_that_others_can_read_closes_it(tongban: Run, city: Path) -> None:
    city.chmod(0o755)
    assert tongban("status", city).returncode == 0
    assert city.stat().st_mode & 0o777 == 0o700


def test_a_listener_on_every_address_shows_a_certificate_with_the_names_of_the_machine(city: Path) -> None:
    """Also one that an earlier version made in the name of 0.0.0.0."""
    (port,) = free_ports(1)
    config.write(city, config.with_addresses(config.load_dir(city), web=f"0.0.0.0:{port}"))
    keys = KeyFiles(city / "keys")
    for name, data in zip(("web.pem", "web-cert.pem"), tls.make_web_certificate(["0.0.0.0"]), strict=True):
        keys.put(name, data)
    seen = []
    for _ in range(2):
        with running(city):
            seen.append(ssl.get_server_certificate(("127.0.0.1", port)))
    loaded = x509.load_pem_x509_certificate(seen[0].encode())
    names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert seen[0] == seen[1] and loaded.subject.rfc4514_string() == f"CN={socket.gethostname()}"
    assert {"localhost", socket.gethostname()} <= set(names.get_values_for_type(x509.DNSName))
    assert {"127.0.0.1", "::1"} <= set(map(str, names.get_values_for_type(x509.IPAddress)))
    assert "0.0.0.0" not in map(str, names.get_values_for_type(x509.IPAddress))


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere 127.0.0.3 must be set up first")
def test_every_loopback_address_is_plain_http(city: Path) -> None:
    (port,) = free_ports(1)
    config.write(city, config.with_addresses(config.load_dir(city), web=f"127.0.0.3:{port}"))
    with running(city), urllib.request.urlopen(f"http://127.0.0.3:{port}/healthz", timeout=5) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("name", ["通办-PC", "a_b", "x" * 63, "y" * 70, "x" * 63 + ".example", "a..b"])
def test_a_certificate_can_be_made_for_whatever_a_machine_is_called(name: str) -> None:
    _, certificate = tls.make_web_certificate([name, "localhost"])
    assert tls.is_named(certificate, name) and tls.is_named(certificate, "localhost")
    assert not tls.is_named(certificate, "10.0.0.1")


def test_staff_and_tokens(tongban: Run, city: Path) -> None:
    token = tongban("token", city, "--name", "系统", "--role", "integration")
    assert token.returncode == 0
    assert len(token.stdout.split()) == 1
    added = document(tongban("staff", "add", city, "--name", "王主任", "--role", "director", "--json"))
    assert added["username"]
    assert added["password"]
    people = document(tongban("staff", "list", city, "--json"))["staff"]
    assert "王主任" in {person["name"] for person in people}
    assert added["password"] not in json.dumps(people)


def test_due_dates_by_the_nodes_calendar(tongban: Run, city: Path, tmp_path: Path) -> None:
    (tmp_path / "days.csv").write_text(CALENDAR, encoding="utf-8")
    assert tongban("calendar", "import", city, tmp_path / "days.csv").returncode == 0
    plain = tongban("due", city, "--accepted-at", "2026-03-05T16:30:00+08:00", "--limit", 3)
    assert (plain.stdout, plain.stderr) == ("2026-03-11\n", "")  # 6, (7, 8 weekend), 9 off, 10, 11
    utc = tongban("due", city, "--accepted-at", "2026-03-04T17:00:00Z", "--limit", 3)  # the 5th in China
    assert utc.stdout == plain.stdout
    paused = tongban("due", city, "--accepted-at", "2026-03-05", "--limit", 3, "--pause", "2026-03-10..2026-03-11")
    assert paused.stdout == "2026-03-13\n"
    later = tongban("due", city, "--accepted-at", "2027-03-05", "--limit", 3)
    assert later.returncode == 0
    assert later.stderr.startswith("provisional")
    bad = tongban("due", city, "--accepted-at", "yesterday", "--limit", 3)
    assert (bad.returncode, bad.stdout, bad.stderr.count("\n")) == (1, "", 1)


def test_the_same_commands_at_a_running_node(tongban: Run, city: Path) -> None:
    with running(city) as process:
        assert document(tongban("status", city, "--json"))["node"]["code"] == CITY
        assert tongban("token", city, "--name", "x", "--role", "clerk").returncode == 0
        second = tongban("run", city)
        assert (second.returncode, second.stderr.count("\n")) == (1, 1)
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
    assert not (city / "control.json").exists()


def test_a_killed_node_leaves_nothing_in_the_way(tongban: Run, city: Path) -> None:
    with running(city) as process:
        process.kill()
        process.wait(30)
        assert (city / "control.json").exists()
        assert document(tongban("status", city, "--json"))["node"]["code"] == CITY
    with running(city):
        pass


def test_a_taken_port_is_one_sentence(tongban: Run, city: Path) -> None:
    from node.machine import config

    address = config.load_dir(city).web.address
    with socket.create_server(("127.0.0.1", int(address.rpartition(":")[2]))):
        done = tongban("run", city)
    assert (done.returncode, done.stderr) == (1, f"address {address} is already in use\n")


def test_two_writers_beside_each_other(city: Path) -> None:
    command = [sys.executable, "-m", "node.cli", "token", str(city), "--role", "clerk", "--name"]
    both = [subprocess.Popen([*command, str(n)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for n in range(3)]
    assert [(one.communicate(timeout=60)[1], one.returncode) for one in both] == [(b"", 0)] * 3


def test_a_child_joins_a_running_parent(tongban: Run, city: Path, tmp_path: Path) -> None:
    district = tmp_path / "district"
    with running(city):
        invited = tongban("invite", city, DISTRICT, "--name", "武昌区", "--tier", "district")
        assert len(invited.stdout.split()) == 1, invited.stderr
        code = invited.stdout.strip()
        web, grpc = free_ports(2)
        joined = tongban("join", district, code, "--web", f"127.0.0.1:{web}", "--grpc", f"127.0.0.1:{grpc}")
        assert joined.returncode == 0, joined.stderr
        with running(district):
            wait_for(lambda: asked(district)["links"][0]["state"] == "online")
            up, down = (document(tongban("status", folder, "--json"))["links"][0] for folder in (district, city))
            assert (up["peer"], up["direction"]) == (CITY, "up")
            assert (down["peer"], down["direction"], down["state"]) == (DISTRICT, "down", "online")
        used = tongban("join", tmp_path / "second", code)
        assert (used.returncode, used.stdout, used.stderr.count("\n")) == (1, "", 1)
    damaged = tongban("join", tmp_path / "third", code[:-4])
    assert (damaged.returncode, damaged.stdout, damaged.stderr.count("\n")) == (1, "", 1)


def test_inviting_needs_an_address_that_children_reach(tongban: Run, city: Path) -> None:
    from node.machine import config

    config.write(city, config.with_addresses(config.load_dir(city), web="0.0.0.0:8800"))
    done = tongban("invite", city, DISTRICT, "--name", "武昌区", "--tier", "district")
    assert (done.returncode, done.stdout) == (1, "")
    assert "--address" in done.stderr


def test_backup_and_restore(tongban: Run, city: Path, tmp_path: Path) -> None:
    copy, other = tmp_path / "copy.tongban-backup", tmp_path / "other"
    with running(city):
        assert tongban("backup", city, copy).returncode == 0
    if sys.platform != "win32":
        assert copy.stat().st_mode & 0o777 == 0o600
    assert tongban("restore", copy, city).returncode == 1
    done = tongban("restore", copy, other)
    assert done.returncode == 0, done.stderr
    assert document(tongban("status", other, "--json"))["node"]["code"] == CITY
    copy.write_bytes(b"PK\x03\x04 nonsense")
    assert tongban("restore", copy, tmp_path / "third").returncode == 1
    assert not (tmp_path / "third").exists()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions do not bind root")
def test_a_read_only_folder_is_one_sentence(tongban: Run, city: Path) -> None:
    city.chmod(0o500)
    try:
        done = tongban("token", city, "--name", "x", "--role", "clerk")
    finally:
        city.chmod(0o700)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)


def test_a_folder_without_its_database_is_no_node(tongban: Run, city: Path) -> None:
    (city / "node.db").unlink()
    done = tongban("status", city)
    assert (done.returncode, done.stdout) == (1, "")
    shutil.rmtree(city)
    assert tongban("status", city).returncode == 1


@pytest.mark.parametrize("beside", [True, False], ids=["running", "stopped"])
def test_a_backup_older_than_a_rotation_is_renewed_by_the_parent(tongban: Run, city: Path, tmp_path: Path, beside: bool) -> None:
    district, old = tmp_path / "district", tmp_path / "old.zip"

    def key() -> str:
        return str(asked(district)["node"]["key"])

    def linked() -> bool:
        return bool(asked(district)["links"][0]["state"] == "online")

    with running(city):
        code = tongban("invite", city, DISTRICT, "--name", "武昌区", "--tier", "district").stdout.strip()
        web, grpc = free_ports(2)
        assert tongban("join", district, code, "--web", f"127.0.0.1:{web}", "--grpc", f"127.0.0.1:{grpc}").returncode == 0
        assert tongban("backup", district, old).returncode == 0
        with running(district):
            wait_for(linked)
            rotated = tongban("rotate-key", district)
            assert document(rotated)["old_backups"] == "needs_renewal" and "--renew" in rotated.stderr
            wait_for(lambda: asked(district)["links"][0]["waiting"] == 0)
        shutil.rmtree(district)
        assert tongban("restore", old, district).returncode == 0
        with running(district):
            wait_for(lambda: key() == "superseded")
        plain = tongban("status", district, LANG="zh_CN.UTF-8")
        assert plain.returncode == 0 and "请上级运行 tongban invite … --renew" in plain.stderr
        checked = tongban("verify", district)
        assert checked.returncode == 1 and "bad_signature\t" in checked.stderr and "tongban invite … --renew" in checked.stderr
        assert tongban("rotate-key", district).returncode == 1
        with running(district) if beside else contextlib.nullcontext():
            invited = tongban("invite", city, DISTRICT, "--renew")
            assert len(invited.stdout.split()) == 1, invited.stderr
            renewed = tongban("renew", district, invited.stdout.strip())
            assert document(renewed)["key_id"] and "backup" in renewed.stderr
            assert document(tongban("status", district, "--json"))["node"]["key"] == "ok"
        again = tongban("renew", district, invited.stdout.strip())
        assert (again.returncode, again.stdout, again.stderr.count("\n")) == (1, "", 1)
        with running(district):
            wait_for(lambda: linked() and asked(district)["links"][0]["waiting"] == 0)
        assert tongban("verify", city).returncode == 0
    assert tongban("verify", district).returncode == 0
    assert document(tongban("status", city, "--json"))["findings"] == []


def test_what_a_renewal_asks_for(tongban: Run, city: Path) -> None:
    nobody = tongban("invite", city, DISTRICT, "--renew")
    assert (nobody.returncode, nobody.stdout, nobody.stderr.count("\n")) == (1, "", 1)
    assert tongban("invite", city, DISTRICT).returncode == 2
    assert tongban("renew", city, "TB1-NONSENSE").returncode == 1
    rotated = tongban("rotate-key", city, LANG="zh_CN.UTF-8")
    assert document(rotated)["old_backups"] == "useless" and rotated.stderr == "之前的备份不能再用，请立即重新备份\n"


def test_a_backup_to_the_directors_key_is_restored_with_it_alone(tongban: Run, city: Path, tmp_path: Path) -> None:
    made = tongban("backup-key", city)
    assert made.stdout.startswith("TBKEY1-") and "TBPUB1-" in made.stdout and "once" in made.stderr
    key, copy = tmp_path / "key.txt", tmp_path / "copy.sealed"
    key.write_text(made.stdout, encoding="utf-8")
    assert "encrypted" in tongban("backup", city, copy, "--to", key).stderr
    refused = tongban("restore", copy, tmp_path / "other")
    assert refused.returncode == 1 and "--key" in refused.stderr
    assert tongban("restore", copy, tmp_path / "other", "--key", key).returncode == 0
