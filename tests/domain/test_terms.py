"""The glossary knows every code that the rules use, in both languages."""

from __future__ import annotations

import pytest

from node.domain.cases import lifecycle, schema
from node.domain.cases.mandate import SCOPES
from node.domain.catalog.item import KINDS
from node.domain.filing.application import CHANNELS
from node.domain.model import TIERS, Purpose, Role
from node.domain.words.flags import FLAGS
from node.domain.words.terms import BY_GROUP, TERMS, label

ROWS = (*lifecycle.TABLE, *lifecycle.EXTRA)
MARKS = {lifecycle.NEW, lifecycle.SAME, lifecycle.PREVIOUS, lifecycle.RESUME}
USED: dict[str, set[str]] = {
    "status": {"checking", *lifecycle.STATUSES, *(code for row in ROWS for code in (*row.sources, row.to))} - MARKS,
    "action": {row.action for row in ROWS} | set(lifecycle.REQUESTS),
    "mandate": set(SCOPES),
    "kind": set(schema.SCHEMA) | lifecycle.KINDS,
    "role": set(Role) | {role for row in ROWS for role in row.roles} | {r for may in lifecycle.REQUESTS.values() for r in may},
    "purpose": set(Purpose),
    "tier": set(TIERS),
    "channel": set(CHANNELS),
    "clock": {"A", "R", "S", "P", "B", "D", "first_examination", "correction"},
    "time": set("agent handler upper transit applicant statutory_pause link_outage".split()),
    "hop": {"filed", "assigned"},
    "step_kind": set(KINDS),
    "case_type": {"immediate", "commitment", "joint", "referral", "returned", "gap", "urgent", "doubted"},
    "flag": set(FLAGS),
    "light": {"none", "green", "warn", "overdue", "yellow", "red", "unknown"},
}


@pytest.mark.parametrize("group", sorted(USED))
def test_every_code_in_use_has_its_words(group: str) -> None:
    assert {code for code in USED[group] if (group, code) not in BY_GROUP} == set()


def test_words_are_complete_and_stand_once() -> None:
    assert len(BY_GROUP) == len(TERMS)
    for term in TERMS:
        assert term.code and term.zh and term.en and term.source, term
        assert any("\u4e00" <= char <= "\u9fff" for char in term.zh) and term.en.isascii()


def test_labels() -> None:
    assert label("accepted") == "已受理" and label("accepted", "en") == "accepted"
    assert label("approved", group="kind") == "已批准" and label("approved") == "已批准"
    assert label("no_such_code") == "no_such_code" == label("no_such_code", "en", "status")
    assert label("accepted", group="role") == "accepted"
