"""How long to wait before calling a peer again: full jitter, exponential, at most a minute, for each peer by itself.

The bound doubles with each failure (0.5 s, 1 s, 2 s, … 60 s) and the wait is drawn evenly below it (tenacity's
`wait_random_exponential`), so that a township that comes back is not met by all its villages at once. There is no giving
up. Any authenticated contact with the peer, from either side, a discovery event or a person's "try now" clears it.

Time and chance are given by the caller, so that tests step through it; `dump` and `load` let a node keep it over a restart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from tenacity import RetryCallState, Retrying, wait_exponential, wait_random_exponential

FIRST = 0.5  # seconds, the bound of the first wait
CAP = 60.0  # seconds
SHORTEST = 0.05  # seconds; even a lucky draw is no busy loop


class _FullJitter(wait_random_exponential):
    """tenacity's full jitter, drawing from a given source of chance instead of the global one."""

    def __init__(self, random: Random, first: float, cap: float) -> None:
        super().__init__(multiplier=first, max=cap, min=SHORTEST)
        self._random = random

    def __call__(self, retry_state: RetryCallState) -> float:
        bound = wait_exponential.__call__(self, retry_state)
        return self._random.uniform(SHORTEST, max(SHORTEST, bound))


@dataclass(frozen=True, slots=True)
class _Wait:
    failures: int
    until: float


class Backoff:
    """The waits of all peers of a node. Times are seconds of whatever clock the caller uses; peers are node ids."""

    def __init__(self, random: Random | None = None, first: float = FIRST, cap: float = CAP) -> None:
        self._draw = _FullJitter(random or Random(), first, cap)
        self._waits: dict[bytes, _Wait] = {}

    def failed(self, peer: bytes, now: float) -> float:
        """Note a failed call; returns the seconds to wait before the next one."""
        failures = self.failures(peer) + 1
        state = RetryCallState(Retrying(), None, (), {})
        state.attempt_number = min(failures, 64)
        wait = self._draw(state)
        self._waits[peer] = _Wait(failures, now + wait)
        return wait

    def wait(self, peer: bytes, now: float) -> float:
        """Seconds left before the peer may be called; 0.0 when it may be called now."""
        note = self._waits.get(peer)
        left = note.until - now if note else 0.0
        return min(max(left, 0.0), self._draw.max)  # a clock set back must not stretch the wait

    def due(self, peer: bytes, now: float) -> bool:
        return self.wait(peer, now) == 0.0

    def failures(self, peer: bytes) -> int:
        """Failures in a row."""
        note = self._waits.get(peer)
        return note.failures if note else 0

    def clear(self, peer: bytes) -> None:
        """Contact was made, or somebody wants it tried now."""
        self._waits.pop(peer, None)

    def dump(self) -> dict[bytes, tuple[int, float]]:
        """peer -> (failures, not before), to be stored."""
        return {peer: (note.failures, note.until) for peer, note in self._waits.items()}

    def load(self, stored: Mapping[bytes, tuple[int, float]]) -> None:
        """Take over what `dump` gave."""
        self._waits = {peer: _Wait(failures, until) for peer, (failures, until) in stored.items()}
