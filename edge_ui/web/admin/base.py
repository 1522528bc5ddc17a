"""What the pages of the administrator share."""

from __future__ import annotations

from collections.abc import Mapping

from edge_ui.shared.once import Card
from edge_ui.web.admin.pages import CardPage
from edge_ui.web.base import PageHandler
from node.domain.cases.access import Function
from node.domain.words.errors import FIELD_ERRORS, TongbanError
from node.domain.words.refusals import ERRORS


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


class ListHandler(AdminHandler):
    """A list with the form for one more: what was made is shown once on a card, what is wrong stands beside its field."""

    function = Function.MANAGE_PEOPLE
    proven_forms = True
    kind = ""  # of the card
    names: tuple[str, ...] = ()  # of the form's fields

    async def listed(
        self, values: Mapping[str, str], errors: Mapping[str, str], error: str = "", notice: str = "", status: int = 200
    ) -> None:
        """Show the list, and the form as it was filled in."""
        raise NotImplementedError

    async def made(self, values: Mapping[str, str]) -> Card:
        """Make what the form asks for. Errors: `invalid_input`, `wrong_role`; others are no matter of the form."""
        raise NotImplementedError

    async def on_post(self) -> None:
        values = await self.typed(*self.names)
        try:
            card = await self.made(values)
        except TongbanError as error:
            if error.code not in ("invalid_input", "wrong_role"):
                raise
            said = error.sentence(self.language) if error.code == "wrong_role" else ""
            await self.listed(values, self.field_errors(error), said, status=422)
            return
        self.show_once(self.kind, card)


class CardHandler(AdminHandler):
    """What is shown once, on a card to print; the second look finds it gone (410)."""

    function = Function.MANAGE_PEOPLE
    kind = ""
    with_address = False  # whether the card says where to log in

    async def on_get(self) -> None:
        card = self.application.once.take(self.owner, self.argument("once", 64))
        address = self.application.hosts.address(self.request) if self.with_address else ""
        self.show("admin/card.html", CardPage(self.kind, card, f"/admin/{self.kind}", address), 200 if card else 410)
