"""The document `supervision`: what ships counts where nothing is said, a fault has its line and its sentence, and a day from which it counts."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from node.domain.catalog.revisions import Revision
from node.domain.published import SUPERVISION
from node.domain.supervision import rulebook
from node.domain.supervision.rulebook import SHIPS, Supervisions
from node.domain.words.errors import TongbanError

FILE = Path(__file__).parents[2] / "configs" / "rules" / "supervision.toml"
NAMES = "T01 签收超时 T02 受理告知超时 T05 承诺超时 T06 法定超时 T07 特别程序超时 T08 送达超时 T09 代办移交超时 P02 审批未分离 L06 体外循环（双轨）"
MS = 1_772_409_600_000  # 2026-03-02, morning


def faults(text: str) -> list[tuple[int, str, str]]:
    with pytest.raises(TongbanError) as refused:
        rulebook.read(text.encode())
    found = refused.value.details["lines"]
    assert isinstance(found, list) and all("：" in one["message"] or one["message"] for one in found)
    return [(one["line"], one["column"], one["code"]) for one in found]


def test_the_shipped_file_says_what_counts_without_one() -> None:
    assert rulebook.parse(rulebook.read(FILE.read_bytes())) == SHIPS
    assert rulebook.parse(rulebook.read(rulebook.as_toml(SHIPS))) == SHIPS
    assert rulebook.own(rulebook.read(FILE.read_bytes())) == {}
    words = NAMES.split()
    assert {code: SHIPS.rules[code].zh for code in words[::2]} == dict(zip(words[::2], words[1::2], strict=True))
    assert [rulebook.at(one) for one in SHIPS.rungs.values()] == [
        "due-1wd 09:00", "due 09:00", "due 24:00", "due+1wd 24:00", "yellow+cure 24:00",
    ]  # fmt: skip


def test_a_rule_whose_facts_nobody_writes_yet_is_not_in_use() -> None:
    off = {code for code, rule in SHIPS.rules.items() if not rule.in_use}
    assert off == {"T10", "T12", "L06", "A08", "F02", "F03", "F04", "O03"}
    assert not off & {"T01", "T02", "T05", "T06", "T07", "T08", "T09"}


def test_a_document_changes_what_it_names_and_nothing_else() -> None:
    text = (
        'kind = "supervision"\nsince = 2026-05-01\n[[rule]]\ncode = "T05"\nactive = false\n[[rung]]\nrung = "yellow"\ndays = 2\n'
    )
    said = rulebook.parse(rulebook.read(text.encode()))
    assert not said.rules["T05"].in_use and said.rungs["yellow"].days == 2 and said.since == dt.date(2026, 5, 1)
    assert {code for code, rule in said.rules.items() if rule != SHIPS.rules[code]} == {"T05"}
    assert SUPERVISION.rows(rulebook.read(text.encode())) == {"T05": "承诺超时", "yellow": "黄牌"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[[rule]]\ncode = 'T99'", [(2, "code", "not_a_choice")]),
        ("[[rule]]\nzh = '名'", [(2, "code", "missing")]),
        ("[[rule]]\ncode = 'T05'\n[[rule]]\ncode = 'T05'", [(4, "code", "duplicate")]),
        ("[[rule]]\ncode = 'T05'\nzh = ''", [(2, "zh", "missing")]),
        ("[[rule]]\ncode = 'T05'\nactive = 'yes'", [(2, "active", "invalid")]),
        ("[[rule]]\ncode = 'T05'\ncard = 'red'", [(2, "card", "not_a_choice")]),
        ("[[rule]]\ncode = 'T11'\ndays = 0", [(2, "days", "out_of_range")]),
        ("[[rung]]\nrung = 'yellow'\ndays = 0", [(2, "days", "out_of_range")]),
        ("[[rung]]\nrung = 'overdue'\ndays = 3", [(2, "days", "out_of_range")]),
        ("[[rung]]\nrung = 'yellow'\nto = []", [(2, "to", "missing")]),
        ("[[rung]]\nrung = 'yellow'\nto = ['mayor']", [(2, "to", "not_a_choice")]),
        ("moods = 1", [(2, "moods", "unknown_key")]),
        ("since = '2026-01-01'", [(2, "since", "invalid")]),
        ("rule = 1", [(2, "rule", "not_a_table")]),
        ("confirm_within = 0", [(2, "confirm_within", "out_of_range")]),
        ("confirm_within = 'three'", [(2, "confirm_within", "out_of_range")]),
    ],
)
def test_each_fault_is_named_with_its_line(text: str, found: list[tuple[int, str, str]]) -> None:
    assert faults(f'kind = "supervision"\n{text}\n') == found


def test_in_how_many_days_a_suspicion_is_judged_is_data() -> None:
    """A2: `confirm_within` 3 wd."""
    assert SHIPS.confirm_within == 3
    said = rulebook.read(b'kind = "supervision"\nconfirm_within = 5\n')
    assert rulebook.parse(said).confirm_within == 5 and rulebook.own(said) == {"confirm_within": "疑似问题的认定期限"}
    assert rulebook.parse(rulebook.read(rulebook.as_toml(rulebook.parse(said)))).confirm_within == 5
    assert rulebook.parse({"confirm_within": 99}).confirm_within == rulebook.parse({"confirm_within": True}).confirm_within == 3


@pytest.mark.parametrize(
    ("code", "licence", "other"),
    [
        ("T02", "行政许可法第三十二条", "惯例"), ("T04", "行政许可法第四十三条", "惯例"), ("T06", "行政许可法第四十二条", "事项规定"),
        ("T07", "行政许可法第四十五条", "事项规定"), ("T05", "事项规定", "事项规定"), ("T09", "惯例", "惯例"),
    ],
)  # fmt: skip
def test_the_licensing_law_is_not_cited_against_what_is_no_licence(code: str, licence: str, other: str) -> None:
    assert (SHIPS.rules[code].law_for("licence"), SHIPS.rules[code].law_for("other")) == (licence, other)
    own = rulebook.parse({"rule": [{"code": code, "law": "某省政务服务条例第三条"}]})
    assert own.rules[code].law_for("other") == "某省政务服务条例第三条"


def test_what_nobody_understands_is_as_it_ships() -> None:
    odd = {
        "rule": [{"code": "T05", "zh": 3, "days": "x", "active": 1}, {"code": "Z99"}, 7],
        "rung": [{"rung": "yellow", "days": True}],
        "since": 5,
    }
    assert rulebook.parse(odd) == SHIPS  # type: ignore[arg-type]


def test_a_revision_counts_from_its_day_and_never_for_what_was_before() -> None:
    first = rulebook.parse(rulebook.read(b'kind="supervision"\n[[rule]]\ncode="T05"\nactive=false\n'))
    later = rulebook.parse(rulebook.read(b'kind="supervision"\nsince=2026-04-01\n'))
    found = Supervisions({Revision(2, b"a", MS): first, Revision(3, b"b", MS + 86_400_000): later})
    in_use = {
        day: found.on(dt.date.fromisoformat(day)).rules["T05"].in_use
        for day in ("2026-03-02", "2026-03-03", "2026-03-31", "2026-04-01")
    }
    assert in_use == {"2026-03-02": True, "2026-03-03": False, "2026-03-31": False, "2026-04-01": True}
