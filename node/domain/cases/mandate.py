"""The mandate (代办委托): what a resident lets the village's agent do, until when, and how that was signed.

It is part of the application (`mandate`), so that whoever holds the case can read it; its scope and its end are facts of the
filing, so that an act outside it is refused wherever the agent asks for it. An application without a mandate is filed as
before (departments' systems, `case file`): then nothing is limited, and the paper stays with the agent. A scope is never
the power to keep cards or passwords (FORMS.md, 代办委托书).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping

from node.domain.bounded import BAD_LINE
from node.domain.words.terms import label

SUBMIT, CORRECT, WITHDRAW, COLLECT = "submit", "correct", "withdraw", "collect"
SCOPES = (SUBMIT, CORRECT, WITHDRAW, COLLECT)
SIGNED = ("handprint", "signature", "witness")
MAX_DAYS = 366  # a mandate is for this matter, not for ever
MAX_NAME = 100
NEEDED: Mapping[str, str] = {"supply_correction": CORRECT, "withdraw": WITHDRAW}
"""What an agent's act needs of the mandate. Handing the result to the applicant needs none: the result comes home to the
village, and a case that nobody there may deliver would stand still for ever; COLLECT is printed on the paper."""

Fault = Callable[[str, str], None]


def check_mandate(value: object, today: dt.date, fault: Fault) -> tuple[tuple[str, ...], dt.date | None]:
    """(scope, last day) of an application's mandate; defects go to `fault(path, code)`. Nothing given: ((), None)."""
    if value is None:
        return (), None
    if not isinstance(value, Mapping):
        fault("mandate", "wrong_type")
        return (), None
    _check_signed(value, fault)
    return _scope(value.get("scope"), fault), _until(value.get("until"), today, fault)


def _scope(value: object, fault: Fault) -> tuple[str, ...]:
    given = value if isinstance(value, list) else []
    scope = tuple(one for one in SCOPES if one in given)
    if not isinstance(value, list) or not scope:
        fault("mandate.scope", "missing")
    elif len(scope) != len(given):
        fault("mandate.scope", "not_a_choice")
    elif SUBMIT not in scope:
        fault("mandate.scope", "scope_without_submit")
    return scope


def _until(value: object, today: dt.date, fault: Fault) -> dt.date | None:
    if not isinstance(value, str) or not value:
        fault("mandate.until", "missing")
        return None
    try:
        until = dt.date.fromisoformat(value)
    except ValueError:
        fault("mandate.until", "invalid")
        return None
    if not today <= until <= today + dt.timedelta(days=MAX_DAYS):
        fault("mandate.until", "mandate_period")
    return until


def _check_signed(value: Mapping[object, object], fault: Fault) -> None:
    signed = value.get("signed")
    if signed not in SIGNED:
        fault("mandate.signed", "missing" if signed in (None, "") else "not_a_choice")
    for name in ("agent", "agent_name", "witness"):
        text = value.get(name)
        if text is not None and (not isinstance(text, str) or len(text) > MAX_NAME or BAD_LINE.search(text)):
            fault(f"mandate.{name}", "invalid")
    witness = value.get("witness")
    if signed == "witness" and not (isinstance(witness, str) and witness.strip()):
        fault("mandate.witness", "missing")


def outside(action: str, scope: tuple[str, ...], until: dt.date | None, today: dt.date) -> str:
    """Why an agent may not do this under the mandate; "" when it may, or when none is recorded."""
    needed = NEEDED.get(action, "")
    if not scope or not needed:
        return ""
    if needed not in scope:
        return f"超出代办委托的权限（委托书未授权{label(needed, group='mandate')}）"
    return "代办委托已过期，须由申请人重新委托" if until is not None and today > until else ""
