"""A mail address as people type it and as a mail server takes it (RFC 5321, 5890). Pure.

Before the @ stands a dot-atom of ASCII, as every server takes it; names in quotes and names of other letters (SMTPUTF8) are refused, with a
sentence of their own. After it stands the name of a host of two labels or more; one in other letters (某单位.中国) is sent to by its ASCII
name. Addresses in brackets lead past the name system and are refused.
"""

from __future__ import annotations

import re
from typing import NamedTuple

MAX_LENGTH, MAX_NAME = 254, 64  # octets of an address, of what stands before the @
_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class Parsed(NamedTuple):
    """`address` as a server takes it, "" with a `fault` (a code of FIELD_ERRORS)."""

    address: str
    fault: str = ""


def parse(text: str) -> Parsed:
    """Never raises."""
    name, at, host = text.strip().rpartition("@")
    if not at or not name or not host or len(text) > 4 * MAX_LENGTH:
        return Parsed("", "not_a_mail")
    if len(name) > MAX_NAME or not _NAME.fullmatch(name):
        return Parsed("", "not_a_mail_name")
    plain = _host(host)
    if not plain or len(f"{name}@{plain}") > MAX_LENGTH:
        return Parsed("", "not_a_mail_host")
    return Parsed(f"{name}@{plain}")


def _host(text: str) -> str:
    """The ASCII name of a host; "" for what is none."""
    try:
        plain = text.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    labels = plain.split(".")
    good = len(labels) > 1 and all(_LABEL.fullmatch(one) for one in labels) and not labels[-1].isdigit()
    return plain if good else ""
