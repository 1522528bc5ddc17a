"""Corrections as a node knows them: what it sent after a case, whether a file is asked for anew, and the rows for page and paper.

Where custody is elsewhere, each new file is a `supply_material` request and the supply itself a `supply_correction` request
that names the files; the custodian answers it when it has them.
"""

from __future__ import annotations

from federation.protocol.envelope import decode_header
from node.domain.cases.bodies import read_body
from node.domain.cases.corrections import answers, copies, gap_lacking, held, piece_since, problems
from node.domain.cases.material_documents import CorrectionRow, CorrectionView, FileRow, GapView, Held
from node.domain.filing.filetypes import HEAD, OCTETS, kind_of
from node.domain.model import Case, Piece
from node.services.times import iso
from node.store import sources
from node.store.objects import SALT
from node.store.requests import RequestRow
from node.store.standing import CaseEntry
from node.store.store import Tx, View

NOTICES = ("correction_requested", "correction_repeated")


def sent_since_notice(view: View | Tx, case: Case) -> tuple[tuple[str, bytes], ...]:
    """(material, blob) of the files this node sent after the case since the last notice and that are not answered yet."""
    if case.custodian == view.identity.node_id or not (case.status == "awaiting_correction" or case.gap.is_open):
        return ()
    notice = _last_notice(view, case)
    me, found = view.identity.node_id, []
    for row in view.requests.of_case(case.case_no, "pending"):
        if (
            row.asked == "supply_material"
            and row.author == me
            and (case.gap.is_open or (notice is not None and row.arrival > notice.arrival))
        ):
            facts = decode_header(view.requests.facts(row)).facts
            material, blob = facts.get("material"), facts.get("blob")
            if isinstance(material, str) and isinstance(blob, bytes):
                found.append((material, blob))
    return tuple(found)


def _last_notice(view: View | Tx, case: Case) -> CaseEntry | None:
    fit = [one for one in view.cases.entries(case.case_no) if one.event.kind in NOTICES]
    return max(fit, key=lambda one: one.event.version, default=None)


def asked_anew(view: View | Tx, case: Case, material: str) -> bool:
    """Whether a new file of this material is awaited: it was ticked, and none came or is on its way since the notice."""
    if case.status != "awaiting_correction" or material not in case.correction.items or piece_since(case, material) is not None:
        return False
    return all(material != one for one, _ in sent_since_notice(view, case))


def may_be_answered(tx: Tx, case: Case, request: RequestRow) -> bool:
    """Whether a supply that was asked for can be judged: its files are here, and what its sender asked before is answered."""
    earlier = tx.requests.of_case(case.case_no, "pending")
    if any(row.author == request.author and row.arrival < request.arrival for row in earlier):
        return False
    blobs = decode_header(tx.requests.facts(request)).facts.get("blobs")
    return all(
        tx.objects.size(blob) is not None or sources.is_lost(tx, blob)
        for blob in (blobs if isinstance(blobs, tuple) else ())
        if isinstance(blob, bytes)
    )


# what page and API show ----------------------------------------------------------------------------------------------


def file_rows(view: View | Tx, case: Case, material: str) -> list[FileRow]:
    """Everything that came for a material, oldest first."""
    pieces = [one for one in case.pieces if one.material == material]
    return [_file_row(view, n, piece) for n, piece in enumerate(pieces, 1)]


def _file_row(view: View | Tx, n: int, piece: Piece) -> FileRow:
    state = "paper" if piece.copies else file_state(view, piece.blob)
    name = piece.blob.hex() or None
    return {
        "n": n,
        "mime": _mime(view, piece.blob),
        "hash": name,
        "size": piece.size or None,
        "copies": piece.copies,
        "at": iso(piece.at),
        "state": state,
    }


def _mime(view: View | Tx, blob: bytes) -> str:
    head = view.objects.read(blob, SALT, HEAD) if blob else None
    kind = kind_of(head[0]) if head is not None else None
    return kind.mime if kind is not None else OCTETS if head is not None else ""


def file_state(view: View | Tx, blob: bytes) -> str:
    """here, on_the_way or lost."""
    if view.objects.size(blob) is not None:
        return "here"
    return "lost" if sources.is_lost(view, blob) else "on_the_way"


def held_of(case: Case, material: str) -> Held:
    """How a material is held, for the case document."""
    return {"held": held(case, material), "copies": copies(case, material)}


def correction_view(view: View | Tx, case: Case, names: dict[str, str]) -> CorrectionView | None:
    """The correction of a case while it is awaited and until it is judged; None where there is none.

    `names` are those of the materials, by number. Words are "" where their bodies are not held here."""
    if not case.correction.notices or case.status not in ("awaiting_correction", "submitted"):
        return None
    notice, supply = _last_notice(view, case), _last_supply(view, case)
    words = _body(view, notice)
    content = str(words.get("content") or "")
    told, sent = problems(content, case.correction.items), dict(sent_since_notice(view, case))
    supplied = case.status == "submitted"
    told_with = _body(view, supply) if supplied else {}
    said = told_with.get("said")
    asked = None if supplied else _supply_asked(view, case, notice)
    declared = _declared(view, asked)
    rows: list[CorrectionRow] = []
    for one in answers(case):
        sent_now = _sent_row(view, one.material, sent, declared)
        rows.append({
            "material": one.material, "name": names.get(one.material, one.material), "problem": told.get(one.material, ""),
            "before": _numbered(view, case, one.before), "since": _numbered(view, case, one.since), "sent": sent_now,
            "said": str(said.get(one.material, "")) if isinstance(said, dict) else "",
        })  # fmt: skip
    return {
        "state": "supplied" if supplied else "asked" if asked is not None and asked.state == "pending" else "awaited",
        "content": content,
        "due": case.correction.due.isoformat() if case.correction.due is not None else None,
        "again": case.correction.notices > 1,
        "rows": rows,
        "lacking": [] if supplied else [row["material"] for row in rows if row["since"] is None and row["sent"] is None],
        "declined": "row14" if asked is not None and asked.state == "declined" else "",
        "said": str(told_with.get("note") or ""),
    }


def gap_view(view: View | Tx, case: Case, names: dict[str, str]) -> GapView | None:
    """What is to follow (容缺); None where nothing is. `names` are those of the materials, by number."""
    gap = case.gap
    if not gap.is_open:
        return None
    me, sent, declared = view.identity.node_id, dict(sent_since_notice(view, case)), dict[str, int]()
    for row in view.requests.of_case(case.case_no, "pending"):
        declared |= _declared(view, row if row.asked == "record_papers" and row.author == me else None)
    there = {one.material for one in case.pieces}
    return {
        "due": gap.due.isoformat() if gap.due is not None else None,
        "materials": list(gap.items),
        "lacking": list(gap_lacking(case)),
        "lapsed_at": iso(gap.lapsed_at),
        "postponed": gap.postponed,
        "pauses": gap.pauses,
        "rows": [
            {
                "material": one, "name": names.get(one, one),
                "state": "here" if one in there else "sent" if one in sent or one in declared else "missing",
            }
            for one in gap.items
        ],
    }  # fmt: skip


def _declared(view: View | Tx, asked: RequestRow | None) -> dict[str, int]:
    """Originals on paper that a supply on its way declares, by material."""
    papers = (
        decode_header(view.requests.facts(asked)).facts.get("papers") if asked is not None and asked.state == "pending" else ()
    )
    pairs = (str(one).partition(":") for one in papers) if isinstance(papers, tuple) else ()
    return {material: int(count) if count.isascii() and count.isdigit() else 1 for material, _, count in pairs}


def _sent_row(view: View | Tx, material: str, sent: dict[str, bytes], declared: dict[str, int]) -> FileRow | None:
    if material in declared:
        return _file_row(view, 0, Piece(material, b"", 0, 0, copies=declared[material]))
    if material not in sent:
        return None
    size = view.objects.size(sent[material]) or SALT
    return _file_row(view, 0, Piece(material, sent[material], size - SALT, 0))


def _numbered(view: View | Tx, case: Case, piece: Piece | None) -> FileRow | None:
    if piece is None:
        return None
    same = [one for one in case.pieces if one.material == piece.material]
    return _file_row(view, same.index(piece) + 1, piece)


def _last_supply(view: View | Tx, case: Case) -> CaseEntry | None:
    fit = [one for one in view.cases.entries(case.case_no) if one.event.kind == "correction_supplied"]
    return max(fit, key=lambda one: one.event.version, default=None)


def _body(view: View | Tx, entry: CaseEntry | None) -> dict[str, object]:
    return dict(read_body(view.objects.get(entry.event.body_hash))) if entry is not None and entry.event.body_hash else {}


def _supply_asked(view: View | Tx, case: Case, notice: CaseEntry | None) -> RequestRow | None:
    """The last supply that this node asked for since the notice."""
    me = view.identity.node_id
    rows = [
        row
        for row in view.requests.of_case(case.case_no)
        if row.asked == "supply_correction" and row.author == me and notice is not None and row.arrival > notice.arrival
    ]
    return rows[-1] if rows else None
