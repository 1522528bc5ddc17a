"""What a person of the staff, or the holder of a token, may be called."""

from __future__ import annotations

import secrets

from node.domain.model import Role


def new_staff_id() -> str:
    """An opaque id: all that ever leaves the node of a person who works here."""
    return "s" + secrets.token_hex(5)


def flaws_of(name: str, role: str) -> dict[str, str]:
    """What is wrong with a name and a role, as error codes by field; empty when nothing is."""
    flaws = {}
    if not name.strip():
        flaws["name"] = "blank"
    elif len(name) > 100:
        flaws["name"] = "too_long"
    elif not name.isprintable() or any("\ud800" <= c <= "\udfff" for c in name):
        flaws["name"] = "bad_character"
    if role not in set(Role) - {Role.SYSTEM}:
        flaws["role"] = "not_a_choice"
    return flaws
