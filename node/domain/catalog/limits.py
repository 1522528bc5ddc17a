"""The limits an office works by, as a published rule document: what it promises, never more than the law allows.

The law and the promise are two things. `notice_days` may shrink to three: then a case is late after three days. What the law
attaches to silence (deemed acceptance, 行政许可法 32) still comes after LAW_NOTICE_DAYS. So each number of the document has a
bound, and a document that says more than the law is refused where it is imported. Where one is received anyway (a later version,
a faulty peer) the law's number counts: nothing here ever loosens it.

Revision 0 is what counts where no entry cites a revision: the numbers of the law and of practice.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple, TypeGuard

from node.domain.catalog.faults import import_failed
from node.domain.catalog.kind import Document
from node.domain.catalog.line_notes import LineNote, line_note

NAME = "limits"
LAW_NOTICE_DAYS = 5  # working days after which silence is acceptance (行政许可法 32)
MAX_BYTES = 1 << 20


class Bound(NamedTuple):
    """One number: what counts without a document, the least and the most a document may say, and where that comes from."""

    default: int | float
    least: int | float
    most: int | float
    law: str


BOUNDS: Mapping[str, Bound] = MappingProxyType(
    {
        "notice_days": Bound(LAW_NOTICE_DAYS, 1, LAW_NOTICE_DAYS, "licensing_law_32"),
        "service_days": Bound(10, 1, 10, "licensing_law_44"),
        "agent_days": Bound(1, 1, 5, "practice"),
        "receipt_days": Bound(1, 1, 5, "practice"),
        "cure_wd": Bound(2, 1, 30, "practice"),
        "lower_share": Bound(0.4, 0.1, 0.9, "practice"),
        "default_one": Bound(20, 1, 20, "licensing_law_42"),
        "default_joint": Bound(45, 1, 45, "licensing_law_42"),
        "immediate_limit": Bound(0, 0, 1, "practice"),
        "gap_pauses": Bound(0, 0, 1, "practice"),
    }
)
CHOICES = frozenset({"gap_pauses"})  # 0: what did not follow in time (容缺) ends the case; 1: the promise stands until it comes


@dataclass(frozen=True, slots=True)
class Limits:
    """Working days, but for `lower_share` (a share of the promise) and CHOICES. `strict` names those that are shorter than the law's.

    `cure_wd` (days between yellow and red) and `lower_share` (the part of each lower tier, A4) are read by supervision."""

    notice_days: int = 5
    service_days: int = 10
    agent_days: int = 1
    receipt_days: int = 1
    cure_wd: int = 2
    lower_share: float = 0.4
    default_one: int = 20
    default_joint: int = 45
    immediate_limit: int = 0
    gap_pauses: int = 0
    strict: frozenset[str] = field(default=frozenset(), compare=False)

    def basis(self, name: str, law: str) -> str:
        """Where a limit comes from, as a code: the law, or the published limits where they are shorter."""
        return "published_limits" if name in self.strict else law


LAW = Limits()
LAWFUL: Mapping[int, Limits] = MappingProxyType({0: LAW})  # by revision, where nothing was published


# reading -----------------------------------------------------------------------------------------------------------------


def parse(document: Document) -> Limits:
    """What a published document says; a number that is missing, no number or beyond the law is the law's own."""
    said = {name: _lawful(document.get(name), bound) for name, bound in BOUNDS.items()}
    days = {name: int(value) for name, value in said.items() if name != "lower_share"}
    strict = frozenset(name for name, bound in BOUNDS.items() if said[name] < bound.default and bound.law != "practice")
    return Limits(**days, lower_share=float(said["lower_share"]), strict=strict)


def shown(document: Document) -> Document:
    """Every number that counts by a published document."""
    limits = parse(document)
    return {name: said(limits, name) for name in BOUNDS}


def said(limits: Limits, name: str) -> int | float:
    """One of the numbers, by its name in BOUNDS."""
    value: int | float = getattr(limits, name)
    return value


def unit_of(name: str) -> str:
    """`workdays`, `share` for a part of a whole, `choice` for one of two ways."""
    return "choice" if name in CHOICES else "share" if isinstance(BOUNDS[name].default, float) else "workdays"


def as_toml(document: Document) -> bytes:
    """What counts by a published document as a file that `read` takes, each number with its bound."""
    bounds = {name: f"  # {bound.least}–{bound.most}, {bound.law}" for name, bound in BOUNDS.items()}
    lines = [f"{name} = {value}{bounds[name]}" for name, value in shown(document).items()]
    return "\n".join((f'kind = "{NAME}"', "", *lines, "")).encode()


def own(document: Document) -> Mapping[str, str]:
    """The numbers that are not the law's own: what is lost when a later file leaves them out."""
    return {name: str(value) for name, value in shown(document).items() if value != BOUNDS[name].default}


def _lawful(value: object, bound: Bound) -> int | float:
    return value if _is_number(value, bound) and bound.least <= value <= bound.most else bound.default


def _is_number(value: object, bound: Bound) -> TypeGuard[int | float]:
    return isinstance(value, int | float if isinstance(bound.default, float) else int) and not isinstance(value, bool)


def read(data: bytes) -> Document:
    """A file that people give (TOML). Raises import_failed with every fault by line; what it leaves out is the law's number."""
    document, text = read_toml(data)
    faults = [fault for name in document if name != "kind" for fault in _faults(name, document[name], line_of(text, name))]
    if faults:
        raise import_failed(faults)
    return {name: document[name] for name in BOUNDS if name in document}


def _faults(name: str, value: object, line: int) -> list[LineNote]:
    bound = BOUNDS.get(name)
    if bound is None:
        return [line_note(line, name, "unknown_key")]
    if not _is_number(value, bound):
        return [line_note(line, name, "not_a_number")]
    if value > bound.most:
        return [line_note(line, name, "beyond_law" if bound.law != "practice" else "out_of_range", other=bound.most)]
    return [] if value >= bound.least else [line_note(line, name, "out_of_range")]  # which is no number (nan) is in no range


def read_toml(data: bytes) -> tuple[Document, str]:
    """A TOML file and its text. Raises import_failed with the line where it stops being one."""
    try:
        if len(data) > MAX_BYTES:
            raise import_failed([line_note(1, NAME, "too_long")])
        text = data.decode("utf-8-sig")
        return tomllib.loads(text), text
    except UnicodeDecodeError as error:
        raise import_failed([line_note(data.count(b"\n", 0, error.start) + 1, "", "encoding")]) from None
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1  # "at end of document"
        raise import_failed([line_note(line, "", "bad_toml", value=str(error)[:100])]) from None


def line_of(text: str, key: str) -> int:
    """The line on which a key of a TOML file stands; 1 when it is not found."""
    found = re.search(rf"""^[ \t]*\[*["']?{re.escape(key)}["']?[ \t]*[]=.]""", text, re.MULTILINE)
    return text.count("\n", 0, found.start()) + 1 if found else 1
