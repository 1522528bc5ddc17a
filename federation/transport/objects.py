"""The channel of objects at the dialling end: bodies and scans, beside the stream of entries and never in its way.

It lives as long as the stream of entries does, and is opened again when it ends by itself: an object that cannot be read
at one end, or a disk too full for a scan, must not take the entries with it. Waits between tries double up to a minute,
and every end with a fault is in the log.
"""

from __future__ import annotations

import asyncio
import logging
import time
from concurrent.futures import Executor
from random import Random
from typing import Any

from federation.ports import LinkPort
from federation.protocol.backoff import CAP, Backoff
from federation.protocol.session import ObjectSession
from federation.transport.streams import CallEndedError, StreamDriver, drive_objects, run_call
from protos.tongban.v1 import link_pb2 as pb

FIRST_WAIT = 0.5  # seconds
STEADY_SECONDS = 60.0
log = logging.getLogger("federation.transport")


class ObjectPuller:
    """Keeps a stream of objects open to `peer`."""

    def __init__(self, port: LinkPort, peer: bytes, pool: Executor, sweep: float, random: Random | None = None) -> None:
        self._port, self._peer, self._pool, self._sweep = port, peer, pool, sweep
        self._backoff = Backoff(random, FIRST_WAIT, CAP)
        self._driver: StreamDriver[pb.ObjectFrame] | None = None

    def wake(self) -> None:
        """The node committed something (call on the loop's thread)."""
        if self._driver is not None:
            self._driver.wake()

    async def keep(self, stub: Any) -> None:
        """Until cancelled."""
        while True:
            began = time.monotonic()
            try:
                await self._once(stub)
            except CallEndedError:  # mostly the line, which the stream of entries tells
                pass
            except Exception as failure:
                log.warning("objects_failed", extra={"fields": {"peer": self._peer}}, exc_info=failure)
            if time.monotonic() - began >= STEADY_SECONDS:
                self._backoff.clear(self._peer)
            await asyncio.sleep(self._backoff.failed(self._peer, time.monotonic()))

    async def _once(self, stub: Any) -> None:
        driver = self._driver = drive_objects(ObjectSession(self._port, self._peer), self._pool, self._sweep)
        try:
            await run_call(driver, stub.Objects())
        finally:
            self._driver = None
            await asyncio.shield(driver.end("the stream of objects ended"))
