"""Numbers of persons and organisations: the published rows, and that no single slip passes. All numbers are made up."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from node.domain.filing.ids import OK, check_id, check_ric, check_uscc

TODAY = dt.date(2026, 11, 23)
with (Path(__file__).parents[1] / "data/ids-public.csv").open(encoding="utf-8", newline="") as opened:
    ROWS = list(csv.DictReader(opened))
RIC = [row["number"] for row in ROWS if row["kind"] == "ric" and row["expected"] == "valid"]
USCC = [row["number"] for row in ROWS if row["kind"] == "uscc" and row["expected"] == "valid"]
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def ric(body: str) -> str:
    """The number with its check digit, by the remainder itself: the weighted sum is 1 modulo 11."""
    total = sum(int(c) * 2 ** (17 - place) for place, c in enumerate(body))
    return body + next(c for value, c in enumerate("0123456789X") if (total + value) % 11 == 1)


def uscc(body: str) -> str:
    total = sum(ALPHABET.index(c) * 3**place for place, c in enumerate(body))
    return body + next(c for value, c in enumerate(ALPHABET) if (total + value) % 31 == 0)


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['kind']}-{row['number']}" for row in ROWS])
def test_published_number(row: dict[str, str]) -> None:
    assert check_id(row["number"], row["kind"], TODAY).verdict == row["expected"], row["why"]


def test_all_thirty_rows_were_read() -> None:
    assert len(ROWS) == 30 and len(RIC) == 10 and len(USCC) == 5


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (ric("42010219941022999"), "ok"),
        (ric("42010219001301999"), "impossible_date"),
        (ric("42010219000229999"), "impossible_date"),  # 1900 was no leap year
        (ric("42010220000229999"), "ok"),
        (ric("42010220261123999"), "ok"),  # born today
        (ric("42010220261124999"), "impossible_date"),
        (ric("42010217990101999"), "impossible_date"),
        (ric("99010219800101999"), "invalid"),
        (ric("83000019800101999"), "ok"),  # residence permit of a resident of Taiwan
        (ric("42019919800101999"), "unknown_county"),
        (ric("42012319800101999"), "ok"),  # 黄陂县, abolished 1998
        (ric("42129919800101999"), "ok"),  # the built-in table covers Wuhan only
        (ric("44000019800101999"), "unknown_county"),  # no county is numbered 00
        (ric("42010219051231999"), "impossible_date"),  # nobody alive is so old
        ("420102199410229990", "check_digit"),
        ("42010219941022999", "invalid"),
        ("４２" + "0102199410229992", "invalid"),
        ("", "invalid"),
        ("42010219941022999X\n", "invalid"),
        ("٤" * 18, "invalid"),
    ],
)
def test_what_is_said_of_a_resident_number(number: str, code: str) -> None:
    assert check_ric(number, TODAY).code == code


def test_a_small_x_is_read_as_one() -> None:
    number = next(number for number in RIC if number.endswith("X"))
    assert check_ric(number.lower(), TODAY) == OK


def test_a_table_doubts_only_the_cities_it_covers() -> None:
    known = {"511602", "511681"}
    assert check_ric(ric("51160219800101999"), TODAY, known) == OK
    assert check_ric(ric("51169919800101999"), TODAY, known).code == "unknown_county"
    assert check_ric(ric("51019919800101999"), TODAY, known) == OK
    assert check_ric(ric("42010219800101999"), TODAY, known) == OK
    assert check_ric(ric("42019919800101999"), TODAY, known | {"420199"}) == OK


@given(st.sampled_from(RIC), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_of_a_resident_number_is_found(number, place, wrong) -> None:
    assume(number[place] != wrong)
    assert check_ric(number[:place] + wrong + number[place + 1 :], TODAY).verdict == "invalid"


@given(st.sampled_from(USCC), st.integers(0, 17), st.sampled_from(ALPHABET + "IOSVZx"))
def test_one_wrong_character_of_a_credit_code_is_found(number, place, wrong) -> None:
    assume(number[place] != wrong)
    assert check_uscc(number[:place] + wrong + number[place + 1 :]).verdict == "invalid"


@given(st.dates(dt.date(1906, 1, 1), TODAY), st.integers(0, 999))
def test_every_real_birthday_is_valid(born, order) -> None:
    assert check_ric(ric(f"420106{born:%Y%m%d}{order:03d}"), TODAY) == OK


@given(st.text(ALPHABET, min_size=9, max_size=9), st.sampled_from(["91", "N2", "Y1", "A1", "52"]))
def test_every_well_made_credit_code_is_valid(body, kind) -> None:
    assert check_uscc(uscc(kind + "420106" + body)) == OK


def test_letters_where_the_credit_code_has_none() -> None:
    assert check_uscc(uscc("B1420102K0C71WTF4")).code == "invalid"  # nobody registers under B
    assert check_uscc(uscc("A2420102K0C71WTF4")).code == "invalid"  # the army has no such kind
    assert check_uscc(uscc("9A420102K0C71WTF4")).code == "invalid"
    assert check_uscc(uscc("9142A102K0C71WTF4")).code == "invalid"


@given(st.text(max_size=30), st.sampled_from(["ric", "uscc", "passport", ""]))
def test_any_text_has_a_verdict(text, kind) -> None:
    assert check_id(text, kind, TODAY).verdict in ("valid", "warning", "invalid")


def test_an_unknown_kind_is_invalid() -> None:
    assert check_id(RIC[0], "driver", TODAY).verdict == "invalid"


@pytest.mark.parametrize(
    ("number", "kind", "verdict"),
    [
        (ric("81000019800101999"), "hmt", "valid"),
        (ric("83000019800101999"), "hmt", "valid"),
        (ric("42010219800101999"), "hmt", "invalid"),
        ("E12345678", "passport", "valid"),
        ("护照", "passport", "invalid"),
        ("P420123456", "household", "valid"),
        ("CHN110123456789", "fpr", "valid"),
        (ric("91115619810805999"), "fpr", "valid"),
        (ric("42010219800101999"), "fpr", "invalid"),
    ],
)
def test_documents_beyond_the_identity_card(number: str, kind: str, verdict: str) -> None:
    assert check_id(number, kind, TODAY).verdict == verdict
