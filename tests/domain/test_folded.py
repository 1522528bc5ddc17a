"""One form for matching: what differs only in how it was typed is the same, and what is another name stays another."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain import folded, pinyin


@pytest.mark.parametrize(
    "dot", "·•・‧∙⋅．。.•᛫･ " + "\u30fb\u2022\u00b7\u2219\u22c5\u2027\u16eb\u200b\u00a0\u3000\ufeff\u2060-－—"
)
def test_a_name_is_the_same_with_every_dot_or_none(dot: str) -> None:
    assert folded.key(f"阿依古丽{dot}买买提") == folded.key("阿依古丽·买买提") == "阿依古丽买买提"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("42010219941022999x", "42010219941022999X"), ("４２０１０２１９９４１０２２９９９Ｘ", "42010219941022999X"),
        ("4201 0219 9410 22999 x", "42010219941022999X"), ("\u202a42010219941022999X\u202c", "42010219941022999X"),
        ("Maria  da Silva", "MARIA DA SILVA"), ("O’Neil", "o'neil"), ("王\u200b小明", "王小明"), ("“一件事”", "一件事"),
        ("cafe\u0301", "CAFÉ"), ("王\ufe00", "王"), ("王\U000e0100", "王"), ("ﾊﾝ", "ハン"),
    ],
)  # fmt: skip
def test_two_spellings_of_one_thing(one: str, other: str) -> None:
    assert folded.key(one) == folded.key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("王晓明", "王小明"), ("李娜", "李娜娜"), ("𠮷野", "吉野"), ("王\ue000", "王"), ("王", "玉")]
)
def test_two_names_stay_two(one: str, other: str) -> None:
    assert folded.key(one) != folded.key(other)


@given(st.text(max_size=30))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded.key(folded.key(text)) == folded.key(text)


@pytest.mark.parametrize(
    "text",
    ["13800138000", " 138 0013 8000", "138-0013-8000", "１３８００１３８０００", "\u202a13800138000\u202c", "138\u200b00138000",
     "138 0013\u00a08000"],
)  # fmt: skip
def test_a_telephone_in_any_spelling(text: str) -> None:
    assert folded.phone(text) == "13800138000"
    assert folded.phone_key(text) == folded.phone_key("+86 " + text) == "13800138000"


@pytest.mark.parametrize(
    "text",
    ["2026-11-29", "2026/11/29", "2026.11.29", "2026年11月29日", "２０２６－１１－２９", "20261129", " 2026 年 11 月 29 日"],
)
def test_a_day_in_any_spelling(text: str) -> None:
    assert folded.date(text) == dt.date(2026, 11, 29)


@pytest.mark.parametrize("text", ["", "明天", "2026-13-01", "2026-11", "26-11-29", "2026年2月30日", "2026-11-29x"])
def test_what_is_no_day(text: str) -> None:
    assert folded.date(text) is None


def test_the_character_that_does_not_fit_is_named() -> None:
    assert "４" in folded.mending("４2", "0123456789")[0] and "半角" in folded.mending("４2", "0123456789")[0]
    assert "U+200B" in folded.mending("4\u200b2", "0123456789")[0]
    assert folded.mending("42", "0123456789") == ("", "")


@pytest.mark.parametrize(
    ("name", "typed"),
    [("单雄信", "sxx"), ("仇英", "qy"), ("查良镛", "zly"), ("曾国藩", "zgf"), ("解晓东", "xxd"), ("尉迟恭", "ycg"),
     ("李桂英", "lgy"), ("李桂英", "liguiying"),
     ("单雄信", "dxx"), ("欧阳修", "oyx"), ("阿依古丽买买提", "ayglmmt"), ("区文", "ow"), ("朴正", "pz"), ("仇英", "qiuying")],
)  # fmt: skip
def test_a_name_is_read_as_a_surname_and_as_it_is_written(name: str, typed: str) -> None:
    assert typed in pinyin.of_name(name)


@given(st.text(max_size=20))
def test_any_text_can_be_read(text: str) -> None:
    pinyin.of_name(folded.key(text))
    pinyin.read(text)
    pinyin.fits_initials("abc", text)
