"""The documents that a root publishes, one row each (`node.domain.catalog.kind`), and the rule documents among them.

A new kind is a row here, with a module that reads it; the command, the page, the snapshot of a node and the citation in the
headers of entries find it by this table. Rule documents (TOML with `kind = "…"`) travel together as one publication, `rules`, so
that one number in a header cites all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from node.domain.calendar import WorkCalendar
from node.domain.catalog import authority, authority_files, limits
from node.domain.catalog.divisions import Divisions
from node.domain.catalog.faults import import_failed
from node.domain.catalog.kind import Document, Kind
from node.domain.catalog.line_notes import line_note
from node.domain.json_values import Json
from node.domain.notices import texts
from node.domain.papers.templates import NO_TEMPLATES, Templates, known_templates, read_file
from node.domain.supervision import rulebook

RULES = "rules"


def _merged_years(known: Document, given: Document) -> Document:
    return WorkCalendar.from_document(known).merged(WorkCalendar.from_document(given)).to_document()


def _days(document: Document) -> Mapping[str, int | list[int]]:
    calendar = WorkCalendar.from_document(document)
    return {"days": len(calendar.days), "years": [calendar.first_year, calendar.last_year]}


def _size(document: Document, part: str) -> int:
    found = document.get(part)
    return len(found) if isinstance(found, Mapping | list) else 0


def _listed_days(document: Document) -> Mapping[str, str]:
    calendar = WorkCalendar.from_document({"revision": 0, "days": [], "years": [], **document})
    return {day.isoformat(): " ".join((kind, calendar.names.get(day, ""))).strip() for day, kind in sorted(calendar.days.items())}


def _listed_divisions(document: Document) -> Mapping[str, str]:
    rows = document.get("rows")
    return {str(row[0]): str(row[1]) for row in rows if isinstance(row, list)} if isinstance(rows, list) else {}


def _worded(document: Document) -> Mapping[str, str]:
    """The papers and common lines that have a wording of the city's own."""
    parts = [(name, document.get(name)) for name in ("papers", "common")]
    return {f"{name}.{key}": "" for name, part in parts if isinstance(part, Mapping) for key in part}


CALENDAR: Kind[WorkCalendar] = Kind(
    name="calendar",
    read=lambda data: WorkCalendar.from_csv(data).to_document(),
    parse=WorkCalendar.from_document,
    empty=WorkCalendar(0, {}),
    count=_days,
    merge=_merged_years,
    rows=_listed_days,
    every_revision=True,
)
DIVISIONS: Kind[Divisions] = Kind(
    name="divisions",
    read=lambda data: Divisions.from_csv(data).to_document(),
    parse=Divisions.from_document,
    empty=Divisions(),
    count=lambda document: {"divisions": _size(document, "rows")},
    rows=_listed_divisions,
)
PAPERS: Kind[Templates] = Kind(
    name="papers",
    read=read_file,
    parse=known_templates,
    empty=NO_TEMPLATES,
    count=lambda document: {"papers": _size(document, "papers")},
    rows=_worded,
)
LIMITS: Kind[limits.Limits] = Kind(
    name=limits.NAME,
    read=limits.read,
    parse=limits.parse,
    empty=limits.LAW,
    count=lambda document: {"rules": len(document)},
    shown=limits.shown,
    rows=limits.own,
    bundle=RULES,
    every_revision=True,
)
SUPERVISION: Kind[rulebook.Supervision] = Kind(
    name=rulebook.NAME,
    read=rulebook.read,
    parse=rulebook.parse,
    empty=rulebook.SHIPS,
    count=lambda document: {"rules": _size(document, "rule"), "rungs": _size(document, "rung")},
    shown=rulebook.shown,
    rows=rulebook.own,
    bundle=RULES,
    every_revision=True,
)
AUTHORITY: Kind[authority.Authorities] = Kind(
    name=authority_files.NAME,
    read=authority.read,
    parse=authority.parse,
    empty=authority.NONE,
    count=lambda document: {"records": _size(document, "rows")},
    rows=authority.rows_of,
    every_revision=True,
)
NOTICES: Kind[texts.Texts] = Kind(
    name=texts.NAME,
    read=texts.read,
    parse=texts.parse,
    empty=texts.NO_TEXTS,
    count=lambda document: {"texts": _size(document, "texts")},
    rows=texts.rows,
)

KINDS: tuple[Kind[object], ...] = (CALENDAR, DIVISIONS, PAPERS, LIMITS, SUPERVISION, AUTHORITY, NOTICES)
RULE_KINDS: Mapping[str, Kind[object]] = MappingProxyType({kind.name: kind for kind in KINDS if kind.bundle == RULES})
EVERY_REVISION = frozenset(kind.travels_as for kind in KINDS if kind.every_revision)


def rule_kind(data: bytes) -> Kind[object]:
    """Which rule document a TOML file is, by its `kind`. Raises import_failed for a file that is none."""
    document, text = limits.read_toml(data)
    name = document.get("kind")
    if isinstance(name, str) and name in RULE_KINDS:
        return RULE_KINDS[name]
    code, said = ("not_a_choice", str(name)[:40]) if "kind" in document else ("missing", "")
    raise import_failed([line_note(limits.line_of(text, "kind"), "kind", code, value=said)])


def check(name: str, document: Json) -> None:
    """Raises ValueError, KeyError, TypeError or AttributeError for a publication that no reader here could use, or that is the
    body of a case: what is published everybody may read. A kind that this version does not know is passed on."""
    if not isinstance(document, Mapping) or "salt" in document:
        raise ValueError("no document, or a body")
    for kind in KINDS:
        if kind.travels_as == name:
            kind.of(document)
