"""gRPC settings, each measured (STACK.md). Without the ping timeout a dead line is noticed a minute late; with so_reuseport
two nodes share a port silently; with the default back-off a child dials half a minute after its parent is back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Options: TypeAlias = list[tuple[str, int | str]]

SERVER_NAME = "node.tongban.internal"  # the one DNS name in every link certificate: peers are checked by node id
MAX_MESSAGE = 8 << 20


@dataclass(frozen=True, slots=True)
class Liveness:
    """How soon a dead line is noticed, ms. Tests use shorter ones."""

    keepalive_time: int = 20_000
    keepalive_timeout: int = 5_000
    reconnect_least: int = 500
    reconnect_most: int = 5_000


def client_options(liveness: Liveness) -> Options:
    return [
        ("grpc.keepalive_time_ms", liveness.keepalive_time),
        ("grpc.keepalive_timeout_ms", liveness.keepalive_timeout),
        ("grpc.http2.ping_timeout_ms", liveness.keepalive_timeout),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.initial_reconnect_backoff_ms", liveness.reconnect_least),
        ("grpc.min_reconnect_backoff_ms", min(1000, liveness.reconnect_most)),
        ("grpc.max_reconnect_backoff_ms", liveness.reconnect_most),
        ("grpc.max_receive_message_length", MAX_MESSAGE),
        ("grpc.max_send_message_length", MAX_MESSAGE),
        ("grpc.ssl_target_name_override", SERVER_NAME),
        ("grpc.default_authority", SERVER_NAME),
        ("grpc.enable_http_proxy", 0),
        ("grpc.use_local_subchannel_pool", 1),
    ]


def server_options(liveness: Liveness) -> Options:
    return [
        ("grpc.so_reuseport", 0),
        ("grpc.keepalive_time_ms", liveness.keepalive_time),
        ("grpc.keepalive_timeout_ms", liveness.keepalive_timeout),
        ("grpc.http2.ping_timeout_ms", liveness.keepalive_timeout),
        ("grpc.http2.min_recv_ping_interval_without_data_ms", min(10_000, liveness.keepalive_time // 2)),
        ("grpc.http2.max_pings_without_data", 0),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.max_receive_message_length", MAX_MESSAGE),
        ("grpc.max_send_message_length", MAX_MESSAGE),
    ]
