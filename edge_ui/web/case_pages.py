"""Cases for the staff: the list, one case, and the forms of the actions that are open now.

The forms are made from the case document's `actions[]`, so the page knows no rule: a new action of the lifecycle appears here by
itself. A refusal is shown at its form with everything that was typed; a double click is one act (the form's id is the
idempotency key).
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
import urllib.parse
from collections.abc import Mapping
from typing import Any

from edge_ui.api.materials import plain_name
from edge_ui.api.operations import STATUSES
from edge_ui.center import Document
from edge_ui.pages import ActionForm, CasePage, CasesPage, FormField
from edge_ui.settings import FILE_LIMIT, FORM_LIMIT, PIECE
from edge_ui.web.base import PageHandler, as_rows
from node.domain.errors import FIELD_ERRORS, TongbanError

PER_PAGE = 30
PAGE_UPLOADS = 2  # files that forms may send at the same time
PROPOSED = frozenset({"basis", "citation", "remedies"})  # standard wording (FORMS.md), for the person to change


class CasesPageHandler(PageHandler):
    """The list with filter, search and pages."""

    login_needed = True

    async def on_get(self) -> None:
        status, item, q = self.argument("status", 32), self.argument("item", 128), self.argument("q", 100)
        cursor, error, code = self.argument("cursor", 512), "", 200
        found: Document = {}
        try:
            if status and status not in STATUSES:
                raise TongbanError("invalid_input", {"status": "not_a_choice"})
            found = await self.call(
                self.center.cases,
                self.person,
                status=status or None,
                item=item or None,
                q=q or None,
                cursor=cursor or None,
                limit=PER_PAGE,
            )
        except TongbanError as refusal:
            if refusal.status not in (400, 422):
                raise
            error, code = refusal.sentence(self.language), refusal.status
        kept = {k: v for k, v in (("status", status), ("item", item), ("q", q)) if v}
        following = found.get("next")
        page = CasesPage(
            status=status,
            item=item,
            q=q,
            statuses=STATUSES,
            rows=tuple(as_rows(found, "cases")),
            next_url="/cases?" + urllib.parse.urlencode({**kept, "cursor": following}) if following else "",
            first_url="/cases?" + urllib.parse.urlencode(kept) if cursor else "",
            as_of=self.center.clock.now(),
            error=error,
        )
        self.show("cases.html", page, code)


class CasePageHandler(PageHandler):
    """One case."""

    login_needed = True

    async def on_get(self, no: str) -> None:
        case = await self.call(self.center.case, no, self.person)
        notice = ""
        for mark in ("done", "asked"):
            if re.fullmatch("[a-z_]+", action := self.argument(mark, 64)):
                notice = self.say(f"case.{mark}", action=self.name_of(action, "action"))
        self.show_case(case, notice=notice)

    def show_case(
        self, case: Document, *, notice: str = "", form: ActionForm | None = None, error: str = "", status: int = 200
    ) -> None:
        forms = tuple(
            form if form is not None and offer.get("action") == form.action else blank_form(offer, case)
            for offer in as_rows(case.get("actions"))
        )
        application = case.get("application")
        page = CasePage(case, application if isinstance(application, dict) else {}, forms, notice, error)
        self.show("case.html", page, status)

    def defect(self, error: TongbanError, name: str) -> str:
        """What is wrong with a field, in words; empty when nothing is."""
        code = error.fields.get(name)
        if not code:
            return ""
        zh, en = FIELD_ERRORS.get(code, (code, code))
        return zh if self.language == "zh" else en


class ActionPageHandler(CasePageHandler):
    """The form of an action, sent."""

    async def on_get(self, no: str, action: str = "") -> None:
        self.see_other("/cases/" + urllib.parse.quote(no, safe=""))

    async def on_post(self, no: str, action: str) -> None:
        case = await self.call(self.center.case, no, self.person)
        offer = next((row for row in as_rows(case.get("actions")) if row.get("action") == action), None)
        specs = as_rows((offer or {}).get("fields"))
        try:
            done = await self.call(
                self.center.act,
                no,
                action,
                read_fields(specs, self.fields),
                self.person,
                expected_version=seen_version(self.fields),
                idempotency_key=form_key(self.fields),
            )
        except TongbanError as error:
            if error.status >= 500:
                raise
            self.show_refused(case, offer, error)
            return
        mark = "asked" if done.status == 202 else "done"
        self.see_other(f"/cases/{urllib.parse.quote(no, safe='')}?{mark}={urllib.parse.quote(action, safe='')}")

    def show_refused(self, case: Document, offer: Document | None, error: TongbanError) -> None:
        sentence = error.sentence(self.language)
        if offer is None:
            self.show_case(case, error=sentence, status=error.status)
            return
        fields = tuple(
            form_field(spec, case, self.fields.get(str(spec.get("name")), ""), self.defect(error, str(spec.get("name"))))
            for spec in as_rows(offer.get("fields"))
        )
        self.show_case(case, form=action_form(offer, fields, error=sentence), status=error.status)


class MaterialPageHandler(CasePageHandler):
    """The file of a material, sent by a form. Held in memory (HTML forms cannot be resumed), so few at a time."""

    body_limit = FORM_LIMIT
    counted = False

    def prepare(self) -> Any:
        if self.request.method == "POST" and self.application.page_uploads < PAGE_UPLOADS and self.read_session() is not None:
            self.body_limit, self.counted = FILE_LIMIT + FORM_LIMIT, True
            self.application.page_uploads += 1
        return super().prepare()

    def on_finish(self) -> None:
        self._leave()

    def on_connection_close(self) -> None:
        self._leave()

    def _leave(self) -> None:
        if self.counted:
            self.counted = False
            self.application.page_uploads -= 1

    async def on_get(self, no: str, material: str = "") -> None:
        self.see_other("/cases/" + urllib.parse.quote(no, safe=""))

    async def on_post(self, no: str, material: str) -> None:
        self._buffer.clear()
        try:
            asked = await self.store(no, material)
        except TongbanError as error:
            if error.status >= 500:
                raise
            case = await self.call(self.center.case, no, self.person)
            reasons = [self.defect(error, name) for name in error.fields]
            sentence = "; ".join([error.sentence(self.language), *filter(None, reasons)])
            self.show_case(case, error=sentence, status=error.status)
            return
        self.see_other(f"/cases/{urllib.parse.quote(no, safe='')}?{'asked' if asked else 'done'}=supply_material")

    async def store(self, no: str, material: str) -> bool:
        """Hands the file over in pieces; True when it became a request. Errors: those of the center, `invalid_input`."""
        found = self.files.get("file")
        if not found or not found[0].body:
            raise TongbanError("invalid_input", {"content": "empty"})
        data, name, kind = found[0].body, plain_name(found[0].filename) or material, found[0].content_type[:100]
        done: Document = {}
        for offset in range(0, len(data), PIECE):
            piece = data[offset : offset + PIECE]
            done = await self.call(self.center.put_material, no, material, self.person, offset, piece, len(data), name, kind)
        return "request" in done


def blank_form(offer: Document, case: Document) -> ActionForm:
    return action_form(offer, tuple(form_field(spec, case, default_value(spec)) for spec in as_rows(offer.get("fields"))))


def action_form(offer: Document, fields: tuple[FormField, ...], error: str = "") -> ActionForm:
    return ActionForm(
        action=str(offer.get("action")),
        is_request=offer.get("as") == "request",
        forward=bool(offer.get("forward")),
        fields=fields,
        form_id=secrets.token_hex(12),
        error=error,
        opened=bool(error),
    )


def default_value(spec: Mapping[str, Any]) -> str:
    """Dates, numbers and standard citations start with the example, which is a proposal; other words are the person's."""
    proposed = spec.get("type") in ("date", "int") or spec.get("name") in PROPOSED
    return str(spec.get("example") or "") if proposed else ""


def form_field(spec: Mapping[str, Any], case: Document, value: str, error: str = "") -> FormField:
    choices = spec.get("choices") or ()
    example = spec.get("example")
    return FormField(
        name=str(spec.get("name")),
        type=str(spec.get("type") or "text"),
        required=bool(spec.get("required")),
        choices=tuple(str(choice) for choice in choices),
        value=value,
        example="" if example is None or isinstance(example, (bool, list, dict)) else str(example),
        error=error,
        options=material_options(case) if spec.get("name") == "materials" else (),
    )


def material_options(case: Document) -> tuple[tuple[str, str], ...]:
    """The case's materials as boxes to tick: number and name."""
    return tuple(
        (str(row.get("material")), str(row.get("name") or row.get("material"))) for row in as_rows(case.get("materials"))
    )


def read_fields(specs: list[dict[str, Any]], given: Mapping[str, str]) -> Document:
    """The typed values of a form. Errors: `invalid_input` naming each field that is missing or not of its type."""
    values: Document = {}
    wrong: dict[str, str] = {}
    for spec in specs:
        name, kind, text = str(spec.get("name")), spec.get("type"), given.get(str(spec.get("name")), "").strip()
        if kind == "bool":
            values[name] = text in ("1", "on", "true")
        elif not text:
            if spec.get("required"):
                wrong[name] = "missing"
        elif code := type_defect(kind, text):
            wrong[name] = code
        else:
            values[name] = int(text) if kind == "int" else text
    if wrong:
        raise TongbanError("invalid_input", wrong)
    return values


def type_defect(kind: object, text: str) -> str:
    if kind == "int" and not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < 12):
        return "wrong_type"
    if kind == "date":
        try:
            dt.date.fromisoformat(text)
        except ValueError:
            return "invalid"
    return ""


def seen_version(given: Mapping[str, str]) -> int | None:
    text = given.get("expected_version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def form_key(given: Mapping[str, str]) -> str | None:
    key = given.get("form_id", "")
    return f"form-{key}" if key.isascii() and key.isalnum() and len(key) <= 64 else None
