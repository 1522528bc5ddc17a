"""申诉 as pages: one card with the form of its appeal, the appeals that this unit filed or has to decide, and one with its acts."""

from __future__ import annotations

import secrets
import urllib.parse
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from edge_ui.papers.attached import FILES_LIMIT, file_number, send_attached
from edge_ui.shared.form_key import form_key
from edge_ui.web.oversight.base import SupervisionHandler
from edge_ui.web.oversight.orders import OrdersBase
from edge_ui.web.oversight.pages import AppealPage, AppealsPage, CardPage
from node.domain.cases import access
from node.domain.cases.access import Function
from node.domain.notes import RECEIVED
from node.domain.supervision.appeal_documents import FIELDS, AppealAct, AppealDocument, AppealListed, OpenCard, function_of
from node.domain.supervision.appeals import ACTIONS, GROUNDS, OUTCOMES
from node.domain.supervision.card_documents import CardDocument, PostTold
from node.domain.words.errors import TongbanError

BOXES = ("open", "received", "sent", "below")
ASKED = ("box", "state", "case_no", "cursor")


class CardBase(SupervisionHandler, OrdersBase):
    """Words of cards."""

    function = Function.OVERSIGHT

    def rule_text(self, row: CardDocument | AppealListed | OpenCard) -> str:
        return f"{row['rule']} {row['zh'] if self.language == 'zh' else row['en']}"

    def card_state(self, row: CardDocument) -> str:
        """What became of a signal; of one that waits whether it is because somebody was not heard."""
        state = row["state"] if row["state"] != "waiting" or row["known"] else "unknown"
        return self.say(f"oversight.signal.{state}")

    def rung_of(self, rung: str) -> str:
        return self.say(f"oversight.rung.{rung}") if rung else ""


class CardHandler(CardBase):
    """One card, why it is whose, and its appeal."""

    writes = Function.APPEAL_CARDS
    body_limit = FILES_LIMIT

    async def on_get(self, id: str) -> None:
        await self.show_card(id)

    async def on_post(self, id: str) -> None:
        given: dict[str, object] = {name: self.fields.get(name, "") for name in ("ground", "text")}
        if files := self.sent_files():
            given["evidence"] = files
        try:
            made = await self.call(self.center.appeals.file, id, given, self.person, idempotency_key=form_key(self.fields))
        except TongbanError as error:
            if error.code not in ("invalid_input", "guard_failed"):
                raise
            errors = self.said(error)
            await self.show_card(id, errors, "" if errors else error.sentence(self.language), error.status)
            return
        self.see_other(f"/appeals/{made['appeal_id']}")

    async def show_card(self, id: str, errors: Mapping[str, str] | None = None, error: str = "", status: int = 200) -> None:
        card = await self.call(self.center.cards.one, id, self.person)
        due = ""
        if self.may(Function.APPEAL_CARDS):
            open_ = await self.call(self.center.appeals.open_cards, self.person, "", card["signal_id"])
            due = next((one["due"] for one in open_["cards"]), "")
        nodes, items = await self.names()
        typed = self.fields if errors or error else {}
        sentence = await self._sentence(card)
        page = CardPage(card, sentence, {**items, **nodes}, due, GROUNDS, typed, errors or {}, error, secrets.token_hex(12))
        self.show("oversight/card.html", page, status)

    async def _sentence(self, card: CardDocument) -> str:
        """How the due day of the card came about, where that limit still runs."""
        if not card["case_no"] or not card["clock"]:
            return ""
        told = await self.call(self.center.oversight.case, card["case_no"], self.person)
        one = next((one for one in told["deadlines"] if (one["clock"], one["due"]) == (card["clock"], card["due"])), None)
        return one["sentence" if self.language == "zh" else "sentence_en"] if one is not None else ""

    def told_text(self, posts: Sequence[PostTold]) -> str:
        """The posts that the card is told to."""
        return self.say("card.told_comma").join(map(self._post_text, posts))

    def _post_text(self, one: PostTold) -> str:
        """A post with who holds it, as far as that is known here."""
        post = self.say(f"watch.post.{one['post']}")
        names = self.say("card.told_and").join(one["names"])
        next_post = self.say(f"watch.post.{one['falls_to']}") if one["falls_to"] else ""
        key = "nobody_next" if next_post else one["state"]
        return self.say(f"card.told.{key}", post=post, names=names, next=next_post)

    def order_url(self, card: CardDocument) -> str:
        """A new order about the card, as far as the card says what stands in it."""
        asked = {
            "case_no": card["case_no"], "to": card["unit"] or "", "signal_id": card["signal_id"],
            "basis": self.rule_text(card) + (f"（{card['law']}）" if card["law"] else ""),
        }  # fmt: skip
        return "/orders/new?" + urllib.parse.urlencode({name: text for name, text in asked.items() if text})


class CardProofHandler(CardBase):
    """Signed entries and published documents from which anybody computes the card again."""

    async def on_get(self, id: str) -> None:
        found = await self.call(self.center.proving.proof, id, self.person)
        send_attached(self, f"card-{id[:16]}.json", found)


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
