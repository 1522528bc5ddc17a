"""A form sent with nothing in it: the server says at the field what is wrong, as the script does (forms are novalidate)."""

from __future__ import annotations

import re

import pytest

from tests.ui.real import Site

FORMS = [
    ("township", "clerk", "/me", "/me/password", ("old", "password", "again")),
    ("township", "clerk", "/me", "/me/pin", ("pin", "pin_again", "pin_password")),
    ("township", "admin", "/admin/staff", "/admin/staff", ("name",)), ("township", "admin", "/admin/tokens", "/admin/tokens", ("name",)),
]  # fmt: skip


@pytest.mark.parametrize(("node", "role", "page", "action", "fields"), FORMS, ids=[one[3] for one in FORMS])
def test_an_empty_form_comes_back_with_the_sentence_at_the_field(
    site: Site, node: str, role: str, page: str, action: str, fields: tuple[str, ...]
) -> None:
    answer = site.client(node, role).form(page, action, **dict.fromkeys(fields, ""))
    assert 400 <= answer.status < 500, answer.status
    for name in fields:
        control = re.search(rf'<(?:input|select|textarea)[^>]*\bid="f-{name}"[^>]*>', answer.text)
        assert control and f"f-{name}-e" in control[0] and f'id="f-{name}-e"' in answer.text, name
