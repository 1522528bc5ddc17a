"""Which passwords are refused, and that ordinary good ones are not."""

from __future__ import annotations

import pytest

from node.domain.passwords import password_flaw

COMMON = """12345678 123456789 87654321 1234567890 qwertyui qwerty123 1qaz2wsx zaq12wsx q1w2e3r4 1q2w3e4r5t asdfghjkl asdf1234 abcd1234 abc12345
 password password1 Password1! P@ssw0rd passw0rd123 admin123 Admin@2026 administrator root1234 woaini1314 woaini520 iloveyou welcome1 letmein!
 tongban2026 wuhan2026 zhengwu123 12341234 abcdabcd 1985-02-17 1990-01-01 31121990 wm19900101 147258369 qazwsx123 !@#$%^&*
 １２３４５６７８ 管理员12345
 PASSWORD qwertyuiop[] mima12345 zhongguo123 a1b2c3d4 1111222233334444""".split()
GOOD = """correct-horse-battery kx7d-93mq-wv2p-hh8s 三只白鹭飞过东湖 tree-lamp-river-stone Zw7#kq92Lm 83926174055
 moonlight-over-east-lake qdgh19xw7""".split()


@pytest.mark.parametrize("password", COMMON)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    assert password_flaw(password) == "common_password"


@pytest.mark.parametrize("password", GOOD)
def test_a_password_of_ones_own_is_taken(password: str) -> None:
    assert password_flaw(password, "王敏", "township-clerk") == ""


OWN = ["王敏王敏1234", "wangmin1990", "WangMin888", "minwang2026", "wangmin@2026", "township-clerk", "Township-Clerk1"]


@pytest.mark.parametrize("password", OWN)
def test_the_own_name_is_refused_in_characters_pinyin_and_username(password: str) -> None:
    assert password_flaw(password, "王敏", "township-clerk") == "own_name"


@pytest.mark.parametrize(
    ("password", "flaw"),
    [("kx7d93m", "short_password"), ("abababab", "short_password"), ("19900101", "short_password"), ("x1y2z3" * 40, "too_long")],
)
def test_too_short_and_too_long(password: str, flaw: str) -> None:
    assert password_flaw(password) == flaw
