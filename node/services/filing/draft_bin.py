"""Drafts that nobody touches any more (R12): set aside first, where they are seen and taken back; removed later, a few at a time.

Names and photographs are not kept for nothing, and nothing is destroyed on the word of the local clock alone. A draft is set aside
when the clock says that nobody touched it for STALE_DRAFT_DAYS and the node has run for a while since; a clock that goes back takes
it out again. It is removed when it has lain there for BIN_DAYS by the clock and for BIN_RAN_MS of running time, and somebody else
bears out that the time is over (`store.clock_watch`), at most REMOVED_AT_ONCE in an hour of running. All of it is in the audit.
"""

from __future__ import annotations

from node.domain.calendar import DAY_MS
from node.domain.cases.acts.filing import STALE_DRAFT_DAYS
from node.domain.model import SYSTEM, Actor
from node.domain.words.errors import TongbanError
from node.services.filing.draft_files import CLOSED, DraftUploads
from node.store import audit
from node.store.drafts import DraftRow
from node.store.store import Tx

HOUR_MS = 3_600_000
BIN_DAYS = 7
BIN_RAN_MS = 24 * HOUR_MS  # three days of a PC that is on in office hours
STALE_RAN_MS = 16 * HOUR_MS  # of running since the last touch, before a draft is set aside
ASIDE_AT_ONCE = 100
REMOVED_AT_ONCE = 20


class DraftBin(DraftUploads):
    """Throwing drafts away: by a person at once, by age with a bin between."""

    _removed_ran: int | None = None  # running time of the last removal by age, in this process

    def discard(self, id: str, actor: Actor) -> None:
        """Throw a draft away, with its photographs."""
        self._may(actor)
        if not self._discard(id, actor, "draft_discarded"):
            raise TongbanError("guard_failed", rule=CLOSED)

    def restore(self, id: str, actor: Actor) -> None:
        """Take a draft out of the bin: it counts as touched now. Errors: `not_found`, `guard_failed` when it is gone."""
        self._may(actor)

        def command(tx: Tx) -> None:
            if self._open(tx, id).aside_at is not None:
                tx.drafts.touch(id)
                self._note(tx, actor, "draft_restored", id)

        self.store.run(command)

    def aside(self, actor: Actor) -> list[tuple[DraftRow, int]]:
        """The drafts in the bin, each with the moment (ms) before which it is not removed."""
        self._may(actor)
        with self.store.reading() as view:
            return [(row, (row.aside_at or 0) + BIN_DAYS * DAY_MS) for row in view.drafts.aside(ASIDE_AT_ONCE)]

    def sweep(self) -> int:
        """One look, at each tick of the node; answers how many drafts were removed."""
        now, ran = self.store.now(), self.store.watch.ran
        stale = now - STALE_DRAFT_DAYS * DAY_MS
        with self.store.reading() as view:
            moves = view.drafts.to_set_aside(stale, ran - STALE_RAN_MS, ASIDE_AT_ONCE)
            back = view.drafts.to_take_back(stale, now, ASIDE_AT_ONCE)
            over = min(now, self.store.watch.witnessed(view)) if self.store.watch.agrees(view) else 0
            gone = view.drafts.to_remove(
                over - BIN_DAYS * DAY_MS, over - STALE_DRAFT_DAYS * DAY_MS, ran - BIN_RAN_MS, REMOVED_AT_ONCE
            )
        if moves or back:
            self.store.run(lambda tx: self._move(tx, moves, back, now, ran))
        if not gone or (self._removed_ran is not None and ran - self._removed_ran < HOUR_MS):
            return 0
        self._removed_ran = ran
        return sum(self._discard(id, SYSTEM, "draft_removed", stale) for id in gone)

    def _move(self, tx: Tx, moves: list[str], back: list[str], now: int, ran: int) -> None:
        for id in moves:
            tx.drafts.set_aside(id, now, ran)
            self._note(tx, SYSTEM, "draft_set_aside", id)
        for id in back:
            tx.drafts.take_back(id)
            self._note(tx, SYSTEM, "draft_restored", id)

    def _discard(self, id: str, by: Actor, kind: str, before: int = 1 << 62) -> bool:
        """Whether it was thrown away: not when somebody touched it after `before` (ms)."""

        def command(tx: Tx) -> bool:
            row = self._found(tx, id)
            if row.state != "open" or row.updated_at >= before:
                return False
            tx.drafts.settle(id, "discarded")
            tx.drafts.forget_text(id)
            tx.drafts.remove_files(id)
            self._note(tx, by, kind, id)
            return True

        with self.store.turns.of("draft", id):
            if done := self.store.run(command):
                self.folder.remove_all(id)
        return done

    def _note(self, tx: Tx, by: Actor, kind: str, id: str) -> None:
        audit.note(tx.connection, tx.now(), by.staff_id, kind, id)

    def sweep_folders(self) -> None:
        """Folders that a power cut left behind: of drafts that are lodged or thrown away."""
        with self.store.reading() as view:
            left = [
                name for name in self.folder.drafts() if (row := view.drafts.get(name)) and row.state in ("lodged", "discarded")
            ]
        for name in left[:REMOVED_AT_ONCE]:
            with self.store.turns.of("draft", name):
                self.folder.remove_all(name)
