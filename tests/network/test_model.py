"""The state machines of `machine.py`, in sizes that fit the suite; TONGBAN_EXAMPLES and TONGBAN_SEED make other runs."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, Phase, core, settings, stateful
from hypothesis.stateful import run_state_machine_as_test

from tests.network.abuses import Abuses
from tests.network.disasters import Disasters, Disks
from tests.network.liars import Liars
from tests.network.machine import Life
from tests.network.writers import Writers

SEED = os.environ.get("TONGBAN_SEED")
EXAMPLES = int(os.environ.get("TONGBAN_EXAMPLES", "9"))
FEWER: dict[type[Life], int] = (
    {} if "TONGBAN_EXAMPLES" in os.environ else {Liars: 7, Abuses: 6, Writers: 5}
)  # its examples begin deep
SETTINGS = settings(
    max_examples=EXAMPLES, stateful_step_count=40, deadline=None, derandomize=SEED is None,
    suppress_health_check=list(HealthCheck), print_blob=True,
    phases=[Phase.explicit, Phase.reuse, Phase.generate] + ([Phase.shrink] if "TONGBAN_SHRINK" in os.environ else []),
)  # fmt: skip
MACHINES: dict[str, type[Life]] = {
    "lines_and_power": Life,
    "disasters": Disasters,
    "disks": Disks,
    "liars": Liars,
    "abuses": Abuses,
    "writers": Writers,
}


@pytest.mark.timeout(120 + 20 * EXAMPLES)
@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_nothing_breaks_the_invariants(machine: type[Life]) -> None:
    core.global_force_seed = int(SEED) if SEED else None  # type: ignore[assignment]
    run_state_machine_as_test(machine, settings=settings(SETTINGS, max_examples=FEWER.get(machine, EXAMPLES)))


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_no_machine_drops_a_rule_by_writing_it_anew(machine: type[Life]) -> None:
    """A rule or an invariant that a derived machine overrides counts only when it is marked again."""
    for marker in (stateful.RULE_MARKER, stateful.INITIALIZE_RULE_MARKER, stateful.INVARIANT_MARKER):
        lost = [name for name, one in vars(Life).items() if hasattr(one, marker) and not hasattr(getattr(machine, name), marker)]
        assert not lost
