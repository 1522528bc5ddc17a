"""The notes beside a case as people read them: which, by whom, when, and what their facts say (`node.domain.notes`)."""

from __future__ import annotations

from collections.abc import Callable

from node.domain.cases.documents import NoteDocument, ToldFact
from node.domain.cases.telling import Names, Told, tell_facts
from node.domain.model import Case
from node.domain.notes import TO, TOLD, addressed
from node.services.times import iso
from node.store import notes
from node.store.store import Tx, View


def notes_of(view: View | Tx, case: Case, known: Names, office: Callable[[str], str]) -> list[NoteDocument]:
    """Those that stand on the page of the case, in the order they came."""
    rows = [row for row in notes.of_case(view.connection, case.case_no) if row.kind in TOLD]
    places = {row.author: view.place(row.author) for row in rows}
    return [
        {
            "id": row.id.hex(), "kind": row.kind, "node": place.code if (place := places[row.author]) is not None else None,
            "node_name": known.node(row.author), "staff": row.staff_id, "at": iso(row.at),
            "to": list(addressed(row.facts)), "to_names": [office(code) for code in addressed(row.facts)],
            "told": [told_fact(one) for one in tell_facts(row.kind, {k: v for k, v in row.facts.items() if k != TO}, known)],
        }
        for row in rows
    ]  # fmt: skip


def told_fact(one: Told) -> ToldFact:
    return {"name": one.name, "label": one.label, "value": one.value, "label_en": one.label_en, "value_en": one.value_en}
