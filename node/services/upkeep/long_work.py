"""Work that takes minutes: one at a time, in a thread of its own, while a page asks how far it is."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from node.domain.upkeep.documents import JobResult, JobRow, Verified
from node.domain.words.errors import TongbanError
from node.machine import logs
from node.services.times import iso


@dataclass(slots=True)
class Job:
    """Long work: `kind` is backup, check or verify; `state` running, done or failed; `result` when done, `error` a sentence."""

    kind: str
    what: str
    started_at: int
    state: str = "running"
    done: int = 0
    total: int = 0
    result: JobResult | Verified = field(default_factory=JobResult)
    error: TongbanError | None = None


class LongWork:
    """What runs one piece of long work; `threaded` False runs it on the caller's thread."""

    def __init__(self) -> None:
        self.threaded = True
        self._job: Job | None = None
        self._lock = threading.Lock()

    def _start(self, job: Job, work: Callable[[Job], None]) -> None:
        with self._lock:
            if self._job is not None and self._job.state == "running":
                raise TongbanError("busy")
            self._job = job
        if self.threaded:
            threading.Thread(target=self._run, args=(job, work), name="tongban-administration", daemon=True).start()
        else:
            self._run(job, work)

    def _run(self, job: Job, work: Callable[[Job], None]) -> None:
        try:
            work(job)
            job.state = "done"
        except TongbanError as error:
            job.error, job.state = error, "failed"
        except Exception as error:
            job.error, job.state = logs.internal(error, "job_failed", kind=job.kind), "failed"

    def _job_document(self) -> JobRow | None:
        job = self._job
        if job is None:
            return None
        done = int(job.result["checked"]["entries"]) if job.kind == "verify" and "checked" in job.result else job.done
        return {
            "kind": job.kind, "what": job.what, "state": job.state, "done": done, "total": job.total, "started_at": iso(job.started_at),
            "result": copy.deepcopy(job.result),
            "error": job.error.sentence("zh") if job.error else "", "error_en": job.error.sentence("en") if job.error else "",
        }  # fmt: skip
