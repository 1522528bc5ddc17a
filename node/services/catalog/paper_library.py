"""The templates of papers that came with the program, and those that a city published in their place."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

import configs
from node.domain.papers.templates import Templates, over, read_templates

FOLDER = Path(configs.__file__).parent / "papers"


@functools.cache
def built_in() -> Templates:
    """The templates that came with the program."""
    found = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))}
    return read_templates({"common": found.pop("common"), "papers": found})


def in_force(given: Templates) -> Templates:
    """What a city published over what came with the program."""
    return over(built_in(), given)
