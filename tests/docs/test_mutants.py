"""The deliberate bugs of `scripts/mutants.py` fit the code of today; that they are caught is asked by the script itself."""

from __future__ import annotations

import pytest

from scripts.mutants import MUTANTS, ROOT, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_deliberate_bug_can_still_be_made(mutant: Mutant) -> None:
    for name, old, new in mutant.patches:
        assert (ROOT / name).read_text(encoding="utf-8").count(old) == 1 and new != old, name
