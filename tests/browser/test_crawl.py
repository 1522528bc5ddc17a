"""Every page that links lead to, for every role at every node: it answers, fits three sizes, speaks both languages, is light,
asks nothing of elsewhere, and axe-core finds nothing (WCAG 2.2 A and AA).

Pages of the same route and the same query names are one page: the first met stands for all, of cases the first three. Each
person's pages are looked at in Chinese at three sizes, unless the node showed the same, word for word, to somebody before; English and the
weight are taken once, of cases once per node, and so is axe-core: in each language, at one of the two sizes between which the layout
changes (`AXE_AT`); of what is made for paper, at one.
The list of faults goes to screenshots/, and with TONGBAN_PICTURES=1 a picture of each page at each size in both languages.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, deque
from urllib.parse import parse_qsl, urlsplit

import pytest

from edge_ui.routes import AREAS, PAGES, ROUTES
from node.demo.main import NAMES
from tests.browser.checks import (
    FIRST_LOAD,
    Weight,
    as_text,
    axe_faults,
    brings_axe,
    frame_faults,
    picture,
    punctuation_faults,
    size,
    small_targets,
    width_fault,
)
from tests.browser.support import PICTURES, SCREENSHOTS, SIZES, Demo, People

PATTERNS = [(re.compile(route.pattern()), route.path) for route in ROUTES]
NOT_PAGES = ("/api/", "/static/", "/logout", "/healthz", "/metrics", "/pulse")
FILES = (".csv", ".pdf", ".xlsx", ".zip", "/download", "/file")
PLAIN = {route.path for route in PAGES} - {route.path for route in AREAS}  # to be replaced by the area that owns them
CASE = "/cases/{no}"
SEEN: set[str] = set()  # what was looked at thoroughly in this process
SHOWN: set[tuple[str, str]] = set()  # (node, digest of what its page shows between head and foot) that was looked at
LIMIT = 60  # pages of one person
AXE_AT = {"zh": ("desktop",), "en": ("phone",)}


def kind(path: str) -> str:
    """The route of an address with the names of its query; empty when it is no page."""
    parts = urlsplit(path)
    if parts.path.startswith(NOT_PAGES) or parts.path.endswith(FILES) or "as=pdf" in parts.query:
        return ""
    route = next((name for pattern, name in PATTERNS if pattern.match(parts.path)), "")
    names = sorted({name for name, _ in parse_qsl(parts.query) if name not in ("lang", "next", "cursor", "before")})
    return f"{route}?{','.join(names)}" if names else route


_LINKS = "all => all.map(a => a.getAttribute('href'))"
_TOLD = """() => ({
  links: Array.from(document.querySelectorAll('a[href]:not([download])')).map(a => a.getAttribute('href')),
  searches: Array.from(document.querySelectorAll('form:not([method=post]) input[type=search][name]'))
    .map(i => new URL(i.form.action).pathname + '?' + new URLSearchParams([[i.name, '社保卡']])),
  main: (document.querySelector('main') || document.body).innerHTML,
})"""
_MADE_ANEW = re.compile(r'<input[^>]*type="hidden"[^>]*>|nonce="[^"]*"')  # with every answer, and seen by nobody


def inside(hrefs: list[str]) -> list[str]:
    """Those that lead to a page here."""
    return [href.partition("#")[0] for href in hrefs if href.startswith("/") and "lang=" not in href]


class Crawl:
    """One person at one node."""

    def __init__(self, people: People, name: str, role: str) -> None:
        self.page = people.open(name, role)
        brings_axe(self.page)
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

    def key(self, what: str) -> str:
        """Under what a page is looked at thoroughly once."""
        return f"{self.name} {what}" if what == CASE else what

    def note(self, path: str, language: str, found: list[str]) -> None:
        if found:
            self.faults.setdefault(f"{self.name} {self.role or 'stranger'} {path} [{language}]", []).extend(found)

    def look(self, path: str) -> list[str]:
        """One page: everything in Chinese at three sizes; the rest once. Answers its links."""
        page, what = self.page, kind(path)
        weight = Weight(page) if self.key(what) not in SEEN else None  # of the load that is looked at
        if weight is not None:
            size(page, "desktop")
        answer = page.goto(self.origin + path)
        if weight is not None:
            weight.close()
        shown = kind(page.url.removeprefix(self.origin)).partition("?")[0]
        if (not shown or shown in PLAIN) and answer is not None and answer.status < 500:
            self.watched.take_faults()
            return inside(page.eval_on_selector_all("header a[href]:not([download])", _LINKS))
        if answer is None or answer.status != 200:
            self.note(path, "zh", [f"status {answer.status if answer else 'none'}"])
            self.watched.take_faults()
            return []
        if "text/html" not in answer.headers.get("content-type", ""):
            self.watched.take_faults()  # the browser's own viewer breaks the policy of the page it makes of a picture
            return []
        told = page.evaluate(_TOLD)  # with what the search forms lead to: lists that no link leads to
        found = [*told["searches"], *inside(told["links"])]
        SEEN.add(self.key(what))
        if self.shown_before(told["main"]) and weight is None:
            self.note(path, "zh", frame_faults(page, "zh") + self.watched.take_faults())
            return found
        self.note(path, "zh", self.in_language("zh", path, thorough=weight is not None))
        if weight is not None:
            if weight.wire > FIRST_LOAD:
                self.note(path, "zh", [f"first load {weight.wire} bytes on the wire, {weight.plain} unpacked"])
            self.note(path, "en", self.in_language("en", path, thorough=True))
        return found

    def shown_before(self, main: str) -> bool:
        """Whether the node showed just this to somebody before; from now on it did."""
        shown = self.name, hashlib.sha256(_MADE_ANEW.sub("", main).encode()).hexdigest()
        before = shown in SHOWN
        SHOWN.add(shown)
        return before

    def in_language(self, language: str, path: str, *, thorough: bool) -> list[str]:
        page, found = self.page, []
        if language == "en":
            page.goto(f"{self.origin}{path}{'&' if '?' in path else '?'}lang=en")
        found += frame_faults(page, language)
        found += punctuation_faults(page) if language == "zh" else []
        at_phone = page.viewport_size["width"] == SIZES["phone"][0]
        for name in reversed(SIZES) if at_phone else SIZES:  # a page begins at the size of the one before
            size(page, name)
            found += [f"{name}: {fault}" for fault in width_fault(page)]
            if thorough and PICTURES:
                picture(page, language, name, f"{self.name}{re.sub('[^a-z0-9]+', '-', kind(path).lower())}".rstrip("-"))
            if thorough and name in AXE_AT[language] and (name == "desktop" or not urlsplit(path).path.endswith(".print")):
                found += [f"{name}: {fault}" for fault in axe_faults(page)]
            found += small_targets(page) if name == "phone" else []
        if language == "en":
            page.context.add_cookies([{"name": "tb_lang", "value": "zh", "url": self.origin}])
        return found + self.watched.take_faults()


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
