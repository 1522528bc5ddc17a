"""Catalog files in the browser: looked at first, then put among the pending changes, published with them.

The file is kept at the node between the two steps, so that nobody picks it twice, and is read anew in the second: what it changes
depends on the catalog of that moment. With one fault nothing is taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from node.domain.catalog import diff
from node.domain.catalog.csv import parse_catalog_csv
from node.domain.catalog.documents import ImportPreview, ImportTaken, LineFault, PreviewRow
from node.domain.catalog.importing import ImportPlan, plan_import
from node.domain.catalog.item import Item
from node.domain.catalog.line_notes import LineNote
from node.domain.model import Actor
from node.domain.words.errors import TongbanError
from node.services.catalog.editing import Grounds, keep, require_editor
from node.services.times import iso
from node.store import editor as sql
from node.store.store import Store, Tx, View

FILES_KEPT = 20
SHOWN = 200


class CatalogImports:
    """Files of one node's layer."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, name: str, data: bytes, actor: Actor) -> str:
        """Keep a file; its key. Raises invalid_input for an empty one."""
        require_editor(self._store, actor)
        if not data.strip():
            raise TongbanError("invalid_input", {"file": "empty"})
        key = hashlib.sha256(data).hexdigest()[:24]
        self._store.run(lambda tx: sql.keep_file(tx.connection, key, name[:200], data, actor.staff_id, tx.now(), FILES_KEPT))
        return key

    def preview(self, key: str, actor: Actor) -> ImportPreview:
        """What a kept file would change, and its faults by line."""
        require_editor(self._store, actor)
        with self._store.reading() as view:
            name, plan, grounds = _plan(view, key)
            changed = _different(plan, grounds)
            pending = {row.item_id: row for row in sql.edits(view.connection)}
            rows = [_row(grounds, item) for item in changed[:SHOWN]]
            taken = [pending[item.item_id] for item in changed if item.item_id in pending]
            return {
                "key": key, "name": name, "seen": max((row.n for row in pending.values()), default=0), "items": rows, "count": len(changed),
                "unchanged": len(plan.changed) + plan.unchanged - len(changed) if not plan.errors else 0,
                "errors": [_note(note) for note in plan.errors[:1000]], "warnings": [_note(note) for note in plan.warnings[:1000]],
                "replaces": [{"item_id": row.item_id, "by": row.staff_name, "at": iso(row.at_ms)} for row in taken],
            }  # fmt: skip

    def take(self, key: str, over: bool, actor: Actor, seen: int | None = None) -> ImportTaken:
        """Put what the file changes among the pending changes. {state: taken, count} or {state: clash} when it would replace
        pending changes and `over` is not given, or some that were made after the preview (`seen`). Raises import_failed."""
        require_editor(self._store, actor)

        def command(tx: Tx) -> ImportTaken:
            _, plan, grounds = _plan(tx, key)
            if plan.errors:
                raise TongbanError("import_failed", {f"line {n.line}": n.code for n in plan.errors[:100]}, count=len(plan.errors))
            changed = _different(plan, grounds)
            pending = sql.edit_marks(tx.connection)
            known = (seen if seen is not None else 1 << 62) if over else 0
            if any(pending[item.item_id][0] > known for item in changed if item.item_id in pending):
                return {"state": "clash", "count": len(changed)}
            for item in changed:
                ground = grounds.of(item.item_id)
                keep(tx, ground, item, actor, ground.digest)
            return {"state": "taken", "count": len(changed)}

        return self._store.run(command)


def _plan(view: View | Tx, key: str) -> tuple[str, ImportPlan, Grounds]:
    found = sql.file_of(view.connection, key)
    if found is None:
        raise TongbanError("not_found", what=key[:24])
    grounds = Grounds(view)
    own = {item_id: item for item_id, (item, _) in grounds.own.items()}
    above = {item_id: item for item_id, (item, _) in grounds.above.items()}
    root = view.identity.parent is None
    return found[0], plan_import(own, above, parse_catalog_csv(found[1]), view.identity.tier, root=root), grounds


def _different(plan: ImportPlan, grounds: Grounds) -> Sequence[Item]:
    """The changed items that say something else; a start alone is decided when it is published."""
    found = []
    for item in plan.changed:
        base = grounds.of(item.item_id).base
        if base is None or not diff.same_content(base, item):
            found.append(item)
    return found


def _row(grounds: Grounds, item: Item) -> PreviewRow:
    base = grounds.of(item.item_id).base
    return {
        "item_id": item.item_id, "name": item.name, "kind": "new" if base is None else "changed",
        "differences": [change.as_document() for change in diff.difference(base, item)] if base is not None else [],
        "doubts": [doubt.as_document() for doubt in diff.doubts(base, item)],
    }  # fmt: skip


def _note(note: LineNote) -> LineFault:
    return {"line": note.line, "column": note.column, "code": note.code, "zh": note.message_zh, "en": note.message_en}
