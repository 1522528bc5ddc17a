"""Drafts: saved as typed, photographed into, and lodged exactly once.

A draft is a row and a folder of this node until it is lodged. Lodging first freezes the application it makes (state
`lodging`), files it under a number derived from the draft, and then puts each file as material of the case. Every step may be
repeated: whoever opens the draft next goes on where a power cut left it.
Everybody at this counter who may file sees all its drafts, with the name of who began (five cadres share one PC).
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from node.domain.calendar import day_of
from node.domain.cases.mandate import SCOPES
from node.domain.filing import ids
from node.domain.filing.application import validate_application
from node.domain.filing.documents import (
    Defect,
    DraftAside,
    DraftDocument,
    DraftSaved,
    DraftsPage,
    DraftSummary,
    LodgeAnswer,
    LodgedResult,
    PersonHints,
)
from node.domain.filing.draft import (
    AGENT_CHANNEL,
    CONTACTS,
    LIMITS,
    SOURCE,
    DraftFile,
    application_no,
    application_of,
    checklist,
    enclosures,
    file_defects,
    place_of,
    typed,
)  # fmt: skip
from node.domain.model import Actor
from node.domain.touched import SEEN, TAKE, Merged, merge, seen_of
from node.domain.words.errors import FieldError, TongbanError
from node.services.cases.context import Rules
from node.services.cases.documents import iso
from node.services.cases.timeline import filing_body
from node.services.filing.draft_bin import DraftBin
from node.services.filing.intake import NOT_VOIDED, Intake, voided_here
from node.services.filing.materials import Materials
from node.services.filing.persons import hints_at
from node.services.tree.standing import require_member
from node.store.database import StorageFailure, half_done, put_off
from node.store.drafts import DraftRow, FileRow
from node.store.store import Store, Tx, View

MANDATE = dt.timedelta(days=180)  # what the form proposes; the applicant says for how long
PIECE = 1 << 20  # bytes of a file that become part of a case at once


class DraftService(DraftBin):
    """Drafts of one node."""

    def __init__(self, store: Store, rules: Rules, intake: Intake, materials: Materials) -> None:
        super().__init__(store, rules)
        self.intake = intake
        self.materials = materials

    # beginning and typing ----------------------------------------------------------------------------------------------

    def start(self, item_id: str, actor: Actor) -> str:
        """A new draft for an item that may be filed here; its id. Errors: `not_found`, `forbidden`, `invalid_input`."""
        self._may(actor)
        item, place = self._item(item_id), self.store.place
        if place.tier not in item.accept_levels:
            raise TongbanError("invalid_input", {"item": "wrong_level"})
        by_agent = place.tier == "village" and item.agent_allowed
        fields = {
            "id_type": "ric", "contact": CONTACTS[0], "village": place.code if place.tier == "village" else "",
            "channel": AGENT_CHANNEL if by_agent else "window", "mandate_scope": ",".join(SCOPES) if by_agent else "",
            "mandate_until": (day_of(self.store.now()) + MANDATE).isoformat() if by_agent else "",
        }  # fmt: skip
        id = secrets.token_hex(8)
        self.store.run(lambda tx: tx.drafts.add(id, item_id, actor.staff_id, fields))
        return id

    def save(self, id: str, given: Mapping[str, str], actor: Actor) -> DraftSaved:
        """Keep what was touched of a form (`domain.touched`): {saved_at, seen, clashes}. Fields that a colleague changed meanwhile and
        that were touched here too are not stored: `clashes` has both versions. Errors: `not_found`, `guard_failed` when it was
        lodged meanwhile."""
        self._may(actor)

        def command(tx: Tx) -> Merged:
            stored = self._open(tx, id).fields
            wished = {name: text for name, text in given.items() if name in LIMITS or name.startswith(TAKE)}
            merged = merge(given.get(SEEN, ""), wished, stored)
            tx.drafts.save(id, typed(merged.values, stored))
            return merged

        merged = self.store.run(command)
        return {"saved_at": iso(self.store.now()), "seen": merged.seen, "clashes": merged.clashes}

    # reading -----------------------------------------------------------------------------------------------------------

    def drafts(self, actor: Actor, cursor: str | None = None, limit: int = 50) -> DraftsPage:
        """Drafts of this counter that are not finished, the last touched first."""
        self._may(actor)
        before = int(cursor) if cursor and cursor.isascii() and cursor.isdigit() and len(cursor) < 19 else 1 << 62
        with self.store.reading() as view:
            rows = view.drafts.open_ones(before, limit + 1)
            total = view.drafts.count_open()
            aside = view.drafts.count_aside()
        following = str(rows[limit - 1].updated_at) if len(rows) > limit else None
        return {"drafts": [self._summary(row) for row in rows[:limit]], "next": following, "total": total, "aside": aside}

    def set_aside(self, actor: Actor) -> list[DraftAside]:
        """Drafts in the bin, the oldest first, with `until`: before that moment none is removed."""
        return [{**self._summary(row), "until": iso(until)} for row, until in self.aside(actor)]

    def draft(self, id: str, actor: Actor) -> DraftDocument:
        """One draft with its item, its files and the checklist. Errors: `not_found`."""
        self._may(actor)
        with self.store.reading() as view:
            row = self._found(view, id)
            files = view.drafts.files(id)
            person = self._person(view, row, row.fields)
            villages = [one.code for one in view.children() if one.tier == "village"]
        item = self._shown(row.item_id)
        self._note_read(person, actor)
        return {
            **self._summary(row),
            "fields": row.fields, "seen": self._seen(row),
            "item": item.to_document() if item is not None else None, "files": [self._file(one) for one in files],
            "checklist": checklist(item, [_plain(one) for one in files]) if item is not None else [], "application_no": application_no(id),
            "villages": [(code, self._division(code)) for code in villages], "tier": self.store.place.tier,
            "person": person,
            "village_name": self._division(row.fields.get("village", "")),
        }  # fmt: skip

    def person(self, id: str, typed_: Mapping[str, str], actor: Actor) -> PersonHints:
        """What is known of the person whose `id_number` and `id_type` are typed, saved or not. Errors: `not_found`."""
        self._may(actor)
        with self.store.reading() as view:
            found = self._person(view, row := self._found(view, id), {**row.fields, **typed_})
        self._note_read(found, actor)
        return found

    def take_person(self, id: str, actor: Actor) -> None:
        """Fill a draft with what its person gave the last time. Errors: `not_found`, `guard_failed` when it was lodged meanwhile."""
        self._may(actor)
        with self.store.reading() as view:
            found = self._person(view, row := self._found(view, id), row.fields)
        if (last := found["last"]) is not None:
            given = {
                name: text
                for name, text in (("name", last["name"]), ("phone", last["phone"]), ("address", last["address"]))
                if text
            }
            self.store.run(lambda tx: tx.drafts.save(id, self._open(tx, id).fields | given))

    def _person(self, view: View, row: DraftRow, fields: Mapping[str, str]) -> PersonHints:
        number, kind = fields.get("id_number", ""), fields.get("id_type") or ids.KINDS[0]
        return hints_at(view, self.rules, number, kind, row.item_id, self._shown(row.item_id), day_of(self.store.now()))

    def _note_read(self, found: PersonHints, actor: Actor) -> None:
        """Who was shown what a person gave at a case has read that case."""
        if found["last"] is not None:
            self.store.was_read(actor, found["last"]["case_no"])

    def _seen(self, row: DraftRow) -> str:
        """The mark of what the form shows; a mandate is asked for at villages only."""
        names = [name for name in LIMITS if self.store.place.tier == "village" or not name.startswith("mandate_")]
        return seen_of({name: row.fields.get(name, "") for name in names})

    def _division(self, code: str) -> str:
        found = self.rules.catalog.snapshot().divisions.get(code)
        return found.name if found is not None else code

    def _summary(self, row: DraftRow) -> DraftSummary:
        item = self._shown(row.item_id)
        return {
            "id": row.id, "item_id": row.item_id, "item_name": item.name if item is not None else row.item_id, "state": row.state,
            "applicant": row.fields.get("name", ""), "by": row.staff_name or row.staff_id, "staff_id": row.staff_id, "case_no": row.case_no,
            "created_at": iso(row.created_at), "updated_at": iso(row.updated_at), "aside": row.aside_at is not None,
        }  # fmt: skip

    # lodging -----------------------------------------------------------------------------------------------------------

    def defects(self, id: str, actor: Actor) -> list[Defect]:
        """All that stands in the way of lodging, each with the form's field it belongs to (`place`)."""
        self._may(actor)
        with self.store.reading() as view:
            row = self._found(view, id)
            files = [_plain(one) for one in view.drafts.files(id)]
        return self._defects(self._application(row, files, actor), files)

    def _defects(self, application: Mapping[str, Any], files: list[DraftFile]) -> list[Defect]:
        _, errors, _ = validate_application(application, self.rules.filing_context())
        if "replaces" in application and not any(error.field == "replaces" for error in errors):
            with self.store.reading() as view:
                errors = errors if voided_here(view, application["replaces"]) else [*errors, NOT_VOIDED]
        if application["channel"] == AGENT_CHANNEL and "mandate" not in application:
            errors = [*errors, FieldError("mandate", "missing")]
        return [{**one.as_document(), "place": place_of(one)} for one in [*errors, *file_defects(files)]]

    def _application(self, row: DraftRow, files: list[DraftFile], actor: Actor) -> dict[str, Any]:
        item, place = self._shown(row.item_id), self.store.place
        if item is None:
            raise TongbanError("not_found", what=row.item_id[:60])
        name = actor.name or actor.staff_id
        return application_of(row.id, row.fields, item, files, agent=actor.staff_id, agent_name=name, entry_node=place.code)

    def lodge(self, id: str, actor: Actor) -> LodgeAnswer:
        """{case_no} of the case, or {defects} and nothing written. Lodging again gives the same case. Errors: `revoked`."""
        self._may(actor)
        with self.store.reading() as view:
            row = self._found(view, id)
            files = [_plain(one) for one in view.drafts.files(id)]
        if row.state == "lodged":
            return {"case_no": row.case_no}
        if row.state == "discarded":
            raise TongbanError("not_found", what="draft")
        if row.application is None:
            with self.store.reading() as view:
                require_member(view)
            application = self._application(row, files, actor)
            if found := self._defects(application, files):
                return {"defects": found}
            application["submitted_at"] = iso(self.store.now())
            self.store.run(lambda tx: self._freeze(tx, id, row, files, application))
        return {"case_no": self.finish(id, actor)}

    def _freeze(self, tx: Tx, id: str, seen: DraftRow, files: list[DraftFile], application: dict[str, Any]) -> None:
        """Only what was checked is frozen: when somebody typed, sent or sorted meanwhile, it is checked again."""
        now = self._found(tx, id)
        if now.application is not None:
            return
        self._open(tx, id)
        if now.fields != seen.fields or [_plain(one) for one in tx.drafts.files(id)] != files:
            raise TongbanError("guard_failed", rule="草稿刚被改动，请再次提交")
        tx.drafts.settle(id, "lodging", application=application)

    def finish(self, id: str, actor: Actor) -> str:
        """File the frozen application and put its files; safe to repeat from any point. Returns the case number.

        One at a time: who lodges at the same moment waits, and gets the same number."""
        with self.store.turns.of("draft", id):
            return self._finish(id, actor)

    def _finish(self, id: str, actor: Actor) -> str:
        with self.store.reading() as view:
            row = self._found(view, id)
            files = [_plain(one) for one in view.drafts.files(id)]
        if row.state == "lodged" or row.application is None:
            return row.case_no
        filed = self.intake.file(row.application, actor, source=SOURCE)
        try:
            for one in enclosures(files):
                with suppress_ended():
                    self._put(filed.case_no, id, one.file, one.name, actor)
            self.store.run(lambda tx: self._settle(tx, id, filed.case_no))
        except StorageFailure as error:
            raise half_done(f"已经登记，办件编号 {filed.case_no}", f"filed as {filed.case_no}") from error
        with put_off("draft_files"):
            self.folder.remove_all(id)
        return filed.case_no

    def _settle(self, tx: Tx, id: str, case_no: str) -> None:
        tx.drafts.settle(id, "lodged", case_no=case_no)
        tx.drafts.forget_text(id)
        tx.drafts.remove_files(id)

    def _put(self, case_no: str, id: str, file: DraftFile, name: str, actor: Actor) -> None:
        """One file, piece by piece, from where it stopped. A whole file that is there already may be somebody else's: ours is compared
        with it, and is no second one only when it is the same."""
        found = self.materials.offset(case_no, name, actor)
        offset = 0 if found.get("whole") else int(found["offset"])
        while offset < file.size:
            data = self.folder.read(id, file.id, offset, PIECE)
            if not data:
                return  # the folder is gone (a restored backup): the case stands, the material is shown as missing
            answer = self.materials.put(case_no, name, actor, offset, data, file.size, file.file_name, file.mime)
            offset = int(answer["offset"])

    def result(self, case_no: str, actor: Actor) -> LodgedResult:
        """What the applicant takes along: number and query code. Only where the filing is held. Errors: `not_found`."""
        self._may(actor)
        with self.store.reading() as view:
            row, case = view.drafts.of_case(case_no), view.cases.get(case_no)
            if row is None or case is None:
                raise TongbanError("not_found", what=case_no[:60])
            body = filing_body(view, case)
            safe = view.acked_by_parent()
        item = self.rules.item_of(case)
        return {
            "case_no": case_no, "query_code": body.get("query_code", ""), "item_name": item.name if item is not None else case.item_id,
            "status": case.status, "filed_at": iso(case.filed_at), "applicant": body.get("application", {}).get("applicant", {}).get("name", ""),
            "has_parent": safe is not None, "materials": len({index for index, _, _ in case.materials} | {one.material for one in case.pieces}),
        }  # fmt: skip


@contextmanager
def suppress_ended() -> Iterator[None]:
    """A case that ended between two tries takes no files any more; that is no reason to keep its draft for ever."""
    try:
        yield
    except TongbanError as error:
        if error.code not in ("illegal_action", "guard_failed") or "offset" in error.details:
            raise


def _plain(row: FileRow) -> DraftFile:
    return DraftFile(row.id, row.material, row.file_name, row.mime, row.size, row.whole)
