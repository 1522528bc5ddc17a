"""A token bucket per client address, in memory: slows down guessing of passwords, query codes and join secrets.

A try takes one token before the work starts; what succeeded gives most of it back, so that an honest reading room behind
one address is not locked out while a guesser is. Memory is bounded: the address that was quiet longest is forgotten first
(a full bucket is the same as none).
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from node.domain.people import address_key
from node.domain.words.errors import TongbanError

MAX_CLIENTS = 10_000


class Buckets:
    """`burst` tries at once, then `per_minute` more each minute; time is the injected monotonic clock in seconds."""

    def __init__(self, burst: float, per_minute: float, now: Callable[[], float]) -> None:
        self._burst, self._rate, self._now = burst, per_minute / 60.0, now
        self._level: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> None:
        """Takes one token. Errors: `rate_limited` (with `retry_after` seconds)."""
        key, now = address_key(client), self._now()
        level, since = self._level.get(key, (self._burst, now))
        level = min(self._burst, level + (now - since) * self._rate)
        if level < 1.0:
            raise TongbanError("rate_limited", retry_after=max(1, int((1.0 - level) / self._rate + 0.999)))
        self._store(key, level - 1.0, now)

    def give_back(self, client: str, part: float = 1.0) -> None:
        """Returns `part` of a token after a success."""
        key = address_key(client)
        if key in self._level:
            level, since = self._level[key]
            self._store(key, min(self._burst, level + part), since)

    def _store(self, key: str, level: float, now: float) -> None:
        self._level[key] = (level, now)
        self._level.move_to_end(key)
        if len(self._level) > MAX_CLIENTS:
            self._level.popitem(last=False)


class Queue:
    """How many wait for costly work at once: so many strangers, and besides them so many who are known."""

    def __init__(self, strangers: int, known: int) -> None:
        self._most = {False: strangers, True: strangers + known}
        self._waiting = 0

    @contextmanager
    def place(self, *, known: bool) -> Iterator[None]:
        """Errors: `rate_limited` when too many wait."""
        if self._waiting >= self._most[known]:
            raise TongbanError("rate_limited", retry_after=5)
        self._waiting += 1
        try:
            yield
        finally:
            self._waiting -= 1


def is_loopback(address: str) -> bool:
    """Whether a client address is this machine's own."""
    try:
        return ipaddress.ip_address(address.partition("%")[0]).is_loopback
    except ValueError:
        return False
