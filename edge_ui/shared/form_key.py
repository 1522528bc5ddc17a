"""The key of a form: a double click is one act."""

from __future__ import annotations

from collections.abc import Mapping


def form_key(given: Mapping[str, str]) -> str | None:
    """The form's own id as the key of what it asks; None for a form without one."""
    key = given.get("form_id", "")
    return f"form-{key}" if key.isascii() and key.isalnum() and len(key) <= 64 else None
