"""A demo made once for all workers and run by each on its own copy, a browser per module, people per test."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from node import demo as demo_module
from node.domain.errors import TongbanError
from node.oslayer import DirectoryLock
from tests.browser.support import Demo, People, chromium, chromium_browser
from tests.support.processes import wait_for

MISSING = "THE BROWSER TESTS DID NOT RUN: {}. On Debian: apt-get install chromium fonts-noto-cjk, then scripts/test"


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
            item.add_marker(pytest.mark.timeout(400))
            if reason:
                item.add_marker(pytest.mark.skip(reason=MISSING.format(reason)))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's directory as it is made, never run; the first worker that comes makes it."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if base.name.startswith("popen-") else base) / "browser"
    shared.mkdir(exist_ok=True)
    done = shared / "made"
    lock = DirectoryLock(shared)

    def mine_or_made() -> bool:
        if done.exists():
            return True
        with suppress(TongbanError):
            lock.acquire()
            return True
        return False

    wait_for(mine_or_made, 120)
    if not done.exists():
        try:
            (shared / "demo").mkdir()
            demo_module.make(shared / "demo", demo_module.ports_from(8800))
            done.touch()
        finally:
            lock.release()
    return shared / "demo"


@pytest.fixture(scope="module")
def demo(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo, running; shared by the tests of a module."""
    folder = tmp_path_factory.mktemp("running") / "demo"
    shutil.copytree(template, folder)
    with Demo(folder) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium. Per module: while Playwright runs, its event loop is the thread's, and other tests need their own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, chromium_browser(playwright.chromium.launch) as found:
        yield found


@pytest.fixture
def people(browser: Any, demo: Demo) -> Iterator[People]:
    """Whoever opens browsers in a test. Afterwards nothing may have gone wrong in any of them."""
    found = People(browser, demo)
    yield found
    assert found.close() == []
