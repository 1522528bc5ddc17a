"""Cases as the journal adds them up, and the query table made from them.

A case is the fold of its effective entries. The table `cases` only holds the columns people search by; the Case itself is
folded from the journal when it is needed and kept in a bounded memory. An entry that continues its case is applied at
once; anything else (a predecessor came late, an ancestor assigned custody, our own branch lost) folds the case anew.
"""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache

from federation.protocol.envelope import decode_header
from node.domain.case_number import parse_case_no, spellings
from node.domain.cases.audit import CLEAR, Judged, Mark, stranger
from node.domain.cases.casefold import Visit, evolve, extends, fold
from node.domain.cases.dated import bounded
from node.domain.model import Case, Event
from node.domain.words.flags import UNJUDGED
from node.store import dating, lookup, marks
from node.store.ground import Ground
from node.store.judging import judge
from node.store.standing import CaseEntry, Settled, Standing
from node.store.stored import Stored, case_of, event_of
from node.store.turn import Turn

MEMORY = 4096  # cases
EVENTS = 8192  # entries, about 2 KB each

ENTRY_COLUMNS = "arrival, header, hash, via, received_at, (SELECT until_ms FROM dated d WHERE d.arrival=entries.arrival)"


@lru_cache(maxsize=EVENTS)
def _told(header: bytes, hash: bytes) -> tuple[Event, int, int, int]:
    """What the bytes of an entry say of its case, the instant before which it cannot have been made, its epoch and number.

    The same bytes always say the same; a case that is open at a desk is read over and over."""
    fields = decode_header(header)
    return event_of(fields, hash), fields.not_before_ms, fields.epoch, fields.seq


def _only_filed(before: Case, event: Event) -> Case:
    """What remains of a filing that says more than a filing may."""
    return evolve(before, event)._replace(status="with_agent" if event.kind == "lodged" else "submitted")


class CaseReader:
    """Reads cases inside one view."""

    def __init__(self, view: Ground) -> None:
        self._view = view
        self._last: tuple[str, Standing | None] = ("", None)

    def entries(self, case_no: str, before: int = 1 << 62) -> list[CaseEntry]:
        """All stored entries of a case that are not of a lost branch or quarantined, in the order they count.

        What the parent has or gave comes before what only we know, so that both agree which of two rivals was first; a filing
        by the node whose code the case number carries comes before one by anybody else.
        """
        rows = self._view.connection.execute(
            f"SELECT {ENTRY_COLUMNS} FROM entries WHERE case_no=? AND class='case' AND standing=0 AND arrival<? ORDER BY arrival",
            (case_no, before),
        ).fetchall()
        if not rows:
            return []
        entries = []
        for arrival, header, hash, via, received_at, until in rows:
            event, not_before_ms, epoch, seq = _told(header, hash)
            entries.append(CaseEntry(arrival, bounded(event, until), via, received_at, not_before_ms, epoch, seq))
        known_above = self._view.acked_by_parent()
        if known_above is not None:
            parent_row, acked = known_above
            entries.sort(key=lambda entry: (entry.via != parent_row and entry.arrival > acked, entry.arrival))
        if sum(entry.event.version == 1 for entry in entries) > 1 and (number := parse_case_no(case_no)) is not None:
            entries.sort(key=lambda entry: entry.event.version == 1 and self._code_of(entry.event.author) != number.code)
        return entries

    def _code_of(self, node_id: bytes) -> str:
        place = self._view.place(node_id)
        return place.code.upper() if place is not None else ""

    def standing(self, case_no: str, before: int = 1 << 62, visit: Visit | None = None) -> Standing | None:
        entries = self.entries(case_no, before)
        if not entries:
            return None
        folded = fold([entry.event for entry in entries], self._view.may_assign, visit)
        return Standing(folded.case, folded.void, folded.parked, min(entry.arrival for entry in entries))

    def sound(self, case: Case, judged: Judged) -> Case:
        """The case as it stood before the first act in doubt; the case itself when there is none."""
        doubtful = {mark.event for mark in judged.doubts}
        found: list[Case] = []

        def look(before: Case, event: Event) -> None:
            if not found and event.hash in doubtful:
                found.append(before if before.version else _only_filed(before, event))

        if doubtful:
            fold([entry.event for entry in self.entries(case.case_no)], self._view.may_assign, look)
        return found[0] if found else case

    def judged(self, case_no: str) -> Judged:
        """What the audit marked in a case."""
        return marks.judged_of(self._view.connection, case_no)

    def open_numbers(self) -> list[str]:
        """Cases that are held or offered somewhere we take part in (for a sweep of mechanical steps)."""
        me = self._view.identity.node_id
        rows = self._view.connection.execute("SELECT case_no FROM cases WHERE custodian=? OR offered_to=?", (me, me))
        return [row[0] for row in rows.fetchall()]

    def numbers(self) -> list[str]:
        """Every case number known here."""
        return [row[0] for row in self._view.connection.execute("SELECT case_no FROM cases ORDER BY case_no").fetchall()]

    def page(
        self, *, status: str | None, item: str | None, q: str | None, before: int, limit: int, meant: Sequence[str] = ()
    ) -> list[tuple[str, int]]:  # fmt: skip
        """(case number, position) of the newest cases before a position; `q` as in `lookup`, `meant` the items that it means."""
        where, args = ["c.first_arrival<?"], [before]  # type: tuple[list[str], list[object]]
        for column, value in (("c.status", status), ("c.item_id", item)):
            if value is not None:
                where.append(f"{column}=?")
                args.append(value)
        if q:  # the words lead, not the order: + keeps the index of arrivals out
            fits, values = lookup.condition(self._view.connection, q, meant)
            where = [*(f"+{one}" for one in where), fits]
            args += values
        sql = f"SELECT c.case_no, c.first_arrival FROM cases c WHERE {' AND '.join(where)} ORDER BY c.first_arrival DESC LIMIT ?"
        return self._view.connection.execute(sql, (*args, limit)).fetchall()

    def applicant_name(self, case_no: str) -> str | None:
        """The applicant's name where the filing is held."""
        row = self._view.connection.execute("SELECT name FROM people WHERE case_no=?", (case_no,)).fetchone()
        return row[0] if row else None

    def due_before(self, statuses: tuple[str, ...], custodian: bytes) -> list[str]:
        """Cases in these statuses held by a node."""
        marks = ",".join("?" * len(statuses))
        rows = self._view.connection.execute(
            f"SELECT case_no FROM cases WHERE custodian=? AND status IN ({marks})", (custodian, *statuses)
        ).fetchall()
        return [row[0] for row in rows]

    def gaps_over(self, custodian: bytes, today: dt.date) -> list[str]:
        """Cases held by a node where something was promised (容缺) for a day that has passed, and that was not said yet."""
        rows = self._view.connection.execute(
            "SELECT case_no FROM cases WHERE gap_due<? AND custodian=?", (today.isoformat(), custodian)
        ).fetchall()
        return [row[0] for row in rows]

    def at_node(self, node_id: bytes) -> list[str]:
        """Cases held by a node, or on offer to it."""
        rows = self._view.connection.execute(
            "SELECT case_no FROM cases WHERE custodian=? UNION SELECT case_no FROM cases WHERE offered_to=?", (node_id, node_id)
        ).fetchall()
        return [row[0] for row in rows]

    def get(self, case_no: str) -> Case | None:
        """The case, or None when no entry of it is known."""
        standing = self.remembered(case_no)
        return standing.case if standing is not None and standing.case.version else None

    def spelt(self, typed: str) -> Case | None:
        """The case whose number is typed in any spelling."""
        numbers = (typed, *(str(one) for one in spellings(typed)))
        return next((case for number in numbers if (case := self.get(number)) is not None), None)

    def remembered(self, case_no: str) -> Standing | None:
        """The same as `standing`; a view, which is one moment, folds a case that is asked for again only once."""
        if self._last[0] != case_no:
            self._last = (case_no, self.standing(case_no))
        return self._last[1]


class CaseTable(CaseReader):
    """Cases inside the writer's turn, with a memory that is written through at the end of each command."""

    def __init__(self, tx: Turn) -> None:
        super().__init__(tx)
        self._tx = tx
        self._memory: OrderedDict[str, Standing] = OrderedDict()
        self._dirty: dict[str, Standing] = {}
        self._new: set[str] = set()  # cases of the batch in hand of which nothing was known before
        self._fresh: set[str] = set()  # cases of which nothing was written yet
        self.touched: set[str] = set()
        self.folded_anew = False  # whether the last event applied did not simply continue its case

    def forget(self) -> None:
        self._memory.clear()
        self._dirty.clear()
        self._new.clear()
        self._fresh.clear()
        self.touched.clear()

    def standing(self, case_no: str, before: int = 1 << 62, visit: Visit | None = None) -> Standing | None:
        """With what the audit makes of the effective events, and of strangers' among the void ones."""
        judged, cases = CLEAR, dict[bytes, Case]()

        def look(case: Case, event: Event) -> None:
            nonlocal judged
            judged = judge(self._tx, judged, case, event)
            cases[case.head] = case

        standing = super().standing(case_no, before, look)
        if standing is None:
            return None
        if standing.void:
            cases[standing.case.head] = standing.case
            judged = judged._replace(marks=(*judged.marks, *self._strangers(case_no, standing.void, cases)))
        return standing._replace(judged=judged)

    def _strangers(self, case_no: str, void: tuple[bytes, ...], cases: dict[bytes, Case]) -> list[Mark]:
        events = (entry.event for entry in self.entries(case_no) if entry.event.hash in void)
        known = ((event, cases.get(event.prev)) for event in events)
        return [
            Mark(event.hash, "not_custodian", event.author, event.at)
            for event, base in known
            if base is not None and stranger(base, event)
        ]

    def judged(self, case_no: str) -> Judged:
        standing = self.remembered(case_no)
        return standing.judged if standing is not None else CLEAR

    def judge_again(self) -> None:
        """Rules have come (a version of an item): look again at what could not be judged without them."""
        waiting = {no for no, one in self._dirty.items() if any(mark.flag == UNJUDGED for mark in one.judged.marks)}
        for case_no in sorted(waiting.union(marks.unjudged(self._tx.connection))):
            self.refold(case_no)

    def remembered(self, case_no: str) -> Standing | None:
        standing = self._memory.get(case_no)
        if standing is None:
            standing = self._dirty.get(case_no) or self.standing(case_no)
            if standing is not None:
                self._remember(case_no, standing)
        return standing

    def expect(self, entries: Sequence[Stored]) -> None:
        """Ask once, for a batch about to be applied, which of its cases nothing was known before."""
        first = {no: stored.arrival for stored in reversed(entries) if (no := case_of(stored.fields)) and no not in self._memory}
        self._new = set()
        if len(entries) > 1 and first:
            self._tx.journal.write()
            marks = ",".join("?" * len(first))
            sql = f"SELECT case_no, min(arrival) FROM entries WHERE case_no IN ({marks}) GROUP BY case_no"
            found = self._tx.connection.execute(sql, tuple(first)).fetchall()
            self._new = {no for no, arrival in found if arrival == first[no]} - self._dirty.keys()

    def apply(self, stored: Stored) -> tuple[Case | None, Case]:
        """Apply one stored case event; (case before, case after)."""
        event = bounded(stored.event(), dating.until(self._tx, stored))
        known = self._memory.get(event.case_no) or self._dirty.get(event.case_no)
        if event.case_no in self._new or (known is None and event.version == 1 and stored.via == 0):
            self._new.discard(event.case_no)
            self._fresh.add(event.case_no)
        elif known is None:
            known = self.standing(event.case_no, before=stored.arrival)
        before = known.case if known is not None else None
        base = before or Case(event.case_no)
        clean = known is None or not (known.parked or known.void)
        self.folded_anew = not (clean and extends(base, event, self._tx.may_assign))
        if not self.folded_anew:
            first_arrival, judged = (known.first_arrival, known.judged) if known else (stored.arrival, CLEAR)
            after = Standing(evolve(base, event), (), (), first_arrival, judge(self._tx, judged, base, event))
        else:
            folded = self.standing(event.case_no, before=stored.arrival + 1)
            assert folded is not None
            after = folded
        self._change(event.case_no, after)
        return before, after.case

    def refresh(self, after: str, limit: int) -> str:
        """Judge the next cases anew and write their query columns (the calendar changed); the last of them, or ""."""
        rows = self._tx.connection.execute(
            "SELECT case_no FROM cases WHERE case_no>? ORDER BY case_no LIMIT ?", (after, limit)
        ).fetchall()
        for (case_no,) in rows:
            self._memory.pop(case_no, None)
            self._dirty.pop(case_no, None)
        self._write_anew(rows)
        return rows[-1][0] if rows else ""

    def refresh_unsure(self) -> None:
        """Write the query columns of the cases anew that lacked something (a version of an item has come, or who a node is)."""
        sql = "SELECT case_no FROM cases WHERE unsure=1 UNION SELECT case_no FROM decisions WHERE unsure=1"
        self._write_anew(self._tx.connection.execute(sql).fetchall())

    def _write_anew(self, rows: list[tuple[str]]) -> None:
        for (case_no,) in rows:
            standing = self.remembered(case_no)
            if standing is not None:
                self._dirty[case_no] = standing

    def write_again(self, case_no: str) -> None:
        """Something beside its entries has changed that its columns say."""
        if case_no:
            self._write_anew([(case_no,)])

    def refold(self, case_no: str) -> None:
        """Fold from the journal, forgetting what was remembered."""
        self._memory.pop(case_no, None)
        standing = self.standing(case_no)
        if standing is None:
            self._dirty.pop(case_no, None)
            self._tx.settle([], [case_no])
            return
        self._change(case_no, standing)

    def _change(self, case_no: str, standing: Standing) -> None:
        self._remember(case_no, standing)
        self._dirty[case_no] = standing
        self.touched.add(case_no)

    def _remember(self, case_no: str, standing: Standing) -> None:
        self._memory[case_no] = standing
        self._memory.move_to_end(case_no)
        while len(self._memory) > MEMORY:
            self._memory.popitem(last=False)

    def flush(self) -> None:
        """Have the projections write what they keep of every case that changed."""
        if not self._dirty:
            return
        dirty, self._dirty = self._dirty, {}
        fresh, self._fresh = self._fresh, set()
        held = [standing for standing in dirty.values() if standing.case.version]
        gone = [case_no for case_no, standing in dirty.items() if not standing.case.version]
        settled = [Settled(one, self.sound(one.case, one.judged), one.case.case_no in fresh) for one in held]
        self._tx.settle(settled, gone)
