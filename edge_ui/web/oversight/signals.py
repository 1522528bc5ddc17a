"""Reminders, warnings and cards of the subtree: one line each, by unit, rule and rung."""

from __future__ import annotations

from edge_ui.web.oversight.card import CardBase
from edge_ui.web.oversight.pages import SignalsPage
from node.domain.supervision.filters import SIGNALS
from node.domain.supervision.rulebook import RUNGS

ADDRESS = "/oversight/signals"


class SignalsHandler(CardBase):
    """The list."""

    async def on_get(self) -> None:
        given = self.asked(SIGNALS)
        answer = await self.call(self.center.cards.listed, given, self.person)
        nodes, items = await self.names()
        kept = {name: text for name, text in given.items() if name != "cursor"}
        tabs = [("", self.url({**kept, "rung": ""}, ADDRESS))] + [
            (one, self.url({**kept, "rung": one}, ADDRESS)) for one in RUNGS
        ]
        self.show("oversight/signals.html", SignalsPage(
            given.get("rung", ""), tabs, self.found_by(kept, nodes, items), given.get("case_no", ""),
            answer["cards"], self.counted_text(answer), answer["in_use"], self.url(kept, ADDRESS) if "cursor" in given else "",
            self.url({**kept, "cursor": answer["next"]}, ADDRESS) if answer["next"] else "", answer["known_until"],
            self.silent(answer, nodes), self.may_open, {**items, **nodes},
        ))  # fmt: skip
