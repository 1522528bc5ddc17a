"""What people call items: the words that came with the program (`configs/words/people.toml`)."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

import configs
from node.domain.catalog.search import Sayings

FILE = Path(configs.__file__).parent / "words" / "people.toml"


@functools.cache
def sayings() -> Sayings:
    """Read once."""
    words = tomllib.loads(FILE.read_text("utf-8"))
    return Sayings(words["said"], words["plain"], words["weak"]["words"].split())
