"""Editing the catalog of this node's layer: changes are gathered, looked at together, and published once.

What an editor saves is a pending change of one item, shared by the node's editors and kept in the store. A change knows the version
it was made from; when that moved on (an import, a publication from above) it is told and the change is put on the newer version
with one click, never dropped. Publishing names what was shown by a token: if anything moved since, nothing is published and the
editor looks again; the same token a second time answers with the first revision. All pending changes become one revision.

Below the root an item from above can only get a tighter promise and local contact data (LIFECYCLE "Import").
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace

from node.domain.calendar import day_of
from node.domain.catalog import diff
from node.domain.catalog.documents import (
    EditBy,
    EditClash,
    EditDropped,
    EditKept,
    ItemForm,
    PendingChange,
    PendingChanges,
    PublishOutcome,
    TakenOver,
)
from node.domain.catalog.edit import form_of, read_item, read_overlay
from node.domain.catalog.importing import OVERLAYS
from node.domain.catalog.item import Item
from node.domain.json_values import JsonObject
from node.domain.model import Actor
from node.domain.words.errors import TongbanError
from node.services.catalog import publishing
from node.services.catalog.catalog import CatalogService
from node.services.catalog.editing import Ground, Grounds, keep, may_add, read_edit, require_editor
from node.services.catalog.imports import CatalogImports
from node.services.catalog.views import CatalogViews
from node.services.times import iso
from node.store import editor as sql
from node.store.editor import EditRow, Published
from node.store.store import Store, Tx, View

NOBODY = EditBy(by="", by_id="", at=None)
FURTHEST = 730  # days ahead that a change may be set to start


class Editor:
    """Catalog editing at one node; `views` reads, `imports` takes whole files."""

    def __init__(self, store: Store, catalog: CatalogService) -> None:
        self._store = store
        self._catalog = catalog
        self.views = CatalogViews(store, catalog)
        self.imports = CatalogImports(store)

    # one item ------------------------------------------------------------------------------------------------------

    def form(self, item_id: str, actor: Actor) -> ItemForm:
        """What the form of an item shows: the pending change if there is one, else the newest version. `item_id` "" is a new item."""
        require_editor(self._store, actor)
        with self._store.reading() as view:
            ground = Grounds(view).of(item_id) if item_id else Ground(None, None, None, b"")
            edit = sql.edit_of(view.connection, item_id) if item_id else None
            if item_id and ground.base is None and edit is None:
                raise TongbanError("not_found", what=item_id[:64])
            _may_edit(view, ground, new=not item_id)
            shown = read_edit(edit) if edit is not None else ground.base
            return {
                "item_id": item_id,
                "document": form_of(shown) if shown is not None else _blank(view.identity.tier),
                "n": edit.n if edit else 0, "base": (edit.base if edit else ground.digest).hex(),
                "overlay": ground.above is not None, "tier": view.identity.tier, "new": ground.base is None,
                "above": form_of(ground.above) if ground.above is not None else None,
                "version": ground.base.version if ground.base is not None else 0,
                "withdrawn": shown.withdrawn if shown is not None else "",
                "edit": _by(edit) if edit is not None else None, "moved": edit is not None and edit.base != ground.digest,
            }  # fmt: skip

    def save(self, item_id: str, document: JsonObject, n: int, base: str, actor: Actor) -> EditKept | EditClash:
        """Keep a change. `n` and `base` are those of the form that was filled.

        Answers {state, item_id}: saved, unchanged (nothing differs; a pending change is dropped), or clash with `theirs` when somebody
        saved or published this item meanwhile. Raises invalid_input."""
        require_editor(self._store, actor)

        def command(tx: Tx) -> EditKept | EditClash:
            grounds = Grounds(tx)
            ground = grounds.of(item_id) if item_id else Ground(None, None, None, b"")
            _may_edit(tx, ground, new=not item_id)
            item = self._read(tx, grounds, ground, item_id, document)
            if clash := _clash(tx, ground, item, n, base):
                return clash
            edit = sql.edit_of(tx.connection, item.item_id)
            stood_on = edit.base if edit is not None and ground.above is None else ground.digest
            return keep(tx, ground, item, actor, stood_on)

        return self._store.run(command)

    def _read(self, tx: Tx, grounds: Grounds, ground: Ground, item_id: str, document: JsonObject) -> Item:
        if ground.above is not None:
            return read_overlay(document, ground.above, tx.identity.tier)
        edit = sql.edit_of(tx.connection, item_id) if item_id else None
        base = read_edit(edit) if edit is not None else ground.base
        taken = () if item_id else (*grounds.own, *grounds.above, *sql.edit_marks(tx.connection))
        return read_item(document, base, tx.identity.tier, root=tx.identity.parent is None, taken=taken)

    def withdraw(self, item_id: str, reason: str, actor: Actor) -> EditKept:
        """停用: a pending change that takes the item out of the offer, with the reason; "" brings it back. Own items only."""
        require_editor(self._store, actor)
        reason = reason.strip()
        if len(reason) > 500:
            raise TongbanError("invalid_input", {"reason": "too_long"})

        def command(tx: Tx) -> EditKept:
            ground, edit = Grounds(tx).of(item_id), sql.edit_of(tx.connection, item_id)
            start = read_edit(edit) if edit is not None else ground.base
            if start is None:
                raise TongbanError("not_found", what=item_id[:64])
            _may_edit(tx, ground)
            if ground.above is not None:
                raise TongbanError("wrong_tier", rule="上级的事项只能由上级修改")
            if not reason and not start.withdrawn:
                raise TongbanError("invalid_input", {"reason": "missing"})
            stood_on = edit.base if edit is not None else ground.digest
            return keep(tx, ground, replace(start, withdrawn=reason), actor, stood_on)

        return self._store.run(command)

    def discard(self, item_id: str, n: int, actor: Actor) -> EditDropped:
        """Drop a pending change, if it is still the one that was seen."""
        require_editor(self._store, actor)

        def command(tx: Tx) -> EditDropped:
            edit = sql.edit_of(tx.connection, item_id)
            if edit is not None and edit.n != n:
                return {"state": "clash", "by": edit.staff_name, "at": iso(edit.at_ms)}
            sql.drop_edits(tx.connection, [item_id])
            return {"state": "dropped" if edit is not None else "unchanged"}

        return self._store.run(command)

    def take_over(self, item_id: str, actor: Actor) -> TakenOver:
        """Put a pending change on the version that came meanwhile. `clashes`: fields both changed; the pending change stands."""
        require_editor(self._store, actor)

        def command(tx: Tx) -> TakenOver:
            ground, edit = Grounds(tx).of(item_id), sql.edit_of(tx.connection, item_id)
            if edit is None or ground.base is None or edit.base == ground.digest:
                return {"state": "unchanged", "clashes": []}
            merged, clashes = _put_on(tx, edit, ground)
            kept = keep(tx, ground, merged, actor, ground.digest)
            return {"state": kept["state"], "item_id": kept["item_id"], "clashes": list(clashes)}

        return self._store.run(command)

    # all of them ---------------------------------------------------------------------------------------------------

    def changes(self, actor: Actor) -> PendingChanges:
        """The pending publication: the difference of each item, what it touches, doubts, the proposed day, the token."""
        require_editor(self._store, actor)
        with self._store.reading() as view:
            pending = _pending(view)
            today = day_of(view.now())
            default = self._catalog.calendar().add_workdays(today, 1)
            touched = sql.touched(view.connection, [edit.item_id for edit, _, _ in pending])
            rows = [self._change(view, *one) for one in pending]
            return {
                "token": _token(pending), "items": rows, "today": today.isoformat(), "default": default.isoformat(),
                "known": self._catalog.calendar().known(default), "blocked": any(_stands(row) for row in rows),
                "cases": self.views.touched(view, touched), "as_of": iso(view.now()), "revision": self._catalog.revision(),
            }  # fmt: skip

    def _change(self, view: View, edit: EditRow, ground: Ground, item: Item) -> PendingChange:
        """One item of the difference. When its base moved, as it will be once it is put on the newest version."""
        moved, base = edit.base != ground.digest, ground.base
        clashes: tuple[str, ...] = ()
        if moved and base is not None:
            item, clashes = _put_on(view, edit, ground)
        kind = "new" if base is None else "withdrawn" if item.withdrawn and not base.withdrawn else "changed"
        if base is not None and base.withdrawn and not item.withdrawn:
            kind = "restored"
        return {
            "item_id": item.item_id, "name": item.name, "kind": kind, "department": item.department,
            "from_version": base.version if base is not None else 0, "to_version": _next(ground),
            "differences": [change.as_document() for change in diff.difference(base, item)],
            "doubts": [doubt.as_document() for doubt in (*diff.doubts(base, item), *_timing(ground, day_of(view.now())))],
            "moved": moved, "clashes": list(clashes), "n": edit.n, "overlay": ground.above is not None, **_by(edit),
        }  # fmt: skip

    def publish(self, token: str, effective: str, actor: Actor) -> PublishOutcome:
        """Publish what was shown under `token`, in force from `effective` (YYYY-MM-DD), as one revision.

        Answers {state}: published (also when it was done before: `again`), moved (something changed since it was shown), blocked,
        empty. Raises invalid_input for the day."""
        require_editor(self._store, actor)

        def command(tx: Tx) -> PublishOutcome:
            if (done := sql.published(tx.connection, token)) is not None:
                return {**_answer(done), "again": True}
            pending = _pending(tx)
            if not pending:
                return {"state": "empty"}
            if _token(pending) != token:
                return {"state": "moved"}
            day = _day(effective, day_of(tx.now()))
            if any(edit.base != ground.digest or _refused(ground.base, item) for edit, ground, item in pending):
                return {"state": "blocked"}
            return self._publish(tx, token, pending, day, actor)

        return self._store.run(command)

    def _publish(
        self, tx: Tx, token: str, pending: Sequence[tuple[EditRow, Ground, Item]], day: dt.date, actor: Actor
    ) -> PublishOutcome:
        tier = tx.identity.tier
        changed = [replace(i, version=_next(g), effective_from=_start(day, g), layer_tier=tier) for _, g, i in pending]
        revision = publishing.publish_items(tx, changed, actor)
        sql.drop_edits(tx.connection, [edit.item_id for edit, _, _ in pending])
        done = Published(token, revision, len(changed), day.isoformat(), actor.name, tx.now())
        sql.note_published(tx.connection, done)
        tx.after_commit(self._store.catalog.invalidate)
        return {**_answer(done), "again": False}


# helpers -------------------------------------------------------------------------------------------------------------


def _may_edit(view: View | Tx, ground: Ground, *, new: bool = False) -> None:
    identity = view.identity
    root = identity.parent is None
    allowed = may_add(identity.tier, root=root) if new else root or identity.tier in OVERLAYS
    if not allowed:
        raise TongbanError("wrong_tier", rule="本站的层级不能修改事项")


def _blank(tier: str) -> JsonObject:
    document = form_of(Item("", approval_level=tier, accept_levels=(tier,)))
    return {**document, "category": "", "case_type": ""}


def _by(edit: EditRow) -> EditBy:
    return {"by": edit.staff_name, "by_id": edit.staff_id, "at": iso(edit.at_ms)}


def _clash(tx: Tx, ground: Ground, item: Item, n: int, base: str) -> EditClash | None:
    """What happened to the item since the form was opened; None when nothing did."""
    edit = sql.edit_of(tx.connection, item.item_id)
    present = edit.n if edit is not None else 0
    digest = edit.base if edit is not None else ground.digest
    if present == n and digest.hex() == base:
        return None
    theirs = read_edit(edit) if edit is not None else ground.base
    differs = [c.field for c in diff.difference(theirs, item)] if theirs is not None else []
    return {
        "state": "clash", "n": present, "base": digest.hex(), "differs": differs, **(_by(edit) if edit is not None else NOBODY),
        "theirs": form_of(theirs) if theirs is not None else None, "version": ground.base.version if ground.base else 0,
    }  # fmt: skip


def _put_on(view: View | Tx, edit: EditRow, ground: Ground) -> tuple[Item, tuple[str, ...]]:
    """A pending change on the newest version, and the fields that both changed."""
    assert ground.base is not None
    merged, clashes = diff.merge(_version(view, edit.item_id, edit.base), read_edit(edit), ground.base)
    return (_tightened(merged, ground.above) if ground.above is not None else merged), clashes


def _version(view: View | Tx, item_id: str, digest: bytes) -> Item | None:
    found = next((row for row in sql.layers_of(view.connection, item_id) if row[2] == digest), None)
    return Item.from_document(json.loads(found[3])) if found is not None else None


def _tightened(item: Item, above: Item) -> Item:
    promised = item.promised_limit
    if above.promised_limit is not None and (promised is None or promised > above.promised_limit):
        promised = above.promised_limit
    return replace(above, promised_limit=promised, contact={**above.contact, **item.contact})


def _pending(view: View | Tx) -> list[tuple[EditRow, Ground, Item]]:
    """Pending changes that still change something."""
    rows = sql.edits(view.connection)
    grounds = Grounds(view) if rows else None
    found = []
    for edit in rows:
        assert grounds is not None
        ground, item = grounds.of(edit.item_id), read_edit(edit)
        found.append((edit, ground, item))
    return found


def _token(pending: Sequence[tuple[EditRow, Ground, Item]]) -> str:
    names = [[edit.item_id, edit.n, edit.base.hex(), ground.digest.hex()] for edit, ground, _ in pending]
    return hashlib.sha256(json.dumps(names).encode()).hexdigest()[:32]


def _next(ground: Ground) -> int:
    return max((item.version for item in (ground.own, ground.above) if item is not None), default=0) + 1


def _start(day: dt.date, ground: Ground) -> dt.date:
    """An overlay cannot start before what it overlays."""
    base = ground.above.effective_from if ground.above is not None else None
    return max(day, base) if base is not None else day


def _timing(ground: Ground, today: dt.date) -> list[diff.Doubt]:
    """What the day of publication cannot change, or changes beside the item: a version that is set to start later."""
    if ground.above is not None and ground.above.effective_from is not None and ground.above.effective_from > today:
        return [diff.Doubt("starts_with_base", details={"day": ground.above.effective_from.isoformat()})]
    if ground.own is not None and ground.own.effective_from is not None and ground.own.effective_from > today:
        return [
            diff.Doubt("scheduled_base", details={"day": ground.own.effective_from.isoformat(), "version": ground.own.version})
        ]
    return []


def _refused(base: Item | None, item: Item) -> bool:
    return any(doubt.refused for doubt in diff.doubts(base, item))


def _stands(row: PendingChange) -> bool:
    return row["moved"] or any(doubt["refused"] for doubt in row["doubts"])


def _day(text: str, today: dt.date) -> dt.date:
    try:
        day = dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None:
        raise TongbanError("invalid_input", {"effective": "missing" if not text.strip() else "invalid"})
    if day < today:
        raise TongbanError("invalid_input", {"effective": "past"})
    if day > today + dt.timedelta(days=FURTHEST):
        raise TongbanError("invalid_input", {"effective": "out_of_range"})
    return day


def _answer(done: Published) -> PublishOutcome:
    return {
        "state": "published", "revision": done.revision, "count": done.count, "effective": done.effective,
        "by": done.staff_name, "at": iso(done.at_ms),
    }  # fmt: skip
