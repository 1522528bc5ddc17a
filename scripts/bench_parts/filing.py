"""Filing through the service, confirmed: one caller, and 32 callers together."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from node.app import assemble
from node.services.center import Center
from scripts.bench_parts.common import ROUNDS, bare_commit, show, timed, town
from tests.support.network import AGENT

ALONE, TOGETHER, CALLERS = 400, 1600, 32


def run() -> None:
    with town() as made:
        village = made["village"]
        documents = iter([made.application("village", application_no=f"B-{n}") for n in range((ALONE + TOGETHER) * ROUNDS + 50)])
        village.center.store.close()
        center = assemble(village.folder, village.clock)
        try:
            for _ in range(50):
                center.intake.file(next(documents), AGENT)
            alone, together = [], []
            for _ in range(ROUNDS):
                bare = bare_commit(village.folder)
                alone.append(timed(lambda: [center.intake.file(next(documents), AGENT) for _ in range(ALONE)]) / ALONE / bare)
                bare = bare_commit(village.folder)
                together.append(TOGETHER / _together(center, documents) * bare)
            show("one caller, multiples of a bare commit (at most 5)", alone, f"{ALONE} filings a round")
            show("32 callers, share of the bare commit rate (at least 0.50)", together, f"{TOGETHER} filings a round")
        finally:
            center.store.close()
            village.reopen()


def _together(center: Center, documents: Iterator[Any]) -> float:
    batch = iter([next(documents) for _ in range(TOGETHER)])
    lock = threading.Lock()

    def caller() -> None:
        while True:
            with lock:
                document = next(batch, None)
            if document is None:
                return
            center.intake.file(document, AGENT)

    threads = [threading.Thread(target=caller) for _ in range(CALLERS)]

    def work() -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return timed(work)
