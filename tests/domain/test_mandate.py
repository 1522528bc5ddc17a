"""The mandate: what must be said of it, and what it does not allow."""

from __future__ import annotations

import datetime as dt

import pytest

from node.domain.cases.mandate import check_mandate, outside

TODAY = dt.date(2026, 3, 2)
GOOD = {"scope": ["submit", "correct"], "until": "2026-06-30", "signed": "handprint"}


def defects(**changes: object) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    check_mandate({**GOOD, **changes}, TODAY, lambda path, code: found.append((path, code)))
    return found


def test_a_right_mandate_gives_scope_and_end() -> None:
    assert check_mandate(GOOD, TODAY, lambda path, code: None) == (("submit", "correct"), dt.date(2026, 6, 30))
    assert check_mandate(None, TODAY, lambda path, code: None) == ((), None)


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"scope": []}, ("mandate.scope", "missing")),
        ({"scope": "submit"}, ("mandate.scope", "missing")),
        ({"scope": ["submit", "bank"]}, ("mandate.scope", "not_a_choice")),
        ({"scope": ["correct"]}, ("mandate.scope", "scope_without_submit")),
        ({"until": ""}, ("mandate.until", "missing")),
        ({"until": "30.6.2026"}, ("mandate.until", "invalid")),
        ({"until": "2026-03-01"}, ("mandate.until", "mandate_period")),
        ({"until": "2036-03-01"}, ("mandate.until", "mandate_period")),
        ({"signed": ""}, ("mandate.signed", "missing")),
        ({"signed": "emoji"}, ("mandate.signed", "not_a_choice")),
        ({"signed": "witness"}, ("mandate.witness", "missing")),
        ({"witness": "a\nb"}, ("mandate.witness", "invalid")),
    ],
)
def test_each_defect_has_its_field(changes: dict[str, object], wanted: tuple[str, str]) -> None:
    assert defects(**changes) == [wanted]


def test_an_act_outside_the_mandate_is_named() -> None:
    scope = ("submit", "correct")
    assert outside("supply_correction", scope, dt.date(2026, 6, 30), TODAY) == ""
    assert "撤回" in outside("withdraw", scope, None, TODAY)
    assert "过期" in outside("supply_correction", scope, dt.date(2026, 3, 1), TODAY)
    assert outside("withdraw", (), None, TODAY) == "" and outside("deliver", scope, None, TODAY) == ""
