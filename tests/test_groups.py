"""The suite's own footing: tests that share what takes long to make run in one process."""

from __future__ import annotations

import pytest


@pytest.mark.xdist_group("footing")
def test_groups_are_seen(request: pytest.FixtureRequest) -> None:
    """With pytest 9.2 pytest-xdist 3.8 did not see them, and every worker made everything."""
    if request.config.getoption("loadgroup", False):
        assert request.node.nodeid.endswith("@footing")
