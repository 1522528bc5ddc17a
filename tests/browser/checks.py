"""What must hold of every page, asked of the page itself in the browser."""

from __future__ import annotations

import json
from typing import Any

from node.domain.words.punctuation import FAULT
from tests.browser.support import SCREENSHOTS, SIZES, VENDOR

AXE = (VENDOR / "axe-4.14.1.min.js").read_text("utf-8")
AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
FIRST_LOAD = 150_000  # bytes on the wire, without images
_FRAME = """() => {
  const h1 = document.querySelectorAll('h1');
  return {h1: h1.length, heading: h1.length ? h1[0].innerText.trim() : '', lang: document.documentElement.lang, title: document.title.trim(),
    missing: (document.body.innerText
      .match(/\\b(agent|hall|city|admin|people|papers|public|machine|menu|case)\\.[a-z_]+(\\.[a-z_]+)*\\b/g) || []).slice(0, 5)};
}"""
_WIDTH = """() => {
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  if (wide <= 0) { return null; }
  const over = Array.from(document.querySelectorAll('body *')).filter(e => e.getBoundingClientRect().right > window.innerWidth + 1
    && !e.closest('.scroll, .table-responsive')).slice(0, 4).map(e => e.tagName.toLowerCase() + '.' + String(e.className).slice(0, 40));
  return wide + ' px too wide: ' + over.join(', ');
}"""
_SMALL = """() => Array.from(document.querySelectorAll(
    'main button, main select, main .btn, main input:not([type=hidden]):not([type=checkbox]):not([type=radio])'))
  .filter(e => { const b = e.getBoundingClientRect(); const s = getComputedStyle(e);
    return b.width > 1 && b.height > 1 && b.height < 43 && s.visibility !== 'hidden' && !e.closest('.visually-hidden'); })
  .slice(0, 4)
  .map(e => e.tagName.toLowerCase() + ' "' + (e.innerText || e.name || '').trim().slice(0, 20)
    + '" ' + Math.round(e.getBoundingClientRect().height) + ' px')"""
_AXE_RUN = """async (tags) => {
  const found = await axe.run(document, {
    runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'],
    preload: false, iframes: false, // no rule of these tags reads style sheets or media, and no page has a frame that axe is in
  });
  return found.violations.map(v => v.id + ': ' + v.help + ' — ' + v.nodes.slice(0, 3)
    .map(n => n.target.join(' ') + ' ' + (n.any[0] ? n.any[0].message : '')).join(' | '));
}"""


_HEIGHT = "() => document.documentElement.scrollHeight"


def size(page: Any, name: str) -> None:
    width, height = SIZES[name]
    if page.viewport_size != (wanted := {"width": width, "height": height}):
        page.set_viewport_size(wanted)


def frame_faults(page: Any, language: str) -> list[str]:
    """One h1, a title, the language, no sentence that is missing."""
    found = page.evaluate(_FRAME)
    faults = []
    if found["h1"] != 1 or not found["heading"]:
        faults.append(f"{found['h1']} h1")
    if not found["title"].strip(" ·"):
        faults.append("no title")
    if found["lang"] != {"zh": "zh-CN", "en": "en"}[language]:
        faults.append(f"lang is {found['lang']}")
    if found["missing"]:
        faults.append(f"missing sentences {found['missing']}")
    return faults


def punctuation_faults(page: Any) -> list[str]:
    """Half-width punctuation between Chinese characters, in what stands on the page."""
    shown = page.evaluate("document.body.innerText")
    return [f"half-width punctuation: {shown[max(0, at.start() - 8) : at.end() + 8]!r}" for at in FAULT.finditer(shown)]


def width_fault(page: Any) -> list[str]:
    fault = page.evaluate(_WIDTH)
    return [fault] if fault else []


def small_targets(page: Any) -> list[str]:
    """Controls under 44 px on a phone."""
    found = page.evaluate(_SMALL)
    return [f"small targets: {', '.join(found)}"] if found else []


def brings_axe(page: Any) -> None:
    """Every document that the page opens from now on has axe-core at hand: half a megabyte is sent once, and read where it is used."""
    page.add_init_script(f"window.bringAxe = function () {{ {AXE} }};")


def axe_faults(page: Any) -> list[str]:
    """Violations of WCAG 2.2 A and AA, as axe-core sees them; afterwards the window may be as high as the page."""
    if not page.evaluate("() => { if (!window.axe && window.bringAxe) { window.bringAxe(); } return 'axe' in window; }"):
        page.evaluate(AXE)
    now = page.viewport_size  # a page scrolls: what lies under a bar at the bottom of the screen is not hidden
    tall = max(now["height"], min(16_000, page.evaluate(_HEIGHT)))
    if tall > now["height"]:
        page.set_viewport_size({**now, "height": tall})
    found: list[str] = page.evaluate(_AXE_RUN, list(AXE_TAGS))
    return [f"axe {one}" for one in found]


def picture(page: Any, *name: str) -> None:
    """A screenshot of the whole page under screenshots/."""
    target = SCREENSHOTS.joinpath(*name[:-1]) / f"{name[-1]}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(target), full_page=True, caret="initial")


class Weight:
    """Bytes of one load with an empty cache, images apart: on the wire and unpacked."""

    def __init__(self, page: Any) -> None:
        self._session = page.context.new_cdp_session(page)
        self._images: set[str] = set()
        self.wire = self.plain = 0
        self._session.on("Network.responseReceived", self._response)
        self._session.on("Network.dataReceived", self._data)
        self._session.on("Network.loadingFinished", self._finished)
        self._session.send("Network.enable")
        self._session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    def _response(self, event: dict[str, Any]) -> None:
        if event["type"] == "Image":
            self._images.add(event["requestId"])

    def _data(self, event: dict[str, Any]) -> None:
        if event["requestId"] not in self._images:
            self.plain += event["dataLength"]

    def _finished(self, event: dict[str, Any]) -> None:
        if event["requestId"] not in self._images:
            self.wire += int(event["encodedDataLength"])

    def close(self) -> None:
        self._session.send("Network.setCacheDisabled", {"cacheDisabled": False})
        self._session.detach()


def as_text(faults: dict[str, list[str]]) -> str:
    return json.dumps(faults, ensure_ascii=False, indent=1)
