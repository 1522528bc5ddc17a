"""The authority record as a file: read, refused by line, looked up; and whose name, number and remedy follow from it."""

from __future__ import annotations

import datetime as dt

import pytest

from node.domain.calendar import ms_of
from node.domain.catalog.authority import NONE, Authorities, Record, as_csv, document_of, is_same_organ, parse, read, read_rows
from node.domain.catalog.item import Item
from node.domain.catalog.powers import Powers
from node.domain.catalog.remedy import remedy_of
from node.domain.catalog.revisions import Revision
from node.domain.model import CST
from node.domain.papers.categories import outcome_word
from node.domain.papers.organs import Office, holding, issuer_of, item_code, review_organ
from node.domain.papers.papers import read_word, spelled
from node.domain.words.errors import TongbanError

HEAD = "node_code,item_id,department,way,organ,organ_code,asked_organ,asked_code,series,commission_no,commission_from,commission_until\n"
DISTRICT, TOWN = "420102000000", "420102002000"
OWN = f"{DISTRICT},,公安局,own,武汉市公安局江岸区分局,岸公,,,,,,\n"
ONLINE = f"{TOWN},,公安局,online,武汉市公安局江岸区分局,岸公,大智街道办事处,岸大智,DZJ,,,\n"
ITEM = Item("A1", name="居住证办理", department="公安局", category="行政确认", accept_levels=("township", "district"))
PLACES = {"city": "武汉市", "district": "江岸区", "township": "大智街道"}


def given(*rows: str) -> Authorities:
    return parse(read((HEAD + "".join(rows)).encode()))


def faults(*rows: str) -> list[tuple[int, str, str]]:
    return [(one.line, one.column, one.code) for one in read_rows((HEAD + "".join(rows)).encode())[1]]


def office(found: Authorities, node: str = TOWN, tier: str = "township", day: str = "2026-03-02") -> Office:
    record = holding(found.find(node, ITEM.item_id, ITEM.department), dt.date.fromisoformat(day))
    return Office(node, "大智街道便民服务中心", tier, PLACES, record)


def test_a_file_says_the_same_after_it_was_written_out_again() -> None:
    found = given(OWN, ONLINE)
    assert parse(read(as_csv(found.rows))).by_key == found.by_key == parse(document_of(found.rows)).by_key


def test_the_most_particular_row_counts() -> None:
    found = given(f"{TOWN},,,own,大智街道办事处,岸大智,,,,,,\n", ONLINE, f"{TOWN},B2,,devolved,大智街道办事处,岸大智,,,,,,\n")
    ways = [
        record.way for item in ("A1", "B2", "C3") if (record := found.find(TOWN, item, "公安局" if item == "A1" else "民政局"))
    ]
    assert ways == ["online", "devolved", "own"] and found.find(DISTRICT, "A1", "公安局") is None


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        (["420102,,x,own,甲局,甲\n"], (2, "", "wrong_width")),
        ([OWN.replace(DISTRICT, "42")], (2, "node_code", "invalid")),
        ([OWN.replace("own", "lent")], (2, "way", "not_a_choice")),
        ([OWN.replace("岸公", "G-1")], (2, "organ_code", "invalid")),
        ([OWN.replace(",,公安局", ",A1,公安局")], (2, "item_id", "item_and_department")),
        ([OWN, OWN], (3, "item_id", "duplicate")),
        ([ONLINE.replace("大智街道办事处,岸大智", ",")], (2, "asked_organ", "not_upper")),
        ([ONLINE.replace("DZJ", "")], (2, "series", "series_needed")),
        ([ONLINE.replace("DZJ", "DOI")], (2, "series", "invalid")),
        ([ONLINE.replace("online", "entrusted")], (2, "commission_no", "commission_missing")),
        (
            [ONLINE.replace("online", "entrusted").replace("DZJ,,,", "DZJ,第1号,2026-05-01,2026-04-01")],
            (2, "commission_until", "until_before_from"),
        ),
        ([OWN.replace("DISTRICT", "").replace("own,", "own,\x07")], (2, "organ", "bad_character")),
        ([OWN, OWN.replace(DISTRICT, TOWN)], (3, "series", "series_missing")),
        (
            [ONLINE, ONLINE.replace(TOWN, "420102003000").replace("岸大智", "岸一元").replace("大智", "一元")],
            (3, "series", "series_taken"),
        ),
        (
            [OWN, OWN.replace(",公安局", ",民政局").replace("武汉市公安局江岸区分局", "江岸区民政局")],
            (3, "organ_code", "one_code_one_organ"),
        ),
        ([OWN, OWN.replace(",公安局", ",民政局").replace("岸公", "岸民")], (3, "organ_code", "one_organ_one_code")),
    ],
)
def test_every_fault_is_named_by_its_line(rows: list[str], fault: tuple[int, str, str]) -> None:
    assert fault in faults(*rows)
    with pytest.raises(TongbanError) as caught:
        read((HEAD + "".join(rows)).encode())
    assert caught.value.code == "import_failed" and f"line {fault[0]}" in caught.value.fields


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"node_code\n", (HEAD + '"').encode(), HEAD.replace("way", "weg").encode(), b"\x00" * 99]
)
def test_what_is_no_such_file_is_refused(data: bytes) -> None:
    with pytest.raises(TongbanError, match="import_failed"):
        read(data)


def test_at_a_lower_office_the_upper_organ_accepts_and_the_asked_one_turns_down() -> None:
    town = office(given(OWN, ONLINE))
    accepted = issuer_of("acceptance", "accepted", ITEM, town, "district")
    assert (accepted.organ, accepted.word, accepted.series, accepted.by) == ("武汉市公安局江岸区分局", "岸公", "DZJ", town.name)
    asked = issuer_of("not_accepted", "not_accepted", ITEM, town, "district")
    assert (asked.organ, asked.word, asked.series, asked.by) == ("大智街道办事处", "岸大智", "", "")


def test_what_was_handed_down_is_the_lower_organs_own() -> None:
    town = office(given(f"{TOWN},A1,,devolved,大智街道办事处,岸大智,,,,,,\n"))
    for paper, variant in (("acceptance", "accepted"), ("not_accepted", "not_accepted"), ("decision", "granted")):
        found = issuer_of(paper, variant, ITEM, town, "district")
        assert (found.organ, found.by, found.series) == ("大智街道办事处", "", "")


@pytest.mark.parametrize(
    ("day", "known"), [("2025-12-31", False), ("2026-01-01", True), ("2026-12-31", True), ("2027-01-01", False)]
)
def test_a_commission_gives_its_power_from_its_first_to_its_last_day(day: str, known: bool) -> None:
    row = ONLINE.replace("online", "entrusted").replace("DZJ,,,", "DZJ,岸公委〔2026〕第1号,2026-01-01,2026-12-31")
    assert issuer_of("acceptance", "accepted", ITEM, office(given(row), day=day), "district").known is known


def test_without_a_record_the_organs_are_those_of_the_tiers_and_the_number_is_the_centers() -> None:
    town = office(NONE)
    accepted = issuer_of("acceptance", "accepted", ITEM, town, "district")
    assert (accepted.organ, accepted.word, accepted.by) == ("江岸区公安局", TOWN, town.name)
    assert issuer_of("not_accepted", "not_accepted", ITEM, town, "district").organ == "大智街道办事处"


def test_an_organ_is_known_again_with_and_without_its_place() -> None:
    organ = "武汉市江岸区市场监督管理局"
    assert all(
        is_same_organ(typed, organ)
        for typed in (organ, "江岸区市场监督管理局", " 市场监督 管理局", "武汉市江岸区市场监督管理局\u3000")
    )
    assert not any(is_same_organ(typed, organ) for typed in ("武汉市市场监督管理局", "", "局", "江岸区民政局"))


@pytest.mark.parametrize(
    ("name", "category", "said", "remedy"),
    [
        ("食品经营许可", "行政许可", "", "review_or_suit"), ("自来水供水报装", "公共服务", "", "civil"), ("人民调解申请", "公共服务", "", "none"),
        ("公积金贷款", "公共服务", "", "civil"), ("公积金提取", "公共服务", "", "review_or_suit"),
        ("林地权属争议裁决", "行政裁决", "", "review_first"),
        ("兵役登记", "公共服务", "", "none"), ("政府信息公开申请", "公共服务", "", "review_first"), ("居住证", "行政确认", "suit_only", "suit_only"),
        ("法律咨询服务许可", "行政许可", "", "review_or_suit"), ("居住证", "行政确认", "later_kind", "review_or_suit"),
    ],
)  # fmt: skip
def test_the_remedy_is_the_items_own_or_the_one_its_name_tells(name: str, category: str, said: str, remedy: str) -> None:
    assert remedy_of(Item("A", name=name, category=category, remedy=said)) == remedy


def test_who_reviews_follows_from_the_organ() -> None:
    town, district = office(NONE), office(NONE, DISTRICT, "district")
    assert review_organ(ITEM, town, "township", "大智街道办事处") == "江岸区人民政府"
    assert review_organ(ITEM, district, "district", "江岸区公安局") == "江岸区人民政府"
    assert review_organ(ITEM, district, "district", "国家税务总局武汉市江岸区税务局") == "上一级主管部门"


def test_an_item_code_of_another_city_is_not_printed() -> None:
    foreign = "511A0147300000-511602000000-000-11511300008778693M-1-00"
    ours = foreign.replace("511602", "420102")
    item = Item("ZW002", item_code_basic="511A0147300000", item_code_real=foreign)
    assert item_code(item, TOWN) == "ZW002" and item_code(item, "511602001000") == foreign
    assert item_code(Item("ZW002", item_code_real=ours), TOWN) == ours
    assert item_code(Item("ZW002", item_code_real="11511602MB1511027G251180"), TOWN) == "ZW002"


@pytest.mark.parametrize("word", ["岸市监", "许准", "420102002000", "420102002000-01", "", "武A"])
def test_the_words_of_a_number_travel_as_codes(word: str) -> None:
    code = spelled(word)
    assert code.isascii() and read_word(code) == word


@pytest.mark.parametrize("code", ["u:", "u:5cb8.", "u:0020.0041", "u:5cb8." * 20, "a b", "〔", "u:d800"])
def test_a_code_that_spells_no_word_is_refused(code: str) -> None:
    assert read_word(code) is None


def test_screens_call_an_outcome_by_its_category() -> None:
    assert (outcome_word("approved", "行政许可"), outcome_word("refused", "公共服务"), outcome_word("accepted", "行政许可")) == (
        "已准予许可", "不予办理", "",
    )  # fmt: skip


TOML = """# 授权记录
kind = "authority"

[[record]]
node_code = "420102002000"
item_id = "A1"
way = "entrusted"
organ = "武汉市公安局江岸区分局"
organ_code = "岸公"
asked_organ = "大智街道办事处"
asked_code = "岸大智"
series = "DZJ"
types = { granted = "许准", acceptance = "受" }
commission_no = "岸公委〔2026〕第1号"
commission_from = 2026-01-01
commission_until = "2026-12-31"
"""


def test_a_toml_file_says_the_same_as_csv() -> None:
    faults = read_rows(TOML.encode())[1]
    assert faults == []
    (row,) = parse(read(TOML.encode())).rows
    assert (row.way, row.since, row.until) == ("entrusted", dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    assert row.types == {"granted": "许准", "acceptance": "受"}
    assert parse(read(as_csv([row]))).rows == (row,)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('way = "entrusted"', 'way = "lent"', (4, "way", "not_a_choice")),
        ('series = "DZJ"', 'serie = "DZJ"', (4, "serie", "unknown_column")),
        ('series = "DZJ"', "series = 7", (4, "series", "invalid")),
        ('node_code = "420102002000"\n', "", (4, "node_code", "missing")),
        ('kind = "authority"', 'kind = "limits"', (1, "kind", "wrong_kind")),
        ("[[record]]", "[[record]", (4, "", "bad_toml")),
        ("2026-01-01", "2026-02-30", (15, "", "bad_toml")),
    ],
)
def test_what_is_wrong_in_a_toml_file_is_named_by_line(old: str, new: str, fault: tuple[int, str, str]) -> None:
    faults = read_rows(TOML.replace(old, new).encode())[1]
    assert [(one.line, one.column, one.code) for one in faults][:1] == [fault] and faults[0].message_zh


def test_a_power_that_was_handed_down_counts_on_its_days_at_its_office() -> None:
    """By the record that was published on the day: 下放, 委托 and 派员联办 give it, 联网审批 does not."""
    item = Item("A1", department="公安局", approval_level="district")

    def record(way: str, **changes: object) -> Authorities:
        row = Record("420102002000", way, "武汉市公安局江岸区分局", "岸公", **changes)  # type: ignore[arg-type]
        return Authorities(1, (row,), {row.key: row})

    day = dt.date(2026, 3, 2)
    first = Revision(1, b"a", ms_of(dt.datetime(2026, 3, 1, 9, tzinfo=CST)))
    for way, decides in (("devolved", True), ("entrusted", True), ("posted", True), ("online", False), ("own", False)):
        powers = Powers({first: record(way)})
        assert powers.of(item, "420102002000", "township", day).decides_at("township") is decides, way
        assert powers.of(item, "420102003000", "township", day) is item, "no other office"
    posted = Powers({first: record("posted", since=dt.date(2026, 3, 2), until=dt.date(2026, 3, 31))})
    for on, decides in ((dt.date(2026, 3, 1), False), (day, True), (dt.date(2026, 4, 1), False)):
        assert posted.of(item, "420102002000", "township", on).decides_at("township") is decides, on
    later = Revision(2, b"b", ms_of(dt.datetime(2026, 3, 9, 9, tzinfo=CST)))
    changed = Powers({first: record("posted"), later: record("online")})
    assert changed.of(item, "420102002000", "township", dt.date(2026, 3, 8)).decides_at("township"), (
        "what was decided by right stays so"
    )
    assert not changed.of(item, "420102002000", "township", dt.date(2026, 3, 9)).decides_at("township")
    assert not Powers({first: record("posted")}).of(item, "420102002000", "village", day).decides_at("village")
