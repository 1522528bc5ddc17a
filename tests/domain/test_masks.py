"""The number of a person's document is never printed whole, whatever its kind; an organisation's is public."""

from __future__ import annotations

import pytest

from node.domain.filing.ids import KINDS
from node.domain.papers.papers import ORGANISATIONS, mask_id, mask_name

NUMBERS = {
    "ric": ("420106198702079963", "420106********9963"), "hmt": ("810000199408230021", "810000********0021"),
    "passport": ("E12345678", "E******78"), "household": ("4201A6", "4***A6"), "fpr": ("CHN110000000001", "CHN110*****0001"),
    "uscc": ("91420100MA4KLH0X1Y", "91420100MA4KLH0X1Y"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_a_persons_number_is_masked(kind: str) -> None:
    number, shown = NUMBERS[kind]
    assert mask_id(number, kind) == shown and (number in shown) == (kind in ORGANISATIONS)
    assert (mask_name("阿依古丽", kind) == "阿依古丽") == (kind in ORGANISATIONS)


def test_a_kind_that_nobody_knows_yet_is_a_persons_and_a_short_number_shows_nothing() -> None:
    assert mask_id("AB123456", "new") == "A*****56" and mask_id("12345", "passport") == "*****" and mask_id("", "ric") == ""
