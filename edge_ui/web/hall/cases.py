"""One case: papers beside the forms of what may be done now, files to look at, files to add."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Mapping, Sequence

from tornado.httputil import HTTPFile

from edge_ui.settings import FILE_LIMIT, FORM_LIMIT, PIECE
from edge_ui.shared.file_names import plain_name
from edge_ui.shared.words import is_iso
from edge_ui.web.base import PageHandler, line_of
from edge_ui.web.download import SentFile, send_file
from edge_ui.web.hall.correction import correction_part, in_correction
from edge_ui.web.hall.forms import action_form, form_field, form_key, forms_of, keys_of, read_fields, seen_version
from edge_ui.web.hall.pages import ActionForm, CasePage, Row
from edge_ui.web.hall.papers import ACCEPT, RECORD, acceptance_that_waits, recording_form, ticked_papers, wanting_of
from edge_ui.web.hall.story import Told, Turn, story, turn_of
from node.domain.cases import access
from node.domain.cases.access import Function
from node.domain.cases.acts import ISSUES
from node.domain.cases.documents import CaseDocument, CaseOnDesk, FieldOffered, Offered, TimelineRow, WasLate
from node.domain.cases.lifecycle import BUILT
from node.domain.cases.mandate import SCOPES, SIGNED
from node.domain.cases.sent_back import TURNED_DOWN, said_back, words_of
from node.domain.cases.telling import group_of_field
from node.domain.filing.filetypes import HEAD, refuse_unseen
from node.domain.filing.ids import KINDS
from node.domain.words.errors import FIELD_ERRORS, TongbanError
from node.domain.words.punctuation import joined

MINUTE = 60_000  # ms
NAMED = frozenset({"sex", "id_type", "channel"})  # facts of an application that are codes
SHOWN_FIRST = ("name", "id_type", "id_number", "phone", "address")


class CaseHandler(PageHandler):
    """One case."""

    function = Function.READ_CASE

    async def on_get(self, no: str) -> None:
        case = await self.call(self.center.cases.case, no, self.person)
        notice = ""
        for mark in ("done", "asked"):
            if re.fullmatch("[a-z_]+", action := self.argument(mark, 64)):
                key = f"case.{mark}.offline" if mark == "asked" and self.is_offline() else f"case.{mark}"
                notice = self.say(key, action=self.name_of(action, "action"))
        await self.show_case(case, notice=notice)

    def is_offline(self) -> bool:
        """Whether what is asked for now waits for the line."""
        line = line_of(self.pulse)
        return line is not None and line.state != "online"

    async def show_case(
        self,
        case: CaseDocument,
        *,
        notice: str = "",
        form: ActionForm | None = None,
        error: str = "",
        status: int = 200,
        row_errors: Mapping[str, str] | None = None,
    ) -> None:
        application = case.get("application") if isinstance(case.get("application"), dict) else {}
        forms = self.forms(case, form)
        page = CasePage(
            case=case,
            facts=self.facts(application or {}),
            form=self.answers(application or {}),
            forms=forms,
            keys=keys_of(forms),
            recording=recording_form(case),
            said_back=self.said_back(case),
            wanting=wanting_of(case),
            correction=correction_part(case, form, self.fields, row_errors or {}, self.is_offline()),
            papers=await self.papers(str(case["case_no"])),
            kinds=await self.call(self.center.materials.kinds, str(case["case_no"]), self.person),
            split=self.split(case["time_split"], case["time_split_days"]),
            others=await self.others(case, application or {}),
            story=tuple(story(case["timeline"])),
            turn=turn_of(case),
            notice=notice,
            error=error,
        )
        self.show("hall/case.html", page, status)

    def said_back(self, case: CaseDocument) -> str:
        """Why the case lies here again, or why it came to nothing."""
        row = said_back(case["status"], case["timeline"])
        if row is None:
            return ""
        turned_down = case["status"] in TURNED_DOWN
        what = self.name_of(case["status"], "status") if turned_down else self.say("agent.home.handed_back")
        return self.say("hall.said_back", what=what, why=words_of(row, self.language) or self.say("none"))

    def forms(self, case: CaseDocument, form: ActionForm | None) -> tuple[ActionForm, ...]:
        """The acts that stand beside the papers; corrections and originals have a place of their own."""
        waits = acceptance_that_waits(case)
        found = [one for one in forms_of(case, form) if not in_correction(case, one.action) and one.action != RECORD]
        return (waits, *found) if waits is not None else tuple(found)

    async def papers(self, no: str) -> tuple[Row, ...]:
        """What can be printed, with its address; what there is none of stays away, the forms say what may be done."""
        listed = await self.call(self.center.papers.listing, no, self.person)
        address = f"/cases/{urllib.parse.quote(no, safe='')}/papers/"
        return tuple({**row, "url": address + row["paper"]} for row in listed if row["state"] != "none")

    def facts(self, application: Row) -> tuple[tuple[str, str], ...]:
        """Who applies, in the order a clerk asks, and how the application came."""
        person = application.get("applicant") or {}
        order = [*SHOWN_FIRST, *(name for name in person if name not in SHOWN_FIRST)]
        found = [(name, person[name]) for name in order if person.get(name) not in (None, "")]
        found += [(name, application[name]) for name in ("channel", "application_no", "submitted_at") if application.get(name)]
        rows = tuple((self.name_of(name, "field"), self.value(name, value)) for name, value in found)
        return rows + self.mandate(application)

    def value(self, name: str, value: object) -> str:
        if name == "id_type":
            return self.say(f"hall.id_type.{value}") if value in KINDS else str(value)
        return self.name_of(value, name) if name in NAMED else self.when(value) if is_iso(value) else str(value)

    def answers(self, application: Row) -> tuple[tuple[str, str], ...]:
        """What was filled in, field by field."""
        rows = application.get("form") or {}
        return tuple(
            (self.name_of(name, "field"), str(value)) for name, value in rows.items() if not isinstance(value, (dict, list))
        )

    def mandate(self, application: Row) -> tuple[tuple[str, str], ...]:
        """What the applicant lets the agent do, until when, and how that was signed."""
        given = application.get("mandate")
        if not isinstance(given, dict):
            return ()
        scope = "、".join(self.say(f"agent.scope.{one}") for one in given.get("scope") or () if one in SCOPES)
        signed = self.say(f"agent.signed.{given['signed']}") if given.get("signed") in SIGNED else ""
        rows = (
            ("agent.field.mandate_scope", scope),
            ("agent.field.mandate_until", self.when(given.get("until"))),
            ("agent.field.mandate_signed", signed),
            ("hall.mandate_witness", str(given.get("witness") or "")),
        )
        return tuple((self.say(key), text) for key, text in rows if text)

    def split(self, spent: Row, days: Row) -> tuple[tuple[str, str], ...]:
        """Whose time it was, the longest first: in working days, the hours in brackets."""
        order = sorted(spent.items(), key=lambda pair: -int(pair[1]))
        return tuple((self.name_of(who, "time"), self.spent(days.get(who, 0), int(ms))) for who, ms in order if ms >= MINUTE)

    def spent(self, days: int, ms: int) -> str:
        return self.say("hall.spent", n=days, time=self.lasting(ms)) if days else self.lasting(ms)

    def lasting(self, ms: int) -> str:
        days, rest = divmod(ms // MINUTE, 24 * 60)
        hours, minutes = divmod(rest, 60)
        key = "days" if days else "hours" if hours else "minutes"
        return self.say(f"hall.lasting.{key}", days=days, hours=hours, minutes=minutes)

    def item_field(self, field: str) -> str:
        """What a field of an item is called."""
        key = f"city.f.{field}"
        return self.say(key) if self.application.words.has(self.language, key) else field.rpartition(".")[2]

    def late_text(self, one: WasLate, category: str) -> str:
        """Lateness that was: when, by how much, and who had the case."""
        key = f"hall.late.{one['ended_by']}" if one["ended_by"] in ("extended", "suspended", "custody_taken") else "hall.late"
        return self.say(
            key, n=one["over_days"], unit=one["holder_name"], due=one["due"], act=self.outcome(one["ended_by"], category, "kind"),
            clock=self.name_of(one["clock"], "clock"),
        )  # fmt: skip

    def due_sentence(self, one: Row) -> str:
        """Why a deadline is that day, in one sentence: since when it counts, how many days, on which basis."""
        if said := one["sentence" if self.language == "zh" else "sentence_en"]:
            return str(said)
        unit = self.say(f"hall.unit.{one['unit']}", n=one["limit"])
        basis = self.say(f"hall.basis.{one['basis']}")
        key = f"hall.due.{one['clock']}" + (".same_day" if one["limit"] == 0 and one["clock"] == "P" else "")
        text = self.say(key, since=one.get("since") or "", due=one["due"], span=unit, basis=basis)
        return text + (self.say("hall.due.provisional") if one.get("provisional") else "")

    def who(self, row: TimelineRow) -> str:
        """Who did an act: by name where they work, elsewhere nobody knows more than that it was done."""
        if row.get("staff") == "system":
            return self.say("hall.by_system")
        return str(row.get("staff_name") or "")

    def owner_text(self, case: CaseDocument) -> str:
        """Whose case it is, where somebody works on it here: a name, or that it is nobody's yet."""
        owner, step = case.get("owner"), case.get("step")
        if owner is not None:
            return self.say("hall.owner", name=owner["name"]) if owner.get("name") else ""
        return self.say("hall.owner.none") if step is not None and self.center.place.tier != "village" else ""

    def choice_name(self, action: str, field: str, choice: str) -> str:
        """What people read for a choice of an action's field."""
        return self.name_of(choice, group_of_field(action, field))

    def told(self, event: Told) -> list[tuple[str, str]]:
        """The facts of an act, each with its name, in the language of the page."""
        rows = [one for one in event.told if not (event.row["action"] == "step_completed" and one["name"] == "step")]
        return [(one["label"], one["value"]) if self.language == "zh" else (one["label_en"], one["value_en"]) for one in rows]

    def event_name(self, event: Told, category: str) -> str:
        """What an event is called; a step by its own name."""
        step = next((one["value"] for one in event.told if one["name"] == "step"), "")
        if event.row["action"] == "step_completed" and step:
            return self.say("hall.step_done", step=step)
        return self.outcome(event.row["action"], category, "kind")

    def turn_text(self, turn: Turn) -> str:
        """Whose turn it is, by name: the unit, the post, the person."""
        if turn.stage["why"] == "applicant":
            return self.say("hall.turn_applicant")
        post = self.name_of(turn.post, "role") if turn.post else ""
        return " · ".join(part for part in (turn.unit, post, turn.person) if part)

    def turn_what(self, turn: Turn) -> str:
        """What the case waits for there."""
        stage = turn.stage
        tier = self.name_of(stage.get("at_tier") or stage["tier"], "tier")
        return self.say(f"track.why.{stage['why']}", tier=tier, since=stage["since"], until=stage["until"] or "")

    def given_text(self, row: TimelineRow) -> str:
        """From whom to whom a case was given; "" where the people are not known."""
        given = row["given"]
        if given is None or not given["to_name"]:
            return ""
        key = "hall.given.from" if given["from_name"] else "hall.given"
        return self.say(key, before=given["from_name"] or "", after=given["to_name"])

    async def others(self, case: CaseDocument, application: Row) -> tuple[CaseOnDesk, ...]:
        """Other cases of the same person for the same item: a hint of a second filing."""
        number = str((application.get("applicant") or {}).get("id_number") or "")
        if not number:
            return ()
        found = await self.call(self.center.work.search, self.person, number)
        same = (row for row in found["rows"] if row["item_id"] == case["item_id"] and row["case_no"] != case["case_no"])
        return tuple(same)[:5]

    def defect(self, error: TongbanError, name: str) -> str:
        """What is wrong with a field, in words; empty when nothing is."""
        code = error.fields.get(name)
        if not code:
            return ""
        zh, en = FIELD_ERRORS.get(code, (code, code))
        return zh if self.language == "zh" else en


# The applicant waits at the counter for the paper of these: it is shown at once, to be printed.
WITH_PAPER: Mapping[str, str] = {
    **{row.action: ISSUES[row.kind] for row in BUILT if row.kind in ISSUES}, "offer_statement": "statement",
}  # fmt: skip


class ActionHandler(CaseHandler):
    """The form of an action, sent."""

    def check_role(self, **path: str) -> None:
        super().check_role(**path)
        if self.request.method == "POST":
            access.require_act(path["action"], self.center.place.tier, self.person.role)

    async def on_get(self, no: str, action: str = "") -> None:
        self.see_other("/cases/" + urllib.parse.quote(no, safe=""))

    async def on_post(self, no: str, action: str) -> None:
        case = await self.call(self.center.cases.case, no, self.person)
        offer = offer_of(case, action)
        version = seen_version(self.fields)
        try:
            if action == ACCEPT and ticked_papers(self.fields):
                case, version = await self.record_first(no, version)
                offer = offer_of(case, action)
            done = await self.call(
                self.center.cases.act,
                no,
                action,
                self.typed_fields(action, offer["fields"] if offer is not None else []),
                self.person,
                expected_version=version,
                idempotency_key=form_key(self.fields),
            )
        except TongbanError as error:
            if error.status >= 500:
                raise
            await self.show_refused(case, offer, error)
            return
        if done.status == 200 and action in WITH_PAPER:
            self.see_other(f"/cases/{urllib.parse.quote(no, safe='')}/papers/{WITH_PAPER[action]}")
            return
        mark = "asked" if done.status == 202 else "done"
        self.see_other(f"/cases/{urllib.parse.quote(no, safe='')}?{mark}={urllib.parse.quote(action, safe='')}")

    def typed_fields(self, action: str, specs: Sequence[FieldOffered]) -> dict[str, str | int | bool]:
        """What was typed; of originals the ticked boxes with their counts."""
        given = {**self.fields, "papers": ticked_papers(self.fields)} if action == RECORD else self.fields
        return read_fields(specs, given)

    async def record_first(self, no: str, version: int | None) -> tuple[CaseDocument, int | None]:
        """Records the originals that were ticked beside the acceptance; the case after it, and its version where one was seen."""
        key = form_key(self.fields)
        await self.call(
            self.center.cases.act, no, RECORD, {"papers": ticked_papers(self.fields)}, self.person,
            expected_version=version, idempotency_key=f"{key}-papers" if key else None,
        )  # fmt: skip
        case = await self.call(self.center.cases.case, no, self.person)
        return case, case["version"] if version is not None else None

    async def show_refused(self, case: CaseDocument, offer: Offered | None, error: TongbanError) -> None:
        sentence = error.sentence(self.language)
        if offer is None or offer["action"] == RECORD:
            said = "；".join([sentence, *filter(None, (self.defect(error, name) for name in error.fields))])
            await self.show_case(case, error=said, status=error.status)
            return
        fields = tuple(
            form_field(spec, case, self.fields.get(spec["name"], ""), self.defect(error, spec["name"]))
            for spec in offer["fields"]
        )
        await self.show_case(case, form=action_form(offer, fields, error=sentence), status=error.status)


def offer_of(case: CaseDocument, action: str) -> Offered | None:
    return next((row for row in case["actions"] if row["action"] == action), None)


class FileHandler(CaseHandler):
    """The file of a material, to be looked at; another version by its number (`?n=`)."""

    async def on_get(self, no: str, material: str = "") -> None:
        text = self.argument("n", 5)
        version = int(text) if text.isascii() and text.isdigit() else None
        mark = f"-{version}" if version else ""

        def read(offset: int) -> tuple[bytes, SentFile]:
            data, row = self.center.materials.read(no, material, offset, PIECE, self.person, version)
            return data, {
                "size": row["size"],
                "mime": row["mime"],
                "picture": row["picture"],
                "file_name": f"{no}-{material}{mark}{row['suffix']}",
            }

        await send_file(self, read, material)


class MaterialHandler(CaseHandler):
    """The file of a material, sent by a form. Held in memory (HTML forms cannot be resumed), so few at a time (`bodies.py`)."""

    body_limit = FILE_LIMIT + FORM_LIMIT
    writes = Function.SUPPLY

    async def on_get(self, no: str, material: str = "") -> None:
        self.see_other("/cases/" + urllib.parse.quote(no, safe=""))

    async def on_post(self, no: str, material: str) -> None:
        try:
            asked = await self.store(no, material)
        except TongbanError as error:
            if error.status >= 500:
                raise
            case = await self.call(self.center.cases.case, no, self.person)
            reasons = [self.defect(error, name) for name in error.fields]
            sentence = joined([error.sentence(self.language), *reasons], self.language)
            await self.show_case(case, error=sentence, status=error.status)
            return
        self.see_other(f"/cases/{urllib.parse.quote(no, safe='')}?{'asked' if asked else 'done'}=supply_material")

    async def store(self, no: str, material: str) -> bool:
        """Hands the file over in pieces; True when it became a request. Errors: those of the center, `invalid_input`."""
        found = self.files.get("file")
        if not found or not found[0].body:
            raise TongbanError("invalid_input", {"content": "empty"})
        return await self.keep_file(no, material, found[0])

    async def keep_file(self, no: str, material: str, file: HTTPFile) -> bool:
        data, name, kind = file.body, plain_name(file.filename) or material, file.content_type[:100]
        asked = False
        refuse_unseen(data[:HEAD])
        for offset in range(0, len(data), PIECE):
            piece = data[offset : offset + PIECE]
            done = await self.call(self.center.materials.put, no, material, self.person, offset, piece, len(data), name, kind)
            asked = "request" in done
        return asked
