"""gRPC settings, each measured (STACK.md). Without the ping timeout a dead line is noticed a minute late; with so_reuseport
two nodes share a port silently; with the default back-off a child dials half a minute after its parent is back.

gRPC ignores an option it does not know. The least time between pings that a server bears is named
`grpc.http2.min_ping_interval_without_data_ms` (the C macro says MIN_RECV_PING, the string does not); without it the default of
five minutes holds, and the server hangs up on every idle link after 100 s: "Too many pings"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Options: TypeAlias = list[tuple[str, int | str]]

MAX_MESSAGE = 8 << 20


def server_name(node_id: bytes) -> str:
    """The DNS name in a node's link certificate. It is the node id, so that checking it is checking who answers."""
    return f"n{node_id.hex()}.tongban.internal"


@dataclass(frozen=True, slots=True)
class Liveness:
    """How soon a dead line is noticed, ms. Tests use shorter ones.

    A dial has `short_dial` before another is begun, and one of them `long_dial` beside the others (`dialling.py`)."""

    keepalive_time: int = 20_000
    keepalive_timeout: int = 5_000
    reconnect_least: int = 500
    reconnect_most: int = 5_000
    short_dial: int = 1_000
    long_dial: int = 10_000


def client_options(liveness: Liveness, parent: bytes) -> Options:
    """For a channel to `parent`."""
    return [
        ("grpc.keepalive_time_ms", liveness.keepalive_time),
        ("grpc.keepalive_timeout_ms", liveness.keepalive_timeout),
        ("grpc.http2.ping_timeout_ms", liveness.keepalive_timeout),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.initial_reconnect_backoff_ms", liveness.reconnect_least),
        ("grpc.min_reconnect_backoff_ms", liveness.long_dial),  # also how long an attempt to connect may take
        ("grpc.max_reconnect_backoff_ms", liveness.reconnect_most),
        ("grpc.max_receive_message_length", MAX_MESSAGE),
        ("grpc.max_send_message_length", MAX_MESSAGE),
        ("grpc.ssl_target_name_override", server_name(parent)),
        ("grpc.default_authority", server_name(parent)),
        ("grpc.enable_http_proxy", 0),
        ("grpc.use_local_subchannel_pool", 1),
    ]


NO_COMPRESSION = ("grpc.compression_enabled_algorithms_bitset", 1)  # batches are packed by us, with a bound (protocol/frames.py)


def server_options(liveness: Liveness, connections: int) -> Options:
    """For a listener that holds so many connections at most. Who says nothing is hung up on: a child's handshake takes a few
    round trips, and a connection of a child is never without a stream."""
    return [
        ("grpc.max_allowed_incoming_connections", connections),
        ("grpc.server_handshake_timeout_ms", 10_000),
        ("grpc.max_connection_idle_ms", 60_000),
        ("grpc.max_concurrent_streams", 16),
        NO_COMPRESSION,
        ("grpc.so_reuseport", 0),
        ("grpc.keepalive_time_ms", liveness.keepalive_time),
        ("grpc.keepalive_timeout_ms", liveness.keepalive_timeout),
        ("grpc.http2.ping_timeout_ms", liveness.keepalive_timeout),
        ("grpc.http2.min_ping_interval_without_data_ms", min(10_000, liveness.keepalive_time // 2)),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.max_receive_message_length", MAX_MESSAGE),
        ("grpc.max_send_message_length", MAX_MESSAGE),
    ]
