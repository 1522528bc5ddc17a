"""What may be missing, and is not in this test."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def there(value: T | None) -> T:
    """The value; the test fails when there is none."""
    assert value is not None
    return value
