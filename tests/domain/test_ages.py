"""The age that the conditions of an item ask of the applicant, as people write it."""

from __future__ import annotations

import pytest

from node.domain.catalog.ages import ages_of


@pytest.mark.parametrize(
    ("conditions", "ages"),
    [
        ("本市户籍，80周岁以上老年人", (80, None)), ("年满16周岁、非在校学生、未参加职工养老保险", (16, None)), ("满18周岁", (18, None)),
        ("18周岁以下", (0, 18)), ("不满16周岁的居民", (0, 15)), ("未满十八周岁", (0, 17)), ("年满16周岁，不满60周岁", (16, 59)),
        ("16周岁至59周岁", (16, 59)), ("16-59周岁", (16, 59)), ("十六周岁以上，六十周岁以下", (16, 60)), ("二十周岁以上", (20, None)),
        ("当年12月31日以前年满18周岁的男性公民", (18, None)), ("男满22周岁女满20周岁", (0, None)), ("男60周岁以下，女55周岁以下", (0, None)),
        ("有未满18周岁子女", (0, None)), ("", (0, None)), ("户口在本市", (0, None)), ("60岁以上", (60, None)), ("60周岁（含）以上", (0, None)),
    ],
)  # fmt: skip
def test_least_and_most_age_are_read_from_the_conditions(conditions: str, ages: tuple[int, int | None]) -> None:
    assert ages_of(conditions) == ages
