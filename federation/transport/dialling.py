"""Getting through to the parent: how long to wait before a dial, and how long to wait for one.

A dial that began on a dead line never ends, because its handshake is lost; on a very slow line a handshake takes seconds.
So after about a second another dial is begun, and the first that did not finish is kept beside the later ones for ten
seconds. Whichever is through first is used. After a black-out of a minute the next dial thus begins within two seconds,
and a line with a second's delay is still got through.

How long to wait between dials depends on why the last one ended:

- *line*: nobody answered, or the connection broke. Short waits, full jitter; after a long outage longer ones, in proportion.
- *trouble*: we were in contact, and one side could not go on (a full disk, a copy of this node elsewhere). Waits double up
  to a minute and outlive the contact, which is made again each time; else hundreds of children would hammer a sick parent.
- *refused*: for good (revoked, another protocol). A minute.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal, TypeAlias

import grpc
import grpc.aio

from federation.protocol.backoff import CAP, Backoff
from federation.transport.options import Liveness

End: TypeAlias = Literal["line", "trouble", "refused"]

FIRST_WAIT, LONGEST_WAIT = 0.1, 1.0  # seconds; capped low: a dial is cheap, and a village waits for it
FIRST_TROUBLE = 1.0
REFUSED_WAIT = CAP
OUTAGE_SHARE = 300  # when the line was gone for so many seconds, one more does not matter
STEADY_SECONDS = 60.0  # a link that lasted so long was well
_IDLE = (grpc.ChannelConnectivity.IDLE, grpc.ChannelConnectivity.CONNECTING)
_PEER = b""


class Waits:
    """The waits of one link, on a monotonic clock in seconds."""

    def __init__(self, random: Random | None = None) -> None:
        self._random = random or Random()
        self._line = Backoff(self._random, FIRST_WAIT, LONGEST_WAIT)
        self._trouble = Backoff(self._random, FIRST_TROUBLE, CAP)
        self._dark_since: float | None = None

    def contact(self, lasted: float) -> None:
        """The peer was authenticated, and the link lasted so many seconds."""
        self._line.clear(_PEER)
        self._dark_since = None
        if lasted >= STEADY_SECONDS:
            self._trouble.clear(_PEER)

    def clear(self) -> None:
        """Somebody wants it tried now."""
        self._line.clear(_PEER)
        self._trouble.clear(_PEER)
        self._dark_since = None

    def after(self, end: End, now: float) -> float:
        """Seconds until the next dial."""
        if end == "refused":
            return REFUSED_WAIT
        if end == "trouble":
            return self._trouble.failed(_PEER, now)
        if self._dark_since is None:
            self._dark_since = now
        outage = min(CAP, (now - self._dark_since) / OUTAGE_SHARE)
        return max(self._line.failed(_PEER, now), self._random.uniform(0.0, outage))


@dataclass(slots=True, eq=False)
class _Dial:
    """A connection under way; the task ends when TLS is up (True) or the attempt has failed (False)."""

    address: str
    channel: grpc.aio.Channel
    task: asyncio.Task[bool]
    began: float

    @property
    def is_through(self) -> bool:
        return self.task.done() and not self.task.cancelled() and self.task.exception() is None and self.task.result()

    async def drop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)
        await self.channel.close(None)


class Dialler:
    """Dials one peer. `channel` makes an unconnected channel to an address."""

    def __init__(self, channel: Callable[[str], grpc.aio.Channel], liveness: Liveness) -> None:
        self._channel = channel
        self._short, self._long = liveness.short_dial / 1000, liveness.long_dial / 1000
        self._slow: _Dial | None = None

    async def dial(self, address: str) -> grpc.aio.Channel:
        """A channel that is through, or whose attempt failed: then the first call on it says why. The caller closes it.

        Raises TimeoutError when nobody has answered so far."""
        slow = self._slow
        if slow is not None and (slow.address != address or time.monotonic() - slow.began > self._long):
            await self.close()
        channel = self._channel(address)
        fresh = _Dial(address, channel, asyncio.create_task(_connected(channel)), time.monotonic())
        try:
            return await self._choose(await self._first(fresh), fresh)
        except TimeoutError:
            raise
        except BaseException:
            await asyncio.shield(fresh.drop())
            raise

    async def _first(self, fresh: _Dial) -> _Dial | None:
        """The first that is through, or the fresh one when it has failed; None when the short time is over."""
        running = [one for one in (self._slow, fresh) if one is not None]
        deadline = time.monotonic() + self._short
        while True:
            left = max(0.0, deadline - time.monotonic())
            done, _ = await asyncio.wait([one.task for one in running], timeout=left, return_when=asyncio.FIRST_COMPLETED)
            through = next((one for one in running if one.is_through), None)
            if through is not None or fresh.task.done() or not done:
                return through or (fresh if fresh.task.done() else None)
            running = [fresh]  # the slow one has failed

    async def _choose(self, first: _Dial | None, fresh: _Dial) -> grpc.aio.Channel:
        """The channel of the first; the other is dropped, or kept as the slow one."""
        if self._slow is not None and (
            (first is fresh and fresh.is_through) or (self._slow.task.done() and first is not self._slow)
        ):
            await self.close()
        if first is fresh:
            return fresh.channel
        if first is not None:
            await fresh.drop()
            self._slow = None
            return first.channel
        if self._slow is None:
            self._slow = fresh
        else:
            await fresh.drop()
        raise TimeoutError

    async def close(self) -> None:
        """Give up what is under way."""
        slow, self._slow = self._slow, None
        if slow is not None:
            await slow.drop()


async def _connected(channel: grpc.aio.Channel) -> bool:
    """Wait until TLS is up or the attempt failed."""
    state = channel.get_state(try_to_connect=True)
    while state in _IDLE:
        await channel.wait_for_state_change(state)
        state = channel.get_state(try_to_connect=True)
    return state is grpc.ChannelConnectivity.READY


_REASONS = (  # what gRPC's details contain -> what is the matter
    (("not yet valid", "has expired"), "a certificate is outside its dates at {}: is the clock of this machine right?"),
    (
        ("certificate_verify_failed", "hostname verification", "peer name"),
        "who answers at {} is not our parent (its certificate is another's)",
    ),
    (("tls handshake failed",), "who answers at {} does not speak our protocol: is this the link address of the parent?"),
    (
        ("socket closed", "handshake read failed"),
        "who answers at {} hangs up: it does not accept our certificate, or something between us cuts the line",
    ),
    (("refused",), "nobody listens at {}"),
    (("misformatted",), "{} is not an address"),
    (("lookup", "resolving", "resolution", "dns"), "the name in {} is not found"),
    (("unreachable", "no route"), "there is no way to {}: is this machine connected?"),
)


def plain_reason(code: grpc.StatusCode, details: str, address: str) -> str:
    """One plain sentence for what gRPC says."""
    if code is grpc.StatusCode.ABORTED:
        return "the parent talks to a newer connection of this node: does a copy of it run elsewhere?"
    details = details.lower()
    if code is grpc.StatusCode.UNAVAILABLE and ("failed to connect" in details or "resolving" in details):
        details = details.replace(address.lower(), "")  # a host may be named "refused"
        for marks, sentence in _REASONS:
            if any(mark in details for mark in marks):
                return sentence.format(address)
    return f"the line to {address} is down ({code.name.lower()})"
