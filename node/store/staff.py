"""SQL of people who log in and of API tokens.

Both are local to the node: names and password hashes never leave it. The journal carries only that somebody with an
opaque id and a role was added (`services/staff.py`).
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One person; `password` is an argon2 hash, `created_at` ms."""

    staff_id: str
    name: str
    username: str
    role: str
    password: str
    active: bool
    created_at: int
    pin: str = ""  # an argon2 hash, "" when none is set
    last_login: int = 0
    reason: str = ""  # why the person was deactivated
    language: str = ""
    must_change: bool = False  # somebody else made the password
    reset_by: str = ""  # who made the last one that was not the person's own, and when (ms)
    reset_at: int = 0


@dataclass(frozen=True, slots=True)
class TokenRow:
    """One API token; `digest` is the SHA-256 of its text, times in ms. `ended_at`: when it was revoked, 0 while it was not."""

    digest: bytes
    id: str
    staff_id: str
    role: str
    name: str
    created_at: int
    expires_at: int
    issued_by: str = ""
    source: str = ""
    last_used: int = 0
    last_client: str = ""
    ended_at: int = 0


_STAFF = (
    "SELECT staff_id, name, username, role, password, active, created_at, pin, last_login, reason, language, must_change, reset_by,"
    " reset_at FROM staff "
)


def _staff(row: tuple[str, str, str, str, str, int, int, str, int, str, str, int, str, int]) -> StaffRow:
    return StaffRow(*row[:5], bool(row[5]), *row[6:11], bool(row[11]), *row[12:])


def add(connection: sqlite3.Connection, row: StaffRow) -> None:
    connection.execute(
        "INSERT INTO staff(staff_id, name, username, role, password, active, created_at, must_change) VALUES (?,?,?,?,?,?,?,?)",
        (row.staff_id, row.name, row.username, row.role, row.password, int(row.active), row.created_at, int(row.must_change)),
    )


def by_username(connection: sqlite3.Connection, username: str) -> StaffRow | None:
    row = connection.execute(_STAFF + "WHERE username=?", (username,)).fetchone()
    return _staff(row) if row else None


def by_id(connection: sqlite3.Connection, staff_id: str) -> StaffRow | None:
    row = connection.execute(_STAFF + "WHERE staff_id=?", (staff_id,)).fetchone()
    return _staff(row) if row else None


def everyone(connection: sqlite3.Connection) -> list[StaffRow]:
    return [_staff(row) for row in connection.execute(_STAFF + "ORDER BY created_at, username")]


def names(connection: sqlite3.Connection) -> dict[str, str]:
    """The names of everybody who ever worked here, and of the programs that have a token, by staff id."""
    return dict(connection.execute("SELECT staff_id, name FROM tokens UNION ALL SELECT staff_id, name FROM staff").fetchall())


def usernames_like(connection: sqlite3.Connection, stem: str) -> set[str]:
    """The usernames that start with `stem`."""
    rows = connection.execute("SELECT username FROM staff WHERE substr(username, 1, ?) = ?", (len(stem), stem))
    return {row[0] for row in rows}


def person_id(connection: sqlite3.Connection, name: str, role: str) -> str | None:
    """The id under which somebody of that name and role is already known, as a person or by a token."""
    row = connection.execute(
        "SELECT staff_id FROM staff WHERE name=? AND role=? AND active=1"
        " UNION ALL SELECT staff_id FROM tokens WHERE name=? AND role=? LIMIT 1",
        (name, role, name, role),
    ).fetchone()
    return str(row[0]) if row else None


def set_password(connection: sqlite3.Connection, staff_id: str, password: str) -> None:
    """One that the person chose."""
    connection.execute("UPDATE staff SET password=?, must_change=0 WHERE staff_id=?", (password, staff_id))


def reset_password(connection: sqlite3.Connection, staff_id: str, password: str, by: str, at: int) -> None:
    """One that somebody else made: the person has to choose another."""
    connection.execute(
        "UPDATE staff SET password=?, must_change=1, reset_by=?, reset_at=? WHERE staff_id=?", (password, by, at, staff_id)
    )


def deactivate(connection: sqlite3.Connection, staff_id: str, reason: str, at: int) -> None:
    """The person may not log in any more, and the person's tokens end."""
    connection.execute("UPDATE staff SET active=0, pin='', reason=? WHERE staff_id=?", (reason, staff_id))
    _end_tokens_of(connection, staff_id, at)


def reactivate(connection: sqlite3.Connection, staff_id: str) -> None:
    connection.execute("UPDATE staff SET active=1, reason='' WHERE staff_id=?", (staff_id,))


def set_role(connection: sqlite3.Connection, staff_id: str, role: str, at: int) -> None:
    """Another post; tokens were issued for the old one and end."""
    connection.execute("UPDATE staff SET role=? WHERE staff_id=?", (role, staff_id))
    _end_tokens_of(connection, staff_id, at)


def set_pin(connection: sqlite3.Connection, staff_id: str, pin: str) -> None:
    connection.execute("UPDATE staff SET pin=? WHERE staff_id=?", (pin, staff_id))


def set_language(connection: sqlite3.Connection, staff_id: str, language: str) -> None:
    connection.execute("UPDATE staff SET language=? WHERE staff_id=?", (language, staff_id))


def logged_in(connection: sqlite3.Connection, staff_id: str, at: int) -> None:
    connection.execute("UPDATE staff SET last_login=? WHERE staff_id=?", (at, staff_id))


def active_with_role(connection: sqlite3.Connection, role: str) -> list[StaffRow]:
    return [_staff(row) for row in connection.execute(_STAFF + "WHERE role=? AND active=1", (role,))]


_TOKEN = "SELECT digest, id, staff_id, role, name, created_at, expires_at, issued_by, source, last_used, last_client, ended_at FROM tokens "


def add_token(connection: sqlite3.Connection, row: TokenRow) -> None:
    connection.execute(
        "INSERT INTO tokens(digest, id, staff_id, role, name, created_at, expires_at, issued_by, source) VALUES (?,?,?,?,?,?,?,?,?)",
        (row.digest, row.id, row.staff_id, row.role, row.name, row.created_at, row.expires_at, row.issued_by, row.source),
    )


def token(connection: sqlite3.Connection, digest: bytes) -> TokenRow | None:
    row = connection.execute(_TOKEN + "WHERE digest=?", (digest,)).fetchone()
    return TokenRow(*row) if row else None


def tokens(connection: sqlite3.Connection) -> list[TokenRow]:
    """Every token there was, the newest first."""
    return [TokenRow(*row) for row in connection.execute(_TOKEN + "ORDER BY created_at DESC, id")]


def token_used(connection: sqlite3.Connection, identifier: str, at: int, client: str) -> None:
    connection.execute("UPDATE tokens SET last_used=?, last_client=? WHERE id=?", (at, client, identifier))


def end_token(connection: sqlite3.Connection, identifier: str, at: int) -> None:
    connection.execute("UPDATE tokens SET ended_at=? WHERE id=?", (at, identifier))


def _end_tokens_of(connection: sqlite3.Connection, staff_id: str, at: int) -> None:
    connection.execute("UPDATE tokens SET ended_at=? WHERE staff_id=? AND ended_at=0", (at, staff_id))
