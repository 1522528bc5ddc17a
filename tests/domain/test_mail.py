"""Mail addresses as people type them: RFC 5321 before the @, a host name after it, also one in other letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.domain.notices.mail import MAX_LENGTH, parse


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("wang.min+bjzx@example.cn", "wang.min+bjzx@example.cn"), ("o'neil@example.org", "o'neil@example.org"),
        ("123456@qq.com", "123456@qq.com"), ("Wang@EXAMPLE.cn", "Wang@example.cn"), ("a@b.co", "a@b.co"),
        ("wang@某单位.中国", "wang@xn--nqq01hn5w.xn--fiqs8s"), ("wang@bücher.example", "wang@xn--bcher-kva.example"),
        ("a@xn--fiqs8s.cn", "a@xn--fiqs8s.cn"), (f"{'a' * 64}@example.cn", f"{'a' * 64}@example.cn"), (" a@b.cn ", "a@b.cn"),
        ("a_b-c=d/e@sub.example.gov.cn", "a_b-c=d/e@sub.example.gov.cn"),
    ],
)  # fmt: skip
def test_an_address_is_what_a_server_takes(text: str, address: str) -> None:
    assert parse(text) == (address, "")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "not_a_mail"), ("wang", "not_a_mail"), ("@example.cn", "not_a_mail"), ("wang@", "not_a_mail"),
        (".wang@example.cn", "not_a_mail_name"), ("wang.@example.cn", "not_a_mail_name"), ("wa..ng@example.cn", "not_a_mail_name"),
        ("王敏@example.cn", "not_a_mail_name"), ("a b@example.cn", "not_a_mail_name"), ("a@b@example.cn", "not_a_mail_name"),
        ('"a b"@example.cn', "not_a_mail_name"), ("a\r\nBcc: b@example.cn", "not_a_mail_name"), (f"{'a' * 65}@example.cn", "not_a_mail_name"),
        ("a@localhost", "not_a_mail_host"), ("a@-b.cn", "not_a_mail_host"), ("a@b-.cn", "not_a_mail_host"), ("a@b..cn", "not_a_mail_host"),
        ("a@[10.0.0.1]", "not_a_mail_host"), ("a@10.0.0.1", "not_a_mail_host"), ("a@b_c.cn", "not_a_mail_host"),
        (f"a@{'b' * 64}.cn", "not_a_mail_host"), (f"a@{'b.' * 130}cn", "not_a_mail_host"), ("a@b.cn\n.", "not_a_mail_host"),
    ],
)  # fmt: skip
def test_what_is_none_is_refused_with_what_is_wrong(text: str, fault: str) -> None:
    assert parse(text) == ("", fault)


@given(st.text(max_size=400) | st.from_regex(r"[^@]{0,70}@[^@]{0,300}", fullmatch=True))
def test_whatever_is_typed_an_address_fits_a_line_of_smtp(text: str) -> None:
    address, fault = parse(text)
    assert bool(address) != bool(fault)
    assert not address or (address.isascii() and address.isprintable() and " " not in address and len(address) <= MAX_LENGTH)
    assert not address or parse(address) == (address, "")
