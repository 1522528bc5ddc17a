"""What is the same number for the whole program is said in one place."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_length_of_a_day_is_said_once() -> None:
    said = [path for path in sorted((ROOT / "node").rglob("*.py")) if "86_400_000" in path.read_text("utf-8")]
    assert said == [ROOT / "node" / "domain" / "calendar.py"]
