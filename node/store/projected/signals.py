"""The cards that were served (notes `signal_served`), as their entries say them, and which cases are to be looked at for signals.

`served` follows from entries alone. `signals` and `suspected` (what was derived here) and `signal_watch` (when to look again) rest on *known
until* too and are work in progress: they are made anew by the next look (`node.services.supervision.signals`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from node.domain.notes import CARDED, CORRECTED, FINDING_JUDGED, ISSUED, ITEM_CARDED, ORDER_CARDED, REVOKED, SERVED
from node.store.maintenance import Compared
from node.store.projected.base import Change, Projection, counted, drop_rows

if TYPE_CHECKING:
    from node.store.standing import Settled
    from node.store.stored import Stored
    from node.store.turn import Turn


LOOK_AGAIN = (FINDING_JUDGED, ISSUED, CORRECTED, REVOKED, SERVED)  # notes by which something else may follow of their case


class Signals(Projection):
    NAME = "signals"
    VERSION = 10
    TABLES = """
CREATE TABLE served(entry BLOB PRIMARY KEY, id BLOB NOT NULL, case_no TEXT NOT NULL, author BLOB NOT NULL, at_ms INTEGER NOT NULL,
  rule TEXT NOT NULL, rung TEXT NOT NULL, clock TEXT NOT NULL, days INTEGER NOT NULL, due TEXT NOT NULL, anchor BLOB NOT NULL,
  charged BLOB NOT NULL, staff_id TEXT NOT NULL, fell_ms INTEGER NOT NULL, over_days INTEGER NOT NULL, version INTEGER NOT NULL,
  rightly INTEGER NOT NULL,  -- 0: not by the parent of the charged node, so it is no card
  arrival INTEGER NOT NULL,
  order_id BLOB NOT NULL,  -- the order that was not answered in time, b"" for a card of a case
  item_id TEXT NOT NULL,  -- of a card about an item; "" for others, for one of a case see there
  flag TEXT NOT NULL,  -- what was found of an item or a unit; "" for others
  derived INTEGER NOT NULL  -- 1: derived here too (`signals` has its id), kept by triggers
) WITHOUT ROWID;
CREATE INDEX served_id ON served(id, rightly);
CREATE INDEX served_case ON served(case_no);
CREATE INDEX served_fell ON served(fell_ms);
CREATE INDEX served_charged ON served(charged, arrival);
CREATE INDEX served_order ON served(order_id) WHERE order_id <> x'';
CREATE INDEX served_found ON served(anchor, flag) WHERE flag <> '';
CREATE TABLE signals(id BLOB PRIMARY KEY, case_no TEXT NOT NULL, item_id TEXT NOT NULL, rule TEXT NOT NULL, rung TEXT NOT NULL,
  clock TEXT NOT NULL, days INTEGER NOT NULL, due TEXT NOT NULL, anchor BLOB NOT NULL, charged BLOB NOT NULL, staff_id TEXT NOT NULL,
  fell_ms INTEGER NOT NULL, over_days INTEGER NOT NULL, version INTEGER NOT NULL, known INTEGER NOT NULL, line_of BLOB NOT NULL,
  ended_ms INTEGER NOT NULL  -- when a person did what was due; 0: nobody did
) WITHOUT ROWID;
CREATE INDEX signals_case ON signals(case_no);
CREATE INDEX signals_fell ON signals(fell_ms);
CREATE INDEX signals_rung ON signals(rung, fell_ms);
CREATE INDEX signals_rule ON signals(rule, fell_ms);
CREATE INDEX signals_standing ON signals(fell_ms, charged, rung, line_of, ended_ms)
  WHERE ended_ms=0 AND line_of=x'' AND charged<>x'' AND rung NOT IN ('remind', 'warn');
CREATE INDEX signals_borne ON signals(charged, rung, line_of, ended_ms)
  WHERE ended_ms=0 AND line_of=x'' AND charged<>x'' AND rung NOT IN ('remind', 'warn');
CREATE INDEX signals_charged ON signals(charged, fell_ms);
CREATE INDEX served_lone ON served(rung, fell_ms) WHERE derived=0;
CREATE TRIGGER signals_in AFTER INSERT ON signals BEGIN UPDATE served SET derived=1 WHERE id=NEW.id AND derived=0; END;
CREATE TRIGGER signals_out AFTER DELETE ON signals BEGIN UPDATE served SET derived=0 WHERE id=OLD.id AND derived=1; END;
CREATE TRIGGER served_in AFTER INSERT ON served WHEN EXISTS(SELECT 1 FROM signals d WHERE d.id=NEW.id)
  BEGIN UPDATE served SET derived=1 WHERE entry=NEW.entry; END;
CREATE TABLE signal_watch(case_no TEXT PRIMARY KEY, next_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX signal_watch_next ON signal_watch(next_ms);
CREATE TABLE suspected(hash BLOB, flag TEXT, case_no TEXT NOT NULL, author BLOB NOT NULL, at_ms INTEGER NOT NULL, id TEXT NOT NULL,
  PRIMARY KEY(hash, flag)) WITHOUT ROWID;
CREATE INDEX suspected_id ON suspected(id);
CREATE INDEX suspected_case ON suspected(case_no);
CREATE INDEX suspected_at ON suspected(at_ms, hash, flag);
CREATE INDEX suspected_author ON suspected(author, flag, at_ms);
CREATE TABLE deciders(hash BLOB PRIMARY KEY, author BLOB NOT NULL, staff_id TEXT NOT NULL, at_ms INTEGER NOT NULL, case_no TEXT NOT NULL)
  WITHOUT ROWID;
CREATE INDEX deciders_case ON deciders(case_no);
CREATE INDEX deciders_person ON deciders(author, staff_id, at_ms);
CREATE TABLE unserved(id BLOB PRIMARY KEY, case_no TEXT NOT NULL, since_ms INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX unserved_case ON unserved(case_no);
CREATE TABLE switched_off(flag TEXT, first_ms INTEGER, end_ms INTEGER, PRIMARY KEY(flag, first_ms)) WITHOUT ROWID;
"""
    TABLES += counted("suspected")
    COMPARED = {
        "served": Compared(
            "entry, id, case_no, author, at_ms, rule, rung, clock, days, due, anchor, charged, staff_id, fell_ms, over_days, version, arrival,"
            " order_id, item_id, flag"
        )
    }

    def apply(self, tx: Turn, changes: Sequence[Change]) -> None:
        rows = [row for change in changes if change.stored.fields.kind in CARDED and (row := _row(tx, change.stored)) is not None]
        judged = [
            (one.stored.fields.subject,) for one in changes if one.stored.fields.kind in LOOK_AGAIN and one.after is not None
        ]
        tx.connection.executemany("INSERT OR REPLACE INTO signal_watch VALUES(?,0)", judged)
        if rows:
            tx.connection.executemany(f"INSERT OR IGNORE INTO served VALUES(?{',?' * 20},0)", rows)

    def settle(self, tx: Turn, cases: Sequence[Settled]) -> None:
        """What changed is to be looked at."""
        rows = [(one.case.case_no,) for one in cases]
        tx.connection.executemany("INSERT OR REPLACE INTO signal_watch VALUES(?,0)", rows)

    def drop(self, tx: Turn, case_nos: Sequence[str]) -> None:
        for table in ("signals", "suspected", "deciders", "unserved"):
            drop_rows(tx, table, case_nos)
        drop_rows(tx, "signal_watch", case_nos)


def _row(tx: Turn, stored: Stored) -> tuple[object, ...] | None:
    """None for a note that does not say which card of whom."""
    fields, facts = stored.fields, stored.fields.facts
    if fields.entry_class != "note":
        return None
    id, anchor, charged, due = (facts.get(name) for name in ("id", "anchor", "charged", "due"))
    if (
        not isinstance(id, bytes)
        or not isinstance(anchor, bytes)
        or not isinstance(charged, bytes)
        or not isinstance(due, dt.date)
    ):
        return None
    rule, rung, clock, staff, item, flag = (
        one if isinstance(one := facts.get(name), str) else "" for name in ("rule", "rung", "clock", "staff", "item", "flag")
    )
    days, fell, over, version = (
        one if isinstance(one := facts.get(name), int) else 0 for name in ("days", "fell", "over", "version")
    )
    return (
        stored.hash, id, fields.subject, stored.author, fields.recorded_at, rule, rung, clock, days, due.isoformat(), anchor, charged, staff,
        fell, over, version, serves(tx, stored.author, charged), stored.arrival,
        order if isinstance(order := facts.get("order"), bytes) and fields.kind == ORDER_CARDED else b"",
        *((item, flag) if fields.kind == ITEM_CARDED else ("", "")),
    )  # fmt: skip


def serves(tx: Turn, author: bytes, charged: bytes) -> bool:
    """Whether a node is the one that serves the cards of another: its parent; at the root itself. Of one that is not known here nobody
    can say, and its word counts."""
    if tx.trust.node(charged) is None:
        return True
    parent = tx.trust.parent(charged)
    return author == (parent if parent is not None else charged)
