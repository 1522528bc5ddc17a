"""The papers of a case: what there is, a preview, the issue with its number, and what the QR of one says.

A paper is a preview until somebody issues it. Issuing takes the next number of the organ's series in the writer's turn and
freezes the document: whoever prints it later gets the same words, marked 补打 from the next day on. The act it rests on can no
longer be taken back then (row 45). A node that holds the texts but did not act shows a copy without a number; the tracking
sheet goes on with the case and is made anew each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from node.domain.errors import TongbanError
from node.domain.model import Actor, Role
from node.domain.paper_fields import Sources, filling, title_variant
from node.domain.paper_templates import Templates, compose, fill, title_of
from node.domain.papers import (
    BUILT,
    KINDS,
    TRACKING,
    PaperCode,
    day_text,
    issued_on,
    moved_on,
    number_text,
    organ_key,
    parse_code,
    standing_acts,
)
from node.services.handling import CASE_ROLES
from node.services.paper_sources import Acts, PaperSources, acts_of, licence_of
from node.services.rules import Rules
from node.services.times import iso
from node.store import papers as table
from node.store.papers import PaperRow
from node.store.store import Store, Tx, View

READERS = CASE_ROLES | {Role.INTEGRATION, Role.SYSTEM}
UNSEALED = frozenset({TRACKING, "handover"})  # go with the case between offices: no seal, nobody's right hangs on them
Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Made:
    """A paper that is not issued yet, with what it was made from."""

    sources: Sources
    templates: Templates
    organ: str
    series: str  # what stands before the number where a lower office issues in the organ's name: its code


class Papers:
    """The papers of one node."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self.store = store
        self.sources = PaperSources(rules)

    # what there is -------------------------------------------------------------------------------------------------

    def listing(self, case_no: str, actor: Actor) -> list[Document]:
        """Every paper of the case: `{paper, title, state, number, reason, reason_en}`, state `issued`, `ready` or `none`."""
        _may_read(actor)
        with self.store.reading() as view:
            acts = acts_of(view, case_no)
            issued = {(row.paper, row.basis): row for row in table.of_case(view.connection, case_no)}
            return [self._listed(view, acts, paper, issued) for paper in BUILT]

    def _listed(self, view: View, acts: Acts, paper: str, issued: dict[tuple[str, bytes], PaperRow]) -> Document:
        templates = self.sources.templates(view)
        try:
            made = self._make(view, acts, paper)
        except TongbanError as error:
            title = title_of(templates, paper, "", {"licence": ""})
            reasons = {"reason": error.details.get("reason", ""), "reason_en": error.details.get("reason_en", "")}
            return {"paper": paper, "title": title, "state": "none", "number": "", **reasons}
        row = issued.get((paper, made.sources.basis.event.hash))
        title, number = (row.document["title"], row.document["number"]) if row else (_title(made), "")
        return {"paper": paper, "title": title, "state": "issued" if row else "ready", "number": number}

    # one paper -----------------------------------------------------------------------------------------------------

    def show(self, case_no: str, paper: str, actor: Actor) -> Document:
        """The issued paper, or what it would say. Errors: `not_found`, `no_such_paper` with the reason, `not_yet_available`."""
        _may_read(actor)
        with self.store.reading() as view:
            made = self._make(view, acts_of(view, case_no), paper)
            row = table.find(view.connection, case_no, paper, made.sources.basis.event.hash)
            return _issued(row, view.now()) if row is not None else _document(made, _state(made))

    def issue(self, case_no: str, paper: str, actor: Actor) -> Document:
        """The paper with its number, frozen from now on; a copy or a tracking sheet stays what it is. Errors: as `show`."""
        _may_read(actor)
        return self.store.run(lambda tx: self._issue(tx, case_no, paper, actor))

    def _issue(self, tx: Tx, case_no: str, paper: str, actor: Actor) -> Document:
        made = self._make(tx, acts_of(tx, case_no), paper)
        basis = made.sources.basis
        row = table.find(tx.connection, case_no, paper, basis.event.hash)
        if row is not None or _state(made) != "preview":
            return _issued(row, tx.now()) if row is not None else _document(made, _state(made))
        year, key = issued_on(tx.now()).year, organ_key(made.organ)
        serial = table.next_serial(tx.connection, key, paper, year)
        document = _document(made, "issued", year, serial, tx.now())
        fresh = PaperRow(
            case_no,
            paper,
            basis.event.hash,
            basis.event.kind,
            basis.event.at,
            key,
            year,
            serial,
            document,
            actor.staff_id,
            tx.now(),
        )
        table.add(tx.connection, fresh)
        return _issued(fresh, tx.now())

    def _make(self, view: View | Tx, acts: Acts, paper: str) -> _Made:
        templates = self.sources.templates(view)
        sources = self.sources.read(view, acts, paper, templates)
        organ, here = self.sources.organ(sources), view.identity
        lower = here.tier != sources.organ_tier and organ != here.name
        return _Made(sources, templates, organ, here.code if lower else "")

    # the QR --------------------------------------------------------------------------------------------------------

    def verify(self, text: str) -> Document:
        """What the code of a paper says here: `{result, genuine, case_no, paper, ...}` with `result` `genuine`, `moved_on`,
        `not_genuine` or `unknown_here` (`genuine` is null then). No personal data. Errors: `invalid_input` for what is no code."""
        code = parse_code(text)
        if code is None:
            raise TongbanError("invalid_input", {"code": "invalid"})
        with self.store.reading() as view:
            found: Document = {"case_no": code.case_no, "paper": code.paper, "as_of": iso(view.now())}
            return found | self._verified(view, code)

    def _verified(self, view: View, code: PaperCode) -> Document:
        unknown = {"result": "unknown_here", "genuine": None, "node": view.identity.name}
        try:
            acts = acts_of(view, code.case_no)
        except TongbanError:
            return unknown
        basis = next((event for event in acts.events if event.version == code.version), None)
        if basis is None:
            return unknown if code.version > acts.case.version else {"result": "not_genuine", "genuine": False}
        row = table.find(view.connection, code.case_no, code.paper, basis.hash)
        unnumbered = not code.serial and code.paper != TRACKING
        if (
            unnumbered
            or code.check_of(basis.hash) != code.check
            or (row is not None and (row.year, row.serial) != (code.year, code.serial))
        ):
            return {"result": "not_genuine", "genuine": False}
        return self._genuine(view, acts, code, row)

    def _genuine(self, view: View, acts: Acts, code: PaperCode, row: PaperRow | None) -> Document:
        later = moved_on(acts.events, code.version)
        templates = self.sources.templates(view)
        event = next(one for one in acts.events if one.version == code.version)
        variant = "" if code.paper == TRACKING else KINDS[code.paper].get(event.kind, "")
        title = row.document["title"] if row is not None else title_of(templates, code.paper, variant, {"licence": ""})
        return {
            "result": "moved_on" if later is not None else "genuine", "genuine": True, "title": title,
            "number": row.document["number"] if row is not None else number_text(code.year, code.serial),
            "date": code.day.isoformat(), "organ": row.document["organ"] if row is not None else "",
            "moved_on": later is not None, "moved": {"kind": later.kind, "at": iso(later.at)} if later is not None else None,
            "taken_back": event.kind != "undone" and all(act.hash != event.hash for _, act in standing_acts(acts.events)),
            "status": acts.case.status,
        }  # fmt: skip


def _may_read(actor: Actor) -> None:
    if actor.role not in READERS:
        raise TongbanError("forbidden", rule="办件内容只对办件岗位开放")


def _state(made: _Made) -> str:
    """`running` for the sheet that goes on with the case, `preview` where this node may issue it, else `copy`."""
    basis = made.sources.basis
    return "running" if basis.paper == TRACKING else "preview" if basis.mine else "copy"


def _title(made: _Made) -> str:
    s = made.sources
    return title_of(made.templates, s.basis.paper, title_variant(s.basis, s.item), {"licence": licence_of(s.item)})


def _document(made: _Made, state: str, year: int = 0, serial: int = 0, at: int = 0) -> Document:
    """The paper as blocks that HTML and PDF draw alike."""
    s, templates = made.sources, made.templates
    basis, filled = s.basis, filling(s)
    common = {key: fill(str(templates.common[key]), filled.values) for key in ("seal", "valid", "copies", "notes")}
    day = issued_on(at or s.at)
    code = PaperCode(s.case.case_no, basis.paper, basis.event.version, year or day.year, serial, day)
    sealed = basis.paper not in UNSEALED and basis.variant != "agent"
    known = state in ("issued", "running")
    return {
        "case_no": s.case.case_no, "paper": basis.paper, "title": _title(made), "organ": made.organ, "center": s.center,
        "number": made.series + number_text(year, serial) if serial else "", "day": day_text(day), "state": state,
        "issued_at": iso(at), "reprinted": "", "blocks": compose(templates, basis.paper, basis.variant, filled),
        "code": code.signed(basis.event.hash) if known else "", "sealed": sealed, "version": basis.event.version,
        "wording": templates.revision, **common,
    }  # fmt: skip


def _issued(row: PaperRow, now: int) -> Document:
    """The frozen document; from the next day on a print says that it is one more (补打)."""
    again = issued_on(now) != issued_on(row.issued_at)
    return {**row.document, "state": "issued", "reprinted": day_text(issued_on(now)) if again else ""}
