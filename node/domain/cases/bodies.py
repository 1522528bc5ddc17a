"""Reading the body of an entry. Any node of the network may have written it, so it may be anything at all.

A body that is not here, or is not what a body should be, reads as empty. Of an application the parts that everybody looks into
are containers of the right kind, or are left out; what stands in them is for the reader to show as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from node.domain.bounded import MAX_DEPTH, loads_bounded
from node.domain.words.errors import TongbanError

MAX_BODY = 4 << 20  # bytes; an application comes in 1 MiB at most
SIGNED = "staff_name"  # in the body of an act: who did it, by name
_WRAPPED = 2  # levels of a body around an application

# A body that was read: anything at all under its names, so who looks into it tells apart what it finds.
Body: TypeAlias = dict[str, Any]

_PARTS: dict[str, type] = {"applicant": dict, "form": dict, "attachments": list}


def read_body(data: bytes | None) -> Body:
    """What a body says; {} when it is not here or cannot be read. Never raises."""
    if data is None:
        return {}
    try:
        body = loads_bounded(data, limit=MAX_BODY, depth=MAX_DEPTH + _WRAPPED)
    except TongbanError:
        return {}
    if not isinstance(body, dict):
        return {}
    return {**body, "application": _application(body["application"])} if "application" in body else body


def signed_by(body: Mapping[str, Any]) -> str:
    """Who did the act, by name; "" where nobody says."""
    name = body.get(SIGNED)
    return name[:100] if isinstance(name, str) else ""


def _application(said: object) -> Body:
    if not isinstance(said, dict):
        return {}
    return {key: value for key, value in said.items() if isinstance(value, _PARTS.get(key, object))}
