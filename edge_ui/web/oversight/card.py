"""One card as a page (SCREENS, "One card"): whose it is and why, how its day came about day by day, the days as a bar, what it rests on, what
became of it, who gets it, and the form of its appeal.

The bar is drawn at the server (SVG, no style attribute) and says the same in words below; who is charged is filled, others are framed,
nobody's days are hatched, so that it reads without colours.
"""

from __future__ import annotations

import secrets
import urllib.parse
from collections.abc import Mapping, Sequence

from edge_ui.papers.attached import FILES_LIMIT, send_attached
from edge_ui.shared.form_key import form_key
from edge_ui.web.oversight.base import SupervisionHandler
from edge_ui.web.oversight.orders import OrdersBase
from edge_ui.web.oversight.pages import CardPage, Stretch
from node.domain.cases.access import Function
from node.domain.notes import RECEIVED
from node.domain.supervision.appeal_documents import AppealListed, OpenCard
from node.domain.supervision.appeals import GROUNDS
from node.domain.supervision.card_documents import CardDocument, CardStep, CardTold, PostTold
from node.domain.words.errors import TongbanError

BAR = 380  # width of the bar in its own units; it grows with the page
RECOMPUTED = (
    "T01",
    "T02",
    "T05",
    "T06",
    "T07",
    "T08",
    "T09",
)  # by `scripts/check_card.py`; of others it checks signatures and chains


class CardBase(SupervisionHandler, OrdersBase):
    """Words of cards."""

    function = Function.OVERSIGHT

    def rule_text(self, row: CardDocument | AppealListed | OpenCard) -> str:
        return f"{self.rule_code(row['rule'])} {row['zh'] if self.language == 'zh' else row['en']}".strip()

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
        names, typed = {**items, **nodes}, self.fields if errors or error else {}
        sentence = self.this_year(card["sentence" if self.language == "zh" else "sentence_en"])
        page = CardPage(
            card, self.why(card, names), self.of_this_unit(card, names), bar(card), sentence, names, due, GROUNDS, typed, errors or {}, error,
            secrets.token_hex(12),
        )  # fmt: skip
        self.show("oversight/card.html", page, status)

    def why(self, card: CardTold, names: Mapping[str, str]) -> str:
        """Why it is this unit's, in one sentence: the days and the budgets that decide, or what it rests on where none do."""
        shares, unpaid = card["shares"], dict[str, int]()
        if not shares:
            of = (
                "shown"
                if card["state"] == "shown"
                else "finding"
                if card["subject"]["type"] == "case"
                else card["subject"]["type"]
            )
            return self.say(f"card.why.{of}" if not card["clock"] or of in ("order", "shown") else "card.why.elsewhere")
        if all(one["budget"] is None for one in shares):
            used = next((one["used"] for one in shares if one["charged"]), 0)
            return self.say("card.why.holder", n=used)
        for one in card["stretches"]:
            if one["unit"] is None:
                unpaid[one["kind"]] = unpaid.get(one["kind"], 0) + one["workdays"]
        own = "own" if card["here"] is None else "first"  # 本单位 is who looks, where that is another
        said = [
            self.say(f"card.why.{own if one['charged'] else 'other'}", name=names.get(one["unit"] or "") or one["unit"] or "",
                     budget=one["budget"], used=one["used"])
            for one in shares
        ]  # fmt: skip
        said += [self.say("card.why.unpaid", kind=self.say(f"oversight.time.{kind}"), n=n) for kind, n in unpaid.items()]
        end = "nobody" if not card["charged"]["node"] else "end" if len(shares) > 1 else "only"
        return self.say("card.why.and").join(said) + self.say(f"card.why.{end}")

    def of_this_unit(self, card: CardTold, names: Mapping[str, str]) -> list[str]:
        """What it says of the unit that looks at it, where another answers (A4, 4 and 5)."""
        found, unit = card["here"], card["unit"] or ""
        if found is None:
            return []
        said = [self.say("card.here.within", n=found["used"])] if found["within"] else []
        if found["taken_over"] is not None:
            said.append(
                self.say("card.here.taken", n=found["taken_over"], unit=names.get(unit) or unit or self.say("oversight.nobody"))
            )
        return said

    def step_text_of(self, one: CardStep) -> str:
        """A line of its history in words."""
        if one["what"] == "fell":
            return self.rung_of(one["rung"])
        if one["what"] == "appeal":
            said = self.say(f"appeals.lapsed.{one['lapsed']}") if one["lapsed"] else ""
            said = said or (self.say("appeals.delivered") if one["kind"] == RECEIVED else self.name_of(one["kind"], "kind"))
            return said + (
                self.say("card.step.outcome", outcome=self.say(f"appeals.outcome.{one['outcome']}")) if one["outcome"] else ""
            )
        if one["what"] == "order":
            return self.say("card.step.order", number=one["number"], state=self.say(f"orders.state.{one['state']}"))
        return self.say(f"card.step.{one['what']}", rule=one["rule"])

    def proof_text(self, card: CardTold) -> str:
        """What the proof proves."""
        return self.say("card.proof_what" if card["rule"] in RECOMPUTED else "card.proof_signed", n=card["versions"]["entries"])

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
            "case_no": card["case_no"], "item_id": card["item_id"] if card["subject"]["type"] == "item" else "", "to": card["unit"] or "",
            "signal_id": card["signal_id"],
            "basis": self.rule_text(card) + (f"（{card['law']}）" if card["law"] else ""),
        }  # fmt: skip
        return "/orders/new?" + urllib.parse.urlencode({name: text for name, text in asked.items() if text})


class CardProofHandler(CardBase):
    """Signed entries and published documents from which anybody computes the card again."""

    async def on_get(self, id: str) -> None:
        found = await self.call(self.center.proving.proof, id, self.person)
        send_attached(self, f"card-{id[:16]}.json", found)


def bar(card: CardTold) -> Sequence[Stretch]:
    """Its days as parts of a bar, each as wide as it has working days."""
    whole, at, found = sum(one["workdays"] for one in card["stretches"]), 0, list[Stretch]()
    for one in card["stretches"]:
        look = "nobodys" if one["unit"] is None else "charged" if one["unit"] == card["charged"]["node"] else "other"
        width = one["workdays"] * BAR / whole
        found.append(Stretch(one, look, round(at * BAR / whole, 1), round(width, 1), width >= 14))
        at += one["workdays"]
    return found
