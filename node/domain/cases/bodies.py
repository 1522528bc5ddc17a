"""Reading the body of an entry. Any node of the network may have written it, so it may be anything at all.

A body that is not here, or is not what a body should be, reads as empty. Of an application the parts that everybody looks into
are containers of the right kind, or are left out; what stands in them is for the reader to show as text.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from node.domain.bounded import MAX_DEPTH, loads_bounded
from node.domain.words.errors import TongbanError

MAX_BODY = 4 << 20  # bytes; an application comes in 1 MiB at most
SIGNED = "staff_name"  # in the body of an act: who did it, by name
HANDS = "hands"  # and who did the acts before it whose words stay inside the organs: staff id -> name
MOST_HANDS = 50
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


def signature(name: str) -> dict[str, str]:
    """What a body says of who did the act; nothing of the node itself, which has no name."""
    return {SIGNED: name} if name else {}


def hands(acts: Iterable[tuple[bytes, str, Mapping[str, Any]]]) -> dict[tuple[bytes, str], str]:
    """Who acted on a case, by (node, staff id), from what acts say: (node, staff id, body). Who signed one act is known for all of them, also
    for those whose words are not for here; so are those whom a later act of the same node names. A node names its own people only."""
    found: dict[tuple[bytes, str], str] = {}
    for author, staff_id, body in acts:
        named = body.get(HANDS)
        others = list(named.items())[:MOST_HANDS] if isinstance(named, dict) else []
        found |= {(author, one): name[:100] for one, name in others if isinstance(name, str)}
        if name := signed_by(body):
            found[author, staff_id] = name
    return found


def _application(said: object) -> Body:
    if not isinstance(said, dict):
        return {}
    return {key: value for key, value in said.items() if isinstance(value, _PARTS.get(key, object))}
