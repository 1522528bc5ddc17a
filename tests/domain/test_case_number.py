"""Case numbers and query codes: round trip, typing slips, and what is no case number."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from node.domain.case_number import (
    CROCKFORD,
    CaseNo,
    check_character,
    format_case_no,
    make_query_code,
    normalise_query_code,
    parse_case_no,
    query_hash,
)

DAY = dt.date(2026, 11, 23)
EXAMPLE = "420102002003-261123-K70-0001-9"
LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

numbers = st.builds(
    CaseNo,
    code=st.from_regex(r"[0-9]{12}(-[A-Z0-9]{1,8})?", fullmatch=True),
    day=st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)),
    generation=st.text(CROCKFORD, min_size=2, max_size=2),
    epoch=st.integers(0, 10**9),
    serial=st.integers(0, 10**6),
)


def test_the_standard_check_character() -> None:
    """The published example of a Global Release Identifier, ISO 7064 mod 37,36."""
    assert check_character("A12425GABC1234002") == "M"
    assert check_character("A1-2425G-ABC1234002") == "M"


def test_the_written_form() -> None:
    assert format_case_no("420102002003", DAY, "K7", 0, 1) == EXAMPLE
    assert parse_case_no(EXAMPLE) == CaseNo("420102002003", DAY, "K7", 0, 1)
    assert format_case_no("420102002003", DAY, "K7", 12, 12345).startswith("420102002003-261123-K712-12345-")


@given(numbers)
def test_round_trip(number) -> None:
    assert parse_case_no(str(number)) == number
    assert len(str(number)) <= 100


@given(numbers, st.data())
def test_one_wrong_character_is_found(number, data) -> None:
    text = str(number)
    place = data.draw(st.sampled_from([n for n, c in enumerate(text) if c != "-"]))
    wrong = data.draw(st.sampled_from(LETTERS))
    assume(text[place] != wrong)
    assert parse_case_no(text[:place] + wrong + text[place + 1 :]) in (None, number)  # O for 0 is no error


@given(numbers, st.data())
def test_a_wrong_digit_is_no_number_at_all(number, data) -> None:
    text = str(number)
    place = data.draw(st.sampled_from([n for n, c in enumerate(text) if c.isdigit()]))
    wrong = data.draw(st.sampled_from("0123456789"))
    assume(text[place] != wrong)
    assert parse_case_no(text[:place] + wrong + text[place + 1 :]) is None


@pytest.mark.parametrize(
    "typed",
    [
        EXAMPLE.lower(),
        f"  {EXAMPLE}\n",
        "420102002003 - 261123 - K70 - 0001 - 9",
        EXAMPLE.replace("0", "O"),
        EXAMPLE.replace("1", "l"),
        EXAMPLE.replace("1", "I").replace("0", "o"),
        EXAMPLE.replace("-", "—"),
        "".join(chr(ord(c) + 0xFEE0) for c in EXAMPLE),
    ],
    ids="lower spaces spaced O l both dashes full-width".split(),
)
def test_as_people_type_it(typed: str) -> None:
    parsed = parse_case_no(typed)
    assert parsed is not None and str(parsed) == EXAMPLE


def test_the_check_character_is_taken_as_it_stands() -> None:
    """There O and 0 are two characters; taking one for the other would let wrong numbers pass."""
    serials = (format_case_no("420102002003", DAY, "K7", 0, n) for n in range(200))
    ending = next(text for text in serials if text.endswith("O"))
    assert parse_case_no(ending) is not None and parse_case_no(ending[:-1] + "0") is None


def checked(body: str) -> str:
    return f"{body}-{check_character(body)}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "420102002003",
        EXAMPLE + "0",
        checked("420102002003-260230-K70-0001"),
        checked("420102002003-261123-K700-0001"),
        checked("420102002003-261123-K70-00001"),
        checked("420102002003-261123-K70-001"),
        checked("420102002003-261123-UU0-0001"),
        checked("42010200200-261123-K70-0001"),
        EXAMPLE.replace("0001", "٠٠٠١"),
        "9" * 100_000,
        f"420102002003-261123-K7{'9' * 5000}-0001-9",
    ],
)
def test_what_is_no_case_number(text: str) -> None:
    assert parse_case_no(text) is None


@given(st.text(max_size=60))
def test_any_text_is_answered(text) -> None:
    assert parse_case_no(text) is None
    assert normalise_query_code(text) == "" or len(normalise_query_code(text)) == 8


@given(st.binary(min_size=8, max_size=12))
def test_query_codes(noise) -> None:
    code = make_query_code(noise)
    assert normalise_query_code(code) == code
    spoken = f" {code[:4]} - {code[4:]} ".lower().replace("0", "o").replace("1", "l")
    assert normalise_query_code(spoken) == code


@pytest.mark.parametrize("text", ["", "1234567", "123456789", "1234567U", "1234567é", "x" * 1000])
def test_what_is_no_query_code(text: str) -> None:
    assert normalise_query_code(text) == ""


def test_too_little_noise_is_refused() -> None:
    with pytest.raises(ValueError):
        make_query_code(b"1234567")


def test_the_hash_depends_on_all_three() -> None:
    seen = {query_hash(salt, case, code) for salt in (b"a" * 16, b"b" * 16) for case in ("c1", "c2") for code in ("K", "L")}
    assert len(seen) == 8 and all(len(one) == 32 for one in seen)
