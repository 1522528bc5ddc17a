"""Every fact of an event is told in words or hidden for a reason, in both languages; no list here names the codes."""

from __future__ import annotations

import ast
import datetime as dt
import re
from pathlib import Path

import pytest

from node.domain.cases import lifecycle, telling
from node.domain.cases.acts import ACTS, fields_of
from node.domain.cases.acts.act import CODE, CODES, HASH, HASHES
from node.domain.cases.schema import SCHEMA
from node.domain.cases.telling import GROUPS, HIDDEN, HOW, Names, Told, group_of, group_of_field, tell
from node.domain.catalog.item import KINDS
from node.domain.filing.application import CHANNELS
from node.domain.model import Event, FactValue, Role
from node.domain.words.terms import BY_GROUP
from tests.domain.desk import DISTRICT, LICENCE, STAFF, STOPPING, TOWNSHIP, VILLAGE, Desk

CASES = Path(telling.__file__).parent
EVENTS = [(kind, fact, type) for kind in sorted(lifecycle.KINDS & set(SCHEMA)) for fact, type in SCHEMA[kind].items()]
NAMES = Names(lambda node: "江岸区" if node == DISTRICT else "", lambda code: "", lambda code: f"材料{code}", dt.date(2026, 3, 9))


def said(event_kind: str, **facts: FactValue) -> list[Told]:
    event = Event(event_kind, VILLAGE, "clerk-1", 0, facts, "CASE-1", 2, b"", 1, "submitted", TOWNSHIP, b"h")
    return list(tell(event, NAMES))


def choices(action: str) -> set[tuple[str, str]]:
    """(field, choice) of every list of an action, for licences and for what is none; names of people stand beside the choice."""
    found = set()
    for item in (LICENCE, STOPPING):
        desk = Desk(item).accepted()
        specs = fields_of(action, desk.the, desk.context(TOWNSHIP), STAFF[Role.DIRECTOR])
        found |= {(spec.name, choice) for spec in specs if not spec.labels for choice in spec.choices}
    return found


def written(pattern: str) -> set[str]:
    """The strings of the modules about cases that look like this."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in CASES.rglob("*.py")]
    texts = [
        one.value for tree in trees for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]
    return {text for text in texts if re.fullmatch(pattern, text)}


@pytest.mark.parametrize(("kind", "fact", "type"), EVENTS)
def test_every_fact_is_told_under_a_name_or_hidden_for_a_reason(kind: str, fact: str, type: str) -> None:
    if fact in HIDDEN:
        assert HIDDEN[fact] and fact not in HOW
        return
    assert ("fact", fact) in BY_GROUP, f"{fact} has no name in the group 'fact' of node/domain/words/terms.py"
    assert fact in HOW or type not in (HASH, HASHES), f"{fact} is a hash: say how it is told, or hide it"
    if type in (CODE, CODES) and fact not in HOW:
        assert any(group == group_of(kind, fact) for group, _ in BY_GROUP), f"the codes of {fact} have no words"


def test_nothing_is_hidden_or_told_that_no_event_carries() -> None:
    carried = {fact for facts in SCHEMA.values() for fact in facts}
    assert set(HIDDEN) | set(HOW) <= carried
    assert {(kind, fact) for kind, fact in GROUPS} <= {(kind, fact) for kind, facts in SCHEMA.items() for fact in facts}


@pytest.mark.parametrize("action", sorted(ACTS))
def test_every_choice_of_every_field_has_words(action: str) -> None:
    assert {one for one in choices(action) if (group_of_field(action, one[0]), one[1]) not in BY_GROUP} == set()


def test_the_choices_are_found() -> None:
    assert ("reason", "wrong_node") in choices("hand_back") and ("kind", "public_notice") in choices("suspend")


def test_the_codes_that_the_rules_write_have_words() -> None:
    declined = written(r"(row\d+|recall)\.[a-z_]+")
    assert len(declined) > 5
    assert {code for code in declined | {"unknown"} if ("rule", code) not in BY_GROUP} == set()
    assert {code for code in KINDS if ("step_kind", code) not in BY_GROUP} == set()
    assert {code for code in CHANNELS if ("channel", code) not in BY_GROUP} == set()
    assert all(key in BY_GROUP for key in (("reason", "recalled"), ("void_kind", "stale_draft"), ("action", "unknown")))


def test_the_reason_of_a_hand_back_is_told_with_who_gets_the_case() -> None:
    found = said(
        "custody_offered", target=DISTRICT, purpose="hand_back", reason="incomplete", objects=(b"x",), resume_status="with_agent"
    )
    assert [(one.label, one.value) for one in found] == [("移交至", "江岸区"), ("移交事由", "退回移交"), ("退回原因", "材料不全")]
    assert [one.value_en for one in found] == ["江岸区", "hand-back", "incomplete"]


def test_kind_days_and_end_of_a_pause_are_told() -> None:
    found = said("suspended", kind="public_notice", days=7, until=dt.date(2027, 1, 4))
    assert [one.value for one in found] == ["公示", "7 个工作日", "2027年1月4日"]
    assert [one.value_en for one in said("resumed", kind="hearing", over=1)] == ["hearing", "1 working day"]


@pytest.mark.parametrize(
    ("kind", "facts", "text"),
    [
        ("delivered", {"mode": "post"}, "送达方式：邮寄送达"),
        ("refused", {"ground": "on_site"}, "退办情形：现场核实不符"),
        ("request_declined", {"rule": "recall.opened", "asked": "recall"}, "未采纳的原因：对方已经查看"),
        ("extended", {"extension_days": 10, "due": dt.date(2026, 4, 1)}, "延长：10 个工作日"),
        ("correction_requested", {"items": ("0", "2")}, "需补正的材料：材料0、材料2"),
        ("correction_supplied", {"papers": ("1:2",)}, "收到的纸质材料：材料1"),
        ("urgent_set", {"urgent": False}, "急办：否"),
        ("undone", {"kind": "accepted"}, "种类：已受理"),
        ("voided", {"kind": "duplicate"}, "种类：重复办件"),
    ],
)
def test_a_fact_in_words(kind: str, facts: dict[str, FactValue], text: str) -> None:
    assert text in [f"{one.label}：{one.value}" for one in said(kind, **facts)]


def test_a_fact_of_a_later_version_is_told_as_it_is_and_its_hashes_are_not() -> None:
    found = said("weighed", scale="accepted", when=dt.date(2026, 3, 1), proof=b"x" * 32)
    assert [(one.label, one.value) for one in found] == [("scale", "accepted"), ("when", "3月1日")]


def test_every_reason_to_hide_is_one_of_three() -> None:
    assert set(HIDDEN.values()) == {telling.IN_THE_ROW, telling.ELSEWHERE, telling.MACHINE}
