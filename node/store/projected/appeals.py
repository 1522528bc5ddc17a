"""The appeals against cards that are known here, each as its acts make it (`node.domain.supervision.appeals`).

Its acts are notes and stand in `notes` as well, which carries them. They are kept by the card that they name: what becomes of a card is a
function of all of them. An act that came before its card waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.domain.notes import CARDED, RECEIVED, is_about
from node.store import appeals
from node.store.maintenance import Compared
from node.store.projected.base import Change, Projection

if TYPE_CHECKING:
    from node.store.turn import Turn


class Appeals(Projection):
    """By the card."""

    NAME = "appeals"
    VERSION = 6
    TABLES = """
CREATE TABLE appeal_acts(id BLOB PRIMARY KEY, card BLOB NOT NULL, arrival INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX appeal_acts_card ON appeal_acts(card, arrival);
CREATE TABLE appeals(
  card BLOB PRIMARY KEY, id BLOB NOT NULL, case_no TEXT NOT NULL, unit BLOB NOT NULL, server BLOB NOT NULL, decider BLOB NOT NULL,
  reviewer BLOB NOT NULL, state TEXT NOT NULL, ground TEXT NOT NULL, outcome TEXT NOT NULL, to_unit TEXT NOT NULL,
  to_node BLOB NOT NULL, lapsed TEXT NOT NULL, arrived INTEGER NOT NULL, filed_ms INTEGER NOT NULL, final_ms INTEGER NOT NULL,
  since INTEGER NOT NULL  -- the arrival of what filed it
) WITHOUT ROWID;
CREATE INDEX appeals_id ON appeals(id);
CREATE INDEX appeals_since ON appeals(since);
CREATE INDEX appeals_state ON appeals(state, since);
CREATE INDEX appeals_against ON appeals(card, state, outcome) WHERE state <> 'final' OR outcome IN ('revoke', 'reassign', 'downgrade');
CREATE INDEX appeals_open ON appeals(state) WHERE state <> 'final';
CREATE INDEX appeals_case ON appeals(case_no);
CREATE INDEX appeals_lowered ON appeals(card) WHERE outcome = 'downgrade';
CREATE INDEX appeals_moved ON appeals(to_node) WHERE to_node <> x'';
"""
    COMPARED = {
        "appeal_acts": Compared("id, card, arrival"),
        "appeals": Compared(
            "card, id, case_no, unit, server, decider, reviewer, state, ground, outcome, to_unit, to_node, lapsed, arrived, filed_ms, final_ms,"
            " since"
        ),
    }

    def apply(self, tx: Turn, changes: Sequence[Change]) -> None:
        touched = dict.fromkeys(card for change in changes if (card := _kept(tx, change)) is not None)
        for card in touched:
            appeals.refold(tx, card)


def _kept(tx: Turn, change: Change) -> bytes | None:
    """The card that an entry is about, the entry being kept with it; None for what is about none."""
    stored = change.stored
    if stored.fields.entry_class != "note":
        return None
    if stored.fields.kind == RECEIVED:
        about = is_about(stored.fields.facts)
        return appeals.card_of_note(tx.connection, about) if about is not None else None
    if stored.fields.kind in CARDED:
        return _awaited(tx, stored.fields.facts.get("id"))
    card = appeals.card_of(stored.hash, stored.fields)
    if card is not None:
        tx.connection.execute("INSERT OR IGNORE INTO appeal_acts VALUES(?,?,?)", (stored.hash, card, stored.arrival))
    return card


def _awaited(tx: Turn, card: object) -> bytes | None:
    """A card that came after an act about it."""
    known = isinstance(card, bytes) and tx.connection.execute("SELECT 1 FROM appeal_acts WHERE card=?", (card,)).fetchone()
    return card if isinstance(card, bytes) and known else None
