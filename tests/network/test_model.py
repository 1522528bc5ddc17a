"""The state machines of `machine.py`, in sizes that fit the suite; TONGBAN_EXAMPLES and TONGBAN_SEED make other runs."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, core, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.network.disasters import Disasters, Disks
from tests.network.machine import Life

SEED = os.environ.get("TONGBAN_SEED")
EXAMPLES = int(os.environ.get("TONGBAN_EXAMPLES", "15"))
SETTINGS = settings(
    max_examples=EXAMPLES, stateful_step_count=40, deadline=None, derandomize=SEED is None,
    suppress_health_check=list(HealthCheck), print_blob=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate] + ([Phase.shrink] if "TONGBAN_SHRINK" in os.environ else []),
)  # fmt: skip


@pytest.mark.timeout(120 + 20 * EXAMPLES)
@pytest.mark.parametrize("machine", [Life, Disasters, Disks], ids=["lines_and_power", "disasters", "disks"])
def test_nothing_breaks_the_invariants(machine: type[Life]) -> None:
    core.global_force_seed = int(SEED) if SEED else None  # type: ignore[assignment]
    run_state_machine_as_test(machine, settings=SETTINGS)
