"""The network that many tests use: city, district, township, village, furnished and settled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.network import Town, fresh


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = fresh("chain", tmp_path / "town")
    town.heal()
    yield town
    town.close()
