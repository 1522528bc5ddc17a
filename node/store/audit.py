"""SQL of the audit: who administered what and when. Append-only (triggers refuse changes), local to the node.

Rows come in two ways, both in the transaction of the effect: every administrative entry of our own journal (people, nodes,
keys, publications) is noted when it is appended; what the journal does not carry (logins, sessions, invitations, backups)
is noted by the service that does it. Staff stand here by opaque id, residents never.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from node.domain.json_values import Json, JsonObject

if TYPE_CHECKING:
    from node.store.stored import Stored

NOT_ADMINISTRATIVE = ("case", "request", "note")


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One act; `at_ms` by the node's clock, `actor` and often `subject` are staff ids, `detail` codes and numbers."""

    id: int
    at_ms: int
    actor: str
    kind: str
    subject: str
    detail: JsonObject
    client: str


def note(
    connection: sqlite3.Connection, at_ms: int, actor: str, kind: str, subject: str = "", detail: JsonObject | None = None,
    client: str = "",
) -> None:  # fmt: skip
    connection.execute(
        "INSERT INTO audit(at_ms, actor, kind, subject, detail, client) VALUES (?,?,?,?,?,?)",
        (at_ms, actor, kind, subject, json.dumps(dict(detail or {}), ensure_ascii=False), client[:64]),
    )


def note_entry(connection: sqlite3.Connection, stored: Stored) -> None:
    """An entry of our own journal that is about people, nodes, keys or publications."""
    fields = stored.fields
    if fields.entry_class in NOT_ADMINISTRATIVE:
        return
    facts = fields.facts
    subject = str(facts.get("staff") or facts.get("code") or _node_code(connection, facts.get("node")) or "")
    shown = ("role", "tier", "reason", "kind", "revision", "before")
    detail = {name: value for name in shown if isinstance(value := facts.get(name), (str, int))}
    note(connection, fields.recorded_at, fields.staff_id, fields.kind, subject, detail)


def _node_code(connection: sqlite3.Connection, node_id: object) -> str:
    if not isinstance(node_id, bytes):
        return ""
    row = connection.execute("SELECT code FROM nodes WHERE node_id=?", (node_id,)).fetchone()
    return str(row[0]) if row else ""


def page(
    connection: sqlite3.Connection, before: int, limit: int, kinds: Sequence[str] = (), people: Sequence[str] = (), text: str = "",
    since: int = 0, until: int = 0,
) -> list[AuditRow]:  # fmt: skip
    """The newest rows with an id below `before` (0: from the newest). `text` is part of a subject or client, `people` are ids
    of which one is actor or subject (when both are given either will do); times in ms, 0 for none."""
    conditions, values = ["1"], list[Json]()
    if before:
        conditions.append("id < ?")
        values.append(before)
    if kinds:
        conditions.append(f"kind IN ({','.join('?' * len(kinds))})")
        values += kinds
    if people or text:
        marks = ",".join("?" * len(people))
        found = [f"actor IN ({marks})", f"subject IN ({marks})"] if people else []
        values += [*people, *people]
        if text:
            found += ["instr(subject, ?)", "instr(client, ?)"]
            values += [text, text]
        conditions.append("(" + " OR ".join(found) + ")")
    if since:
        conditions.append("at_ms >= ?")
        values.append(since)
    if until:
        conditions.append("at_ms < ?")
        values.append(until)
    sql = "SELECT id, at_ms, actor, kind, subject, detail, client FROM audit WHERE " + " AND ".join(conditions)
    rows = connection.execute(sql + " ORDER BY id DESC LIMIT ?", (*values, limit))
    return [AuditRow(row[0], row[1], row[2], row[3], row[4], json.loads(row[5]), row[6]) for row in rows]


OF_ACCOUNT = (
    "login", "login_after_reset", "login_failed", "password_changed", "password_reset", "staff_reactivated", "pin_cleared", "role_changed",
    "second_factor_set", "second_factor_failed", "second_factor_cleared", "recovery_code_used",
)  # fmt: skip


def of_account(connection: sqlite3.Connection, staff_id: str, limit: int) -> list[AuditRow]:
    """What happened to one account, the newest first; what others did to it stands before logins when there is too much."""
    marks = ",".join("?" * len(OF_ACCOUNT))
    rows = connection.execute(
        f"SELECT id, at_ms, actor, kind, subject, detail, client FROM audit WHERE subject=? AND kind IN ({marks})"
        " ORDER BY kind IN ('login', 'login_failed', 'second_factor_failed'), id DESC LIMIT ?",
        (staff_id, *OF_ACCOUNT, limit),
    ).fetchall()
    found = [AuditRow(row[0], row[1], row[2], row[3], row[4], json.loads(row[5]), row[6]) for row in rows]
    return sorted(found, key=lambda row: -row.id)


def kinds(connection: sqlite3.Connection) -> list[str]:
    """The kinds that occur."""
    return [row[0] for row in connection.execute("SELECT DISTINCT kind FROM audit ORDER BY kind")]


def last(connection: sqlite3.Connection, kind: str) -> int:
    """When something of that kind happened last, ms; 0 when never."""
    row = connection.execute("SELECT at_ms FROM audit WHERE kind=? ORDER BY id DESC LIMIT 1", (kind,)).fetchone()
    return int(row[0]) if row else 0
