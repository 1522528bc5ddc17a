"""Locks, ports and files, with real processes and sockets."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from node.domain.words.errors import TongbanError
from node.machine import oslayer

HOLDER = """
import sys
from pathlib import Path
from node.machine.oslayer import DirectoryLock
held = DirectoryLock(Path(sys.argv[1])).acquire()
print(1, flush=True)
sys.stdin.read()
"""


def test_the_lock_excludes_and_goes_with_its_process(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(oslayer.__file__).parents[2],
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"1\n"
        with pytest.raises(TongbanError) as caught:
            oslayer.DirectoryLock(tmp_path).acquire()
        assert caught.value.code == "already_running"
        holder.kill()
    with oslayer.DirectoryLock(tmp_path):
        pass


def test_the_lock_excludes_within_one_process_and_can_be_taken_again(tmp_path: Path) -> None:
    with oslayer.DirectoryLock(tmp_path), pytest.raises(TongbanError):
        oslayer.DirectoryLock(tmp_path).acquire()
    oslayer.DirectoryLock(tmp_path).acquire().release()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are no protection on Windows")
@pytest.mark.parametrize(("before", "after"), [(0o755, 0o700), (0o577, 0o500), (0o700, 0o700)])
def test_an_older_directory_is_closed_and_stays_as_read_only_as_it_was(tmp_path: Path, before: int, after: int) -> None:
    (tmp_path / "node").mkdir()
    (tmp_path / "node").chmod(before)
    oslayer.close_to_others(tmp_path / "node")
    assert (tmp_path / "node").stat().st_mode & 0o777 == after
    oslayer.close_to_others(tmp_path / "none")


def test_no_directory_no_lock(tmp_path: Path) -> None:
    with pytest.raises(TongbanError) as caught:
        oslayer.DirectoryLock(tmp_path / "none").acquire()
    assert caught.value.code == "not_a_node"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.3", "127.255.0.1", "::1", "localhost", "LocalHost"])
def test_loopback(host: str) -> None:
    assert oslayer.is_loopback(host) and not oslayer.is_wildcard(host)
    assert oslayer.names_of(host) == tuple(dict.fromkeys((host, "localhost")))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "hall.example", "localhost.example", "fe80::1", "128.0.0.1", ""])
def test_what_is_not_loopback(host: str) -> None:
    assert not oslayer.is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_listener_on_every_address_has_the_names_of_the_machine(host: str) -> None:
    names = oslayer.names_of(host)
    assert names[0] == socket.gethostname() and {"localhost", "127.0.0.1", "::1"} <= set(names) and host not in names


def test_a_listening_port_is_taken_and_a_closed_one_is_free() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(TongbanError) as caught:
            oslayer.check_port_free(address)
        assert caught.value.code == "port_taken"
        assert address in caught.value.sentence("en")
    oslayer.check_port_free(address)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "disk_full"),
        (errno.EROFS, "read_only"),
        (errno.EACCES, "read_only"),
        (errno.EIO, "storage_failed"),
    ],
)
def test_errors_of_the_disk_are_sentences(number: int, code: str) -> None:
    with pytest.raises(TongbanError) as caught, oslayer.disk_errors("/data"):
        raise OSError(number, "text")
    assert caught.value.code == code


def test_a_private_file_replaces_the_old_one_and_leaves_no_other(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    oslayer.write_private(path, b"one")
    oslayer.write_private(path, b"two")
    assert path.read_bytes() == b"two"
    assert [p.name for p in tmp_path.iterdir()] == ["secret"]
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("address", ["", ":1", "host", "host:", "host:-1", "host:65536", "host:1x"])
def test_bad_addresses(address: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        oslayer.split_address(address)


def test_good_addresses() -> None:
    assert oslayer.split_address("a.example:80") == ("a.example", 80)
    assert oslayer.split_address("[::1]:80") == ("::1", 80)


@pytest.mark.skipif(oslayer.WINDOWS, reason="rlimits")
def test_a_process_opens_as_many_files_as_it_is_let() -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
        now = oslayer.raise_file_limit(min(hard, 1000))
        assert now == resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(hard, 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_rename_counts_only_when_content_and_folders_are_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order that survives a power cut where a rename is durable only by the folder's own sync."""
    done: list[str] = []
    fsync, replace, sync_directory = os.fsync, os.replace, oslayer.sync_directory

    def synced(handle: int) -> None:
        done.append("content")
        fsync(handle)

    def renamed(source: Path, target: Path) -> None:
        done.append("rename")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)

    def folder(path: Path) -> None:
        done.append(path.name)
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fsync)
            sync_directory(path)

    monkeypatch.setattr(oslayer, "sync_directory", folder)
    source = tmp_path / "part"
    source.write_bytes(b"photograph")
    oslayer.move_durably(source, tmp_path / "objects" / "ab" / "abcd")
    assert done == ["content", "rename", "ab", "objects", tmp_path.name]
    assert (tmp_path / "objects" / "ab" / "abcd").read_bytes() == b"photograph"
