"""The composition root: the only file that wires a node together.

`assemble` puts store, keys and services together (also for the in-memory network); `open_node` does so under the
directory lock for a process. A node that runs is given its listeners and links by `serving.py`, which a command that only
asks or changes something never loads.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from federation.transport import tls
from federation.transport.enrol_client import JoinUnreachableError, post_join
from node.domain.setup import Loaded
from node.domain.tree.documents import Founded, Initialised, Joined
from node.domain.words.errors import TongbanError
from node.machine import config, gateways, oslayer
from node.machine.config import Config
from node.services.catalog.shipped import furnish
from node.services.center import Center
from node.services.tree import founding, opening
from node.services.tree.keys import KeyFiles
from node.services.upkeep.backup import restore
from node.store.store import Clock

NEAR_SECONDS = 3.0  # that a parent which does not answer is looked for on the local network
FINAL = frozenset("bad_join_code join_code_used join_code_expired code_active wrong_tier renew_other_node".split())
NO_WAY = (  # what the network says -> in Chinese
    ("refused", "对方没有运行，或地址、端口不对"), ("timeout", "对方没有应答"), ("timed out", "对方没有应答"), ("no answer", "对方没有应答"),
    ("not known", "没有这个主机"), ("no address", "没有这个主机"), ("resolution", "没有这个主机"), ("unreachable", "本机没有连网"),
    ("no route", "本机没有连网"), ("no tongban node", "对方不是通办节点"), ("reset", "连接中断"), ("closed", "连接中断"),
)  # fmt: skip


class SystemClock:
    """The machine's clock; `offset` seconds only in a network made with --test-clock."""

    def __init__(self, offset: float = 0.0) -> None:
        self._offset = int(offset * 1000)

    def now(self) -> int:
        return time.time_ns() // 1_000_000 + self._offset

    def ticks(self) -> int:
        return time.monotonic_ns() // 1_000_000


def assemble(folder: Path, clock: Clock, *, threaded: bool = True) -> Center:
    """Store, keys and services of an existing node. Raises not_a_node, root_key_lost."""
    store, keys = opening.open_store(folder, clock, threaded=threaded)
    return Center(store, keys, certificates=_authority(keys))


def _authority(keys: KeyFiles) -> Callable[[bytes, bytes], bytes] | None:
    """What issues link certificates for children; None in a network without TLS."""
    if not keys.has("ca.pem"):
        return None
    return lambda public_pem, node_id: tls.issue_leaf(keys.get("ca.pem"), keys.get("ca-cert.pem"), public_pem, node_id)


# making nodes --------------------------------------------------------------------------------------------------------


def create_root(folder: Path, *, tier: str, code: str, name: str, clock: Clock, test_clock: bool = False) -> Founded:
    """A root node's directory without addresses (see `init_node`)."""
    return founding.create_root(folder, clock, code=code, name=name, tier=tier, test_clock=test_clock)


def create_child(folder: Path, join_code: str, *, clock: Clock, post: Callable[[bytes], bytes]) -> Joined:
    """Join with `post` carrying the sealed request to the parent."""
    joining = founding.prepare_join(folder, join_code)
    return founding.complete_join(joining, post(joining.request), clock)


def init_node(
    folder: Path, tier: str, code: str, name: str, web: str, grpc: str, test_clock: bool = False, with_catalog: bool = False
) -> Initialised:
    """`tongban init`: a new root with its configuration and what it begins with (`shipped.py`). Answers who it is, the
    administrator's first password and what was `loaded`. A failure leaves no node behind."""
    with oslayer.disk_errors(folder):
        made = create_root(folder, tier=tier, code=code, name=name, clock=_clock(test_clock), test_clock=test_clock)
        with founding.undone_on_failure(folder):
            make_link_authority(folder, bytes.fromhex(made["node_id"]))
            loaded = _furnish(folder, _clock(test_clock), with_catalog)
            config.write_default(folder, web=web, grpc=grpc)
    return {**made, "loaded": loaded}


def _furnish(folder: Path, clock: Clock, with_catalog: bool) -> list[Loaded]:
    center = assemble(folder, clock, threaded=False)
    try:
        return furnish(center.catalog, center.place.code, with_catalog=with_catalog)
    finally:
        center.store.close()


def join_node(folder: Path, join_code: str, web: str, grpc: str, interfaces: Sequence[str] = ()) -> Joined:
    """`tongban join`: enrol at the running parent, where the code says or else where the local network does (`interfaces`: this
    machine's addresses to ask there; none: all but loopback). Raises bad_join_code, unreachable, join_code_used, …"""
    with oslayer.disk_errors(folder):
        clock = _clock(True)
        joining = founding.prepare_join(folder, join_code)
        try:
            answer = _ask_parent(joining, interfaces)
        except TongbanError as error:
            if error.code in FINAL:
                founding.give_up(joining)
            raise
        made = founding.complete_join(joining, answer, clock)
        make_link_authority(folder, bytes.fromhex(made["node_id"]))
        config.write_default(folder, web=web, grpc=grpc, parent=made["link_address"])
    return made


def _ask_parent(joining: founding.Joining, interfaces: Sequence[str]) -> bytes:
    """The parent's answer. The request is sealed to its key, so any address may be tried. Raises unreachable, or its refusal."""
    try:
        return post_to_parent(joining.addresses, joining.request)
    except TongbanError as error:
        others = _heard_near(joining, interfaces) if error.code == "unreachable" else ()
        if not others:
            raise
    return post_to_parent(others, joining.request)


def _heard_near(joining: founding.Joining, interfaces: Sequence[str]) -> tuple[str, ...]:
    """Where the local network says that the parent of a join code is. One whose addresses are all on loopback is not looked for."""
    if not interfaces and all(oslayer.is_loopback(oslayer.split_address(one)[0]) for one in joining.addresses):
        return ()
    from federation.transport.discovery import JOIN, find_once, fingerprint

    code = joining.code
    found = asyncio.run(find_once(JOIN, code.parent, fingerprint(code.parent_key), NEAR_SECONDS, interfaces))
    return tuple(one for one in found if one not in joining.addresses)


def make_link_authority(folder: Path, node_id: bytes) -> None:
    """The authority for this node's children and the certificate its own listener shows them."""
    keys = KeyFiles(folder / "keys")
    ca_key, ca_cert = tls.make_link_ca(node_id)
    keys.put("ca.pem", ca_key)
    keys.put("ca-cert.pem", ca_cert)
    keys.put("listen-cert.pem", tls.issue_leaf(ca_key, ca_cert, KeyFiles.as_pem(keys.link_public_der()), node_id))


def restore_node(backup: Path, folder: Path, key: str = "") -> None:
    """`tongban restore`: a node from a backup; it recovers at its first contact."""
    with oslayer.disk_errors(folder):
        restore(backup, folder, _clock(True), key)


def post_to_parent(addresses: tuple[str, ...], body: bytes) -> bytes:
    """A sealed request to the first address that answers. Raises unreachable, or the parent's refusal."""
    try:
        return asyncio.run(post_join(addresses, body, timeout=20.0))
    except JoinUnreachableError as error:
        raise join_failure(error, addresses) from None


def join_failure(error: JoinUnreachableError, addresses: tuple[str, ...]) -> TongbanError:
    """The parent's own refusal, or that it cannot be reached."""
    code = getattr(error, "code", "")
    details = getattr(error, "details", {}) or {}
    if code and code != "unreachable":
        with suppress(KeyError):
            return TongbanError(code, **details)
    plain = next((zh for sign, zh in NO_WAY if sign in str(error).lower()), str(error))
    return TongbanError("unreachable", address=", ".join(addresses), reason=plain, reason_en=str(error))


def _clock(test_clock: bool) -> Clock:
    offset = os.environ.get("TONGBAN_CLOCK_OFFSET", "") if test_clock else ""
    try:
        return SystemClock(float(offset or 0))
    except ValueError:
        raise TongbanError("bad_config", reason=f"TONGBAN_CLOCK_OFFSET={offset!r}") from None


# opening -------------------------------------------------------------------------------------------------------------


def open_node(folder: Path, clock: Clock | None = None) -> Node:
    """Open a node for this process alone. Raises already_running, not_a_node, read_only, storage_busy."""
    settings = config.load_dir(folder)
    oslayer.close_to_others(folder)  # one that an earlier version made
    lock = oslayer.DirectoryLock(folder).acquire()
    try:
        with oslayer.disk_errors(folder):
            center = assemble(folder, clock or _clock(True))
            if clock is None and not center.test_clock:
                center.store.clock = _clock(False)
            _channels(center, folder, settings)
    except BaseException:
        lock.release()
        raise
    return Node(folder, center, settings, lock)


def _channels(center: Center, folder: Path, settings: Config) -> None:
    """The ways to residents that config.toml names."""
    told = settings.notices
    center.notices.sending.configure(gateways.of(told, folder), f"{told.quiet} {told.gather_minutes}", told.daily)


class Node:
    """One node, opened by this process."""

    def __init__(self, folder: Path, center: Center, settings: Config, lock: oslayer.DirectoryLock) -> None:
        self.folder = folder
        self.center = center
        self.settings = settings
        self._lock = lock

    def close(self) -> None:
        self.center.store.close()
        self._lock.release()
