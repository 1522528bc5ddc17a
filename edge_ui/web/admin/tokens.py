"""The tokens of other systems: the list, one more, the end of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edge_ui.web.admin.base import AdminHandler, CardHandler, ListHandler
from node.domain.cases.access import Function
from node.domain.people import TokenCard, TokenDocument


@dataclass(frozen=True, slots=True)
class TokensPage:
    """Every token there was, and the form for one more."""

    tokens: Sequence[TokenDocument]
    roles: tuple[str, ...]
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    notice: str = ""


class TokensHandler(ListHandler):
    kind = "tokens"
    names = ("name", "role", "days", "source")

    async def on_get(self) -> None:
        await self.listed({"days": "365"}, {}, notice=self.done("tokens"))

    async def listed(
        self, values: Mapping[str, str], errors: Mapping[str, str], error: str = "", notice: str = "", status: int = 200
    ) -> None:
        found = await self.call(self.center.people.tokens, self.person)
        roles = tuple(self.center.people.token_roles())
        self.show("admin/tokens.html", TokensPage(found, roles, values, errors, error, notice), status)

    async def made(self, values: Mapping[str, str]) -> TokenCard:
        days = int(values["days"]) if values["days"].isdecimal() and len(values["days"]) < 6 else 0
        return await self.call(
            self.center.people.issue_token, values["name"], values["role"], days, values["source"], self.person
        )


class TokenCardHandler(CardHandler):
    """A token's text, once."""

    kind = "tokens"


class TokenRevokeHandler(AdminHandler):
    function = Function.MANAGE_PEOPLE
    proven_forms = True

    async def on_post(self, token: str) -> None:
        await self.call(self.center.people.revoke_token, token, self.person)
        self.see_other("/admin/tokens?done=revoked")
