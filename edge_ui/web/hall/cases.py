"""One case: papers beside the forms of what may be done now."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Mapping, Sequence

from edge_ui.shared.form_key import form_key
from edge_ui.shared.words import is_iso
from edge_ui.web.base import PageHandler, line_of
from edge_ui.web.hall.correction import correction_part, in_correction
from edge_ui.web.hall.forms import action_form, form_field, forms_of, keys_of, read_fields, seen_version
from edge_ui.web.hall.messages import messages_part
from edge_ui.web.hall.pages import ActionForm, CasePage, Row
from edge_ui.web.hall.papers import (
    ACCEPT,
    FILL,
    RECORD,
    REPIN,
    acceptance_that_waits,
    boxes_of,
    chosen_places,
    recording_form,
    ticked_papers,
    wanting_of,
)
from edge_ui.web.hall.story import Told, Turn, story, turn_of
from node.domain.cases import access
from node.domain.cases.access import Function
from node.domain.cases.acts import ISSUES
from node.domain.cases.desk_documents import CaseOnDesk
from node.domain.cases.documents import CaseDocument, FieldOffered, Offered, TimelineRow, ToldFact, WasLate
from node.domain.cases.lifecycle import BUILT
from node.domain.cases.mandate import SCOPES, SIGNED
from node.domain.cases.sent_back import TURNED_DOWN, said_back, words_of
from node.domain.cases.telling import group_of_field
from node.domain.filing.draft import CONTACTS
from node.domain.filing.ids import KINDS
from node.domain.model import LOCAL_OPERATOR, SYSTEM
from node.domain.supervision.order_documents import OrderListed
from node.domain.words.errors import FIELD_ERRORS, TongbanError

MINUTE = 60_000  # ms
NAMED = frozenset({"sex", "id_type", "channel"})  # facts of an application that are codes
ASKED = ("contact", "contact_name")  # that only the form of an agent or a counter asks for
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
        if self.argument("sent", 4):
            notice = self.say("messages.sent")
        if (done := self.argument("notices", 10)) in ("saved", "told"):
            notice = self.say("notices.saved" if done == "saved" else "notices.told_done")
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
        contact_errors: Mapping[str, str] | None = None,
        beside: Mapping[str, str] | None = None,
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
            boxes=boxes_of(case),
            correction=correction_part(case, form, self.fields, row_errors or {}, self.is_offline()),
            papers=await self.papers(str(case["case_no"])),
            kinds=await self.call(self.center.materials.kinds, str(case["case_no"]), self.person),
            split=self.split(case["time_split"], case["time_split_days"]),
            others=await self.others(case, application or {}),
            story=tuple(story(case["timeline"])),
            turn=turn_of(case),
            notices=await self.call(self.center.notices.of_case, str(case["case_no"]), self.person),
            contact_errors=contact_errors or {},
            orders=await self.orders(str(case["case_no"])),
            messages=await messages_part(self, str(case["case_no"]), {}),
            may_supply=self.may(Function.SUPPLY),
            beside=beside or {},
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

    async def orders(self, no: str) -> Sequence[OrderListed]:
        """The orders of supervision about the case, for who may see them."""
        if not self.may(Function.ORDERS):
            return ()
        return (await self.call(self.center.orders.listed, {"case_no": no}, self.person))["orders"]

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
        rows = tuple((self.label(name), self.value(name, value)) for name, value in found)
        return rows + self.mandate(application)

    def label(self, name: str) -> str:
        """What a field of an application is called: as in the form where it was typed, else as the glossary has it."""
        return self.say(f"agent.field.{name}") if name in ASKED else self.name_of(name, "field")

    def value(self, name: str, value: object) -> str:
        if name == "id_type":
            return self.say(f"hall.id_type.{value}") if value in KINDS else str(value)
        if name == "contact" and value in CONTACTS:
            return self.say(f"agent.contact.{value}")
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
        """Lateness that was: when, by how much, and who answers for it."""
        key = f"hall.late.{one['ended_by']}" if one["ended_by"] in ("extended", "suspended", "custody_taken") else "hall.late"
        unit = one["holder_name"] or self.say("hall.late.nobody")
        said = self.say(
            "hall.late.more" if one["before_days"] else key, n=one["over_days"], before=one["before_days"], unit=unit,
            due=one["due"], act=self.outcome(one["ended_by"], category, "kind"), clock=self.name_of(one["clock"], "clock"),
        )  # fmt: skip
        return said + (self.say("hall.late.kept", n=one["kept_days"]) if one["kept_days"] is not None else "")

    def due_sentence(self, one: Row) -> str:
        """Why a deadline is that day, in one sentence: since when it counts, how many days, on which basis."""
        said = self.this_year(str(one["sentence" if self.language == "zh" else "sentence_en"]))
        if said and one["clock"] in ("P", "S"):
            return said
        unit = self.say(f"hall.unit.{one['unit']}", n=one["limit"])
        basis = self.say(f"hall.basis.{one['basis']}")
        key = f"hall.due.{one['clock']}" + (".same_day" if one["limit"] == 0 and one["clock"] == "P" else "")
        text = self.say(key, since=one.get("since") or "", due=one["due"], span=unit, basis=basis)
        return (
            text
            + (self.say("hall.due.provisional") if one.get("provisional") else "")
            + (f" {said}" if said and self.language != "zh" else said)
        )

    def who(self, row: TimelineRow) -> str:
        """Who did an act, by name, at every node of the case; "" where the name is not held: the office stands beside it."""
        if row["staff"] in (SYSTEM.staff_id, LOCAL_OPERATOR):
            return self.say("hall.by_system" if row["staff"] == SYSTEM.staff_id else "hall.by_operator")
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
        return self.in_words(
            [one for one in event.told if not (event.row["action"] == "step_completed" and one["name"] == "step")]
        )

    def in_words(self, rows: Sequence[ToldFact]) -> list[tuple[str, str]]:
        """Facts, each with its name, in the language of the page."""
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
    "accept_with_gap": "gap",
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
        given = {**self.fields, "papers": ticked_papers(self.fields)} if action in (RECORD, FILL) else self.fields
        if action == REPIN and (places := chosen_places(given)):
            given = {**given, "mapping": places}
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
