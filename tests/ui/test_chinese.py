"""What a Chinese page shows has full-width punctuation, whoever wrote it; what is typed stays as it was."""

from __future__ import annotations

import pytest

from edge_ui.shared.chinese import full_width


@pytest.mark.parametrize(
    ("drawn", "shown"),
    [
        ("<p>居住半年以上,符合条件(见目录)</p>", "<p>居住半年以上，符合条件（见目录）</p>"),
        ("<textarea>居住,半年</textarea><p>居住,半年</p>", "<textarea>居住,半年</textarea><p>居住，半年</p>"),
        ('<input value="居住,半年">', '<input value="居住,半年">'),
        ("<p>甲&amp;乙&quot;丙,丁</p>", "<p>甲&amp;乙&quot;丙，丁</p>"),
        ("<p>11月29日 19:02</p>", "<p>11月29日 19:02</p>"),
        ("<p>a, b (c)</p>", "<p>a, b (c)</p>"),
        ("<code>居住,半年</code>", "<code>居住,半年</code>"),
    ],
)
def test_what_is_shown_is_mended_and_what_is_typed_stays(drawn: str, shown: str) -> None:
    assert full_width(drawn) == shown
