"""The authority record of item × node: in whose name an office issues the papers of an item (issue of W10, 受权记录).

One row says for a node and an item (or all items of a department, or all) which of the four ways of handing down holds, the organ with
the power to accept and decide (受理决定权), the organ at the node's own tier that was asked, both with the 机关代字 of their numbers,
and the commission (委托书) where the law asks for one. The most particular row counts: the item's, its department's, the node's.

    way         whose name                    who decides               needs
    own         the node's own organ          as the item's level says
    devolved    下放: the lower organ          this office
    entrusted   委托: the upper organ          this office               a commission with number and first day
    posted      派员联办: the upper organ      its people at this office
    online      联网审批: the upper organ      the upper organ

What makes a number belong to one organ only is checked where the document is imported: a 机关代字 names one organ, and of all nodes
that issue in an organ's name at most one does so without a series of its own. A series has three characters, so it never reads like the
two that an epoch prints (`papers.series_of`).
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from node.domain.bounded import BAD_LINE, has_any
from node.domain.catalog.authority_files import COLUMNS, MAX_NAME, MAX_NOTES, REQUIRED, Flaw, UnreadableError, lines, note
from node.domain.catalog.faults import import_failed
from node.domain.catalog.kind import Document
from node.domain.catalog.line_notes import LineNote
from node.domain.json_values import Json

OWN, DEVOLVED, ENTRUSTED, POSTED, ONLINE = "own", "devolved", "entrusted", "posted", "online"
WAYS = (OWN, DEVOLVED, ENTRUSTED, POSTED, ONLINE)
IN_ANOTHERS_NAME = frozenset({ENTRUSTED, POSTED, ONLINE})
DECIDES = frozenset({DEVOLVED, ENTRUSTED, POSTED})  # hand the decision down; `powers.Powers` says where it counts
_NODE = re.compile(r"[0-9]{12}(-[0-9]{2})?")
_ITEM = re.compile(r"[A-Za-z0-9._-]{1,64}")
_WORD = re.compile(r"[\u4e00-\u9fff][\u4e00-\u9fffA-Za-z0-9]{1,7}")
_TYPE = re.compile(r"[\u4e00-\u9fff]{1,4}")
_SERIES = re.compile(r"[0-9A-HJKMNP-TV-Z]{3}")  # no letter that is read as a digit
_DAY = re.compile(r"(2[0-9]{3})[-/]([0-9]{1,2})[-/]([0-9]{1,2})")


@dataclass(frozen=True, slots=True)
class Record:
    """One row. `organ` has the power to accept and decide, `asked` is the node's own organ ("" where they are one); `word` and
    `asked_word` are their 机关代字; `series` stands before the numbers of this node; `types` are 文种 that differ from the usual, by
    paper or variant; `until` None: no end. review_organ and court "": as the item or the law says."""

    node: str
    way: str
    organ: str
    word: str
    department: str = ""
    item_id: str = ""
    asked: str = ""
    asked_word: str = ""
    series: str = ""
    types: Mapping[str, str] = field(default_factory=dict)
    commission_no: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    review_organ: str = ""
    court: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.node, self.department, self.item_id

    def holds_on(self, day: dt.date) -> bool:
        """Whether the power is given on a day: a commission that has ended gives none."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def cells(self) -> dict[str, str]:
        """The row as a file has it, by column."""
        types = ";".join(f"{name}={word}" for name, word in self.types.items())
        days = (one.isoformat() if one is not None else "" for one in (self.since, self.until))
        texts = (self.node, self.department, self.item_id, self.way, self.organ, self.word, self.asked, self.asked_word, self.series, types,
                 self.commission_no, *days, self.review_organ, self.court)  # fmt: skip
        return dict(zip(COLUMNS, texts, strict=True))


@dataclass(frozen=True, slots=True)
class Authorities:
    """The rows of a document."""

    revision: int = 0
    rows: tuple[Record, ...] = ()
    by_key: Mapping[tuple[str, str, str], Record] = field(default_factory=dict)

    def find(self, node: str, item_id: str, department: str) -> Record | None:
        """The most particular row for an item at a node, whether it holds today or not."""
        keys = ((node, "", item_id), (node, department, ""), (node, "", ""))
        return next((found for key in keys if (found := self.by_key.get(key)) is not None), None)


NONE = Authorities()


def is_same_organ(typed: str, organ: str) -> bool:
    """Whether what a person typed names this organ: in full, or without the places before it."""
    one, other = (re.sub(r"\s", "", unicodedata.normalize("NFKC", text)) for text in (typed, organ))
    return len(one) > 2 and other.endswith(one)


# documents -----------------------------------------------------------------------------------------------------------------


def parse(document: Document) -> Authorities:
    """What a published document says; a row of a later version that this one cannot read is left out. Raises ValueError when it is
    no list of rows."""
    rows = document.get("rows")
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise ValueError("not an authority document")
    found = [record for row in rows if isinstance(row, Mapping) and (record := _record(row)) is not None]
    revision = document.get("revision", 0)
    return Authorities(revision if isinstance(revision, int) else 0, tuple(found), {one.key: one for one in found})


def _record(row: Mapping[str, Json]) -> Record | None:
    cells = {column: value if isinstance(value := row.get(column, ""), str) else "" for column in COLUMNS}
    return None if _flaws(cells) else _made(cells)


def _made(cells: Mapping[str, str]) -> Record:
    return Record(
        cells["node_code"], cells["way"], cells["organ"], cells["organ_code"], cells["department"], cells["item_id"], cells["asked_organ"],
        cells["asked_code"], cells["series"], _types(cells["types"]) or {}, cells["commission_no"], _day(cells["commission_from"]),
        _day(cells["commission_until"]), cells["review_organ"], cells["court"],
    )  # fmt: skip


def document_of(records: Sequence[Record]) -> Document:
    """The document that `parse` reads back; empty cells are left out."""
    rows = [{name: text for name, text in one.cells().items() if text} for one in sorted(records, key=lambda one: one.key)]
    return {"rows": rows}


def rows_of(document: Document) -> Mapping[str, str]:
    """What a later file may leave out: by key, in words."""
    return {"/".join(one.key): f"{one.node} {one.item_id or one.department or '*'} {one.organ}" for one in parse(document).rows}


def as_csv(records: Sequence[Record]) -> bytes:
    """The file that `read` takes again; with a mark at its head, or a spreadsheet shows its Chinese as nonsense."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(one.cells() for one in sorted(records, key=lambda one: one.key))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


# reading a file --------------------------------------------------------------------------------------------------------------


def read(data: bytes) -> Document:
    """A CSV or TOML file that people give. Raises import_failed with every fault by line."""
    records, faults = read_rows(data)
    if faults:
        raise import_failed(faults)
    return document_of([record for _, record in records])


def read_rows(data: bytes) -> tuple[list[tuple[int, Record]], list[LineNote]]:
    """The rows with their lines (1 is the header), and every fault."""
    faults: list[LineNote] = []
    found: list[tuple[int, Record]] = []
    try:
        for line, cells, codes in lines(data):
            bad = codes or _flaws(cells)
            faults += [note(line, column, code, **details) for column, code, details in bad]
            if not bad:
                found.append((line, _made(cells)))
    except UnreadableError as error:
        faults.append(error.note)
    if not found and not faults:
        faults.append(note(1, "node_code", "missing"))
    return found, (faults + clashes(found))[:MAX_NOTES]


def _flaws(cells: Mapping[str, str]) -> list[Flaw]:
    """What is wrong with one row by itself."""
    found: list[Flaw] = [(name, "missing", {}) for name in REQUIRED if not cells[name]]
    found += [(name, "too_long", {}) for name, text in cells.items() if len(text) > MAX_NAME]
    found += [(name, "bad_character", {}) for name, text in cells.items() if has_any(BAD_LINE, text)]
    if found:
        return found
    for name, pattern in (
        ("node_code", _NODE),
        ("item_id", _ITEM),
        ("organ_code", _WORD),
        ("asked_code", _WORD),
        ("series", _SERIES),
    ):
        if cells[name] and not pattern.fullmatch(cells[name]):
            found.append((name, "invalid", {"value": cells[name][:40]}))
    for name in ("commission_from", "commission_until"):
        if cells[name] and _day(cells[name]) is None:
            found.append((name, "invalid", {"value": cells[name][:40]}))
    if cells["types"] and _types(cells["types"]) is None:
        found.append(("types", "invalid", {"value": cells["types"][:40]}))
    if cells["way"] not in WAYS:
        found.append(("way", "not_a_choice", {"value": cells["way"][:40]}))
    if cells["item_id"] and cells["department"]:
        found.append(("item_id", "item_and_department", {}))
    return found or _of_way(cells)


def _of_way(cells: Mapping[str, str]) -> list[Flaw]:
    """What a way of handing down asks for."""
    found: list[Flaw] = []
    upper, since, until = cells["way"] in IN_ANOTHERS_NAME, _day(cells["commission_from"]), _day(cells["commission_until"])
    if upper and not (cells["asked_organ"] and cells["asked_code"]):
        found.append(("asked_organ", "not_upper", {"other": cells["way"]}))
    elif not upper and (cells["asked_organ"] or cells["asked_code"]):
        found.append(("asked_organ", "same_organ", {}))
    elif upper and (cells["asked_organ"] == cells["organ"] or cells["asked_code"] == cells["organ_code"]):
        found.append(("asked_organ", "not_upper", {"other": cells["way"]}))
    if upper and not cells["series"]:
        found.append(("series", "series_needed", {}))
    if cells["way"] == ENTRUSTED and not (cells["commission_no"] and since is not None):
        found.append(("commission_no", "commission_missing", {}))
    if since is not None and until is not None and until < since:
        found.append(("commission_until", "until_before_from", {}))
    return found


def _day(text: str) -> dt.date | None:
    match = _DAY.fullmatch(text)
    try:
        return dt.date(int(match[1]), int(match[2]), int(match[3])) if match is not None else None
    except ValueError:
        return None


def _types(text: str) -> dict[str, str] | None:
    """`granted=准许;acceptance=受`; None when it is not so."""
    pairs = [pair.partition("=") for pair in re.split("[;；]", text) if pair.strip()]
    found = {name.strip(): word.strip() for name, _, word in pairs}
    sound = all(re.fullmatch("[a-z_]{1,40}", name) and _TYPE.fullmatch(word) for name, word in found.items())
    return found if sound and len(found) == len(pairs) else None


# one number, one organ ---------------------------------------------------------------------------------------------------------


def clashes(records: Sequence[tuple[int, Record]]) -> list[LineNote]:
    """What would make a number come twice, and rows that say the same place twice."""
    seen, words, organs = dict[object, int](), dict[str, tuple[str, int]](), dict[str, tuple[str, int]]()
    series: dict[tuple[str, str], tuple[str, int]] = {}  # (word, series) -> node
    nodes: dict[tuple[str, str], tuple[str, int]] = {}  # (word, node) -> series
    found: list[LineNote] = []
    for line, one in records:
        if one.key in seen:
            found.append(note(line, "item_id", "duplicate", other=seen[one.key]))
        seen.setdefault(one.key, line)
        for organ, word, own in ((one.organ, one.word, one.series), (one.asked, one.asked_word, "")):
            if not word:
                continue
            known, at = words.setdefault(word, (organ, line))
            if known != organ:
                found.append(note(line, "organ_code", "one_code_one_organ", value=word, other=at))
            known, at = organs.setdefault(organ, (word, line))
            if known != word:
                found.append(note(line, "organ_code", "one_organ_one_code", value=organ, other=at))
            known, at = nodes.setdefault((word, one.node), (own, line))
            if known != own:
                found.append(note(line, "series", "series_differs", other=at))
                continue
            known, at = series.setdefault((word, own), (one.node, line))
            if known != one.node:
                found.append(note(line, "series", "series_taken" if own else "series_missing", value=own or organ, other=at))
    return found
