"""Punctuation in Chinese is full-width: in every sentence of ours, whoever wrote it, and between Chinese characters on paper."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from node.domain.words.errors import FIELD_ERRORS
from node.domain.words.flags import FLAGS
from node.domain.words.punctuation import FAULT, mended, mended_between
from node.domain.words.refusals import ERRORS
from node.domain.words.rule_words import SENTENCES
from node.domain.words.terms import TERMS

ROOT = Path(__file__).resolve().parents[2]
PAPERS_OF_OURS = ("README.zh-CN.md", "docs/operating.zh-CN.md")
HALF = re.compile("[\u4e00-\u9fff”》）] ?[,;:?!(]|[,;:?!)] ?[\u4e00-\u9fff“《]|[\u4e00-\u9fff”》]\\)|\\([\u4e00-\u9fff“《]")
SENTENCES_OF = {
    **{path.name: list(json.loads(path.read_text("utf-8")).values()) for path in (ROOT / "edge_ui/locale/zh").glob("*.json")},
    **{
        path.name: [line for line in path.read_text("utf-8").splitlines() if line[:1] != "#"]
        for path in (ROOT / "configs/papers").glob("*.toml")
    },
    "errors": [kind.zh for kind in ERRORS.values()] + [zh for zh, _ in FIELD_ERRORS.values()],
    "rules": list(SENTENCES),
    "flags": [flag.zh for flag in FLAGS.values()],
    "terms": [term.zh for term in TERMS],
}


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("材料不全,请补", "材料不全，请补"),
        ("请用:{name}(共 {n} 份);不行再试!", "请用：{name}（共 {n} 份）；不行再试！"),
        ("确定要退出吗?", "确定要退出吗？"),
        ("村(社区)", "村（社区）"),
        ("{since} 收件,次日起", "{since} 收件，次日起"),
        ("外层(内层(里面)外面)", "外层（内层（里面）外面）"),
        ("例如 10.1.2.3:8443", "例如 10.1.2.3:8443"),
        ("运行 tongban invite 目录 --tier township", "运行 tongban invite 目录 --tier township"),
        ("11:30 到 12:00,之后休息", "11:30 到 12:00，之后休息"),
        ("GB/T 15834 (2011)", "GB/T 15834 (2011)"),
    ],
)
def test_a_sentence_gets_full_width_punctuation(typed: str, right: str) -> None:
    assert mended(typed) == right
    assert mended(right) == right


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("材料不全,请补;谢谢", "材料不全，请补；谢谢"),
        ("面积 1,200 平方米", "面积 1,200 平方米"),
        ("见 https://a.cn:80,谢", "见 https://a.cn:80,谢"),
    ],
)
def test_what_people_wrote_is_mended_between_chinese_characters_only(typed: str, right: str) -> None:
    assert mended_between(typed) == right


@pytest.mark.parametrize("name", PAPERS_OF_OURS)
def test_no_paper_of_ours_has_half_width_punctuation_beside_chinese(name: str) -> None:
    """Commands in it (code, also within a line) and addresses of links are as they must be typed; comments of commands are ours."""
    text = (ROOT / name).read_text("utf-8")
    assert [line for line in text.splitlines() if FAULT.search(re.sub(r"\]\([^)]*\)", "", line))] == []
    prose = re.sub(r"```.*?```|`[^`]*`|\]\([^)]*\)|[!\[]", "", text, flags=re.DOTALL)
    assert [line for line in prose.splitlines() if HALF.search(line)] == []


@pytest.mark.parametrize("where", SENTENCES_OF)
def test_no_sentence_of_ours_has_half_width_punctuation(where: str) -> None:
    assert [text for text in SENTENCES_OF[where] if FAULT.search(text)] == []
