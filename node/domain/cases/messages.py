"""Messages on a case (R31): who may be written to, what may be written, and what is told of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypedDict

from node.domain.bounded import BAD, has_any
from node.domain.model import Case
from node.domain.supervision.documents import Fresh
from node.domain.words.errors import TongbanError

ALL = "all"
MOST_TEXT = 2000  # characters of a message
MOST_TO = 50  # nodes that one message is for
CODE = re.compile(r"\d{12}(-[0-9A-Za-z]{1,8})?")


class MessageFrom(TypedDict):
    node: str | None
    node_name: str
    unit: str | None
    staff_id: str
    staff_name: str | None


MessageDocument = TypedDict(
    "MessageDocument",
    {
        "id": str, "case_no": str, "from": MessageFrom, "to": list[str], "to_names": list[str], "at": str | None, "text": str | None,
        "words": str, "acknowledged": dict[str, str | None], "ours": bool,
    },
)  # fmt: skip


class MessageList(Fresh):
    """The messages of a case that this node wrote or was sent, the newest first. `text` is None where `words` is not `here`: they are
    `on_the_way`, or `lost` with a disk. `acknowledged`: when each office said that it has them."""

    messages: list[MessageDocument]
    next: str | None
    total: int


class MessageSent(TypedDict):
    id: str


class Partner(TypedDict):
    """An office that may be written to about a case."""

    code: str
    name: str


def concerned(case: Case) -> tuple[bytes, ...]:
    """The nodes of a case: where it was filed, who holds or held it, whom it is offered to."""
    nodes = [case.origin, *(hop.node for hop in case.hops), case.custodian]
    if case.offer is not None:
        nodes.append(case.offer.target)
    return tuple(dict.fromkeys(node for node in nodes if node))


def read_text(text: object) -> str:
    """What a person wrote, with plain line ends. Raises invalid_input for what is no text, empty, too long or cannot be shown."""
    if not isinstance(text, str):
        raise TongbanError("invalid_input", {"text": "missing" if text is None else "wrong_type"})
    found = text.replace("\r\n", "\n").strip()
    flaw = "blank" if not found else "too_long" if len(found) > MOST_TEXT else "bad_character" if has_any(BAD, found) else ""
    if flaw:
        raise TongbanError("invalid_input", {"text": flaw})
    return found


def read_to(to: object) -> tuple[str, ...]:
    """`["all"]` or division codes, each once. Raises invalid_input."""
    if not isinstance(to, (list, tuple)) or not to:
        raise TongbanError("invalid_input", {"to": "missing" if not to else "wrong_type"})
    codes = tuple(dict.fromkeys(code for code in to if isinstance(code, str)))
    if len(codes) != len(to) and not all(isinstance(code, str) for code in to):
        raise TongbanError("invalid_input", {"to": "wrong_type"})
    if codes == (ALL,):
        return codes
    if len(codes) > MOST_TO:
        raise TongbanError("invalid_input", {"to": "too_many"})
    if not all(CODE.fullmatch(code) for code in codes):
        raise TongbanError("invalid_input", {"to": "not_a_code"})
    return codes


def may_address(codes: Iterable[str], known: Iterable[str], *, holds: bool) -> None:
    """Whoever holds the case writes to any office; others to those of the case, and to who wrote to them about it."""
    if not holds and set(codes) - set(known):
        raise TongbanError("guard_failed", rule="本站不持有本件，只能发给与本件有关的站点，以及就本件来过消息的站点")
