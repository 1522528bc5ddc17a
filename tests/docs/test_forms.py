"""No browser's own bubbles: every form with fields that a browser would check is novalidate; our script and the server say what is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import edge_ui

FOLDER = Path(edge_ui.__file__).parent / "templates"
CHECKED = re.compile(r'\brequired\b|pattern=|type="(number|date|email|url)"|module Field\(|include "_(form|correction)')
TAG = re.compile(r"<form\b(?:[^>{]|\{\{.*?\}\}|\{%.*?%\})*>", re.DOTALL)


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.html")), ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_a_form_with_checked_fields_is_novalidate(path: Path) -> None:
    text = path.read_text("utf-8")
    for tag in TAG.finditer(text):
        inside = text[tag.start() :].partition("</form>")[0]
        assert "novalidate" in tag[0] or not CHECKED.search(inside), tag[0]
