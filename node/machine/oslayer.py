"""The one place that knows operating systems apart: locks, signals, file modes, processes, ports, disk errors.

Everything here has the same meaning on Linux, macOS and Windows; `sys.platform` is asked in this file and nowhere else.

* **The directory lock** is held by an open file, so that it disappears with the process however it ends; the pid in the
  file is only for people. Two nodes on one directory would sign two histories (a fork), so the lock is taken before the
  database is opened and kept until the process ends.
* **Stopping** is a signal where there are signals and, for the processes of the demonstration, the end of standard input
  as well: it works everywhere and also when the parent was killed.
* **Disk errors** become sentences: a full disk and a read-only folder are an administrator's business, not a traceback.
"""

from __future__ import annotations

import asyncio
import errno
import gc
import ipaddress
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Self

from node.domain.words.errors import TongbanError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl
    import resource

LOCK_FILE = "lock"
WINDOWS = sys.platform == "win32"


class DirectoryLock:
    """An exclusive lock on a node's directory, released by `release` or by the end of the process."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._file: IO[bytes] | None = None

    def acquire(self) -> Self:
        """Take the lock at once. Raises TongbanError: already_running, read_only, disk_full, not_a_node."""
        if not self.directory.is_dir():
            raise TongbanError("not_a_node", path=str(self.directory))
        with disk_errors(self.directory):
            file = open(self.directory / LOCK_FILE, "a+b")  # noqa: SIM115 - kept open on purpose
        try:
            _lock(file)
        except OSError:
            file.close()
            raise TongbanError("already_running", path=str(self.directory)) from None
        self._file = file
        with disk_errors(self.directory):
            file.truncate(0)
            file.write(b"%d\n" % os.getpid())
            file.flush()
        return self

    def release(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                _unlock(self._file)
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self if self._file is not None else self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


if sys.platform == "win32":
    # Windows locks byte ranges against reading too: one byte far beyond the pid.
    def _lock(file: IO[bytes]) -> None:
        file.seek(1 << 20)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _unlock(file: IO[bytes]) -> None:
        file.seek(1 << 20)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)


# ---- files -----------------------------------------------------------------------------------------------------------


def disk_error(error: OSError, path: Path | str = "") -> TongbanError:
    """The plain sentence for an error of the file system."""
    where = str(path or error.filename or "")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return TongbanError("disk_full")
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return TongbanError("read_only", path=where)
    broken = error.errno == errno.EIO
    return TongbanError(
        "storage_failed", reason="磁盘读写出错" if broken else "", reason_en=error.strerror or type(error).__name__
    )


@contextmanager
def disk_errors(path: Path | str = "") -> Iterator[None]:
    """Turn OSError into TongbanError(disk_full, read_only, storage_failed)."""
    try:
        yield
    except OSError as error:
        raise disk_error(error, path) from error


def write_private(path: Path, data: bytes) -> None:
    """Replace `path` in one step by a file that only its owner can read (0600), synced to disk before the swap."""
    with disk_errors(path.parent):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mkstemp makes it 0600
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_directory(path.parent)


def read_secret(path: Path) -> str:
    """One line from a file that only its owner can read. Raises TongbanError(bad_config) for one that others can, or that is not there."""
    try:
        if not WINDOWS and path.stat().st_mode & 0o077:
            raise TongbanError(
                "bad_config",
                reason=f"{path.name} 其他用户也能读取，请改为 0600",
                reason_en=f"others can read {path.name}: make it 0600",
            )
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise TongbanError(
            "bad_config", reason=f"读不到 secrets/{path.name}", reason_en=f"cannot read secrets/{path.name}"
        ) from None


def sync_directory(directory: Path) -> None:
    """Make a rename in `directory` durable (nothing to do on Windows)."""
    if WINDOWS:
        return
    handle = os.open(directory, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Bring what was written to a file onto the disk. Raises OSError."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def move_durably(source: Path, target: Path) -> None:
    """Rename a file so that its content and its new name are on the disk when this returns, also where a rename is durable only by
    the folder's own sync; folders that are missing are made, and synced into the ones that hold them. Raises OSError."""
    made = [folder for folder in (target.parent, *target.parent.parents) if not folder.exists()]
    target.parent.mkdir(parents=True, exist_ok=True)
    sync_file(source)
    os.replace(source, target)
    for folder in (target.parent, *(one.parent for one in made)):
        sync_directory(folder)


def make_private_directory(directory: Path) -> None:
    """Create `directory` (and its parents); the last one is closed to other users."""
    with disk_errors(directory):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not WINDOWS:
            directory.chmod(0o700)


def close_to_others(directory: Path) -> None:
    """Take a directory that is there from the other users of the machine, where it is ours to do so."""
    with suppress(OSError):
        mode = stat.S_IMODE(directory.stat().st_mode)
        if not WINDOWS and mode & 0o077:
            directory.chmod(mode & 0o700)


# ---- addresses -------------------------------------------------------------------------------------------------------


def split_address(address: str) -> tuple[str, int]:
    """`HOST:PORT` or `[V6]:PORT` -> (host, port). Raises ValueError with a plain reason."""
    host, colon, port = address.strip().rpartition(":")
    host = host.strip("[]")
    if not colon or not host or not port.isascii() or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError(f"{address!r} is not HOST:PORT")
    return host, int(port)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host: all of 127.0.0.0/8, ::1, localhost."""
    return host.lower() == "localhost" or _is_ip(host, lambda ip: ip.is_loopback)


def is_wildcard(host: str) -> bool:
    """Whether the host means every address of this machine."""
    return _is_ip(host, lambda ip: ip.is_unspecified)


def _is_ip(host: str, test: Callable[[ipaddress.IPv4Address | ipaddress.IPv6Address], bool]) -> bool:
    try:
        return test(ipaddress.ip_address(host))
    except ValueError:
        return False


def names_of(host: str) -> tuple[str, ...]:
    """By what names browsers may ask for a listener on `host`, the chief one first."""
    if not is_wildcard(host):
        return tuple(dict.fromkeys((host, "localhost")))
    name = socket.gethostname() or "localhost"
    return tuple(dict.fromkeys((name, *_own_addresses(name), "localhost", "127.0.0.1", "::1")))


def _own_addresses(name: str) -> Iterator[str]:
    """What the machine's name stands for, and the address with which it goes out (often the name stands for loopback only)."""
    with suppress(OSError, UnicodeError):
        for *_, where in socket.getaddrinfo(name, None, type=socket.SOCK_STREAM):
            yield str(where[0]).partition("%")[0]
    for family, far in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.connect((far, 9))  # asks the routing table; nothing is sent
            yield str(asking.getsockname()[0])


def check_port_free(address: str) -> None:
    """Raise TongbanError(port_taken) when `HOST:PORT` cannot be listened on now (port 0 always can)."""
    host, port = split_address(address)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise TongbanError("unreachable", address=address, reason="没有这个主机", reason_en="no such host") from error
    for family, kind, proto, _, where in found:
        with socket.socket(family, kind, proto) as probe:
            if not WINDOWS:  # a port in TIME_WAIT is free; a listener is not. On Windows the option means something else
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(where)
            except OSError as error:
                raise TongbanError("port_taken", address=address) from error


# ---- processes -------------------------------------------------------------------------------------------------------


@contextmanager
def stop_signals(stop: asyncio.Event) -> Iterator[None]:
    """While inside, SIGTERM, SIGINT (and CTRL_BREAK on Windows) set `stop` in the running loop."""
    loop = asyncio.get_running_loop()
    before: list[tuple[int, object]] = []

    def on_signal(*_: object) -> None:
        loop.call_soon_threadsafe(stop.set)

    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:
            before.append((number, signal.signal(number, on_signal)))
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)  # type: ignore[arg-type]


def stop_at_end_of_input(stop: Callable[[], None]) -> None:
    """Call `stop` (from another thread) when standard input ends: the process that started us is gone or wants us to go."""

    def wait() -> None:
        with suppress(OSError, ValueError):
            while sys.stdin.buffer.read(4096):
                pass
        stop()

    threading.Thread(target=wait, name="tongban-stdin", daemon=True).start()


def start_child(command: Sequence[str], log: IO[bytes], extra: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own, so that Ctrl-C reaches only us; its input is a pipe that we hold open.

    `extra` is added to its environment.
    """
    environment = {**os.environ, **(extra or {})}
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, creationflags=flags, env=environment)
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True, env=environment)


def ask_child_to_stop(child: subprocess.Popen[bytes]) -> None:
    """Ask politely: end of input and the stop signal. Returns at once."""
    with suppress(OSError):
        if child.stdin is not None:
            child.stdin.close()
    if child.poll() is None and not WINDOWS:
        with suppress(OSError):
            child.terminate()


def wait_or_kill(child: subprocess.Popen[bytes], seconds: float) -> bool:
    """Wait for a child that was asked to stop; kill it after `seconds`. True when it went by itself."""
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        return False
    return True


FILES_WANTED = 16_384  # a connection is a file; services are often started with 1,024
FILES_OF_SELECT = 480  # on Windows the event loop watches 512 sockets at most, whatever the system allows


if sys.platform == "win32":

    def raise_file_limit(wanted: int = FILES_WANTED) -> int:
        """How many files this process may open; Windows needs no raising."""
        return min(wanted, FILES_OF_SELECT)

else:

    def raise_file_limit(wanted: int = FILES_WANTED) -> int:
        """Let this process open as many files as the system lets it, up to `wanted`. Answers how many it may open now."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        if soft != resource.RLIM_INFINITY and soft < allowed:
            with suppress(OSError, ValueError):  # macOS refuses what is beyond a limit of its own
                resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        return wanted if soft == resource.RLIM_INFINITY else min(soft, wanted)


def event_loop_policy() -> None:
    """Tornado needs the selector loop on Windows."""
    if sys.platform == "win32":
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())


def calm_collector() -> None:
    """What is loaded by now stays for good: the garbage collector need not walk it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
