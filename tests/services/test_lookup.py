"""The search for cases on real nodes: every spelling of a number, any part of a name, telephone, item, initials."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from node.domain.cases.lifecycle import ENDED
from node.store import lookup
from tests.support.network import CLERK, Town, four_tiers

ID = "42010219941022999X"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    network = four_tiers(tmp_path)
    yield network
    network.close()


def person(**given: str) -> dict[str, str]:
    return {"name": "阿依古丽·买买提", "id_number": ID, "phone": "13800138000", **given}


def found(town: Town, words: str) -> list[str]:
    return [row["case_no"] for row in town["township"].center.work.search(CLERK, words)["rows"]]


def listed(town: Town, words: str) -> list[str]:
    return [row["case_no"] for row in town["township"].center.cases.listed(CLERK, q=words)["cases"]]


@pytest.mark.parametrize(
    "words",
    ["阿依古丽·买买提", "阿依古丽•买买提", "阿依古丽・买买提", "阿依古丽‧买买提", "阿依古丽∙买买提", "阿依古丽 买买提", "阿依古丽买买提",
     "阿依", "古丽", "买买提", "丽·买", "ayglmmt", "AYGL", "ayiguli", ID, ID.lower(), "４２０１０２１９９４１０２２９９９ｘ", "420102 19941022 999x",
     f"\u202a{ID}\u202c",
     "13800138000", "138 0013 8000", "138-0013-8000", "+86 13800138000", "１３８００１３８０００", "居住证", "居住证办理"],
)  # fmt: skip
def test_a_case_is_found_by_what_people_know_of_it(town: Town, words: str) -> None:
    other = town.file("township", item="ZW002")
    no = town.file("township", applicant=person())
    assert found(town, words) == listed(town, words) == [no] != [other]


def test_a_case_is_found_by_its_number_in_any_spelling_and_by_its_last_part(town: Town) -> None:
    first = town.file("township")
    filed = town["township"].center.intake.file(town.application("township"), CLERK)
    no = filed.case_no
    parts = no.split("-")
    bare = no.replace("-", "")
    wide = "".join(chr(ord(c) + 0xFEE0) for c in no)
    for words in (no, no.lower(), bare, bare.lower(), no.replace("-", " "), no.replace("-", "—"), wide, f" {no}\u200b", "-".join(parts[-2:]),
                  "".join(parts[-2:]), "-".join(parts[-3:]), parts[-2], "".join(parts[-3:]).lower()):  # fmt: skip
        assert found(town, words) == listed(town, words) == [no], words
    for words in (no[:20], bare[:15], parts[0], bare[:20]):
        assert set(found(town, words)) == set(listed(town, words)) == {first, no}, words
    assert town["township"].center.public.case(bare.lower(), filed.query_code.lower(), "here")["case_no"] == no


@pytest.mark.parametrize("x", ["x", "X", "ｘ", "Ｘ"])
def test_an_id_that_ends_in_x_is_one_person(town: Town, x: str) -> None:
    no = town.file("township", applicant=person(id_number=ID[:-1] + "x"))
    again = town.file("township", applicant=person(id_number=ID))
    assert set(found(town, ID[:-1] + x)) == {no, again}


@pytest.mark.parametrize(
    ("name", "typed"), [("单雄信", "sxx"), ("单雄信", "dxx"), ("仇小英", "qxy"), ("查小英", "zxy"), ("曾小英", "zxy")]
)
def test_surnames_are_found_by_their_own_reading(town: Town, name: str, typed: str) -> None:
    no = town.file("township", applicant=person(name=name))
    assert found(town, typed) == [no]


@pytest.mark.parametrize(
    "words", ["%", "_", "*", "'", '"', "--", "\u200b", "·", "没有这样的人", "0", "a" * 100, "𠮷", "1=1", "9999"]
)
def test_words_that_fit_nothing_find_nothing(town: Town, words: str) -> None:
    town.file("township")
    assert found(town, words) == listed(town, words) == []


def test_the_tables_made_anew_are_those_that_stood(town: Town) -> None:
    no = town.file("township", applicant=person())
    center = town["township"].center
    assert center.upkeep.verify()["ok"]
    center.upkeep.rebuild()
    assert center.upkeep.verify()["ok"] and [row["case_no"] for row in center.cases.listed(CLERK, q="古丽")["cases"]] == [no]


@pytest.mark.parametrize(
    "words",
    [
        "阿依古丽",
        "aygl",
        ID,
        "13800138000",
        "420106001003",
        "420106001003-261129",
        "0001-A",
        "00017",
        "42010600",
        "居住证",
        "A1B2C3",
    ],
)
def test_every_way_of_the_search_walks_an_index(town: Town, words: str) -> None:
    ways = [*lookup.whole(words), *lookup.shared(words, ["ZW007", "ZW002"]), *lookup.of_person(words)]
    assert ways
    with town["township"].center.store.reading() as view:
        for way in ways:
            plan = [row[3] for row in view.connection.execute(f"EXPLAIN QUERY PLAN {way.sql} LIMIT 200", way.args)]
            assert not [step for step in plan if step.startswith("SCAN")], (way.sql, plan)


def test_the_look_for_open_cases_of_a_person_walks_his_cases_and_not_those_of_the_item(town: Town) -> None:
    """Each filing looks; an item may have fifty thousand cases."""
    said: list[str] = []
    with town["township"].center.store.reading() as view:
        view.connection.set_trace_callback(said.append)
        lookup.open_cases(view.connection, ID, "ZW007", ENDED)
        view.connection.set_trace_callback(None)
        plan = [row[3] for row in view.connection.execute(f"EXPLAIN QUERY PLAN {said[0]}")]
    assert any("people_id" in step for step in plan)
    assert not any("cases_item" in step or step.startswith("SCAN") for step in plan)
