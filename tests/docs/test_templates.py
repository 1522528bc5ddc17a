"""Templates are read by people: no line over 160 characters, a table row is not one line. Every template compiles."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tornado.template import Loader

import edge_ui

FOLDER = Path(edge_ui.__file__).parent / "templates"
NAMES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.html"))
MOST = 160
ROW = re.compile(r"<tr\b.*<t[dh]\b.*<t[dh]\b.*</tr>")


@pytest.mark.parametrize("name", NAMES)
def test_a_template_can_be_read(name: str) -> None:
    lines = list(enumerate((FOLDER / name).read_text("utf-8").splitlines(), 1))
    assert [number for number, line in lines if len(line) > MOST] == []
    assert [number for number, line in lines if ROW.search(line)] == []
    assert Loader(str(FOLDER)).load(name)
