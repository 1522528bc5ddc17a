"""What every page shares: words in both languages, the menu, the pulse."""

from __future__ import annotations

import json
from pathlib import Path
from string import Formatter

import pytest

from edge_ui.shared.words import LOCALES, Words, when_ended
from edge_ui.web.menu import MENUS
from tests.ui.real import Site

LOCALE = Path(__file__).parents[2] / "edge_ui" / "locale"


def test_both_languages_say_the_same_things_with_the_same_details() -> None:
    tables = Words.load(LOCALE).tables
    assert set(tables["zh"]) == set(tables["en"])
    for key, text in tables["zh"].items():
        assert text.strip() and tables["en"][key].strip(), key
        assert details(text) == details(tables["en"][key]), key


def details(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_area_has_a_file_in_each_language() -> None:
    names = {locale: {path.name for path in (LOCALE / locale).glob("*.json")} for locale in LOCALES}
    assert names["zh"] == names["en"]


def test_every_entry_of_a_menu_has_words() -> None:
    words = Words.load(LOCALE)
    for paths in MENUS.values():
        assert all(words.has("zh", "menu" + path.replace("/", ".")) for path in paths)


def test_the_pulse_tells_of_arrivals_and_of_the_line(site: Site) -> None:
    client = site.client("village")
    before = client.get("/pulse").json()
    site.town.file("village")
    after = client.get("/pulse").json()
    assert after["head"] > before["head"]
    assert after["line"]["text"]


@pytest.mark.parametrize("file", ["tongban.js", "vendor/htmx-2.0.11.min.js"])
def test_no_script_of_ours_needs_what_the_policy_forbids(file: str) -> None:
    if file == "tongban.js":
        text = (LOCALE.parent / "static" / file).read_text("utf-8")
        assert "eval(" not in text and "innerHTML" not in text


def test_a_page_names_only_files_of_this_node(site: Site) -> None:
    html = site.client("township").get("/").text
    assert "http://" not in html and "https://" not in html
    assert json.loads(html.split('name="htmx-config" content=\'')[1].split("'")[0])["allowEval"] is False


def test_where_something_ends_midnight_is_24_of_the_day_before() -> None:
    said = {
        "2026-04-01T00:00:00.000+08:00": "3月31日 24:00", "2026-01-01T00:00:00+08:00": "2025年12月31日 24:00",
        "2026-04-01T09:00:00+08:00": "4月1日 09:00", "2026-04-01": "4月1日", "": "",
    }  # fmt: skip
    assert {at: when_ended(at, "zh", 2026) for at in said} == said
    assert when_ended("2026-04-01T00:00:00+08:00", "en", 2026) == "31 Mar 24:00"
