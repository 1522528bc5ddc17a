"""What holds of every page: one h1, a title, a language, no inline script or style, nothing from elsewhere, no missing sentence."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from node.domain.words.punctuation import FAULT

AREAS = "nav|menu|home|case|cases|item|login|public|link|light|line|agent|hall|city|admin|people|papers|machine|hop|track|error|oversight"


class Page(HTMLParser):
    """What a reader or a checker sees of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if not self.tags or self.tags[-1][0] != "textarea":  # what is to be edited stands as it was typed
            self.words.append(data)

    def links(self) -> set[str]:
        return {
            href.partition("#")[0]
            for tag, attrs in self.tags
            if tag == "a" and (href := attrs.get("href")) and not href.startswith("#")
        }


def check_page(text: str) -> Page:
    page = Page(text)
    tags = [tag for tag, _ in page.tags]
    assert tags.count("h1") == 1 and tags.count("title") == 1 and tags.count("main") == 1
    assert dict(page.tags)["html"].get("lang") in ("zh-CN", "en")
    assert "style" not in tags
    assert all(attrs.get("src") for tag, attrs in page.tags if tag == "script"), "a script inside the page"
    for tag, attrs in page.tags:
        assert not any(name.startswith("on") or name == "style" for name in attrs)
        for name in ("href", "src", "action"):
            if value := attrs.get(name):
                drawn = tag == "img" and value.startswith("data:image/svg+xml,")  # a QR drawn into the page
                dialled = tag == "a" and value.startswith("tel:")
                assert drawn or dialled or (value.startswith(("/", "#")) and not value.startswith("//")), (tag, value)
    if dict(page.tags)["html"].get("lang") == "zh-CN":
        faults = [word for word in page.words if FAULT.search(word)]
        assert faults == [], f"half-width punctuation in Chinese: {faults[:3]}"
    ids = [attrs["id"] for _, attrs in page.tags if attrs.get("id")]
    assert len(ids) == len(set(ids))
    labels = {attrs["for"] for tag, attrs in page.tags if tag == "label" and attrs.get("for")}
    assert labels <= set(ids)
    missing = re.search(rf"\b({AREAS})\.[a-z_]+\b", " ".join(page.words))
    assert not missing, f"a sentence is missing: {missing.group() if missing else ''}"
    return page
