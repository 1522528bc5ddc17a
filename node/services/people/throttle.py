"""Slowing down who guesses passwords, without shutting out whose password it is.

A try counts at one or more *places* before it is checked, so that tries at the same moment cannot go past a limit; a right one is
given back. For a stranger's browser the places are the name at this address, and the name at all strangers' together (many
addresses, one victim); a browser where the person logged in before (a *known station*) has a place of its own, and so passes
while strangers guess. An IPv6 address counts as its /64 (one subscriber). A clock that nobody can set measures the window.

Memory is bounded: of too many places the one that was tried least lately is forgotten.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping

from node.domain.words.errors import TongbanError

WINDOW_MS = 5 * 60_000
LIMIT = 5  # wrong tries of a name at one address, or at a known station
STRANGERS_LIMIT = 60  # wrong tries of a name from all addresses together
PLACES = 10_000


class Throttle:
    """Wrong tries per place within a sliding window."""

    def __init__(self, window_ms: int = WINDOW_MS, places: int = PLACES) -> None:
        self._window, self._places = window_ms, places
        self._tries: OrderedDict[str, list[int]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, limits: Mapping[str, int], now: int) -> None:
        """Count a try at each place (place -> most tries). Raises `rate_limited` when one of them is full; then none is counted."""
        with self._lock:
            recent = {place: [at for at in self._tries.get(place, ()) if abs(now - at) < self._window] for place in limits}
            full = [tries[-limits[place]] for place, tries in recent.items() if len(tries) >= limits[place]]
            if full:
                left = self._window - min(abs(now - at) for at in full)
                raise TongbanError("rate_limited", retry_after=max(1, -(-left // 1000)))
            for place, tries in recent.items():
                self._tries[place] = [*tries, now]
                self._tries.move_to_end(place)
            while len(self._tries) > self._places:
                self._tries.popitem(last=False)

    def right(self, limits: Mapping[str, int]) -> None:
        """The try was right: the first place is clean again, of the others the try alone is taken back."""
        with self._lock:
            for n, place in enumerate(limits):
                tries = self._tries.pop(place, [])
                if n > 0 and len(tries) > 1:
                    self._tries[place] = tries[:-1]

    def forget(self, place: str) -> None:
        """Nothing is held against this place any more."""
        with self._lock:
            self._tries.pop(place, None)
