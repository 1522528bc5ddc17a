"""The orders of supervision (督办单) that are known here, each as its acts make it (`node.domain.supervision.orders`).

Its acts are notes and stand in `notes` as well, which carries them. Whose act one is, the author says: the issuer's is who signed first
of the nodes above the unit, the unit's who has its code. What others write of an order is kept in the journal and counts for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.domain.notes import RECEIVED, is_about
from node.store import orders
from node.store.maintenance import Compared
from node.store.projected.base import Change, Projection

if TYPE_CHECKING:
    from node.store.turn import Turn


class Orders(Projection):
    """By the hash of the draft, which is the order's name."""

    NAME = "orders"
    VERSION = 5
    TABLES = """
CREATE TABLE order_acts(id BLOB PRIMARY KEY, order_id BLOB NOT NULL, arrival INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX order_acts_order ON order_acts(order_id, arrival);
CREATE TABLE orders(
  id BLOB PRIMARY KEY, issuer BLOB NOT NULL, unit TEXT NOT NULL, case_no TEXT NOT NULL, item TEXT NOT NULL, card TEXT NOT NULL,
  urgent INTEGER NOT NULL, state TEXT NOT NULL, told_at INTEGER NOT NULL, reply_by TEXT NOT NULL, number TEXT NOT NULL,
  year INTEGER NOT NULL, series TEXT NOT NULL, serial INTEGER NOT NULL, since INTEGER NOT NULL,  -- the arrival of what made it
  at_ms INTEGER NOT NULL,
  unanswered BLOB NOT NULL  -- the reminder that said that the present demand was not answered in time; b"" for none
) WITHOUT ROWID;
CREATE INDEX orders_since ON orders(since);
CREATE INDEX orders_told ON orders(state, told_at, urgent, reply_by, issuer, unit, case_no);
CREATE INDEX orders_unit ON orders(unit, state);
CREATE INDEX orders_issuer ON orders(issuer, state);
CREATE INDEX orders_card ON orders(card) WHERE card <> '';
CREATE INDEX orders_unanswered ON orders(id) WHERE unanswered <> x'';
CREATE INDEX orders_case ON orders(case_no) WHERE case_no <> '';
"""
    COMPARED = {
        "order_acts": Compared("id, order_id, arrival"),
        "orders": Compared(
            "id, issuer, unit, case_no, item, card, urgent, state, told_at, reply_by, number, year, series, serial, since, at_ms,"
            " unanswered"
        ),
    }

    def apply(self, tx: Turn, changes: Sequence[Change]) -> None:
        touched = dict.fromkeys(id for change in changes if (id := _kept(tx, change)) is not None)
        for id in touched:
            orders.refold(tx, id)


def _kept(tx: Turn, change: Change) -> bytes | None:
    """The order that an entry is about, the entry being kept with it; None for what is about none."""
    stored = change.stored
    if stored.fields.entry_class != "note":
        return None
    if stored.fields.kind == RECEIVED:
        about = is_about(stored.fields.facts)
        return orders.order_of(tx.connection, about) if about is not None else None
    id = orders.named(stored.hash, stored.fields)
    if id is not None:
        tx.connection.execute("INSERT OR IGNORE INTO order_acts VALUES(?,?,?)", (stored.hash, id, stored.arrival))
    return id
