"""SQL of appeals against cards: their acts, what these make of each card (`projected/appeals.py`), and the lists of them."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from federation.protocol.envelope import HeaderFields
from node.domain import notes
from node.domain.calendar import DAY_MS, WorkCalendar, day_of
from node.domain.cases.dated import dated
from node.domain.supervision.appeals import MOST_ACTS, NONE, TABLE, TO_DECIDE, TO_REVIEW, Act, Appeal, Parties, file_due, fold
from node.store.acts import Kept, acts_of

if TYPE_CHECKING:
    from node.store.ground import Ground
    from node.store.turn import Turn

KINDS = frozenset(row.kind for row in TABLE if row.kind != notes.RECEIVED)
LOOK_BACK_MS = 40 * DAY_MS  # three working days are never longer ago
MOST_CARDS = 500  # of one unit that are looked through for those against which it may appeal
BOXES = ("sent", "received", "below")


@dataclass(frozen=True, slots=True)
class AppealRow:
    """An appeal in a list: the fold of a card, as it is kept. Times in ms; `arrived`: of the card at the charged node, as that says."""

    card: bytes
    id: bytes
    case_no: str
    unit: bytes
    server: bytes
    decider: bytes
    reviewer: bytes
    state: str
    ground: str
    outcome: str
    to_unit: str
    to_node: bytes
    lapsed: str
    arrived: int
    filed_ms: int
    final_ms: int
    since: int


_COLUMNS = ", ".join(AppealRow.__slots__)


@dataclass(frozen=True, slots=True)
class Whole:
    """An appeal with all that is known of it here."""

    row: AppealRow
    appeal: Appeal
    kept: Mapping[bytes, Kept]


def card_of(id: bytes, fields: HeaderFields) -> bytes | None:
    """The card that a note of one of these kinds is about; None for other notes."""
    card = fields.facts.get("card") if fields.kind in KINDS else None
    return card if isinstance(card, bytes) and len(card) == 32 else None


def card_of_note(connection: sqlite3.Connection, note: bytes) -> bytes | None:
    """The card that a note is an act about."""
    row = connection.execute("SELECT card FROM appeal_acts WHERE id=?", (note,)).fetchone()
    return row[0] if row else None


def refold(tx: Turn, card: bytes) -> None:
    """Write the row of a card anew from its acts."""
    tx.journal.write()
    tx.connection.execute("DELETE FROM appeals WHERE card=?", (card,))
    found = whole(tx, card)
    if found is not None:
        values = tuple(getattr(found.row, name) for name in AppealRow.__slots__)
        tx.connection.execute(f"INSERT INTO appeals VALUES({','.join('?' * len(values))})", values)


def whole(view: Ground, card: bytes) -> Whole | None:
    """The appeal against a card; None where there is none, or the card is not known here."""
    parties = parties_of(view, card)
    kept = {one.id: one for one in acts_of(view.connection, "appeal_acts", "card", card, MOST_ACTS)}
    if parties is None or not kept:
        return None
    appeal = fold([act for one in kept.values() if (act := _act(one, kept)) is not None], parties)
    if appeal.state == NONE:
        return None
    filed = kept[appeal.id]
    arrived = filed.fields.facts.get("arrived")
    row = AppealRow(
        card, appeal.id, filed.fields.subject, parties.unit, parties.chain[0], appeal.decider, appeal.reviewer, appeal.state,
        str(filed.fields.facts.get("ground")), appeal.outcome, appeal.to_unit,
        (parties.of(appeal.to_unit) if appeal.to_unit else None) or b"", appeal.lapsed,
        arrived if isinstance(arrived, int) and 0 <= arrived < 1 << 62 else 0, appeal.acts[0].at, appeal.final_at, filed.arrival,
    )  # fmt: skip
    return Whole(row, appeal, kept)


def parties_of(view: Ground, card: bytes) -> Parties | None:
    """Who answers for a served card, and who served it with the nodes above."""
    row = view.connection.execute(
        "SELECT charged, author FROM served WHERE id=? AND rightly ORDER BY at_ms, entry LIMIT 1", (card,)
    ).fetchone()
    return Parties(row[0], (row[1], *view.trust.ancestors(row[1])), view.trust.active_code) if row else None


def arrived_at(view: Ground, card: bytes) -> int:
    """When this node stored a served card (ms)."""
    sql = "SELECT min(e.received_at) FROM served v JOIN entries e ON e.arrival=v.arrival WHERE v.id=? AND v.rightly"
    return int(view.connection.execute(sql, (card,)).fetchone()[0] or 0)


def confirmers(view: Ground, card: bytes) -> set[str]:
    """Who of this node's people confirmed the finding that a card rests on, by staff id."""
    sql = (
        "SELECT n.staff_id FROM served v JOIN judged j ON j.event=v.anchor JOIN notes n ON n.id=j.note"
        " WHERE v.id=? AND v.rightly AND j.state='confirmed' AND n.author=?"
    )
    rows = view.connection.execute(sql, (card, view.identity.node_id))
    return {row[0] for row in rows}


def _act(one: Kept, kept: Mapping[bytes, Kept]) -> Act | None:
    fields, about = one.fields, ""
    if fields.kind == notes.RECEIVED:
        named = kept.get(notes.is_about(fields.facts) or b"")
        if named is None:
            return None
        about = named.fields.kind
    at = dated(fields.recorded_at, fields.not_before_ms)
    return Act(fields.kind, one.author, at, fields.staff_id, one.id, fields.facts, about)


# lists ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """Which appeals: `box` sent (by this node), received (for it to decide or review) or below (others); "" all."""

    box: str = ""
    state: str = ""
    case_no: str = ""


_TURN = "(decider=:me AND state IN ('filed', 'delivered')) OR (reviewer=:me AND state IN ('review', 'review_delivered'))"
_MINE = "(server=:me OR decider=:me OR (reviewer=:me AND state IN ('review', 'review_delivered')))"
_BOXES = {
    "": "1",
    "sent": "unit=:me",
    "received": f"unit<>:me AND {_MINE} OR unit=:me AND ({_TURN})",
    "below": f"unit<>:me AND NOT {_MINE}",
}


def page(view: Ground, asked: Asked, before: int, limit: int) -> tuple[list[AppealRow], int]:
    """(the newest appeals before an arrival, how many there are)."""
    where, values = _where(view, asked)
    total = view.connection.execute(f"SELECT count(*) FROM appeals WHERE {where}", values).fetchone()[0]
    rows = view.connection.execute(
        f"SELECT {_COLUMNS} FROM appeals WHERE {where} AND since<:before ORDER BY since DESC LIMIT :limit",
        {**values, "before": before, "limit": limit},
    ).fetchall()
    return [AppealRow(*row) for row in rows], int(total)


def _where(view: Ground, asked: Asked) -> tuple[str, dict[str, Any]]:
    values: dict[str, Any] = {"me": view.identity.node_id}
    where = [f"({_BOXES[asked.box]})"]
    for column, value in (("state", asked.state), ("case_no", asked.case_no)):
        if value:
            values[column] = value
            where.append(f"{column}=:{column}")
    return " AND ".join(where), values


def by_id(view: Ground, id: bytes) -> bytes | None:
    """The card that an appeal is against."""
    row = view.connection.execute("SELECT card FROM appeals WHERE id=?", (id,)).fetchone()
    return row[0] if row else None


def waiting(view: Ground) -> int:
    """How many wait for this node: to be decided or reviewed."""
    sql = f"SELECT count(*) FROM appeals WHERE {_TURN}"
    return int(view.connection.execute(sql, {"me": view.identity.node_id}).fetchone()[0])


def running(view: Ground) -> Sequence[bytes]:
    """The cards whose appeal is not final and has been told to somebody, for who looks at limits."""
    states = (*TO_DECIDE, "decided", TO_REVIEW[1])
    marks = ",".join("?" * len(states))
    return [
        row[0] for row in view.connection.execute(f"SELECT card FROM appeals WHERE state IN ({marks}) ORDER BY since", states)
    ]


def appealable(view: Ground, since_ms: int) -> list[tuple[bytes, int]]:
    """(card, when it came) of the cards of this node that came since and against which nobody appealed, the oldest first; of the newest
    `MOST_CARDS`."""
    sql = (
        "SELECT v.id, e.received_at FROM served v JOIN entries e ON e.arrival=v.arrival WHERE v.charged=? AND v.rightly"
        " AND NOT EXISTS (SELECT 1 FROM appeals a WHERE a.card=v.id) ORDER BY v.arrival DESC LIMIT ?"
    )
    came: dict[bytes, int] = {}
    for card, at in view.connection.execute(sql, (view.identity.node_id, MOST_CARDS)):
        came[card] = at  # of one that was served twice the earlier
    return [(card, at) for card, at in reversed(came.items()) if at >= since_ms]


def still_open(view: Ground, cal: WorkCalendar) -> list[tuple[bytes, int, dt.date]]:
    """(card, when it came, last day) of the cards of this unit against which it may still appeal, the most urgent first."""
    today = day_of(view.now())
    cards = sorted(appealable(view, view.now() - LOOK_BACK_MS), key=lambda one: (one[1], one[0]))
    return [(card, came, last) for card, came in cards if (last := file_due(came, cal)) >= today]
