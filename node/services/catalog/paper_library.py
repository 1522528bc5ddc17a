"""The templates of papers that came with the program, and those that a city published in their place."""

from __future__ import annotations

import functools
import json
import tomllib
from pathlib import Path

import configs
from node.domain.papers.templates import Templates, read_templates

FOLDER = Path(configs.__file__).parent / "papers"


@functools.cache
def built_in() -> Templates:
    """The templates that came with the program."""
    found = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))}
    return read_templates({"common": found.pop("common"), "papers": found})


@functools.lru_cache(maxsize=64)
def published(text: str) -> Templates:
    """A publication as JSON text, over what came with the program."""
    return read_templates(json.loads(text), built_in())
