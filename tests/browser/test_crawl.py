"""Every page that links lead to, for every role at every node: it answers, fits three sizes, speaks both languages, is light,
asks nothing of elsewhere, and axe-core finds nothing (WCAG 2.2 A and AA).

Pages of the same route and the same query names are one page: the first met stands for all, of cases the first three. Each
person's pages are looked at in Chinese at three sizes; English and the weight are taken once, of cases once per node, and so is
axe-core: once at each size, in the language that `AXE_AT` names, because what it looks at changes with the size.
The list of faults goes to screenshots/, and with TONGBAN_PICTURES=1 a picture of each page at each size in both languages.
"""

from __future__ import annotations

import os
import re
from collections import Counter, deque
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from edge_ui.routes import AREAS, PAGES, ROUTES
from node.demo.main import NAMES
from tests.browser.checks import (
    FIRST_LOAD,
    Weight,
    as_text,
    axe_faults,
    frame_faults,
    picture,
    punctuation_faults,
    size,
    small_targets,
    width_fault,
)
from tests.browser.support import SCREENSHOTS, Demo, People

PATTERNS = [(re.compile(route.pattern()), route.path) for route in ROUTES]
NOT_PAGES = ("/api/", "/static/", "/logout", "/healthz", "/metrics", "/pulse")
FILES = (".csv", ".pdf", ".xlsx", ".zip", "/download", "/file")
PLAIN = {route.path for route in PAGES} - {route.path for route in AREAS}  # to be replaced by the area that owns them
CASE = "/cases/{no}"
SEEN: set[str] = set()  # what was looked at thoroughly in this process
LIMIT = 60  # pages of one person
AXE_AT = {"zh": ("desktop", "phone"), "en": ("tablet",)}
PICTURES = bool(os.environ.get("TONGBAN_PICTURES"))


def kind(path: str) -> str:
    """The route of an address with the names of its query; empty when it is no page."""
    parts = urlsplit(path)
    if parts.path.startswith(NOT_PAGES) or parts.path.endswith(FILES) or "as=pdf" in parts.query:
        return ""
    route = next((name for pattern, name in PATTERNS if pattern.match(parts.path)), "")
    names = sorted({name for name, _ in parse_qsl(parts.query) if name not in ("lang", "next", "cursor", "before")})
    return f"{route}?{','.join(names)}" if names else route


def links(page: Any, within: str = "") -> list[str]:
    found: list[str] = page.eval_on_selector_all(
        f"{within} a[href]:not([download])", "all => all.map(a => a.getAttribute('href'))"
    )
    return [href.partition("#")[0] for href in found if href.startswith("/") and "lang=" not in href]


class Crawl:
    """One person at one node."""

    def __init__(self, people: People, name: str, role: str) -> None:
        self.page = people.open(name, role)
        self.watched = people.watched[-1]
        self.name, self.role = name, role
        self.origin = people.demo.url(name, "")
        self.faults: dict[str, list[str]] = {}

    def run(self) -> int:
        """Follow links from the home; the number of pages looked at."""
        waiting, met = deque(["/", "/line"]), Counter({"/": 1, "/line": 1})
        done = 0
        while waiting and done < LIMIT:
            path = waiting.popleft()
            found = self.look(path)
            done += 1
            for href in found:
                what = kind(href)
                if what and met[what] < (3 if what == CASE else 1) and href not in waiting:
                    met[what] += 1
                    waiting.append(href)
        return done

    def note(self, path: str, language: str, found: list[str]) -> None:
        if found:
            self.faults.setdefault(f"{self.name} {self.role or 'stranger'} {path} [{language}]", []).extend(found)

    def look(self, path: str) -> list[str]:
        """One page: everything in Chinese at three sizes; the rest once. Answers its links."""
        page, what = self.page, kind(path)
        size(page, "desktop")
        answer = page.goto(self.origin + path)
        shown = kind(page.url.removeprefix(self.origin)).partition("?")[0]
        if (not shown or shown in PLAIN) and answer is not None and answer.status < 500:
            self.watched.take_faults()
            return links(page, "header")
        if answer is None or answer.status != 200:
            self.note(path, "zh", [f"status {answer.status if answer else 'none'}"])
            self.watched.take_faults()
            return []
        if "text/html" not in answer.headers.get("content-type", ""):
            self.watched.take_faults()  # the browser's own viewer breaks the policy of the page it makes of a picture
            return []
        found = links(page)
        key = f"{self.name} {what}" if what == CASE else what
        first = key not in SEEN
        SEEN.add(key)
        self.note(path, "zh", self.in_language("zh", path, thorough=first))
        if first:
            self.weigh(path)
            self.note(path, "en", self.in_language("en", path, thorough=True))
        return found

    def in_language(self, language: str, path: str, *, thorough: bool) -> list[str]:
        page, found = self.page, []
        if language == "en":
            page.goto(f"{self.origin}{path}{'&' if '?' in path else '?'}lang=en")
        found += frame_faults(page, language)
        found += punctuation_faults(page) if language == "zh" else []
        for name in ("desktop", "tablet", "phone"):
            size(page, name)
            found += [f"{name}: {fault}" for fault in width_fault(page)]
            if thorough and name in AXE_AT[language]:
                found += [f"{name}: {fault}" for fault in axe_faults(page)]
            if thorough and PICTURES:
                picture(page, language, name, f"{self.name}{re.sub('[^a-z0-9]+', '-', kind(path).lower())}".rstrip("-"))
        found += small_targets(page)
        if language == "en":
            page.context.add_cookies([{"name": "tb_lang", "value": "zh", "url": self.origin}])
        return found + self.watched.take_faults()

    def weigh(self, path: str) -> None:
        weight = Weight(self.page)
        self.page.goto(self.origin + path, wait_until="load")
        weight.close()
        if weight.wire > FIRST_LOAD:
            self.note(path, "zh", [f"first load {weight.wire} bytes on the wire, {weight.plain} unpacked"])


@pytest.mark.parametrize("name", NAMES)
def test_every_page_of_a_node(name: str, demo: Demo, people: People) -> None:
    faults: dict[str, list[str]] = {}
    pages = 0
    for role in ("", *demo.roles(name)):
        crawl = Crawl(people, name, role)
        pages += crawl.run()
        faults |= crawl.faults
        people.close()
    SCREENSHOTS.mkdir(exist_ok=True)
    (SCREENSHOTS / f"faults-{name}.json").write_text(as_text(faults), "utf-8")
    assert pages > 10
    assert not faults, as_text(faults)
