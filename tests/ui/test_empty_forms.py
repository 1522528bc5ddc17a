"""Every form with fields, sent with nothing in them: the server says at the field what is wrong, as the script does (forms are novalidate).

The forms are found on the pages, so a new one is asked by itself; a page that nothing leads to is named in PAGES.
"""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass, field
from html.parser import HTMLParser

import pytest

from node.domain.model import Actor, Role
from tests.ui.real import Site
from tests.ui.wire import Answer, Client

TYPED = ("input", "select", "textarea")


@dataclass
class Form:
    """A form of a page: where it sends, every field with its value, and those that must not be empty."""

    action: str
    multipart: bool
    values: list[tuple[str, str]] = field(default_factory=list)
    required: list[str] = field(default_factory=list)


class Forms(HTMLParser):
    """The posting forms of a page, and what it says of its fields: the id of each, and what describes it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.ids: set[str] = set()
        self.described: dict[str, list[str]] = {}
        self._inside: Form | None = None
        self._group: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if given.get("id"):
            self.ids.add(given["id"])
        if tag == "form" and given.get("method") == "post":
            self._inside = Form(given.get("action", ""), "multipart" in given.get("enctype", ""))
            self.forms.append(self._inside)
        if tag == "fieldset":
            self._group.append(given.get("aria-describedby", ""))
        if tag in TYPED and (name := given.get("name", "")):
            about = " ".join([given.get("aria-describedby", ""), *self._group])
            self.described.setdefault(name, []).extend(about.split())
            if self._inside is not None:
                self._take(given, name)

    def _take(self, given: dict[str, str], name: str) -> None:
        assert self._inside is not None
        if "required" in given and given.get("type") != "hidden":
            self._inside.required.append(name)
        elif given.get("type") not in ("checkbox", "radio", "file") or "checked" in given:
            self._inside.values.append((name, given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = None
        if tag == "fieldset" and self._group:
            self._group.pop()


def send(client: Client, form: Form, page: str) -> Answer:
    values = [*form.values, *((name, "") for name in form.required)]
    if form.multipart:
        body = "".join(f'--B\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in values)
        return client.ask(
            "POST", form.action or page, f"{body}--B--\r\n".encode(), Content_Type="multipart/form-data; boundary=B"
        )
    data = urllib.parse.urlencode(values).encode()
    return client.ask("POST", form.action or page, data, Content_Type="application/x-www-form-urlencoded")


def unsaid(answer: Answer, form: Form) -> list[str]:
    """The required fields of a form of which the answer does not say, beside them, that they are empty."""
    if not 400 <= answer.status < 500:
        return [f"answers {answer.status}"]
    page = Forms(answer.text)
    return [
        name for name in form.required if not any(one.endswith("-e") and one in page.ids for one in page.described.get(name, []))
    ]


@pytest.fixture(scope="module")
def cases(site: Site) -> dict[str, str]:
    """A case in each state in which people of the township fill in forms."""
    town, clerk = site.town, Actor("s-clerk", Role.CLERK)
    made = {name: town.file("township", "ZW007", clerk) for name in ("filed", "correction", "accepted", "examined")}
    town.do("township", made["correction"], "request_correction")
    for name in ("accepted", "examined"):
        town.do("township", made[name], "accept")
    town.do("township", made["examined"], "complete_step")
    lodged = town.file("village")
    town.do("village", lodged, "hand_over")
    site.heal()
    return {**made, "arrived": lodged, "lodged": town.file("village")}


PAGES = [
    ("township", "", "/login"), ("township", "", "/status"), ("township", "", "/verify"),
    ("township", "clerk", "/me"), ("township", "director", "/me/codes"), ("township", "clerk", "/receive"),
    ("township", "clerk", "/new/ZW007"), ("village", "agent", "/new/ZW007"),
    ("township", "admin", "/admin/staff"), ("township", "admin", "/admin/tokens"), ("township", "admin", "/admin/nodes"),
    ("township", "admin", "/admin/backup"), ("township", "admin", "/admin/notices"), ("district", "admin", "/admin/nodes/420102002000/revoke"),
    ("city", "catalog_editor", "/catalog/import"), ("city", "catalog_editor", "/catalog/ZW007"), ("city", "catalog_editor", "/catalog/new"),
    ("city", "catalog_editor", "/catalog/ZW007/edit"), ("city", "catalog_editor", "/calendar"), ("city", "catalog_editor", "/authority"),
    ("city", "catalog_editor", "/rules"), ("city", "catalog_editor", "/catalog/changes"),
]  # fmt: skip


@pytest.mark.parametrize(("node", "role", "path"), PAGES, ids=[f"{one[1] or 'stranger'}{one[2]}" for one in PAGES])
def test_an_empty_form_comes_back_with_the_sentence_at_the_field(site: Site, node: str, role: str, path: str) -> None:
    site.ticks.at += 600
    client = site.client(node, role)
    page = client.get(path)
    assert page.status == 200, page.status
    forms = [one for one in Forms(page.text).forms if one.required]
    assert {one.action: wrong for one in forms if (wrong := unsaid(send(client, one, path), one))} == {}


def test_forms_are_found() -> None:
    """The reader of forms sees what it is to see."""
    found = Forms(
        '<form method="post" action="/a"><input name="b" required id="f-b" aria-describedby="f-b-e"><i id="f-b-e"></i></form>'
    )
    assert [(one.action, one.required) for one in found.forms] == [("/a", ["b"])] and found.described["b"] == ["f-b-e"]


@pytest.mark.parametrize("role", ["clerk", "examiner", "director"])
@pytest.mark.parametrize("state", ["filed", "correction", "accepted", "examined", "arrived"])
def test_an_act_of_a_case_says_at_each_field_what_it_lacks(site: Site, cases: dict[str, str], state: str, role: str) -> None:
    client, path = site.client("township", role), f"/cases/{cases[state]}"
    forms = [one for one in Forms(client.get(path).text).forms if one.required]
    assert {one.action: wrong for one in forms if (wrong := unsaid(send(client, one, path), one))} == {}


def test_an_act_of_the_village_says_at_each_field_what_it_lacks(site: Site, cases: dict[str, str]) -> None:
    client, path = site.client("village", "agent"), f"/cases/{cases['lodged']}"
    forms = [one for one in Forms(client.get(path).text).forms if one.required]
    assert forms and {one.action: wrong for one in forms if (wrong := unsaid(send(client, one, path), one))} == {}
