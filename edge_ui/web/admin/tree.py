"""The nodes below: invitations, join codes, retrying a line, revoking."""

from __future__ import annotations

from collections.abc import Mapping

from edge_ui.web.admin.base import AdminHandler, CardHandler
from edge_ui.web.admin.pages import (
    NodesPage,
    RevokePage,
)
from node.domain.cases.access import Function
from node.domain.upkeep.documents import Neighbours
from node.domain.words.errors import TongbanError


class NodesHandler(AdminHandler):
    proven_forms = True

    async def on_get(self) -> None:
        found = await self.call(self.center.administration.nodes, self.person)
        values = self.addresses(found) | {key: self.argument(key) for key in ("code", "name", "tier") if self.argument(key)}
        await self.listed(found, values, {}, notice=self.done("nodes"))

    def addresses(self, found: Neighbours) -> dict[str, str]:
        """Where children probably reach us: as the administrator does, unless that is only this machine's own address."""
        address = self.application.hosts.with_port(self.request)
        host = address.rpartition(":")[0].strip("[]") if ":" in address else address
        grpc_port = str(found["grpc"]).rpartition(":")[2]
        seen = found["grpc_host"] or host
        shown = f"[{seen}]" if ":" in seen else seen
        return {"address": address, "grpc_address": f"{shown}:{grpc_port}" if grpc_port else ""}

    async def listed(
        self, found: Neighbours, values: Mapping[str, str], errors: Mapping[str, str], error: str = "", notice: str = "",
        status: int = 200,
    ) -> None:  # fmt: skip
        q = self.argument("q", 60)
        places = await self.call(self.center.administration.places, q) if q else []
        self.show("admin/nodes.html", NodesPage(found, places, q, values, errors, error, notice), status)

    async def on_post(self) -> None:
        values = await self.typed("code", "name", "tier", "address", "grpc_address")
        if errors := self.lacking("code", "name", "tier", "address", "grpc_address"):
            await self.listed(await self.call(self.center.administration.nodes, self.person), values, errors, status=422)
            return
        try:
            made = await self.call(
                self.center.administration.invite, values["code"], values["name"], values["tier"], values["address"],
                values["grpc_address"], self.person,
            )  # fmt: skip
        except TongbanError as error:
            if error.code not in ("invalid_input", "wrong_tier", "code_active"):
                raise
            found = await self.call(self.center.administration.nodes, self.person)
            field = {"wrong_tier": "tier", "code_active": "code"}.get(error.code)
            errors = {field: error.sentence(self.language)} if field else self.field_errors(error)
            await self.listed(found, values, errors, status=error.status)
            return
        self.show_once("nodes", made)


class NodeCardHandler(CardHandler):
    """A join code, once."""

    function = Function.MANAGE_NODE
    kind = "nodes"


class NodeRetryHandler(AdminHandler):
    async def on_post(self, code: str) -> None:
        await self.call(self.center.administration.retry, code, self.person)
        self.see_other("/admin/nodes?done=retry")


class InvitationHandler(AdminHandler):
    async def on_post(self, invitation: str) -> None:
        await self.call(self.center.administration.cancel_invitation, invitation, self.person)
        self.see_other("/admin/nodes?done=cancelled")


class RevokeHandler(AdminHandler):
    proven_forms = True

    async def on_get(self, code: str) -> None:
        await self.ask(code, {}, {})

    async def ask(self, code: str, values: Mapping[str, str], errors: Mapping[str, str], status: int = 200) -> None:
        found = await self.call(self.center.administration.nodes, self.person)
        child = next((one for one in found["children"] if one["peer"] == code), None)
        if child is None:
            raise TongbanError("unknown_node", node=code[:40])
        self.show("admin/revoke.html", RevokePage(child, tuple(found["reasons"]), values, errors), status)

    async def on_post(self, code: str) -> None:
        values = await self.typed("reason", "note", "typed")
        try:
            await self.call(
                self.center.administration.revoke, code, values["reason"], values["note"], values["typed"], self.person
            )
        except TongbanError as error:
            if error.code != "invalid_input":
                raise
            await self.ask(code, values, self.field_errors(error), 422)
            return
        self.see_other("/admin/nodes?done=revoked#orphans")
