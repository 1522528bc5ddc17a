"""What an item must say in public, and what its fee rests on (O01, F01)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from node.domain.catalog.item import Item
from node.domain.supervision.disclosing import BEHIND, MISSING, NO_BASIS, detail_words, is_charged, of_item

WHOLE = Item(
    "ZW1", name="食品经营许可", department="市场监管局", category="行政许可", accept_levels=("township",), statutory_limit=20, promised_limit=5,
    legal_basis="《食品安全法》第三十五条", conditions="有固定经营场所", fee="不收费", result="食品经营许可证",
)  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({}, ""), ({"fee": ""}, ""), ({"name": ""}, "content"), ({"department": ""}, "content"), ({"legal_basis": " "}, "basis"),
        ({"conditions": ""}, "conditions"), ({"result": ""}, "result"), ({"statutory_limit": None}, ""), ({"promised_limit": None}, ""),
        ({"statutory_limit": None, "promised_limit": None}, "limit"), ({"promised_limit": 0, "statutory_limit": None}, ""),
        ({"legal_basis": "", "result": ""}, "basis result"),
    ],
)  # fmt: skip
def test_each_part_that_an_item_does_not_say_is_named(changed: dict[str, object], missing: str) -> None:
    found = dict(of_item(replace(WHOLE, **changed)))  # type: ignore[arg-type]
    assert found == ({MISSING: missing} if missing else {})


@pytest.mark.parametrize(
    ("fee", "charged", "named"),
    [
        ("不收费", False, False), ("免征", False, False), ("", False, False), ("首次不收费", False, False), ("无", False, False),
        ("10元", True, False), ("按地方规定", True, False), ("水资源费按标准", True, False), ("每证五十块", True, False),
        ("首次申领、换领20元、补领40元(首次申领2018-04起停征)", True, False), ("号牌100元/副等(发改价格)", True, False),
        ("住宅80元/件,非住宅550元/件(发改价格规〔2016〕2559号)", True, True), ("按《不动产登记收费标准》", True, True),
        ("每证１０元，鄂价费〔2019〕第 12 号", True, True),
    ],
)  # fmt: skip
def test_a_fee_names_the_document_that_it_rests_on(fee: str, charged: bool, named: bool) -> None:
    assert is_charged(fee) is charged
    expected = {MISSING: "fee_basis", NO_BASIS: fee} if charged and not named else {}
    assert dict(of_item(replace(WHOLE, fee=fee))) == expected


def test_what_is_found_is_said_in_both_languages() -> None:
    assert [detail_words(MISSING, "basis result later", one) for one in ("zh", "en")] == ["依据、结果", "legal basis, result"]
    assert detail_words(BEHIND, "3 5", "zh") == "现用第3版，第5版没有到"
    assert detail_words(NO_BASIS, "10元", "en") == "10元" and detail_words("gap", "epoch 1 seq 9", "zh") == ""
