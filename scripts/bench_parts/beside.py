"""Signals, cards, appeals, orders, reminders and findings of a filled city: one of each for forty cases."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from random import Random

from node.store.store import Tx
from tests.support.network import DAY

SHARE = 40  # cases for each
RUNGS, RULES = ("remind", "warn", "yellow", "red"), ("T01", "T02", "T05")
STATES = ("signed", "delivered", "received", "replied", "closed", "closed", "closed")
APPEALED = ("final", "final", "final", "filed", "review")


def fill(tx: Tx, nodes: list[bytes], size: int) -> None:
    many, now, random = size // SHARE, tx.now(), Random(2)
    codes = {node: place.code for node in nodes if (place := tx.place(node)) is not None}
    arrivals = int(tx.connection.execute("SELECT max(first_arrival) FROM cases").fetchone()[0])
    for table, row in TABLES.items():
        rows = [row(n, random.choice(nodes), codes, now - n * 300 * DAY // many, arrivals - many + n, size) for n in range(many)]
        tx.connection.executemany(f"INSERT INTO {table} VALUES({','.join('?' * len(rows[0]))})", rows)


def _id(what: str, n: int) -> bytes:
    return sha256(f"{what} {n}".encode()).digest()


def _case(n: int) -> str:
    return f"B-{n * SHARE:08}"


def _signal(n: int, node: bytes, codes: dict[bytes, str], at: int, arrival: int, size: int) -> tuple[object, ...]:
    return (
        _id("card", n), _case(n), "ZW007", RULES[n % 3], RUNGS[n % 4], "P", 5, "2026-03-02", _id("anchor", n), node, "s-1", at, 1, 1, 1, b"",
        at if n % 3 else 0,
    )  # fmt: skip


def _served(n: int, node: bytes, codes: dict[bytes, str], at: int, arrival: int, size: int) -> tuple[object, ...]:
    return (
        _id("served", n), _id("card", n), _case(n), node, at, RULES[n % 3], RUNGS[n % 4], "P", 5, "2026-03-02", _id("anchor", n), node, "s-1",
        at, 1, 1, 1, arrival, b"", "", "", 0,
    )  # fmt: skip


def _appeal(n: int, node: bytes, codes: dict[bytes, str], at: int, arrival: int, size: int) -> tuple[object, ...]:
    state = APPEALED[n % 5]
    return (
        _id("card", n), _id("appeal", n), _case(n), node, node, node, node, state, "outage", "uphold" if state == "final" else "", "", b"", "",
        at, at, at if state == "final" else 0, arrival,
    )  # fmt: skip


def _order(n: int, node: bytes, codes: dict[bytes, str], at: int, arrival: int, size: int) -> tuple[object, ...]:
    return (
        _id("order", n), node, codes[node], _case(n), "ZW007", "", n % 9 == 0, STATES[n % 7], at, "", f"W-{n}", 2026, "", n, arrival, at, b"",
    )  # fmt: skip


def _prompt(n: int, node: bytes, codes: dict[bytes, str], at: int, arrival: int, size: int) -> tuple[object, ...]:
    return _id("prompt", n), node, codes[node], "reminder", _case(n), "s-1", at, arrival, None, None, at if n % 50 else 0


def _mark(n: int, node: bytes, codes: dict[bytes, str], at: int, arrival: int, size: int) -> tuple[object, ...]:
    return _case(n), _id("mark", n), ("same_person", "notice_late")[n % 2], node, at, 0, f"{n:032}"


def _suspected(n: int, node: bytes, codes: dict[bytes, str], at: int, arrival: int, size: int) -> tuple[object, ...]:
    return _id("suspected", n), ("batch_entry", "decided_in_minutes")[n % 2], _case(n), node, at, f"{n:031}s"


TABLES: dict[str, Callable[..., tuple[object, ...]]] = {
    "signals": _signal, "served": _served, "appeals": _appeal, "orders": _order, "prompts": _prompt, "marks": _mark, "suspected": _suspected,
}  # fmt: skip
