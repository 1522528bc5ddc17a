"""申诉 as pages: the appeals that this unit filed or has to decide, and one with its acts."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from urllib.parse import quote

from edge_ui.papers.attached import file_number, send_attached
from edge_ui.shared.form_key import form_key
from edge_ui.web.oversight.card import CardBase
from edge_ui.web.oversight.pages import AppealPage, AppealsPage
from node.domain.cases import access
from node.domain.cases.access import Function
from node.domain.notes import RECEIVED
from node.domain.supervision.appeal_documents import FIELDS, AppealAct, AppealDocument, AppealListed, function_of
from node.domain.supervision.appeals import ACTIONS, OUTCOMES
from node.domain.words.errors import TongbanError

BOXES = ("open", "received", "sent", "below")
ASKED = ("box", "state", "case_no", "cursor")


class AppealsHandler(CardBase):
    """The list."""

    async def on_get(self) -> None:
        given = {name: text for name in ASKED if (text := self.argument(name, 128))}
        found = await self.call(self.center.appeals.open_cards, self.person)
        box = given.pop("box", "") or ("open" if found["total"] and self.may(Function.APPEAL_CARDS) else "received")
        asked, error = {**given, "box": box if box != "open" else "sent"}, ""
        try:
            if box == "open" and (cursor := asked.pop("cursor", "")):
                found = await self.call(self.center.appeals.open_cards, self.person, cursor)
            answer = await self.call(self.center.appeals.listed, asked, self.person)
        except TongbanError as refusal:
            error, box = self.wrongly_asked(refusal), "received"
            answer = await self.call(self.center.appeals.listed, {"box": box}, self.person)
        kept = {"box": box, **{name: text for name, text in given.items() if name != "cursor"}}
        waits = {
            "open": found["total"] if self.may(Function.APPEAL_CARDS) else 0,
            "received": await self.call(self.center.appeals.waiting),
        }
        following = found["next"] if box == "open" else answer["next"]
        page = AppealsPage(
            box, BOXES, waits, found["cards"] if box == "open" else [], answer["appeals"] if box != "open" else [],
            found["total"] if box == "open" else answer["total"], self.url(kept, "/appeals") if "cursor" in given else "",
            self.url({**kept, "cursor": following}, "/appeals") if following else "", answer["known_until"], error,
        )  # fmt: skip
        self.show("oversight/appeals.html", page, 422 if error else 200)


class OneAppeal(CardBase):
    """How one appeal is shown."""

    async def show_appeal(
        self, appeal: AppealDocument, action: str = "", errors: Mapping[str, str] | None = None, error: str = "", status: int = 200
    ) -> None:  # fmt: skip
        typed = self.fields if action else {}
        forms = [(one, FIELDS[one]) for one in appeal["actions"]]
        rules = {"decide", "review"} & set(appeal["actions"])
        units = await self.call(self.center.network.branches, self.person) if rules else []
        page = AppealPage(
            appeal,
            forms,
            OUTCOMES,
            [(one.code, one.name) for one in units],
            action,
            typed,
            errors or {},
            error,
            secrets.token_hex(12),
        )
        self.show("oversight/appeal.html", page, status)

    def act_text(self, one: AppealAct) -> str:
        """What was done, in words; of what lapsed, whose days."""
        if one["kind"] == RECEIVED:
            return self.say("appeals.delivered")
        return self.say(f"appeals.lapsed.{one['lapsed']}") if one["lapsed"] else self.name_of(one["kind"], "kind")

    def outcome_text(self, row: AppealListed | AppealAct) -> str:
        """The outcome in words, with the unit that it names."""
        said = self.say(f"appeals.outcome.{row['outcome']}") if row["outcome"] else ""
        return f"{said}：{row['to_unit']['name']}" if row["to_unit"] else said


class AppealHandler(OneAppeal):
    """One appeal with its acts."""

    async def on_get(self, id: str) -> None:
        await self.show_appeal(await self.call(self.center.appeals.one, id, self.person))


class AppealFileHandler(CardBase):
    """A file of its evidence."""

    async def on_get(self, id: str, n: str) -> None:
        send_attached(self, *await self.call(self.center.appeals.evidence, id, file_number(n), self.person))


class AppealActHandler(OneAppeal):
    """What the form of an act says."""

    writes = Function.OVERSIGHT

    def check_role(self, **path: str) -> None:
        super().check_role(**path)
        if self.request.method == "POST" and path.get("action") in ACTIONS:
            access.require(function_of(path["action"]), self.center.place.tier, self.person.role)

    async def on_get(self, id: str, action: str) -> None:
        self.see_other(f"/appeals/{quote(id, safe='')}")

    async def on_post(self, id: str, action: str) -> None:
        given: dict[str, object] = {name: text for name in FIELDS.get(action, ()) if (text := self.fields.get(name, "").strip())}
        if other := self.fields.get("other", "").strip():
            given["unit"] = other
        if given.get("outcome") != "reassign":
            given.pop("unit", None)
        try:
            await self.call(self.center.appeals.act, id, action, given, self.person, idempotency_key=form_key(self.fields))
        except TongbanError as error:
            if error.code not in ("invalid_input", "guard_failed"):
                raise
            appeal = await self.call(self.center.appeals.one, id, self.person)
            errors = self.said(error)
            await self.show_appeal(appeal, action, errors, "" if errors else error.sentence(self.language), error.status)
            return
        self.see_other(f"/appeals/{quote(id, safe='')}")
