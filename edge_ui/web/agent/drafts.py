"""One draft in the browser: the form that saves itself, lodging, and what the applicant takes along."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import replace

from edge_ui.shared.qr import qr_picture
from edge_ui.shared.words import clock_text
from edge_ui.web.agent.new import FilingHandler
from edge_ui.web.agent.pages import DonePage, DraftMaterial, DraftPage, PersonPage
from edge_ui.web.script import ScriptAnswers
from node.domain import folded
from node.domain.cases.mandate import SCOPES
from node.domain.catalog.item_documents import ItemDocument
from node.domain.filing.documents import ChecklistRow, Defect, DraftDocument, DraftFileRow, DraftSaved, LodgedResult
from node.domain.filing.draft import AGENT_CHANNEL, LIMITS, lacking_of, papers_of
from node.domain.touched import Clash
from node.domain.words.errors import TongbanError

ORDER = (*LIMITS, "materials", "item")


class DraftBase(ScriptAnswers, FilingHandler):
    """Shared by the form, saving, lodging and files."""

    async def draft(self, id: str) -> DraftDocument:
        return await self.call(self.center.drafts.draft, id, self.person)

    async def show_draft(self, id: str, problems: Sequence[tuple[str, str]] = (), notice: str = "", status: int = 200) -> None:
        """The form with what stands in its way: (field, sentence)."""
        draft = await self.draft(id)
        self.show("agent/draft.html", self.page_of(draft, problems, notice), status)

    def page_of(self, draft: DraftDocument, problems: Sequence[tuple[str, str]], notice: str = "") -> DraftPage:
        if draft["item"] is None:
            raise TongbanError("not_found", what=draft["item_id"])
        return draft_page(draft, draft["item"], self.center.place.tier, problems, notice)

    async def show_clashes(self, id: str, clashes: tuple[Clash, ...]) -> None:
        """What a colleague changed meanwhile: both versions to choose from; what was typed here stands in the form."""
        draft = await self.draft(id)
        draft["fields"] = draft["fields"] | {clash.name: clash.mine for clash in clashes}
        self.show("agent/draft.html", replace(self.page_of(draft, []), clashes=clashes), 409)

    def clash_text(self, name: str, text: str) -> str:
        """A version in words: choices have names."""
        kinds = {
            "id_type": "agent.id.",
            "contact": "agent.contact.",
            "channel": "agent.channel.",
            "mandate_signed": "agent.signed.",
        }
        if name == "mandate_scope":
            return "、".join(self.say("agent.scope." + one) for one in text.split(",") if one in SCOPES)
        if name in ("papers", "lacking"):
            return "、".join(self.say("agent.held.nth", n=int(one) + 1) for one in held_places(name, text))
        return self.say(kinds[name] + text) if name in kinds and text else text

    def in_words(self, defects: list[Defect]) -> list[tuple[str, str]]:
        return [(one["place"], one["message"] if self.language == "zh" else one["message_en"]) for one in defects]


def fields_of(problems: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What is wrong with each field; one field's defects are joined."""
    errors: dict[str, str] = {}
    for place, sentence in problems:
        errors[place] = f"{errors[place]}; {sentence}" if place in errors else sentence
    return errors


def draft_page(
    draft: DraftDocument, item: ItemDocument, tier: str, problems: Sequence[tuple[str, str]], notice: str = ""
) -> DraftPage:
    """The page of a draft; all defects stand on top in the order of the form."""
    errors = fields_of(problems)
    files = {one["id"]: one for one in draft["files"]}
    papers, lacking = papers_of(draft["fields"]), lacking_of(draft["fields"])
    materials = tuple(
        _material(row, [files[id] for id in row["files"] if id in files], papers.get(str(n)), str(n) in lacking)
        for n, row in enumerate(draft["checklist"])
    )
    sorted_ = {one["id"] for row in materials for one in row["files"]}
    loose = tuple(one for one in draft["files"] if one["id"] not in sorted_)
    ordered = tuple(sorted(errors.items(), key=lambda pair: ORDER.index(pair[0]) if pair[0] in ORDER else len(ORDER)))
    return DraftPage(draft, item, loose, materials, channels_of(item, tier), tier, errors, ordered, notice)


def _material(row: ChecklistRow, files: list[DraftFileRow], paper: int | None, lacking: bool) -> DraftMaterial:
    return {
        "name": row["name"], "form": row["form"], "copies": row["copies"], "required": row["required"], "files": files, "paper": paper,
        "lacking": lacking,
    }  # fmt: skip


def with_papers(given: Mapping[str, str]) -> dict[str, str]:
    """The boxes of the checklist as the draft keeps them: what is ticked as paper with its count (`0:2`), what is ticked as missing."""
    fields = dict(given)
    for name in ("papers", "lacking"):
        if name in fields:
            ticked = [one for one in dict.fromkeys(fields[name].split(",")) if one.isascii() and one.isdigit() and len(one) < 4]
            fields[name] = ",".join(f"{one}:{_count(given, one)}" if name == "papers" else one for one in ticked)
    return fields


def _count(given: Mapping[str, str], place: str) -> int:
    text = str(folded.typed(given.get(f"count-{place}", "")))
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 3 and int(text) else 1


def held_places(name: str, text: str) -> list[str]:
    """The places in the checklist that a field of the draft names, in their order."""
    fields = {name: text}
    return sorted(papers_of(fields) if name == "papers" else lacking_of(fields), key=int)


def channels_of(item: ItemDocument, tier: str) -> tuple[str, ...]:
    """How the application came: by an agent only at a village, and only where the item allows it."""
    if tier != "village":
        return ("window", "online")
    return (AGENT_CHANNEL, "window") if item["agent_allowed"] else ("window",)


class DraftHandler(DraftBase):
    """The form. GET finishes a lodging that was cut off; POST saves, from a script or by the button."""

    async def on_get(self, id: str) -> None:
        draft = await self.draft(id)
        if draft["state"] in ("lodging", "lodged"):
            self.see_other(f"/drafts/{id}/done")
        elif draft["state"] == "discarded":
            raise TongbanError("not_found", what=self.say("agent.draft.what"))
        else:
            await self.show_draft(id, notice=self.say("agent.draft.saved_now") if self.argument("saved") else "")

    async def on_post(self, id: str) -> None:
        saved = await self.call(self.center.drafts.save, id, with_papers(self.fields), self.person)
        if self.from_script:
            wrong = fields_of(self.in_words(await self.call(self.center.drafts.defects, id, self.person)))
            told = {"saved": self.saved_text(saved), "seen": saved["seen"], "clashes": len(saved["clashes"])}
            self.send_json({**told, "wrong": wrong})
        elif saved["clashes"]:
            await self.show_clashes(id, saved["clashes"])
        else:
            self.see_other(f"/drafts/{id}?saved=1#saved")

    def saved_text(self, saved: DraftSaved) -> str:
        """What the script tells beside the buttons."""
        if not saved["clashes"]:
            return self.say("agent.draft.saved_at", time=clock_text(saved["saved_at"]))
        names = [self.say("agent.field." + clash.name) for clash in saved["clashes"]]
        return self.say("agent.draft.clash_script", fields="、".join(names))


class LodgeHandler(DraftBase):
    """Saves the form, checks everything at once, and lodges. Reloading the page of defects leads back to the form."""

    async def on_get(self, id: str) -> None:
        self.see_other(f"/drafts/{id}")

    async def on_post(self, id: str) -> None:
        if (await self.draft(id))["state"] == "open":
            saved = await self.call(self.center.drafts.save, id, with_papers(self.fields), self.person)
            if saved["clashes"]:
                await self.show_clashes(id, saved["clashes"])
                return
            answer = await self.call(self.center.drafts.lodge, id, self.person)
            if "defects" in answer:
                await self.show_draft(id, self.in_words(answer["defects"]), status=422)
                return
        self.see_other(f"/drafts/{id}/done")


class PersonHandler(DraftBase):
    """What is known of the person whose number is typed: a part of the page for a script; the button without one takes it over."""

    async def on_get(self, id: str) -> None:
        self.see_other(f"/drafts/{id}")

    async def on_post(self, id: str) -> None:
        if self.from_script:
            typed: dict[str, str] = {
                name: self.fields[name][: LIMITS[name]] for name in ("id_number", "id_type") if name in self.fields
            }
            found = await self.call(self.center.drafts.person, id, typed, self.person)
            self.show("agent/person.html", PersonPage(id, found))
            return
        saved = await self.call(self.center.drafts.save, id, self.fields, self.person)
        if saved["clashes"]:
            await self.show_clashes(id, saved["clashes"])
            return
        await self.call(self.center.drafts.take_person, id, self.person)
        self.see_other(f"/drafts/{id}?saved=1#saved")


class DiscardHandler(DraftBase):
    """Throws a draft away; asked first."""

    async def on_post(self, id: str) -> None:
        await self.call(self.center.drafts.discard, id, self.person)
        self.see_other(self.home)


class RestoreHandler(DraftBase):
    """Takes a draft out of the bin."""

    async def on_post(self, id: str) -> None:
        await self.call(self.center.drafts.restore, id, self.person)
        self.see_other(f"/drafts/{id}")


class DoneHandler(DraftBase):
    """Number, query code, QR; finishes what a power cut left open."""

    async def on_get(self, id: str) -> None:
        draft = await self.draft(id)
        if draft["state"] == "open":
            self.see_other(f"/drafts/{id}")
            return
        answer = await self.call(self.center.drafts.lodge, id, self.person)
        result = await self.call(self.center.drafts.result, answer["case_no"], self.person)
        self.show("agent/done.html", DonePage(result, self.qr(result), self.center.place.tier))

    def qr(self, result: LodgedResult) -> str:
        """The status page with the number, as a picture for the phone's camera."""
        query = urllib.parse.urlencode({"no": result["case_no"]})
        return qr_picture(f"{self.application.hosts.origin(self.request)}/status?{query}")
