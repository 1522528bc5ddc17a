"""The fixtures of the web tests: `site` is real (tests/ui/real.py); `center`, `served`, `client` use the double of the API tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_ui.app import make_app
from edge_ui.settings import UiSettings
from tests.ui.double import DoubleCenter
from tests.ui.real import Site
from tests.ui.wire import Answer as Answer
from tests.ui.wire import Client as Client
from tests.ui.wire import Served as Served


class Ticks:
    """A monotonic clock that a test moves."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def center() -> DoubleCenter:
    return DoubleCenter()


@pytest.fixture
def served(center: DoubleCenter, ticks: Ticks) -> Iterator[Served]:
    settings = UiSettings(cookie_secret="x" * 32, version="0.1.0", monotonic=ticks)
    running = Served(lambda: make_app(center, settings))
    yield running
    running.stop()


@pytest.fixture
def client(served: Served) -> Client:
    return Client(served.port)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Four real nodes served over HTTP, shared by the tests of a module."""
    folder: Path = tmp_path_factory.mktemp("site")
    made = Site(folder)
    yield made
    made.close()
