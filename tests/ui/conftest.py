"""The fixture of the web tests: `site`, four real nodes served over HTTP (tests/ui/real.py)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ui.real import Site


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a module that share a site run in one process, in their order."""
    for item in items:
        if isinstance(item, pytest.Function) and "site" in item.fixturenames:
            item.add_marker(pytest.mark.xdist_group(item.module.__name__))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Four real nodes served over HTTP, shared by the tests of a module."""
    folder: Path = tmp_path_factory.mktemp("site")
    made = Site(folder)
    yield made
    made.close()
