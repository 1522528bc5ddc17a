"""What the pages of the administrator share."""

from __future__ import annotations

from edge_ui.shared.once import Card
from edge_ui.web.base import PageHandler
from node.domain.cases.access import Function
from node.domain.words.errors import ERRORS, FIELD_ERRORS, TongbanError


class AdminHandler(PageHandler):
    """What these pages share."""

    function = Function.MANAGE_NODE

    def field_errors(self, error: TongbanError) -> dict[str, str]:
        """The sentence of each wrong field; raises what is no matter of input."""
        index = 0 if self.language == "zh" else 1
        return {
            name: FIELD_ERRORS[code][index] if code in FIELD_ERRORS else ERRORS[code].zh if index == 0 else ERRORS[code].en
            for name, code in error.fields.items()
        }

    def done(self, group: str) -> str:
        """The sentence of what was just done."""
        key = f"admin.{group}.done.{self.argument('done', 30)}"
        return self.say(key) if self.application.words.has("zh", key) else ""

    @property
    def owner(self) -> str:
        return self.session.owner if self.session is not None else ""

    def show_once(self, kind: str, card: Card) -> None:
        ticket = self.application.once.put(self.owner, card)
        self.see_other(f"/admin/{kind}/card?once={ticket}")

    async def typed(self, *names: str) -> dict[str, str]:
        return {name: self.fields.get(name, "").strip()[:300] for name in names}
