"""A parent's own word about its direct children (`heard`, see `node.domain.tree.heard`), so that every tier can know who is idle and
who is silent.

Written at once when a child that was not heard has spoken (at most once a child in ten minutes; when several come back together, the
first at once and the rest with the next look at the clock), when the day has ended for all children that speak, and, while anything moved
or people work, before what was written last is an hour old: nobody above takes a quiet branch for a dead one. `heard` entries alone are
no movement, or they would feed each other.

A child speaks while its last word is no older than fifteen minutes and is silent after twenty-two, whatever its line is. It checks the word
itself (`node.store.disputed`): so long it takes until it can prove that it spoke.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from node.domain.calendar import WorkCalendar, day_of
from node.domain.cases.lateness import is_working_time
from node.domain.tree import heard
from node.domain.tree.heard import SILENT_AFTER_MS, SPEAKS_MS, Heard, name_of
from node.store import hearings
from node.store.hearings import HeardOf, Statement
from node.store.journal import Draft
from node.store.store import Store, Tx, View

EVERY_MS = 40 * 60_000  # with a child's ten minutes and some slack less than an hour
AGAIN_MS = 600_000  # between two entries that one child causes by coming back
TOGETHER_MS = 60_000  # who comes back within this time of an entry waits for the next look at the clock


@dataclass(frozen=True, slots=True)
class _Child:
    """A direct child: its latest statement, and what was written of it last."""

    node_id: bytes
    row: int
    said: Statement | None
    word: HeardOf | None

    def speaks(self, now: int) -> bool:
        return self.said is not None and now - self.said.after_ms <= SPEAKS_MS

    def is_silent(self, now: int) -> bool:
        return self.said is None or now - self.said.after_ms > SILENT_AFTER_MS


class Hearing:
    """One node as a parent."""

    def __init__(self, store: Store, calendar: Callable[[], WorkCalendar]) -> None:
        self._store = store
        self._calendar = calendar
        self._back: dict[bytes, int] = {}  # child -> ticks when it last caused an entry
        self._at_once: int | None = None  # ticks when somebody who came back last caused an entry
        self._owed = False  # somebody came back and waits for the next look

    def spoke(self, peer: bytes, before_ms: int) -> None:
        """A child said something; was it not heard before (the last time after `before_ms`, 0: never), that is written."""
        ticks = self._store.clock.ticks()
        with self._store.reading() as view:
            word = hearings.heard_of(view.connection, peer)
            mine = word is not None and word.parent == view.identity.node_id
            if mine and word is not None and not word.silent and view.now() - before_ms <= SPEAKS_MS:
                return
        if ticks - self._back.get(peer, -AGAIN_MS) < AGAIN_MS:
            return
        self._back[peer] = ticks
        if self._at_once is not None and ticks - self._at_once < TOGETHER_MS:
            self._owed = True
            return
        self._at_once = ticks
        self._store.run(self._write)

    def tick(self) -> None:
        """Look at the clock."""
        with self._store.reading() as view:
            due = self._due(view)
            disputes = hearings.untold_disputes(view.connection)
        if due:
            self._store.run(self._write)
        if disputes:
            self._store.run(_dispute)

    def _due(self, view: View) -> bool:
        children = _children(view)
        if not children:
            return False
        now = view.now()
        at, last = _at(children, now), max((one.word.at_ms for one in children if one.word is not None), default=0)
        noted = max((one.word.noted_ms for one in children if one.word is not None), default=0)
        if not noted:
            return self._owed
        if self._owed or day_of(at) > day_of(max(last, 0) or noted):
            return True
        if at - max(last, 0) < EVERY_MS or now - noted < EVERY_MS:
            return False
        return self._moved(view, children, now) or (
            is_working_time(now, self._calendar()) and any(one.speaks(now) for one in children)
        )

    def _moved(self, view: View, children: list[_Child], now: int) -> bool:
        """Whether a child wrote something, or fell silent, since the last entry."""
        return any(
            (one.word is not None and not one.word.silent and not one.speaks(now))
            or hearings.moved_since(view.connection, one.node_id, one.word.mark if one.word is not None else (0, 0), heard.KIND)
            for one in children
        )

    def _write(self, tx: Tx) -> None:
        children, now = _children(tx), tx.now()
        if not children:
            return
        advanced: dict[bytes, tuple[int, int]] = {}
        for one in children:
            head = hearings.good_head(tx.connection, one.node_id)
            if head > (one.word.mark if one.word is not None else (0, 0)):
                advanced[name_of(one.node_id)] = head
        speaking = {name_of(one.node_id): one.said.hash for one in children if one.said is not None and one.speaks(now)}
        silent = frozenset(name_of(one.node_id) for one in children if one.is_silent(now))
        proofs = {name_of(one.node_id): hearings.proof_of(tx.connection, one.row) for one in children if one.speaks(now)}
        word = Heard(_at(children, now), advanced, silent, speaking, proofs)
        tx.journal.append(Draft(heard.KIND, "note", word.facts()))
        tx.after_commit(self._written)

    def _written(self) -> None:
        self._owed = False


def _dispute(tx: Tx) -> None:
    """Our parent called us silent: what it signed goes up, so that its parent finds it out too."""
    for word, said, answer in hearings.untold_disputes(tx.connection):
        tx.journal.append(Draft(heard.DISPUTED, "note", {"word": word, "proofs": (said, answer)}))
        hearings.dispute_told(tx.connection, word)


def _children(view: View | Tx) -> list[_Child]:
    found = []
    for peer in view.links.all():
        node = view.node_of(peer.id)
        if peer.direction == "down" and not view.trust.is_revoked(node):
            said = hearings.statement_of(view.connection, peer.id)
            found.append(_Child(node, peer.id, said, hearings.heard_of(view.connection, node)))
    return found


def _at(children: list[_Child], now: int) -> int:
    """Until when everything is known of all children that speak."""
    return min((min(one.said.after_ms, now) for one in children if one.said is not None and one.speaks(now)), default=now)
