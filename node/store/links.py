"""What a node remembers of its neighbours: cursors, watermarks, receipts, who is online.

Upward positions are our arrival numbers; nothing is queued. Downward positions are the rows `down(peer, n, arrival)`.
A watermark belongs to a generation of the other store: when a peer shows a new generation (it was restored), everything
it may have lost is sent again: upward from arrival 1 including what came from it (`replay_until`), downward by numbering
its rows anew together with all that came from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from federation.ports import HeadMark, WireEntry
from federation.protocol.receipts import receipt_hash
from node.store.stored import day_of, last_arrival

if TYPE_CHECKING:
    from node.store.ground import Ground

COLUMNS = (
    "id, direction, code, state, last_contact, last_error, error_at, generation, received, acked, replay_until, caught_up_at,"
    " caught_up_generation, confirmed, clock_skew"
)
_ONE_PEER = f"SELECT {', '.join('p.' + one.strip() for one in COLUMNS.split(','))} FROM peers p JOIN authors a ON a.id=p.id WHERE a.node_id=?"


# The receipt of the latest entry: a parent's clock that once ran ahead does not make an old one the last.
LATEST = "ORDER BY epoch DESC, seq DESC, at_ms DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class PeerRow:
    """One neighbour. `received`: of their positions, stored here; `acked`: of ours, stored there."""

    id: int
    direction: str
    code: str
    state: str
    last_contact: int
    last_error: str
    error_at: int
    generation: bytes
    received: int
    acked: int
    replay_until: int
    caught_up_at: int
    caught_up_generation: bytes
    confirmed: bool
    clock_skew: int


class Links:
    """Peers and receipts of one view or transaction."""

    def __init__(self, view: Ground) -> None:
        self._view = view
        self._cited = b""  # the receipt that is marked so

    def forget(self) -> None:
        self.__dict__.pop("last_receipt", None)
        self._cited = b""

    # peers ---------------------------------------------------------------------------------------------------------

    def all(self) -> list[PeerRow]:
        rows = self._view.connection.execute(f"SELECT {COLUMNS} FROM peers ORDER BY direction DESC, code").fetchall()
        return [_peer(row) for row in rows]

    def get(self, node_id: bytes) -> PeerRow | None:
        row = self._view.connection.execute(_ONE_PEER, (node_id,)).fetchone()
        return _peer(row) if row else None

    def unconfirmed(self) -> list[PeerRow]:
        """The neighbours that have not yet said all that we may have forgotten (after a restore); nobody waits for a revoked one."""
        rows = self._view.connection.execute(f"SELECT {COLUMNS} FROM peers WHERE confirmed=0 ORDER BY code").fetchall()
        return [one for one in map(_peer, rows) if not self._view.trust.is_revoked(self._view.node_of(one.id))]

    def add(self, row_id: int, direction: str, code: str) -> None:
        self._view.connection.execute("INSERT OR IGNORE INTO peers(id, direction, code) VALUES(?,?,?)", (row_id, direction, code))

    def update(self, row_id: int, **changes: object) -> None:
        """Set columns of one peer (names are ours, never input)."""
        columns = ", ".join(f"{name}=?" for name in changes)
        self._view.connection.execute(f"UPDATE peers SET {columns} WHERE id=?", (*changes.values(), row_id))

    # what to send --------------------------------------------------------------------------------------------------

    def upward(self, peer: PeerRow, after: int, limit: int) -> tuple[int, tuple[WireEntry, ...]]:
        """(last position, entries) for the parent after arrival `after`: all of our own and of our subtree."""
        rows = self._view.connection.execute(
            "SELECT arrival, header, signature FROM entries WHERE arrival>? AND standing<2 AND (via<>? OR arrival<=?) ORDER BY arrival LIMIT ?",
            (after, peer.id, peer.replay_until, limit),
        ).fetchall()
        last = rows[-1][0] if len(rows) == limit else max(after, last_arrival(self._view))
        return last, tuple(WireEntry(row[1], row[2]) for row in rows)

    def downward(self, peer: PeerRow, after: int, limit: int) -> tuple[int, tuple[WireEntry, ...]]:
        """(last position, entries) for a child after its row `after`."""
        rows = self._view.connection.execute(
            "SELECT d.n, e.header, e.signature FROM down d JOIN entries e ON e.arrival=d.arrival WHERE d.peer=? AND d.n>? ORDER BY d.n LIMIT ?",
            (peer.id, after, limit),
        ).fetchall()
        return (rows[-1][0] if rows else after), tuple(WireEntry(row[1], row[2]) for row in rows)

    def unsent(self, peer: PeerRow) -> int:
        """Entries the peer has not acknowledged."""
        if peer.direction == "up":
            sql, args = "SELECT count(*) FROM entries WHERE arrival>? AND standing<2 AND via<>?", (peer.acked, peer.id)
        else:
            sql, args = "SELECT count(*) FROM down WHERE n>? AND peer=?", (peer.acked, peer.id)
        return int(self._view.connection.execute(sql, args).fetchone()[0])

    def forget_neighbours(self) -> None:
        """After a restore: nobody has confirmed anything, and everything must come again."""
        self._view.connection.execute("UPDATE peers SET confirmed=0, received=0")

    # cases that wait after a restore (services.recovery) -----------------------------------------------------------

    def freeze_filed_at(self, origin: bytes, mark: int) -> None:
        """Put the mark on every case filed there; earlier marks no longer count."""
        self._view.connection.execute("DELETE FROM frozen")
        self._view.connection.execute("INSERT INTO frozen SELECT case_no, ? FROM cases WHERE origin=?", (mark, origin))

    def frozen_marks(self, case_no: str) -> set[int]:
        return {row[0] for row in self._view.connection.execute("SELECT peer FROM frozen WHERE case_no=?", (case_no,))}

    def set_frozen_mark(self, case_no: str, mark: int) -> None:
        self._view.connection.execute("DELETE FROM frozen WHERE case_no=?", (case_no,))
        self._view.connection.execute("INSERT INTO frozen VALUES(?,?)", (case_no, mark))

    def down_end(self, row_id: int) -> int:
        row = self._view.connection.execute("SELECT max(n) FROM down WHERE peer=?", (row_id,)).fetchone()
        return int(row[0] or 0)

    def route(self, row_id: int, arrivals: list[int]) -> None:
        """Give a child these entries, in this order, after all it already gets."""
        start = self.down_end(row_id)
        self._view.connection.executemany(
            "INSERT INTO down VALUES(?,?,?)", [(row_id, start + k, arrival) for k, arrival in enumerate(arrivals, 1)]
        )

    def renumber_for_restored(self, row_id: int) -> None:
        """A restored child gets all it ever got from us and all we ever got from it, in arrival order."""
        execute = self._view.connection.execute
        rows = execute(
            "SELECT DISTINCT arrival FROM (SELECT arrival FROM down WHERE peer=? UNION SELECT arrival FROM entries WHERE via=? AND standing<2)"
            " ORDER BY arrival",
            (row_id, row_id),
        ).fetchall()
        execute("DELETE FROM down WHERE peer=?", (row_id,))
        self.route(row_id, [row[0] for row in rows])

    # receipts ------------------------------------------------------------------------------------------------------

    @cached_property
    def last_receipt(self) -> tuple[bytes, int]:
        """(hash of the latest receipt of our parent, when it was signed): before it nothing was written that cites it."""
        row = self._view.connection.execute(f"SELECT CAST(receipt AS BLOB), at_ms FROM receipts {LATEST}").fetchone()
        return (receipt_hash(row[0]), row[1]) if row else (b"", 0)

    def keep_receipt(self, at_ms: int, head: HeadMark, receipt: bytes, signature: bytes) -> None:
        """Keep the first receipt of each day, the latest, and those that our entries cite."""
        execute = self._view.connection.execute
        day = day_of(at_ms)
        rows = execute("SELECT at_ms FROM receipts WHERE day=? ORDER BY at_ms", (day,)).fetchall()
        if len(rows) > 1:
            execute("DELETE FROM receipts WHERE day=? AND at_ms>? AND at_ms<? AND cited=0", (day, rows[0][0], at_ms))
        execute(
            "INSERT OR IGNORE INTO receipts(at_ms, epoch, seq, head, receipt, signature, day) VALUES(?,?,?,?,?,?,?)",
            (at_ms, head.epoch, head.seq, head.hash, receipt, signature, day),
        )
        self.forget()
        self._view.after_commit(self._heard)

    def cite_receipt(self) -> tuple[bytes, int]:
        """The latest receipt, as an entry written now cites it: from now on it is kept."""
        found = self.last_receipt
        if found[0] and self._cited != found[0]:
            self._view.connection.execute("UPDATE receipts SET cited=1 WHERE at_ms=?", (found[1],))
            self._cited = found[0]
        return found

    def _heard(self) -> None:
        self._view.store.heard_ms = self.last_receipt[1]

    def receipts(self) -> list[tuple[int, int, int]]:
        """(at_ms, epoch, seq), oldest first."""
        return list(self._view.connection.execute("SELECT at_ms, epoch, seq FROM receipts ORDER BY at_ms"))


def _peer(row: tuple[object, ...]) -> PeerRow:
    return PeerRow(*row[:13], bool(row[13]), *row[14:])  # type: ignore[arg-type, call-arg]
