"""One demo and one browser for all tests of the pages, which therefore run in one process; people per test."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.demo import main as demo_module
from tests.browser.support import Demo, People, chromium, chromium_browser

MISSING = (
    "THE BROWSER TESTS DID NOT RUN: {}. On Debian: apt-get install chromium-headless-shell fonts-noto-cjk, then scripts/test"
)


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say loudly what is missing instead of failing everywhere."""
    reason = ""
    if sys.platform == "win32":
        reason = "they use signals of POSIX"
    elif importlib.util.find_spec("playwright") is None:
        reason = "playwright is not installed"
    elif not chromium():
        reason = "Chromium was not found"
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.timeout(900))
            item.add_marker(pytest.mark.xdist_group("browser"))
            if reason:
                item.add_marker(pytest.mark.skip(reason=MISSING.format(reason)))


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, made and running. A test makes the cases that it needs."""
    folder = tmp_path_factory.mktemp("browser") / "demo"
    folder.mkdir()
    demo_module.make(folder, demo_module.ports_from(int(os.environ.get("TONGBAN_BROWSER_PORTS", "8800"))))
    with Demo(folder) as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """Chromium. Not for the session: while Playwright runs, its event loop is the thread's, and other tests need their own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, chromium_browser(playwright.chromium.launch) as found:
        yield found


@pytest.fixture
def people(browser: Any, demo: Demo) -> Iterator[People]:
    """Whoever opens browsers in a test. Afterwards nothing may have gone wrong in any of them."""
    found = People(browser, demo)
    yield found
    assert found.close() == []
