"""The listener of the web: nobody who only holds connections open keeps the others out.

A process may have so many files open and no more; a connection is one. So each listener has a number of seats (`Seats`), and a
newcomer always finds one as long as somebody sits there who says nothing: the one that has been silent longest goes, first of
those that never said anything, then of those between two requests, then of strangers who are still sending, last of those who do
not take their answer. One client address has at most a part of the seats, unless a proxy stands in front (then all come from its
address). The last seats are for this machine itself. What a known person sends or is sent is never cut.

A connection has `HEADER_SECONDS` to say what it wants. When the process has no file left all the same, accepting pauses for a
moment instead of failing thousands of times a second.

Rejected: refusing the newcomer when an address is full (then eleven hundred silent connections of one machine keep its other
programs out), and a limit in a proxy (a village has none).
"""

from __future__ import annotations

import asyncio
import errno
import functools
import logging
import socket
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPMessageDelegate
from tornado.ioloop import IOLoop
from tornado.iostream import IOStream

from edge_ui.limits import is_loopback
from node.domain.people import address_key

HEADER_SECONDS = 10.0  # until a new connection has said what it wants, the TLS handshake included
PAUSE_SECONDS = 0.25  # without accepting, when the process has no file left
ACCEPTED_AT_ONCE = 64
CLEARED_AT_ONCE = 8  # seats, when no file is left
NO_FILES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
ANSWER_SECONDS = 15.0  # after which a stranger who does not take the answer may have to go
SILENT, IDLE, SENDING, WORKING, KNOWN = range(5)  # never said anything; between requests; a body is coming; being answered; known
log = logging.getLogger("tongban.web")


@dataclass(frozen=True, slots=True)
class Room:
    """How many connections a listener holds: all told, of one address (0: no limit of its own), and besides for this machine."""

    total: int = 800
    of_address: int = 200
    own: int = 32


@dataclass(slots=True, eq=False)
class Seat:
    """One connection."""

    stream: IOStream
    address: str
    state: int = SILENT
    since: float = 0.0
    timer: asyncio.TimerHandle | None = None


def _may_go(seat: Seat) -> bool:
    """Whether a seat may be cleared for a newcomer."""
    return seat.state < WORKING or (seat.state == WORKING and time.monotonic() - seat.since > ANSWER_SECONDS)


def seat_at_home(key: str) -> bool:
    """Whether the key of a client address is that of this machine itself (`address_key` keeps the /64 of ::1)."""
    return key == "::" or is_loopback(key)


@dataclass
class Seats:
    """Who sits where. Within a state the one that has been in it longest stands first."""

    room: Room
    by_stream: dict[Any, Seat] = field(default_factory=dict)
    by_state: tuple[OrderedDict[Seat, None], ...] = field(default_factory=lambda: tuple(OrderedDict() for _ in range(5)))
    by_address: dict[str, dict[Seat, None]] = field(default_factory=dict)

    def take(self, stream: IOStream, address: str) -> Seat | None:
        """A seat for a newcomer; somebody silent may have to go. None when there is nobody to go."""
        beside = self.by_address.get(address, {})
        if self.room.of_address and len(beside) >= self.room.of_address and not self._clear(beside):
            return None
        room = self.room.total + (self.room.own if seat_at_home(address) else 0)
        if len(self.by_stream) >= self.room.total and not self.clear_one() and len(self.by_stream) >= room:
            return None
        seat = Seat(stream, address)
        self.by_stream[stream] = seat
        self.by_state[SILENT][seat] = None
        self.by_address.setdefault(address, {})[seat] = None
        return seat

    def move(self, seat: Seat, state: int) -> None:
        """The connection is in another state now."""
        if seat.stream in self.by_stream:
            self.by_state[seat.state].pop(seat, None)
            self.by_state[state][seat] = None
            seat.state, seat.since = state, time.monotonic()

    def leave(self, stream: IOStream) -> None:
        """The connection is gone."""
        seat = self.by_stream.pop(stream, None)
        if seat is None:
            return
        if seat.timer is not None:
            seat.timer.cancel()
        self.by_state[seat.state].pop(seat, None)
        beside = self.by_address[seat.address]
        beside.pop(seat, None)
        if not beside:
            del self.by_address[seat.address]

    def clear_one(self) -> bool:
        """Let the one go that has said nothing for longest; whether there was one."""
        first = (next(iter(seats)) for seats in self.by_state[:KNOWN] if seats)
        seat = next((one for one in first if _may_go(one)), None)
        return seat is not None and self._send_away(seat)

    def _clear(self, beside: dict[Seat, None]) -> bool:
        seat = min((one for one in beside if _may_go(one)), key=lambda one: one.state, default=None)
        return seat is not None and self._send_away(seat)

    def _send_away(self, seat: Seat) -> bool:
        self.leave(seat.stream)
        seat.stream.close()
        return True


class Listener(HTTPServer):
    """An HTTP server with a limited number of connections."""

    def initialize(self, *args: Any, room: Room | None = None, **kwargs: Any) -> None:
        super().initialize(*args, **kwargs)
        self.seats = Seats(room or Room())

    # accepting -------------------------------------------------------------------------------------------------------

    def add_sockets(self, sockets: Any) -> None:
        for one in sockets:
            self._sockets[one.fileno()] = one
            self._open(one)

    def _open(self, one: socket.socket) -> None:
        loop = IOLoop.current()
        loop.add_handler(one, self._accept, IOLoop.READ)
        self._handlers[one.fileno()] = lambda: loop.remove_handler(one)

    def _accept(self, one: socket.socket, events: int) -> None:
        for _ in range(ACCEPTED_AT_ONCE):
            try:
                connection, address = one.accept()
            except (BlockingIOError, InterruptedError):
                return
            except ConnectionAbortedError:
                continue
            except OSError as error:
                self._refused(one, error)
                return
            handle: Callable[[socket.socket, Any], None] = self._handle_connection
            handle(connection, address)

    def _refused(self, one: socket.socket, error: OSError) -> None:
        """No connection could be taken: make room and wait a moment."""
        fields = {"code": errno.errorcode.get(error.errno or 0, ""), "count": len(self.seats.by_stream)}
        for _ in range(CLEARED_AT_ONCE):
            self.seats.clear_one()
        log.warning("accepting_paused" if error.errno in NO_FILES else "accept_failed", extra={"fields": fields})
        self._handlers[one.fileno()]()
        again = IOLoop.current().call_later(PAUSE_SECONDS, self._open, one)
        self._handlers[one.fileno()] = lambda: IOLoop.current().remove_timeout(again)

    # connections -----------------------------------------------------------------------------------------------------

    def handle_stream(self, stream: IOStream, address: Any) -> None:
        seat = self.seats.take(stream, address_key(str(address[0])) if address else "")
        if seat is None:
            log.warning("connection_refused", extra={"fields": {"count": len(self.seats.by_stream)}})
            stream.close()
            return
        seat.timer = asyncio.get_running_loop().call_later(HEADER_SECONDS, self._say_something, seat)
        super().handle_stream(stream, address)

    def _say_something(self, seat: Seat) -> None:
        if seat.state == SILENT:
            self.seats.leave(seat.stream)
            seat.stream.close()

    def start_request(self, server_conn: Any, request_conn: Any) -> HTTPMessageDelegate:
        delegate = super().start_request(server_conn, request_conn)
        seat = self.seats.by_stream.get(server_conn.stream)
        if seat is None:
            return delegate
        if seat.state != SILENT:
            self.seats.move(seat, IDLE)
        request_conn.context.keep_seat = functools.partial(self.seats.move, seat, KNOWN)
        return _Watched(delegate, self.seats, seat)  # `keep_seat`: a known person sends, it is not cut to make room

    def on_close(self, server_conn: Any) -> None:
        self.seats.leave(server_conn.stream)
        super().on_close(server_conn)


class _Watched(HTTPMessageDelegate):
    """One request, on its way to its handler."""

    def __init__(self, delegate: HTTPMessageDelegate, seats: Seats, seat: Seat) -> None:
        self._delegate, self._seats, self._seat = delegate, seats, seat

    def headers_received(self, start_line: Any, headers: Any) -> Any:
        self._seats.move(self._seat, SENDING)
        return self._delegate.headers_received(start_line, headers)

    def data_received(self, chunk: bytes) -> Any:
        return self._delegate.data_received(chunk)

    def finish(self) -> None:
        if self._seat.state != KNOWN:
            self._seats.move(self._seat, WORKING)
        self._delegate.finish()

    def on_connection_close(self) -> None:
        self._delegate.on_connection_close()
