"""SQL of the addresses to which this node's monthly reports are mailed. Local to the node."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from node.domain.notices.news import ASKED

TABLES = """
CREATE TABLE report_mail(address TEXT PRIMARY KEY, staff_id TEXT NOT NULL, at INTEGER NOT NULL,
  told TEXT NOT NULL  -- the entry (hex) of the last report that was put into the outbox for it, or that stood when it was chosen
) WITHOUT ROWID;
"""
PROOFS = """
ALTER TABLE report_mail ADD COLUMN proof TEXT NOT NULL DEFAULT 'before';
"""


@dataclass(frozen=True, slots=True)
class Address:
    """`told`: the last report that it was told (entry, hex); `proof`: before, asked or confirmed, as of addresses of the staff."""

    address: str
    told: str
    proof: str


def of(connection: sqlite3.Connection) -> list[Address]:
    """All, by address."""
    return [Address(*row) for row in connection.execute("SELECT address, told, proof FROM report_mail ORDER BY address")]


def one(connection: sqlite3.Connection, address: str) -> Address | None:
    row = connection.execute("SELECT address, told, proof FROM report_mail WHERE address=?", (address,)).fetchone()
    return Address(*row) if row else None


def choose(connection: sqlite3.Connection, addresses: Sequence[str], staff_id: str, at: int, told: str) -> None:
    """These and no others. Who is new is told of the reports from now on, once the address is proven."""
    known = {row.address: row for row in of(connection)}
    rows = [known.get(one, Address(one, told, ASKED)) for one in addresses]
    connection.execute("DELETE FROM report_mail")
    connection.executemany(
        "INSERT INTO report_mail(address, staff_id, at, told, proof) VALUES(?,?,?,?,?)",
        [(row.address, staff_id, at, row.told, row.proof) for row in rows],
    )


def prove(connection: sqlite3.Connection, address: str, proof: str) -> None:
    connection.execute("UPDATE report_mail SET proof=? WHERE address=?", (proof, address))


def was_told(connection: sqlite3.Connection, address: str, entry: str) -> None:
    connection.execute("UPDATE report_mail SET told=? WHERE address=?", (entry, address))
